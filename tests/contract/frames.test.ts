import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnravelError } from '../../src/contract/errors.ts';
import { decodeFrame, encodeFrame, REQUEST_BOUNDS } from '../../src/contract/frames.ts';
import { tensor } from '../../src/contract/tensor.ts';

const arrays = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.int32Array({ maxLength: 20 }),
  fc.float32Array({ maxLength: 20 }),
);
const key = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'length', '0', 'body', 'parts'),
);
const { message } = fc.letrec((tie) => ({
  message: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    arrays,
    fc.array(tie('message'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('message')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

/** A frame made by hand. */
function frame(header: unknown, tail: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const begin = Math.ceil((4 + text.length) / 8) * 8;
  const bytes = new Uint8Array(tail.length > 0 ? begin + tail.length : 4 + text.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(tail, tail.length > 0 ? begin : bytes.length);
  return bytes;
}

describe('a frame', () => {
  it('carries any message whole: every number, every array, every name of a field', () => {
    fc.assert(
      fc.property(message, (sent) => {
        // vitest's own comparison takes a field named `constructor` for the class.
        expect(isDeepStrictEqual(decodeFrame(encodeFrame(sent)), sent)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is read from anywhere in memory', () => {
    const sent = { z: tensor('f32', [3], Float32Array.of(1, Number.NaN, -0)), more: [new Uint8Array(5)] };
    const bytes = encodeFrame(sent);
    for (let shift = 0; shift < 9; shift++) {
      const larger = Buffer.alloc(bytes.length + 16);
      larger.set(bytes, shift);
      expect(decodeFrame(larger.subarray(shift, shift + bytes.length))).toStrictEqual(sent);
    }
  });

  it('costs no copy of a large array when it is read', () => {
    const bytes = encodeFrame(new Float32Array(1000));
    const read = decodeFrame(bytes) as Float32Array;
    expect(read.buffer).toBe(bytes.buffer);
  });

  it('carries the part of a buffer that an array is a view of, and no more', () => {
    const bytes = encodeFrame(new Float32Array(1000).subarray(10, 12));
    expect(bytes.length).toBeLessThan(200);
    expect(decodeFrame(bytes)).toStrictEqual(new Float32Array(2));
  });

  it('is refused before it is parsed where its sender is not trusted and its header is too long', () => {
    const deep = new Uint8Array(REQUEST_BOUNDS.headerBytes + 5).fill('['.charCodeAt(0));
    new DataView(deep.buffer).setUint32(0, deep.length - 4, true);
    expect(() => decodeFrame(deep, REQUEST_BOUNDS)).toThrow('its header is too long');
  });

  it('is refused where its sender is not trusted and it has too many parts', () => {
    const sent = Array.from({ length: REQUEST_BOUNDS.parts + 1 }, () => Number.NaN);
    expect(() => decodeFrame(encodeFrame(sent), REQUEST_BOUNDS)).toThrow('it has too many parts');
    expect(decodeFrame(encodeFrame(sent.slice(1)), REQUEST_BOUNDS)).toStrictEqual(sent.slice(1));
  });

  it('does not take what would arrive as something else', () => {
    for (const odd of [new Map(), new Set(), new ArrayBuffer(4), new Float64Array(2), 1n]) {
      expect(() => encodeFrame({ odd })).toThrow(TypeError);
    }
  });
});

describe('a frame from somebody else', () => {
  const part = (path: unknown, kind = 'u8', length: unknown = 4): unknown => ({ path, kind, length });
  const four = new Uint8Array(4);
  const malformed: Record<string, Uint8Array> = {
    'nothing at all': new Uint8Array(0),
    'less than a length': new Uint8Array(3),
    'a header longer than the frame': Uint8Array.of(255, 255, 255, 255, 1),
    'a header that is no JSON': frame('{"body":'),
    'a header that is no UTF-8': Uint8Array.of(2, 0, 0, 0, 0xff, 0xff),
    'another header': frame([1, 2]),
    'an array that is not there': frame({ body: null, parts: [part([])] }),
    'an array longer than memory': frame({ body: null, parts: [part([], 'f32', Number.MAX_SAFE_INTEGER)] }),
    'an array of a negative length': frame({ body: null, parts: [part([], 'u8', -4)] }, four),
    'an array without a length': frame({ body: null, parts: [{ path: [], kind: 'u8' }] }, four),
    'an unknown kind': frame({ body: null, parts: [part([], 'f64')] }, four),
    'an array where there is a value': frame({ body: { a: 1 }, parts: [part(['a'])] }, four),
    'an array in nothing': frame({ body: null, parts: [part(['a', 'b'])] }, four),
    'an array in a prototype': frame({ body: {}, parts: [part(['__proto__', 'polluted'])] }, four),
    'two arrays in one place': frame({ body: null, parts: [part([]), part([], 'u8', 0)] }, four),
    'an array beside a list': frame({ body: [], parts: [part(['length'])] }, four),
    'more than it says': frame({ body: null, parts: [] }, four),
  };

  it.each(Object.keys(malformed))('is refused when it holds %s', (name) => {
    expect(() => decodeFrame(malformed[name]!)).toThrow(UnravelError);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('is read or refused, whatever it is, and never anything else', () => {
    const damaged = fc
      .tuple(message, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat())
      .map(([sent, place, byte, cut]) => {
        const bytes = encodeFrame(sent);
        bytes[place % bytes.length] = byte;
        return bytes.slice(0, bytes.length - (cut % 3));
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          decodeFrame(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UnravelError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
