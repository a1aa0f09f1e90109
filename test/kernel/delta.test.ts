import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { kernelResult } from '../../src/kernel/codes.ts';
import { KernelMemory, createKernel } from '../../src/kernel/instance.ts';

const ROOM = 1 << 21;
const SEGMENTS = 4000;
const INSERTED = 0x80000000;
const memory = new KernelMemory(64 << 20);
const { run } = createKernel(memory);
const base = memory.reserve(ROOM);
const delta = memory.reserve(ROOM);
const segments = memory.reserve(SEGMENTS * 12);
const output = memory.reserve(ROOM);

type Operation = { readonly copy: readonly [from: number, length: number] } | { readonly insert: Uint8Array };

function sizeBytes(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...sizeBytes(Math.floor(value / 128))];
}

/** Bytes of a number that are not zero, and a flag for each. */
function sparse(value: number, count: number, firstFlag: number): { bytes: number[]; flags: number } {
  const all = Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** i) % 256);
  return {
    bytes: all.filter((byte) => byte !== 0),
    flags: all.reduce((flags, byte, i) => (byte === 0 ? flags : flags | (firstFlag << i)), 0),
  };
}

function encode(baseSize: number, size: number, operations: readonly Operation[]): Uint8Array {
  const bytes = [...sizeBytes(baseSize), ...sizeBytes(size)];
  for (const operation of operations) {
    if ('insert' in operation) {
      bytes.push(operation.insert.length, ...operation.insert);
      continue;
    }
    const from = sparse(operation.copy[0], 4, 1);
    const length = operation.copy[1] === 0x10000 ? { bytes: [], flags: 0 } : sparse(operation.copy[1], 3, 16);
    bytes.push(128 | from.flags | length.flags, ...from.bytes, ...length.bytes);
  }
  return Uint8Array.from(bytes);
}

/** What the operations say, one after the other. */
function apply(source: Uint8Array, operations: readonly Operation[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      operations.map((operation) =>
        'insert' in operation
          ? operation.insert
          : source.subarray(operation.copy[0], operation.copy[0] + operation.copy[1]),
      ),
    ),
  );
}

function parse(bytes: Uint8Array, baseSize: number, capacity = SEGMENTS): string {
  // What follows the delta would complete it, if anybody looked.
  memory.bytes.fill(1, delta, delta + bytes.length + 32);
  memory.bytes.set(bytes, delta);
  return kernelResult(run.parseDelta(delta, bytes.length, baseSize, segments, capacity));
}

const sources = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 600 }),
  fc.integer({ min: 60_000, max: 200_000 }).map((length) => {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = (i * 2654435761) >>> 24;
    return bytes;
  }),
);
const plans = sources.chain((source) =>
  fc.record({
    source: fc.constant(source),
    operations: fc.array(
      fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 127 }).map((insert): Operation => ({ insert })),
        fc
          .tuple(fc.nat({ max: source.length - 1 }), fc.integer({ min: 1, max: 0x20000 }))
          .map(([from, length]): Operation => ({
            copy: [from, Math.min(length, source.length - from)],
          })),
      ),
      { maxLength: 30 },
    ),
  }),
);

describe('parseDelta, applySegments, gather', () => {
  test('do what the operations say', () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.nat(), ({ source, operations }, a, b) => {
        const expected = apply(source, operations);
        const bytes = encode(source.length, expected.length, operations);
        expect(parse(bytes, source.length)).toBe('ok');
        expect(run.resultSize.value).toBe(expected.length);
        expect(run.deltaResultSize(delta, bytes.length)).toBe(expected.length);
        const count = run.segmentCount.value;
        memory.bytes.set(source, base);
        memory.bytes.fill(0xa5, output, output + expected.length + 64);
        run.applySegments(segments, count, base, delta, output);
        expect(Buffer.compare(memory.bytes.subarray(output, output + expected.length), expected)).toBe(0);
        expect(
          memory.bytes
            .subarray(output + expected.length + 16, output + expected.length + 64)
            .every((byte) => byte === 0xa5),
        ).toBe(true);
        if (expected.length === 0) return;
        const start = a % expected.length;
        const end = start + 1 + (b % (expected.length - start));
        run.gather(segments, start, end, base, delta, output);
        expect(Buffer.compare(memory.bytes.subarray(output, output + end - start), expected.subarray(start, end))).toBe(
          0,
        );
      }),
      { numRuns: 200 },
    );
  });

  test('joins copies that are contiguous in the base, and only those', () => {
    const insert = Uint8Array.of(7);
    const operations: Operation[] = [
      { copy: [10, 5] },
      { copy: [15, 5] },
      { copy: [21, 4] },
      { insert },
      { copy: [25, 3] },
      { copy: [28, 2] },
      { copy: [28, 2] },
    ];
    expect(parse(encode(100, 22, operations), 100)).toBe('ok');
    const words = [...memory.words(segments, run.segmentCount.value * 3)];
    const table = Array.from({ length: words.length / 3 }, (_, i) => words.slice(3 * i, 3 * i + 3));
    expect(table.map(([at, from = 0, length]) => [at, from >= INSERTED ? 'insert' : from, length])).toEqual([
      [0, 10, 10],
      [10, 21, 4],
      [14, 'insert', 1],
      [15, 25, 5],
      [20, 28, 2],
    ]);
  });

  test.each([
    ['nothing', [], 'delta-base-size'],
    ['a size that does not end', [0x80, 0x80], 'delta-base-size'],
    ['another base', [9, 1, 1, 65], 'delta-base-size'],
    ['no result size', [10], 'delta-result-size'],
    ['a result size past 31 bits', [10, 0xff, 0xff, 0xff, 0xff, 0x0f], 'delta-result-size'],
    ['a result size of six groups', [10, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00], 'delta-result-size'],
    ['the reserved operation', [10, 1, 0], 'delta-reserved'],
    ['a copy that ends behind the base', [10, 6, 0x91, 5, 6], 'delta-bad-copy'],
    ['a copy that starts behind the base', [10, 1, 0x9f, 0xff, 0xff, 0xff, 0xff, 1], 'delta-bad-copy'],
    ['a copy whose end passes 32 bits', [10, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 'delta-bad-copy'],
    ['a copy of 64 KiB by omission', [10, 1, 0x80], 'delta-bad-copy'],
    ['more than was announced', [10, 1, 2, 65, 66], 'delta-result-size'],
    ['less than was announced', [10, 3, 2, 65, 66], 'delta-result-size'],
    ['an insertion cut short', [10, 5, 5, 65, 66], 'delta-bad-insert'],
    ['a copy cut short', [10, 1, 0x91, 0], 'truncated'],
  ])('refuse %s', (_, bytes, result) => {
    expect(parse(Uint8Array.from(bytes), 10)).toBe(result);
  });

  test('refuse arbitrary bytes without leaving the segment table', () => {
    const end = segments + 8 * 12;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 300 }), (bytes, baseSize) => {
        memory.bytes.fill(0xa5, end, end + 64);
        const result = parse(Uint8Array.from([...sizeBytes(baseSize), ...bytes]), baseSize, 8);
        expect(memory.bytes.subarray(end, end + 64).every((byte) => byte === 0xa5)).toBe(true);
        expect(result !== 'ok' || run.segmentCount.value <= 8).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
