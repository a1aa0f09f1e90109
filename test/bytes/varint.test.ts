import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { readOffset, readSize } from '../../src/bytes/varint.ts';

/** The rule as gitformat-pack states it (sum of offsets), not as we decode it. */
function encodeOffset(distance: number): Uint8Array {
  const groups = [distance % 128];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128))
    groups.unshift(128 + (--rest % 128));
  return Uint8Array.from(groups);
}

function encodeSize(size: number): Uint8Array {
  const groups = [];
  let rest = size;
  for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push(128 + (rest % 128));
  return Uint8Array.from([...groups, rest]);
}

const numbers = fc.oneof(
  fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  fc.nat(70_000),
  fc.bigInt(0n, 52n).map((n) => 2 ** Number(n)),
);
const readers = [
  { name: 'readOffset', read: readOffset, encode: encodeOffset },
  { name: 'readSize', read: readSize, encode: encodeSize },
];

describe.each(readers)('$name', ({ read, encode }) => {
  test('undoes the encoder for every number', () => {
    fc.assert(
      fc.property(numbers, fc.uint8Array({ maxLength: 4 }), (n, before) => {
        const bytes = Uint8Array.from([...before, ...encode(n), 0xff]);
        expect(read(bytes, before.length)).toEqual({ value: n, next: bytes.length - 1 });
      }),
    );
  });

  test('reports any cut-short number as truncated, with a way out', () => {
    fc.assert(
      fc.property(numbers, (n) => {
        const bytes = encode(n);
        const truncated = expect.objectContaining({
          code: 'PACK_TRUNCATED',
          mend: expect.stringContaining('git fsck'),
        });
        expect(() => read(bytes.slice(0, -1), 0)).toThrow(truncated);
        expect(() => read(bytes, 0, bytes.length - 1)).toThrow(truncated);
      }),
    );
  });

  test.each([
    [Array.from({ length: 12 }, () => 0xff)],
    [[...Array.from({ length: 12 }, () => 0xff), 0x7f]],
    [[...Array.from({ length: 40 }, () => 0x80), 0x01]],
  ])('refuses numbers above 2^53, %j', (bytes) => {
    expect(() => read(Uint8Array.from(bytes), 0)).toThrow(expect.objectContaining({ code: 'PACK_NUMBER_TOO_LARGE' }));
  });
});

test.each([
  [[0x7f], 127],
  [[0x80, 0x00], 128],
  [[0xff, 0x7f], 16511],
])('readOffset spells %j as %i', (bytes, value) => {
  expect(readOffset(Uint8Array.from(bytes), 0)).toEqual({ value, next: bytes.length });
});

test('readSize goes on from what an entry header has', () => {
  expect(readSize(Uint8Array.from([0x81, 0x01]), 0, 2, 5, 16)).toEqual({ value: 5 + 16 + 16 * 128, next: 2 });
});
