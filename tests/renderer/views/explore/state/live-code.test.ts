import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnravelError } from '../../../../../src/contract/errors.ts';
import {
  decodeBy,
  LiveCode,
  withCoordinate,
} from '../../../../../src/renderer/views/explore/state/live-code.svelte.ts';
import { clientOf, pixelOf, settled, smallModel } from '../small-model.ts';

const code = (...values: number[]): Float32Array => Float32Array.of(...values);

function liveCode(handlers = smallModel()) {
  const { client, asked } = clientOf(handlers);
  const failures: unknown[] = [];
  const live = new LiveCode(decodeBy(client, 'run-1'), (error) => failures.push(error));
  const pixel = (): number | undefined => live.image?.data[0];
  return { live, asked, failures, pixel };
}

describe('LiveCode', () => {
  it('shows the picture of its code', async () => {
    const { live, pixel } = liveCode();
    live.begin(code(0, 0, 0));
    live.move(code(1, 2, 0));
    await settled();
    expect(pixel()).toBe(pixelOf(code(1, 2, 0)));
  });

  it('begins with a picture that is known already, without asking for it', async () => {
    const { live, asked, pixel } = liveCode();
    live.begin(code(0, 0, 0), { width: 1, height: 1, channels: 1, data: Uint8Array.of(42) });
    await settled();
    expect(pixel()).toBe(42);
    expect(asked).toEqual([]);
  });

  it('asks for the first and the last of many moves in one turn, and ends at the last', async () => {
    const { live, asked, pixel } = liveCode();
    live.begin(code(0, 0, 0));
    for (let i = 1; i <= 50; i++) live.move(code(i / 10, 0, 0));
    await settled();
    expect(asked).toEqual(['models.decode', 'models.decode']);
    expect(pixel()).toBe(pixelOf(code(5, 0, 0)));
  });

  it('undoes move by move to where the path begins, and no further', () => {
    const { live } = liveCode();
    live.begin(code(0, 0, 0));
    live.move(code(1, 0, 0));
    live.move(code(2, 0, 0));
    live.commit();
    live.jump(code(2, 3, 0));
    expect(live.undoStack).toHaveLength(3);
    live.undo();
    expect([...live.z]).toEqual([2, 0, 0]);
    live.undo();
    expect([...live.z]).toEqual([0, 0, 0]);
    expect(live.canUndo).toBe(false);
    live.undo();
    expect([...live.z]).toEqual([0, 0, 0]);
  });

  it('takes steps on one subject together, and those on another apart', () => {
    const { live } = liveCode();
    live.begin(code(0, 0, 0));
    live.nudge(code(0.1, 0, 0), 'z0');
    live.nudge(code(0.2, 0, 0), 'z0');
    live.nudge(code(0.2, 0.1, 0), 'z1');
    expect(live.undoStack).toHaveLength(3);
    live.undo();
    expect(live.z[0]).toBeCloseTo(0.2);
    expect(live.z[1]).toBe(0);
    // After an undo the next step is a new move.
    live.nudge(code(0.3, 0, 0), 'z0');
    expect(live.undoStack).toHaveLength(3);
  });

  it('does not put the same code on the undo stack twice', () => {
    const { live } = liveCode();
    live.begin(code(0, 0, 0));
    live.jump(code(1, 0, 0));
    live.commit();
    expect(live.undoStack).toHaveLength(2);
  });

  it('never forgets where the path begins, however long it grows', () => {
    const { live } = liveCode();
    live.begin(code(-9, 0, 0));
    for (let i = 0; i < 300; i++) live.jump(code(i, 0, 0));
    expect(live.undoStack).toHaveLength(100);
    expect(live.undoStack[0]![0]).toBe(-9);
    expect(live.undoStack.at(-1)![0]).toBe(299);
  });

  it('says why a picture did not come, and decodes again when told to', async () => {
    const working = smallModel()['models.decode']!;
    let isGone = true;
    const { live, failures, pixel } = liveCode({
      'models.decode': (input, asker) => {
        if (isGone) throw new UnravelError('disconnected', 'The engine stopped.');
        return working(input, asker);
      },
    });
    live.begin(code(1, 0, 0), undefined, 1);
    await settled();
    live.setCondition(2);
    await settled();
    expect(failures).toMatchObject([{ code: 'disconnected' }, { code: 'disconnected' }]);
    isGone = false;
    live.refresh();
    await settled();
    expect(pixel()).toBe(pixelOf(code(1, 0, 0)) + 2);
  });

  it('changes one coordinate of a copy', () => {
    const z = code(1, 2, 3);
    expect([...withCoordinate(z, 1, 9)]).toEqual([1, 9, 3]);
    expect([...z]).toEqual([1, 2, 3]);
  });
});

describe('a late picture', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is late only when the wait can be noticed', async () => {
    let answer: () => void = () => undefined;
    const working = smallModel()['models.decode']!;
    const { live } = liveCode({
      'models.decode': async (input, asker) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return working(input, asker);
      },
    });
    live.begin(code(0, 0, 0));
    await settled();
    vi.advanceTimersByTime(100);
    expect(live.isLate).toBe(false);
    vi.advanceTimersByTime(200);
    expect(live.isLate).toBe(true);
    answer();
    await settled();
    expect(live.isLate).toBe(false);
  });

  it('is not late while pictures of earlier codes keep coming', async () => {
    const answers: (() => void)[] = [];
    const working = smallModel()['models.decode']!;
    const { live } = liveCode({
      'models.decode': async (input, asker) => {
        await new Promise<void>((resolve) => answers.push(resolve));
        return working(input, asker);
      },
    });
    live.begin(code(0, 0, 0));
    for (let i = 1; i < 10; i++) {
      live.move(code(i, 0, 0));
      await settled();
      vi.advanceTimersByTime(150);
      answers.shift()?.();
      await settled();
      expect(live.isLate).toBe(false);
    }
  });
});
