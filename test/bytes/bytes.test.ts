import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { adler32 } from '../../src/bytes/adler32.ts';
import { compareBytes } from '../../src/bytes/compare.ts';
import { Cursor } from '../../src/bytes/cursor.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';

/** The definition of RFC 1950, one byte at a time with big integers. */
function naiveAdler(bytes: Uint8Array): number {
  let a = 1n;
  let b = 0n;
  for (const byte of bytes) {
    a = (a + BigInt(byte)) % 65521n;
    b = (b + a) % 65521n;
  }
  return Number(b * 65536n + a);
}

describe('adler32', () => {
  test('is that of the definition, from any start to any end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), (bytes, start) => {
        expect(adler32(bytes, Math.min(start, bytes.length))).toBe(naiveAdler(bytes.subarray(start)));
      }),
    );
  });

  test.each([3799, 3800, 3801, 3804, 50_000])('does not overflow on %i bytes of 255', (length) => {
    const bytes = new Uint8Array(length).fill(255);
    expect(adler32(bytes)).toBe(naiveAdler(bytes));
  });
});

describe('Cursor', () => {
  const bytes = Uint8Array.from([9, 1, 2, 3, 4, 0, 0, 0, 1, 0, 0, 0, 2]).subarray(1);

  test('reads numbers in network order and moves on', () => {
    const cursor = new Cursor(bytes, 'file');
    expect([cursor.u32(), cursor.u64(), cursor.left]).toEqual([0x01_02_03_04, 2 ** 32 + 2, 0]);
    cursor.seek(1);
    expect([cursor.u8(), cursor.at, [...cursor.take(2)]]).toEqual([2, 2, [3, 4]]);
  });

  test.each([
    ['u8', (c: Cursor) => c.u8()],
    ['u32', (c: Cursor) => c.u32()],
    ['u64', (c: Cursor) => c.u64()],
    ['take', (c: Cursor) => c.take(3)],
    ['take of less than nothing', (c: Cursor) => c.take(-1)],
    ['seek', (c: Cursor) => c.seek(13)],
  ])('never passes the end by %s', (_, step) => {
    const cursor = new Cursor(bytes, 'file', 12);
    expect(() => step(cursor)).toThrow(
      expect.objectContaining({ code: 'PACK_TRUNCATED', message: expect.stringContaining('file') }),
    );
  });

  test('refuses numbers above 2^53', () => {
    const cursor = new Cursor(Uint8Array.from([0, 0x20, 0, 0, 0, 0, 0, 0]), 'file');
    expect(() => cursor.u64()).toThrow(expect.objectContaining({ code: 'PACK_NUMBER_TOO_LARGE' }));
  });
});

describe('hex', () => {
  test('goes there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
    );
  });

  test.each(['0', 'zz', '0x'])('refuses %j', (text) => {
    expect(fromHex(text)).toBeNull();
  });
});

describe('compareBytes', () => {
  test('orders like Buffer.compare', () => {
    const four = fc.uint8Array({ minLength: 4, maxLength: 4, max: 3 });
    fc.assert(
      fc.property(four, four, (a, b) => {
        expect(Math.sign(compareBytes(a, 0, b, 0, 4))).toBe(Buffer.compare(a, b));
      }),
    );
  });
});
