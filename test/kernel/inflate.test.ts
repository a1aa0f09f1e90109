import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { kernelResult } from '../../src/kernel/codes.ts';
import { INPUT_SLACK, KernelMemory, OUTPUT_SLACK, createKernel } from '../../src/kernel/instance.ts';

const ROOM = 1 << 20;
const CANARY = 0xa5;
const memory = new KernelMemory(64 << 20);
const kernel = createKernel(memory);
const input = memory.reserve(ROOM + INPUT_SLACK);
const output = memory.reserve(ROOM + 4096);

interface Answer {
  readonly result: string;
  readonly bytes: Uint8Array;
  readonly consumed: number;
}

/** Runs the kernel between canaries and fails if it writes outside its window. */
function inflate(stream: Uint8Array, size: number, behind = 0): Answer {
  memory.bytes.fill(behind, input, input + stream.length + INPUT_SLACK);
  memory.bytes.set(stream, input);
  const window = memory.bytes.subarray(output, output + size + OUTPUT_SLACK + 2048);
  window.fill(CANARY);
  const at = output + 1024;
  const code = kernel.run.inflate(input, input + stream.length, at, size);
  expect(memory.bytes.subarray(output, at).every((byte) => byte === CANARY)).toBe(true);
  const end = at + size + OUTPUT_SLACK;
  expect(memory.bytes.subarray(end, output + size + OUTPUT_SLACK + 2048).every((byte) => byte === CANARY)).toBe(true);
  return {
    result: kernelResult(code),
    bytes: memory.bytes.slice(at, at + size),
    consumed: kernel.run.inflateConsumed.value,
  };
}

/** What zlib makes of a stream, or null if it refuses it. */
function oracle(stream: Uint8Array): Buffer | null {
  try {
    return zlib.inflateSync(stream, { maxOutputLength: ROOM });
  } catch {
    return null;
  }
}

/** Text of few words, so that there are matches near and far, and literals between them. */
function wordy(seed: number, length: number): Uint8Array {
  const words = ['alpha', 'beta', 'gamma', 'delta', '\n', ' ', 'zzzzzzzzzzzz', 'ab', 'key = value;'];
  let state = seed;
  let text = '';
  while (text.length < length) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    text += words[(state >> 8) % words.length] ?? '';
    if (state % 7 === 0) text += String.fromCharCode(33 + ((state >> 12) % 90));
  }
  return new Uint8Array(Buffer.from(text.slice(0, length), 'latin1'));
}

/** Bits, the least significant first, as DEFLATE packs them. */
class BitWriter {
  readonly bytes: number[] = [0x78, 0x9c];
  #held = 0;
  #count = 0;

  put(value: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#held |= ((value >> i) & 1) << this.#count++;
      if (this.#count === 8) this.flush();
    }
  }

  /** A Huffman code, whose first bit is its most significant. */
  code([code, length]: readonly [number, number]): void {
    for (let i = length - 1; i >= 0; i--) this.put((code >> i) & 1, 1);
  }

  flush(): void {
    if (this.#count > 0) this.bytes.push(this.#held);
    this.#held = 0;
    this.#count = 0;
  }
}

/** Canonical codes (RFC 1951 §3.2.2) by symbol. */
function canonical(lengths: readonly number[]): (symbol: number) => readonly [number, number] {
  const codes = new Map<number, readonly [number, number]>();
  let code = 0;
  for (let length = 1; length <= 15; length++) {
    code <<= 1;
    for (const [symbol, own] of lengths.entries()) if (own === length) codes.set(symbol, [code++, length]);
  }
  return (symbol) => {
    const found = codes.get(symbol);
    if (!found) throw new RangeError(`symbol ${symbol} has no code`);
    return found;
  };
}

const FAR = 32_768;
/** Lengths of complete codes, with one of ten bits besides the last. */
const SHORT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10];
const LONG = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15];

/**
 * A block with two literals of ten bits and a match of the greatest distance behind them; the code of its length has `longest`
 * bits, that of its distance `far`. So many short literals as `shift` come first, so that it begins anywhere in the reader's buffer.
 */
