import type CDP from 'chrome-remote-interface';

/**
 * An answer over the protocol, or an error once the other side has gone: the client alone would wait for ever.
 *
 * @throws Error where the connection was lost
 */
export function answered<T>(client: CDP.Client, answer: Promise<T>): Promise<T> {
  // The types do not say that a client is an emitter.
  const emitter = client as unknown as NodeJS.EventEmitter;
  return new Promise((resolve, reject) => {
    const lose = (): void => reject(new Error('The app has ended, or what was asked in it has gone.'));
    emitter.once('disconnect', lose);
    answer.then(resolve, reject).finally(() => emitter.off('disconnect', lose));
  });
}
