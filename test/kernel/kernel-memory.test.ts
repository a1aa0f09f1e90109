import { describe, expect, test } from 'vitest';

import { KernelError } from '../../src/errors/kernel.ts';
import { KernelMemory, type MemoryRegion } from '../../src/kernel/instance.ts';

const SIZE = 1 << 16;

/** A memory, and a region of it that was written and given back. */
function withRegionGivenBack(): { memory: KernelMemory; used: MemoryRegion } {
  const memory = new KernelMemory(1 << 20);
  const used = memory.region(SIZE);
  memory.bytes.fill(0xa5, used.start, used.end);
  memory.giveBack(used);
  return { memory, used };
}

const bytesAt = ({ bytes }: KernelMemory, at: number, size: number): Set<number> =>
  new Set(bytes.subarray(at, at + size));

describe('the memory of a kernel', () => {
  test('gives out room of what was given back, piece by piece', () => {
    const { memory, used } = withRegionGivenBack();
    const rooms = [memory.room(1000), memory.room(1), memory.room(SIZE), memory.room(SIZE - 1088), memory.room(64)];
    expect(rooms).toEqual([used.start, used.start + 1024, used.end, used.start + 1088, used.end + SIZE]);
    expect(bytesAt(memory, used.start, 1000)).toEqual(new Set([0xa5]));
  });

  test('sets zeros aside, whatever was given back', () => {
    const { memory, used } = withRegionGivenBack();
    const at = [memory.reserve(SIZE), memory.region(SIZE).start];
    expect(at.map((start) => bytesAt(memory, start, SIZE))).toEqual([new Set([0]), new Set([0])]);
    // Control: there would have been room.
    expect(memory.room(SIZE)).toBe(used.start);
  });

  test('takes the smallest of what was given back that is large enough', () => {
    const memory = new KernelMemory(1 << 20);
    const sizes = [SIZE, SIZE / 4, SIZE / 2];
    const regions = sizes.map((size) => memory.region(size));
    const within = new KernelMemory(memory.region(SIZE), regions);
    expect(sizes.map((size) => within.room(size))).toEqual(regions.map(({ start }) => start));
  });

  test('has no more than it may grow to', () => {
    const { memory } = withRegionGivenBack();
    expect(() => memory.region(1 << 20)).toThrow(KernelError);
    expect(() => memory.room(1 << 20)).toThrow(KernelError);
    expect(memory.room(SIZE)).toBeGreaterThan(0);
  });
});
