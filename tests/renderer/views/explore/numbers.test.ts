import { describe, expect, it } from 'vitest';
import { capitalised, percentText } from '../../../../src/renderer/components/format.ts';
import {
  bytesText,
  dimensionText,
  fileName,
  offsetText,
  secondsText,
} from '../../../../src/renderer/views/explore/numbers.ts';

describe('numbers in Explore', () => {
  it.each([
    [-3, '−3.0'],
    [-2.25, '−2.25'],
    [-0.375, '−0.38'],
    [-0.001, '0.0'],
    [0, '0.0'],
    [0.75, '+0.75'],
    [1.5, '+1.5'],
    [10, '+10.0'],
  ])('writes the offset %d as %s', (offset, text) => {
    expect(offsetText(offset)).toBe(text);
  });

  it.each([
    [12, '1 kB'],
    [824_400, '824 kB'],
    [999_600, '1.0 MB'],
    [1_123_456, '1.1 MB'],
    [9_970_000, '10 MB'],
    [43_000_000, '43 MB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it('writes lengths and parts', () => {
    expect(secondsText(3830)).toBe('3.8 s');
    expect(secondsText(8000)).toBe('8 s');
    expect(percentText(0.375)).toBe('38 %');
  });

  it('names dimensions as people read them', () => {
    expect(dimensionText(5, 'background_hue')).toBe('z5 Background hue');
    expect(dimensionText(5, undefined)).toBe('z5');
    expect(capitalised('5_o_Clock_Shadow')).toBe('5 o Clock Shadow');
  });

  it('leaves folders out of a file’s name', () => {
    expect(fileName('img_align_celeba/000032.jpg')).toBe('000032.jpg');
    expect(fileName('000032.jpg')).toBe('000032.jpg');
  });
});
