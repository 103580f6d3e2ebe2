import type { Port } from '../contract/port.ts';

/** A message, as far as it may hold paths: an error, or an event. */
interface Told {
  readonly type: 'failure' | 'event';
}

function isTold(message: unknown): message is Told {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    (message.type === 'failure' || message.type === 'event')
  );
}

/** Changes every text in plain objects and arrays; other values, such as arrays of numbers, stay themselves. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
}

/**
 * A client's port through which errors and events name files as the client knows them.
 *
 * @param shown - a text with the paths of sent files replaced
 */
export function withShownPaths(port: Port, shown: (text: string) => string): Port {
  return {
    post: (message) => port.post(isTold(message) ? mapTexts(message, shown) : message),
    onMessage: (listener) => port.onMessage(listener),
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
  };
}
