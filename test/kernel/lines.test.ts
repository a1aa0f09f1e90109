import { describe, expect, test } from 'vitest';

import { KernelMemory, createKernel } from '../../src/kernel/instance.ts';
import { Random } from '../helpers/pack-repository.ts';

describe('countLineFeeds', () => {
  test('counts those of each stretch, whatever its length and where it begins', () => {
    const memory = new KernelMemory(1 << 20);
    const kernel = createKernel(memory);
    const address = memory.reserve(4096);
    const random = new Random(3);
    // What differs from a line feed in one bit is none.
    const bytes = Uint8Array.from({ length: 4096 }, () => random.pick([10, 10, 0, 11, 0x8a, 255]));
    memory.bytes.set(bytes, address);
    for (let from = 0; from < 40; from++)
      for (const length of [0, 1, 15, 16, 17, 31, 32, 33, 1000, 3000]) {
        const wanted = bytes.subarray(from, from + length).filter((byte) => byte === 10).length;
        expect(kernel.run.countLineFeeds(address + from, address + from + length)).toBe(wanted);
      }
  });
});
