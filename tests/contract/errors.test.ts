import { describe, expect, it } from 'vitest';
import { UnravelError } from '../../src/contract/errors.ts';

describe('an error for a person', () => {
  it('says what it was given', () => {
    const error = new UnravelError('bad-input', 'm'.repeat(2000), { hint: 'h', path: 'p' });
    expect(error.message).toBe('m'.repeat(2000));
    expect(error).toMatchObject({ hint: 'h', path: 'p' });
    expect(new UnravelError('bad-input', 'm').hint).toBeUndefined();
  });

  it('is no longer than can be shown, whatever a file calls its parts, and keeps both ends', () => {
    const long = `Could not read x: its tensor ${'a'.repeat(1e6)} has no shape.`;
    const { message, hint } = new UnravelError('bad-input', long, { hint: long });
    for (const text of [message, hint!]) {
      expect(text).toHaveLength(2000);
      expect(text).toMatch(/^Could not read x: its tensor a+…a+ has no shape\.$/);
    }
  });
});
