import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkIndices,
  decimalNumber,
  imageReference,
  indexList,
  outputKind,
  wholeNumber,
} from '../../src/cli/parse.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

describe('decimalNumber', () => {
  it('parses every finite number that JavaScript can print', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(decimalNumber()(String(value))).toBe(value === 0 ? Number(String(value)) : value);
      }),
    );
  });

  it.each(['', ' ', '12abc', 'NaN', 'Infinity', '0x10', '1e999', '1,5', '--3'])('refuses "%s"', (text) => {
    expect(() => decimalNumber()(text)).toThrow(InvalidArgumentError);
  });

  it('accepts its limits and nothing beyond them', () => {
    const parse = decimalNumber({ min: 0.1, max: 50 });
    expect([parse('0.1'), parse('50')]).toEqual([0.1, 50]);
    expect(() => parse('50.01')).toThrow('from 0.1 to 50');
    expect(() => parse('0')).toThrow('from 0.1 to 50');
  });
});

describe('wholeNumber', () => {
  it.each(['1.5', '1e3', '9007199254740993', 'three', '12abc', ''])('refuses "%s"', (text) => {
    expect(() => wholeNumber()(text)).toThrow('whole number');
  });

  it('prints the limits with separators', () => {
    expect(() => wholeNumber({ min: 1, max: 737_280 })('737281')).toThrow('from 1 to 737,280');
    expect(() => wholeNumber({ min: 0 })('-1')).toThrow('0 or more');
  });
});

describe('indexList', () => {
  it('reads indices in the given order, with or without spaces', () => {
    expect(indexList('0,3,7')).toEqual([0, 3, 7]);
    expect(indexList('7, 0')).toEqual([7, 0]);
  });

  it.each(['', ',', '0,,3', '0,3,', '1-3', '0,x', '1.5', '-1'])('refuses "%s"', (text) => {
    expect(() => indexList(text)).toThrow(InvalidArgumentError);
  });

  it('refuses an index named twice, which would be drawn twice', () => {
    expect(() => indexList('3,0,3')).toThrow('names 3 twice');
  });
});

describe('checkIndices', () => {
  it('names the option, the index and how many there are', () => {
    expect(() => checkIndices('--dims', [0, 9], 4, '4 latent dimensions')).toThrow(
      new UsageError('--dims names 9, but there are only 4 latent dimensions.', 'Name indices from 0 to 3.'),
    );
    expect(() => checkIndices('--dims', [0, 3], 4, '4 latent dimensions')).not.toThrow();
  });
});

describe('imageReference', () => {
  it('treats digits as an index and anything else as a file', () => {
    expect(imageReference('12')).toEqual({ index: 12 });
    expect(imageReference('12.jpg')).toEqual({ image: '12.jpg' });
    expect(() => imageReference('-1')).toThrow(InvalidArgumentError);
  });
});

describe('outputKind', () => {
  it('recognises an extension in upper and lower case', () => {
    expect(outputKind('folder.png/Face.GIF', ['.gif', '.png'])).toBe('.gif');
  });

  it.each(['x.jpg', 'x', 'gif', '.gif'])('refuses %s and names the allowed extensions', (path) => {
    expect(() => outputKind(path, ['.gif', '.png'])).toThrow('must end in .gif or .png');
  });
});
