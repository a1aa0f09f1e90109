import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { applyDelta, decodeDelta, Delta } from '../../../src/git/pack/delta.ts';
import { encodeDelta, encodeSize, type Instruction, naiveApply } from '../../helpers/pack-builder.ts';

interface Case {
  readonly parent: Uint8Array;
  readonly instructions: readonly Instruction[];
}

/** A parent and instructions for it; copies that carry on where the last one ended are as likely as others. */
const cases: fc.Arbitrary<Case> = fc
  .tuple(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc.array(fc.tuple(fc.nat(3), fc.nat(), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 150 })), {
      maxLength: 25,
    }),
  )
  .map(([parent, choices]) => {
    let follows = 0;
    const instructions = choices.map(([kind, a, b, insert]): Instruction => {
      if (kind === 0) return { insert };
      const from = kind === 1 ? a % parent.length : follows % parent.length;
      const length = 1 + (b % (parent.length - from));
      follows = from + length;
      return { copy: [from, length] };
    });
    return { parent, instructions };
  });

function decode({ parent, instructions }: Case, before = 0): { delta: Delta; bytes: Uint8Array; child: Uint8Array } {
  const child = naiveApply(parent, instructions);
  const encoded = encodeDelta(parent.length, child.length, instructions);
  const bytes = Uint8Array.from([...new Uint8Array(before), ...encoded, 0xaa]);
  const delta = new Delta();
  decodeDelta(bytes, before, before + encoded.length, parent.length, delta);
  return { delta, bytes, child };
}

/** Runs by their definition: neighbouring copies are one if the parent's bytes are neighbours too. */
function naiveRuns(instructions: readonly Instruction[]): number[][] {
  const runs: number[][] = [];
  let at = 0;
  let last: readonly [number, number] | null = null;
  for (const instruction of instructions) {
    if ('insert' in instruction) {
      at += Buffer.from(instruction.insert).length;
      last = null;
      continue;
    }
    const [from, length] = instruction.copy;
    if (last && last[0] + last[1] === from) runs.at(-1)[2]! += length;
    else runs.push([at, from, length]);
    at += length;
    last = [from, length];
  }
  return runs;
}