function longSymbols(codeLengths: readonly number[], longest: number, far: number, shift: number): Uint8Array {
  const literals = Array.from({ length: 286 }, () => 0);
  // The match of 227 to 258 bytes takes the last code, the literal `a` one of ten bits, the others what is left.
  const others = [122, 256, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110];
  literals[284] = longest;
  literals[97] = 10;
  const left = codeLengths.slice(0, -1);
  left.splice(left.indexOf(10), 1);
  for (const [at, length] of left.entries()) literals[others[at] ?? 0] = length;
  const distances = Array.from({ length: 30 }, (_, symbol) => (symbol === 29 ? far : symbol < far ? symbol + 1 : 0));
  // Of nineteen codes for lengths thirteen have four bits, six five.
  const lengths = canonical(Array.from({ length: 19 }, (_, symbol) => (symbol < 13 ? 4 : 5)));
  const [symbol, distance] = [canonical(literals), canonical(distances)];
  const out = new BitWriter();
  out.put(1 + 4, 3);
  out.put(29, 5);
  out.put(29, 5);
  out.put(15, 4);
  for (const one of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]) out.put(one < 13 ? 4 : 5, 3);
  for (const length of [...literals, ...distances]) out.code(lengths(length));
  const text: number[] = [];
  const literal = (byte: number): void => {
    out.code(symbol(byte));
    text.push(byte);
  };
  const match = (length: number, extra: number, code: number, back: number): void => {
    out.code(symbol(284));
    out.put(length - 227, 5);
    out.code(distance(code));
    out.put(back, extra);
  };
  for (let at = 0; at < 32; at++) literal(98 + (at % 7));
  for (let at = 0; at < shift; at++) literal(122);
  while (text.length < FAR) {
    match(257, 0, 0, 0);
    for (let at = 0; at < 257; at++) text.push(text.at(-1) ?? 0);
  }
  for (let turn = 0; turn < 2; turn++) {
    literal(97);
    literal(97);
    match(257, 13, 29, 8191);
    for (let at = 0; at < 257; at++) text.push(text.at(-FAR) ?? 0);
  }
  out.code(symbol(256));
  out.flush();
  const sum = zlib.deflateSync(Uint8Array.from(text)).subarray(-4);
  return Uint8Array.from([...out.bytes, ...sum]);
}

const contents = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.tuple(fc.nat(), fc.nat({ max: 60_000 })).map(([seed, length]) => wordy(seed, length)),
  fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 70_000 })).map(([byte, length]) => new Uint8Array(length).fill(byte)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat({ max: 2000 }))
    .map(([piece, times]) => new Uint8Array(Buffer.concat(Array.from({ length: times }, () => piece)))),
  fc.nat({ max: 100_000 }).map((length) => new Uint8Array(randomBytes(length))),
);
const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(
    zlib.constants.Z_DEFAULT_STRATEGY,
    zlib.constants.Z_FILTERED,
    zlib.constants.Z_HUFFMAN_ONLY,
    zlib.constants.Z_RLE,
    zlib.constants.Z_FIXED,
  ),
  windowBits: fc.integer({ min: 9, max: 15 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
});

