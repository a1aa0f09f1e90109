import { deflateSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { PackError } from '../../../src/errors/pack.ts';
import { inflate } from '../../../src/git/pack/inflate.ts';
import { type InflateInput, inflateOnce } from '../../../src/git/pack/native-inflate.ts';
import { PADDING } from '../../../src/git/pack/pack-bytes.ts';

type By = (input: InflateInput, size: number) => Uint8Array;

const byOurOwnCode: By = (input, size) => {
  const output = new Uint8Array(size);
  inflate({ ...input, output, outputStart: 0, outputEnd: size });
  return output;
};

/** What comes out of a stream that stands among other bytes, in memory that threads share: bytes, or the code of an error. */
function answer(by: By, stream: Uint8Array, size: number): string {
  const input = new Uint8Array(new SharedArrayBuffer(5 + stream.length + PADDING)).fill(0xa5);
  input.set(stream, 5);
  try {
    const bytes = by({ input, view: new DataView(input.buffer), start: 5, end: 5 + stream.length }, size);
    return Buffer.from(bytes).toString('latin1');
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return error.code;
  }
}

const text = Buffer.from(Array.from({ length: 900 }, (_, i) => `line ${(i * 7919) % 613} of a file\n`).join(''));
const stream = new Uint8Array(deflateSync(text));
const flipped = (at: number): Uint8Array => stream.map((byte, i) => (i === at ? byte ^ 0x10 : byte));

const CASES: readonly (readonly [name: string, stream: Uint8Array, size: number, expected: string])[] = [
  ['something behind it', Buffer.concat([stream, Buffer.alloc(3)]), text.length, 'PACK_ENTRY_LENGTH'],
  ['cut short', stream.subarray(0, -1), text.length, 'PACK_ENTRY_LENGTH'],
  ['larger than stated', stream, text.length - 1, 'PACK_ENTRY_LENGTH'],
  ['smaller than stated', stream, text.length + 1, 'PACK_ENTRY_LENGTH'],
  ['a wrong checksum', flipped(stream.length - 1), text.length, 'PACK_ADLER'],
  ['no zlib header', flipped(0), text.length, 'PACK_INFLATE'],
];

describe('inflating once', () => {
  test.each([0, 1, 2000, 2047, 2048, 2049, 3000, text.length])('%i bytes are those that were deflated', (size) => {
    const own = text.subarray(0, size);
    expect(answer(inflateOnce, deflateSync(own), size)).toBe(own.toString('latin1'));
  });

  test.each(CASES)('%s: refused with the same code as ever', (_, damaged, size, expected) => {
    expect(answer(inflateOnce, damaged, size)).toBe(expected);
    expect(answer(byOurOwnCode, damaged, size)).toBe(expected);
  });

  test('small ones give the same while our own code is cold, and after', () => {
    const answers = new Set<string>();
    for (let i = 0; i < 600; i++) {
      const own = text.subarray(i, i + (i % 100));
      const whole = new Uint8Array(deflateSync(own));
      const [streams, size] = [
        i % 3 === 0 ? whole.map((byte) => byte ^ 0x10) : whole,
        own.length + (i % 7 === 0 ? 1 : 0),
      ];
      const expected = answer(byOurOwnCode, streams, size);
      expect(answer(inflateOnce, streams, size)).toBe(expected);
      answers.add(expected);
    }
    expect(answers.size).toBeGreaterThan(300);
  });

  test('a flipped bit anywhere gives what our own code gives', () => {
    const answers = new Set<string>();
    for (let at = 0; at < stream.length; at += 37) {
      const expected = answer(byOurOwnCode, flipped(at), text.length);
      expect(answer(inflateOnce, flipped(at), text.length)).toBe(expected);
      answers.add(expected);
    }
    // Not all alike, or the comparison would say nothing.
    expect(answers.size).toBeGreaterThan(1);
  });
});
