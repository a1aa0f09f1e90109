import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ByteSet } from '../../src/bytes/byte-set.ts';

describe('ByteSet', () => {
  test('numbers what is distinct, as a Map of strings would', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 4, max: 3 }), { maxLength: 60 }), (values) => {
        const set = new ByteSet();
        const known = new Map<string, number>();
        for (const value of values) {
          const key = Buffer.from(value).toString('hex');
          const before = known.get(key) ?? -1;
          const padded = Uint8Array.from([9, ...value, 9]);
          expect(set.find(padded, 1, value.length + 1)).toBe(before);
          if (before < 0) known.set(key, known.size);
          expect(set.add(padded, 1, value.length + 1)).toBe(known.get(key));
        }
        expect(set.length).toBe(known.size);
      }),
    );
  });

  test('keeps what it was given when it grows', () => {
    const set = new ByteSet();
    const texts = Array.from({ length: 5000 }, (_, i) => `name-${i}-${'x'.repeat(i % 40)}`);
    for (const text of texts) set.add(Buffer.from(text), 0, text.length);
    expect(texts.map((_, i) => set.get(i)?.toString())).toEqual(texts);
    expect(texts.map((_, i) => Buffer.from(set.view(i)).toString())).toEqual(texts);
    expect([set.view(-1), set.view(5000)].map(({ length }) => length)).toEqual([0, 0]);
    expect(texts.map((text) => set.find(Buffer.from(text), 0, text.length))).toEqual(texts.map((_, i) => i));
    expect([set.get(-1), set.get(5000), set.get(0.5), set.get(Number.NaN)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