describe('inflate', () => {
  test('undoes zlib at every level, strategy, window and memory', () => {
    fc.assert(
      fc.property(contents, options, (bytes, how) => {
        const stream = zlib.deflateSync(bytes, how);
        const { result, bytes: inflated, consumed } = inflate(stream, bytes.length);
        expect(result).toBe('ok');
        expect(Buffer.compare(inflated, bytes)).toBe(0);
        expect(consumed).toBe(stream.length);
      }),
      { numRuns: 150 },
    );
  });

  test('takes no notice of what follows the stream', () => {
    fc.assert(
      fc.property(contents, fc.nat({ max: 255 }), (bytes, behind) => {
        const stream = zlib.deflateSync(bytes);
        expect(inflate(stream, bytes.length, behind).consumed).toBe(stream.length);
        const longer = Buffer.concat([stream, Buffer.alloc(30, behind)]);
        expect(inflate(longer, bytes.length).consumed).toBe(stream.length);
      }),
      { numRuns: 60 },
    );
  });

  test('refuses every truncation, whatever follows', () => {
    fc.assert(
      fc.property(
        contents,
        options,
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        fc.nat({ max: 255 }),
        (bytes, how, part, behind) => {
          const stream = zlib.deflateSync(bytes, how);
          const cut = stream.subarray(0, Math.floor(stream.length * part));
          expect(inflate(cut, bytes.length, behind).result).not.toBe('ok');
          const missing = stream.subarray(0, -1);
          expect(inflate(missing, bytes.length, stream.at(-1)).result).toBe('truncated');
        },
      ),
      { numRuns: 150 },
    );
  });

  test('refuses every wrong size', () => {
    fc.assert(
      fc.property(contents, options, fc.integer({ min: 1, max: 300 }), (bytes, how, by) => {
        const stream = zlib.deflateSync(bytes, how);
        expect(inflate(stream, bytes.length + by).result).toBe('too-short');
        if (bytes.length < by) return;
        expect(inflate(stream, bytes.length - by).result).toBe('too-long');
      }),
      { numRuns: 150 },
    );
  });

  test('agrees with zlib on whether a damaged stream is one', () => {
    let refused = 0;
    fc.assert(
      fc.property(contents, options, fc.nat(), fc.integer({ min: 1, max: 3 }), (bytes, how, seed, flips) => {
        const stream = Uint8Array.from(zlib.deflateSync(bytes.subarray(0, 4000), how));
        for (let i = 0; i < flips; i++) {
          const bit = (seed * (i + 1) * 7919) % (Math.min(stream.length, i === 0 ? 120 : stream.length) * 8);
          stream[bit >> 3]! ^= 1 << (bit & 7);
        }
        const expected = oracle(stream);
        const size = expected?.length ?? Math.min(bytes.length, 4000);
        const { result, bytes: inflated } = inflate(stream, size);
        expect(result === 'ok').toBe(expected !== null);
        // Of a refused stream nothing is kept, so there is nothing to compare.
        expect(expected === null || Buffer.compare(inflated, expected) === 0).toBe(true);
        if (expected === null) refused++;
      }),
      { numRuns: 600 },
    );
    // Control: the damage must usually be real.
    expect(refused).toBeGreaterThan(400);
  });

  test('agrees with zlib on arbitrary bits behind a header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bits) => {
        const stream = Uint8Array.from([0x78, 0x9c, ...bits]);
        // Never a true Adler-32, so zlib always refuses; the kernel must too, and stay inside its window.
        expect(oracle(stream)).toBeNull();
        expect(inflate(stream, 1000).result).not.toBe('ok');
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['nothing', [], 'truncated'],
    ['another method', [0x79, 0x9c, 3, 0, 0, 0, 0, 1], 'bad-header'],
    ['a window over 32 KiB', [0x88, 0x1c, 3, 0, 0, 0, 0, 1], 'bad-header'],
    ['a header that fails its check', [0x78, 0x9d, 3, 0, 0, 0, 0, 1], 'bad-header'],
    ['a preset dictionary', [0x78, 0xbb, 0, 0, 0, 1, 3, 0, 0, 0, 0, 1], 'bad-header'],
    ['the reserved kind of block', [0x78, 0x9c, 7, 0, 0, 0, 0, 1], 'bad-block'],
    ['a stored length that fails its check', [0x78, 0x9c, 1, 1, 0, 0, 0, 9], 'bad-block'],
    ['a distance before the start', [0x78, 0x9c, 0x03, 0x02, 0, 0, 0, 0, 1], 'bad-distance'],
    ['a wrong checksum', [0x78, 0x9c, 3, 0, 0, 0, 0, 2], 'bad-checksum'],
  ])('refuses %s', (_, stream, result) => {
    expect(inflate(Uint8Array.from(stream), 0).result).toBe(result);
    expect(oracle(Uint8Array.from(stream))).toBeNull();
  });

  test.each([
    ['short codes', 'long ones', SHORT, 10, 15],
    ['long codes', 'long ones', LONG, 15, 15],
    ['long codes', 'short ones', LONG, 15, 8],
  ])('has bits for two literals and %s of lengths with %s of the greatest distances', (...row) => {
    const [, , codeLengths, longest, far] = row;
    for (let shift = 0; shift < 64; shift++) {
      const stream = longSymbols(codeLengths, longest, far, shift);
      const expected = oracle(stream);
      const { result, bytes } = inflate(stream, expected?.length ?? 0);
      expect(result).toBe('ok');
      expect(Buffer.compare(bytes, expected ?? Buffer.of(1))).toBe(0);
    }
  });

  test('an empty object is an object', () => {
    expect(inflate(Uint8Array.from([0x78, 0x9c, 3, 0, 0, 0, 0, 1]), 0).result).toBe('ok');
  });

  test('ends on endless empty blocks', () => {
    expect(inflate(Uint8Array.from([0x78, 0x9c, ...new Uint8Array(50_000)]), 10).result).not.toBe('ok');
  });
});

describe('adler32', () => {
  /** RFC 1950 §9, one byte at a time. */
  function plain(bytes: Uint8Array): number {
    let [a, b] = [1, 0];
    for (const byte of bytes) {
      a = (a + byte) % 65521;
      b = (b + a) % 65521;
    }
    return b * 65536 + a;
  }

  test('agrees with the definition for every length around its steps', () => {
    for (const length of [0, 1, 15, 16, 17, 31, 32, 5535, 5536, 5537, 5551, 5552, 11_072, 11_073, 100_003]) {
      for (const bytes of [new Uint8Array(length).fill(255), new Uint8Array(randomBytes(length))]) {
        memory.bytes.set(bytes, input);
        expect(kernel.run.adler32(input, length) >>> 0).toBe(plain(bytes));
      }
    }
  });
});
