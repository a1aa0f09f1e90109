import { constants, deflateSync, inflateSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { PackError } from '../../../src/errors/pack.ts';
import { inflate } from '../../../src/git/pack/inflate.ts';
import { PADDING } from '../../../src/git/pack/pack-bytes.ts';

/** Inflates what stands between bytes that are not the stream's, into the middle of a larger output. */
function run(stream: Uint8Array, size: number): Uint8Array {
  const input = new Uint8Array(7 + stream.length + PADDING).fill(0xa5);
  input.set(stream, 7);
  const output = new Uint8Array(size + 600).fill(0x5a);
  inflate({
    input,
    view: new DataView(input.buffer),
    start: 7,
    end: 7 + stream.length,
    output,
    outputStart: 300,
    outputEnd: 300 + size,
  });
  expect(output.subarray(0, 300).every((byte) => byte === 0x5a)).toBe(true);
  expect(output.subarray(300 + size).every((byte) => byte === 0x5a)).toBe(true);
  return output.subarray(300, 300 + size);
}

/** What zlib makes of a stream that must be `size` bytes long and have nothing after it; null if it refuses. */
function zlibAnswer(stream: Uint8Array, size: number): Buffer | null {
  try {
    const { buffer, engine } = inflateSync(stream, { info: true, maxOutputLength: size + 1 }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return buffer.length === size && engine.bytesWritten === stream.length ? buffer : null;
  } catch {
    return null;
  }
}

function ourAnswer(stream: Uint8Array, size: number): Uint8Array | null {
  try {
    return run(stream, size);
  } catch (error) {
    if (error instanceof PackError && /^PACK_(?:INFLATE|ADLER|ENTRY_LENGTH)$/.test(error.code)) return null;
    throw error;
  }
}

/** Text with repetitions near and far, and stretches of noise. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 400 })).map(([unit, times]) => {
        const bytes = new Uint8Array(unit.length * times);
        for (let i = 0; i < times; i++) bytes.set(unit, i * unit.length);
        return bytes;
      }),
      fc.lorem({ maxCount: 60 }).map((text) => new Uint8Array(Buffer.from(text))),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => new Uint8Array(Buffer.concat([...pieces, ...pieces.slice(0, 2)])));

const settings = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FIXED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FILTERED,
  ),
  windowBits: fc.integer({ min: 9, max: 15 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
});

describe('inflate', () => {
  test('gives back what zlib deflated, with any setting', () => {
    fc.assert(
      fc.property(content, settings, (bytes, options) => {
        expect(run(deflateSync(bytes, options), bytes.length)).toEqual(bytes);
      }),
      { numRuns: 400 },
    );
  });

  test('agrees with zlib on long content of few and of many symbols', () => {
    let seed = 7;
    const next = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 8);
    for (const symbols of [1, 2, 3, 17, 255, 256]) {
      const bytes = Uint8Array.from({ length: 200_000 }, () =>
        Math.floor((next() % symbols) * (next() % 7 === 0 ? 1 : 0.3)),
      );
      for (const level of [1, 6, 9])
        expect(Buffer.compare(run(deflateSync(bytes, { level }), bytes.length), bytes)).toBe(0);
    }
  });

  test('agrees with zlib on every single-bit flip: the same bytes, or both refuse', () => {
    const bytes = new Uint8Array(Buffer.from('the quick brown fox, the quick red fox, and the lazy dog '.repeat(3)));
    const answers = { same: 0, refused: 0 };
    for (const options of [
      { level: 0 },
      { strategy: constants.Z_FIXED },
      { level: 9, strategy: constants.Z_HUFFMAN_ONLY },
      { level: 9 },
    ]) {
      const stream = new Uint8Array(deflateSync(bytes, options));
      for (let bit = 0; bit < stream.length * 8; bit++) {
        const flipped = stream.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const theirs = zlibAnswer(flipped, bytes.length);
        const ours = ourAnswer(flipped, bytes.length);
        expect(ours === null ? null : Buffer.from(ours)).toEqual(theirs);
        if (ours === null) answers.refused++;
        else answers.same++;
      }
    }
    // Control: the sweep met both outcomes (an unused bit after a stored block's header changes nothing).
    expect(answers.refused).toBeGreaterThan(1000);
    expect(answers.same).toBeGreaterThan(0);
  });

  test('agrees with zlib on random bytes after a header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(200), (tail, size) => {
        const stream = Uint8Array.from([0x78, 0x9c, ...tail]);
        const ours = ourAnswer(stream, size);
        expect(ours === null ? null : Buffer.from(ours)).toEqual(zlibAnswer(stream, size));
      }),
      { numRuns: 2000 },
    );
  });

  test('agrees with zlib on damaged dynamic tables', () => {
    const bytes = new Uint8Array(Buffer.from('abcdefghijklmnopqrstuvwxyz aaaabbbccd '.repeat(40)));
    const stream = new Uint8Array(deflateSync(bytes, { level: 9 }));
    fc.assert(
      fc.property(fc.nat(60), fc.nat(255), fc.nat(60), fc.nat(255), (at, value, at2, value2) => {
        const damaged = stream.slice();
        damaged[2 + at] = value;
        damaged[2 + at2] = value2;
        const ours = ourAnswer(damaged, bytes.length);
        expect(ours === null ? null : Buffer.from(ours)).toEqual(zlibAnswer(damaged, bytes.length));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['one byte missing at its end', (s: Uint8Array) => s.slice(0, -1), 'PACK_ENTRY_LENGTH'],
    ['one byte too many', (s: Uint8Array) => Uint8Array.from([...s, 0]), 'PACK_ENTRY_LENGTH'],
    ['nothing', () => new Uint8Array(0), 'PACK_ENTRY_LENGTH'],
    ['a preset dictionary', (s: Uint8Array) => Uint8Array.from([0x78, 0xbb, ...s.slice(2)]), 'PACK_INFLATE'],
    ['another method', (s: Uint8Array) => Uint8Array.from([0x79, 0x9c, ...s.slice(2)]), 'PACK_INFLATE'],
    ['a wrong checksum', (s: Uint8Array) => Uint8Array.from([...s.slice(0, -1), s[s.length - 1]! ^ 1]), 'PACK_ADLER'],
  ])('refuses %s', (_, change, code) => {
    const bytes = Buffer.from('hello, hello');
    expect(() => run(change(new Uint8Array(deflateSync(bytes))), bytes.length)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test.each([-1, 1])('refuses a stream that is %i byte off the stated size', (by) => {
    const bytes = Buffer.from('hello, hello, hello');
    expect(() => run(new Uint8Array(deflateSync(bytes)), bytes.length + by)).toThrow(
      expect.objectContaining({ code: 'PACK_ENTRY_LENGTH' }),
    );
  });

  test('refuses to copy from before its own start, whatever stands there', () => {
    // One fixed block: final, length 3, distance 1, end; and the Adler-32 of what stands before the output.
    const stream = Uint8Array.from([0x78, 0x9c, 0x03, 0x02, 0x00, 0x02, 0x1f, 0x01, 0x0f]);
    const bits = ['1', '10', '0000001', '00000', '0000000'].join('');
    const packed = [0, 8, 16].map((at) =>
      Number.parseInt(
        Array.from(bits.slice(at, at + 8))
          .toReversed()
          .join(''),
        2,
      ),
    );
    stream.set(packed, 2);
    expect(() => run(stream, 3)).toThrow(expect.objectContaining({ code: 'PACK_INFLATE' }));
  });

  test('needs padding', () => {
    const input = new Uint8Array(deflateSync(Buffer.from('x')));
    const task = { input, view: new DataView(input.buffer), start: 0, end: input.length };
    expect(() => inflate({ ...task, output: new Uint8Array(1), outputStart: 0, outputEnd: 1 })).toThrow(RangeError);
  });
});
