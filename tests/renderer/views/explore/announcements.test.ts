import { describe, expect, it } from 'vitest';
import { whatChanged, type Seen } from '../../../../src/renderer/views/explore/announcements.ts';

const start = {};
const seen: Seen = {
  pinned: '000001.jpg, Smiling, train',
  start,
  moved: [],
  distance: 0,
  second: undefined,
  axes: ['PC 1, 57 %', 'PC 2, 12 %', 'PC 3, 9 %'],
  pointsAs: 'dots',
  colouredBy: 'Smiling',
  codes: '300 codes',
};
const hair = { name: 'z5 Hair colour', offset: 0.5 };
const hat = { name: 'z2', offset: -1 };
const said = (before: Partial<Seen>, now: Partial<Seen>, isSliding = false): string =>
  whatChanged({ ...seen, ...before }, { ...seen, ...now }, isSliding);

describe('what has changed, in words', () => {
  it('is nothing where nothing has', () => {
    expect(said({}, {})).toBe('');
    // As the colours of points come, the label of the pinned image comes; it is no other image.
    expect(said({ pinned: '000001.jpg' }, {})).toBe('');
  });

  it('is where a path begins', () => {
    expect(said({}, { start: {} })).toBe('Pinned 000001.jpg, Smiling, train.');
    expect(said({}, { start: {}, pinned: undefined })).toBe('The live code is a sample of the prior.');
    expect(said({}, { second: '000002.jpg' })).toBe('The other end of the interpolation is 000002.jpg.');
  });

  it('is how the live code has moved', () => {
    expect(said({}, { moved: [hair], distance: 0.5 })).toBe('z5 Hair colour is moved by +0.5.');
    expect(said({ moved: [hair] }, { moved: [hair, hat], distance: 1.118 })).toBe(
      'The live code is 1.12 away from the image: z5 Hair colour and z2 are moved.',
    );
    expect(said({ moved: [hair] }, {})).toBe('The live code is back at the image.');
    expect(said({ moved: [hair], pinned: undefined }, { pinned: undefined })).toBe(
      'The live code is back at the sample.',
    );
  });

  it('leaves to a slider what the slider says itself, but not that everything is back', () => {
    expect(said({}, { moved: [hair] }, true)).toBe('');
    expect(said({ moved: [hair] }, {}, true)).toBe('The live code is back at the image.');
  });

  it('is how the scatter is drawn', () => {
    expect(said({}, { axes: ['PC 1, 57 %', 'PC 2, 12 %'] })).toBe(
      'The scatter shows two axes: PC 1, 57 %; PC 2, 12 %.',
    );
    expect(said({}, { pointsAs: 'faces', colouredBy: 'Split' })).toBe(
      'Points are drawn as faces. Points are coloured by Split.',
    );
    expect(said({}, { codes: '120 of 300 codes' })).toBe('The scatter shows 120 of 300 codes.');
  });
});
