import { describe, expect, it } from 'vitest';
import { KeepOpen } from '../../../src/engine/serving/keep-open.ts';

/** A store of two that notes what it opens and closes. */
function noted(most = 2) {
  const log: string[] = [];
  const kept = new KeepOpen<string>(most, (value) => void log.push(`close ${value}`));
  const use = <T>(key: string, version = '1', work: (value: string) => Promise<T> | T = () => 0 as T) => {
    const open = (): Promise<string> => {
      log.push(`open ${key}${version}`);
      return Promise.resolve(`${key}${version}`);
    };
    return kept.use(key, version, open, work);
  };
  return { log, kept, use };
}

describe('what is kept open', () => {
  it('is opened once, also by users that come at once', async () => {
    const { log, use } = noted();
    await Promise.all([use('a'), use('a')]);
    await use('a');
    expect(log).toEqual(['open a1']);
  });

  it('gives way to newer ones, the least recently used first', async () => {
    const { log, use } = noted();
    await use('a');
    await use('b');
    await use('a');
    await use('c');
    await use('a');
    expect(log).toEqual(['open a1', 'open b1', 'open c1', 'close b1']);
  });

  it('is opened anew when it has changed, and the old one closed', async () => {
    const { log, use } = noted();
    await use('a', '1');
    await use('a', '2');
    expect(log).toEqual(['open a1', 'open a2', 'close a1']);
  });

  it('is not closed under a user', async () => {
    const { log, kept, use } = noted();
    let finish: () => void = () => undefined;
    const using = use('a', '1', () => new Promise<void>((resolve) => (finish = resolve)));
    await use('a', '2');
    const dropped = kept.drop('a');
    await dropped;
    expect(log).toEqual(['open a1', 'open a2', 'close a2']);
    finish();
    await using;
    await Promise.resolve();
    expect(log.at(-1)).toBe('close a1');
  });

  it('is tried again after it could not be opened', async () => {
    const { log, kept, use } = noted();
    const failing = kept.use(
      'a',
      '1',
      () => Promise.reject(new Error('locked')),
      () => 0,
    );
    await expect(failing).rejects.toThrow('locked');
    await use('a');
    expect(log).toEqual(['open a1']);
    await kept.dropWhere((key) => key === 'a');
    expect(log).toEqual(['open a1', 'close a1']);
  });
});
