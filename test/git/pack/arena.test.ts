import assert from 'node:assert/strict';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Arena } from '../../../src/git/pack/arena.ts';

describe('Arena', () => {
  test('keeps what is in its blocks, whatever comes and goes, within its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(400)), { maxLength: 120 }), (steps) => {
        const arena = new Arena(1000);
        const live = new Map<number, { size: number; fill: number }>();
        for (const [i, [allocate, n]] of steps.entries()) {
          const used = [...live.values()].reduce((sum, { size }) => sum + size, 0);
          if (allocate) {
            const handle = arena.allocate(n);
            // It refuses exactly what does not fit, however scattered the free bytes are.
            assert.equal(handle >= 0, used + n <= 1000);
            if (handle < 0) continue;
            assert(!live.has(handle));
            arena.bytes.fill(i, arena.start(handle), arena.start(handle) + n);
            live.set(handle, { size: n, fill: i & 255 });
          } else if (live.size > 0) {
            const handle = [...live.keys()][n % live.size]!;
            arena.free(handle);
            live.delete(handle);
          }
          expect(arena.bytes.length).toBeLessThanOrEqual(1000);
          for (const [handle, { size, fill }] of live) {
            const block = arena.bytes.subarray(arena.start(handle), arena.start(handle) + size);
            expect(block.length === size && block.every((byte) => byte === fill)).toBe(true);
          }
        }
      }),
    );
  });

  test('grows to its limit and no further', () => {
    const limit = 9 << 20;
    const arena = new Arena(limit);
    expect(arena.bytes.length).toBeLessThan(limit);
    const first = arena.allocate(5 << 20);
    arena.bytes[arena.start(first)] = 7;
    expect(arena.allocate(4 << 20)).toBeGreaterThanOrEqual(0);
    expect([arena.bytes.length, arena.bytes[arena.start(first)], arena.allocate(1)]).toEqual([limit, 7, -1]);
  });
});
