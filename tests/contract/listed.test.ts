import { describe, expect, it } from 'vitest';
import { listed } from '../../src/contract/listed.ts';

describe('a list of names', () => {
  it('has few things whole, and of many the first and how many more', () => {
    expect(listed([], 3)).toBe('');
    expect(listed(['smile'], 3)).toBe('smile');
    expect(listed(['smile', 'hat', 'beard'], 3)).toBe('smile, hat and beard');
    expect(listed(['smile', 'hat', 'beard', 'bald'], 3)).toBe('smile, hat and 2 more');
  });
});
