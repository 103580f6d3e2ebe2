import { describe, expect, it } from 'vitest';
import { uniqueFileNames, UniqueNames } from '../../../src/engine/basics/unique-names.ts';

describe('unique names', () => {
  it('are the names themselves where those are', () => {
    const names = uniqueFileNames();
    expect(['a.jpg', 'b.jpg'].map((name) => names.take(name))).toEqual(['a.jpg', 'b.jpg']);
  });

  it('have the first number that is free', () => {
    const names = uniqueFileNames();
    const given = ['a.jpg', 'a (2).jpg', 'a.jpg', 'a.jpg', 'a (2).jpg', 'b', 'b'];
    expect(given.map((name) => names.take(name))).toEqual([
      'a.jpg',
      'a (2).jpg',
      'a (3).jpg',
      'a (4).jpg',
      'a (2) (2).jpg',
      'b',
      'b (2)',
    ]);
  });

  it('are counted once however many are equal', () => {
    let asked = 0;
    const names = new UniqueNames((name, number) => {
      asked += 1;
      return `${name} ${number}`;
    });
    const count = 20_000;
    const taken = Array.from({ length: count }, () => names.take('same'));
    expect(new Set(taken).size).toBe(count);
    expect(taken.at(-1)).toBe('same 20000');
    expect(asked).toBe(count - 1);
  });
});