describe('decodeDelta', () => {
  test('finds the runs of the definition', () => {
    fc.assert(
      fc.property(cases, (input) => {
        const { runs } = decode(input).delta;
        const found = Array.from({ length: runs.count }, (_, i) => [
          runs.childStart[i],
          runs.parentStart[i],
          runs.length[i],
        ]);
        expect(found).toEqual(naiveRuns(input.instructions));
      }),
      { numRuns: 500 },
    );
  });

  test('tells a deletion by two runs that touch', () => {
    const parent = new Uint8Array(Buffer.from('keep-drop-keep'));
    const { runs } = decode({ parent, instructions: [{ copy: [0, 5] }, { copy: [10, 4] }] }).delta;
    expect([runs.count, runs.childStart[1], runs.parentStart[1], runs.length[0]]).toEqual([2, 5, 10, 5]);
  });

  test('grows with the number of instructions', () => {
    const parent = new Uint8Array(100);
    const instructions = Array.from({ length: 5000 }, (_, i): Instruction => ({ copy: [(i * 7) % 90, 3] }));
    const { delta } = decode({ parent, instructions });
    expect([delta.count, delta.runs.count, delta.childStart[5000]]).toEqual([5000, 5000, 15_000]);
  });

  test('reads large copies: size 0 is 65,536, and offsets have 32 bits', () => {
    const parent = new Uint8Array(0x02_00_00_10);
    parent[0x01_02_03_04] = 9;
    const bytes = Uint8Array.from([
      ...encodeSize(parent.length),
      ...encodeSize(0x10000 + 1),
      0x80,
      0x9f,
      4,
      3,
      2,
      1,
      1,
    ]);
    const delta = new Delta();
    decodeDelta(bytes, 0, bytes.length, parent.length, delta);
    const output = new Uint8Array(0x10001);
    applyDelta(delta, bytes, 0, parent, 0, 0, output.length, output, 0);
    expect([delta.childSize, output[0x10000]]).toEqual([0x10001, 9]);
  });

  const parent = new Uint8Array(10);
  /** 128 copies of 2^24 − 2^16 bytes, and 128 of 2^16. */
  const makesGigabytes = Array.from({ length: 128 }, () => [0xc0, 0xff, 0x80]).flat();
  test.each<[string, readonly number[], string]>([
    ['nothing at all', [], 'PACK_TRUNCATED'],
    ['one size only', [10], 'PACK_TRUNCATED'],
    ['an unending size', Array.from({ length: 20 }, () => 0xff), 'PACK_NUMBER_TOO_LARGE'],
    ['another parent', [11, 1, 0x90, 1], 'PACK_DELTA_MALFORMED'],
    ['the reserved instruction', [10, 1, 0], 'PACK_DELTA_MALFORMED'],
    ['fewer bytes than stated', [10, 5, 0x90, 4], 'PACK_DELTA_MALFORMED'],
    ['more bytes than stated by a copy', [10, 3, 0x90, 4], 'PACK_DELTA_OUT_OF_BOUNDS'],
    ['more bytes than stated by an insertion', [10, 1, 2, 65, 66], 'PACK_DELTA_OUT_OF_BOUNDS'],
    ['a copy that starts past the parent', [10, 1, 0x91, 10, 1], 'PACK_DELTA_OUT_OF_BOUNDS'],
    ['a copy that ends past the parent', [10, 11, 0x90, 11], 'PACK_DELTA_OUT_OF_BOUNDS'],
    ['a copy of 4 GiB off', [10, 1, 0x98, 0xff, 1], 'PACK_DELTA_OUT_OF_BOUNDS'],
    ['a copy cut short', [10, 1, 0xff, 1, 0], 'PACK_DELTA_OUT_OF_BOUNDS'],
    ['an insertion cut short', [10, 5, 5, 65], 'PACK_DELTA_OUT_OF_BOUNDS'],
    ['a child of 2^31 bytes, and makes none', [10, ...encodeSize(2 ** 31)], 'PACK_DELTA_MALFORMED'],
    ['a child of 2^31 bytes, and makes it', [10, ...encodeSize(2 ** 31), ...makesGigabytes], 'PACK_OBJECT_TOO_LARGE'],
  ])('refuses %s', (_, bytes, code) => {
    // What follows the delta would make some of these complete.
    const padded = Uint8Array.from([...bytes, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(() => decodeDelta(padded, 0, bytes.length, parent.length, new Delta())).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('answers any bytes with a result that fits, or a coded error', () => {
    const delta = new Delta();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(60), (tail, childSize) => {
        const bytes = Uint8Array.from([parent.length, childSize, ...tail]);
        let code = '';
        try {
          decodeDelta(bytes, 0, bytes.length, parent.length, delta);
        } catch (error) {
          code = String(Reflect.get(Object(error), 'code'));
        }
        const covered = code === '' ? delta.childStart[delta.count] : childSize;
        expect([code === '' || code.startsWith('PACK_'), covered]).toEqual([true, childSize]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('applyDelta', () => {
  test('makes any range of the child, also within one array', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(), (input, a, b) => {
        const { delta, bytes, child } = decode(input, 3);
        const [start = 0, end = 0] = [a % (child.length + 1), b % (child.length + 1)].toSorted((x, y) => x - y);
        const arena = new Uint8Array(2 + input.parent.length + bytes.length + child.length).fill(0x77);
        arena.set(input.parent, 2);
        arena.set(bytes, 2 + input.parent.length);
        const outputAt = 2 + input.parent.length + bytes.length;
        applyDelta(delta, arena, 2 + input.parent.length + 3, arena, 2, start, end, arena, outputAt);
        expect(arena.subarray(outputAt, outputAt + end - start)).toEqual(child.subarray(start, end));
        expect(arena.subarray(outputAt + end - start).every((byte) => byte === 0x77)).toBe(true);
        const apart = new Uint8Array(end - start);
        applyDelta(delta, bytes, 3, input.parent, 0, start, end, apart, 0);
        expect(apart).toEqual(child.subarray(start, end));
      }),
      { numRuns: 500 },
    );
  });
});
