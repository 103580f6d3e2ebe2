import { describe, expect, it } from 'vitest';
import { groupByReason, reasonOfMany } from '../../src/contract/skipped-files.ts';

describe('left-out files', () => {
  it('are grouped by their reasons, the most frequent first', () => {
    const text = 'it is not an image: it holds text';
    const skipped = [
      { file: 'a.jpg', reason: 'the JPEG ends early' },
      { file: 'b.png', reason: text },
      { file: 'c.png', reason: text },
    ];
    expect(groupByReason(skipped)).toEqual([
      { reason: text, files: ['b.png', 'c.png'] },
      { reason: 'the JPEG ends early', files: ['a.jpg'] },
    ]);
    expect(groupByReason([])).toEqual([]);
  });

  it('have a reason that fits several', () => {
    expect(reasonOfMany('it is not an image: it holds text')).toBe('not an image: it holds text');
    expect(reasonOfMany('the JPEG ends early')).toBe('the JPEG ends early');
  });
});
