import { describe, expect, test } from 'vitest';

import { KernelFollowing } from '../../src/git/follow-trees.ts';
import { ObjectTable } from '../../src/git/object-table.ts';
import { TREE } from '../../src/git/object/type.ts';
import type { NumbersPlace } from '../../src/kernel/kernel-numbers.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { makeRandom } from '../helpers/random-history.ts';

/** A tree: what it is a delta on, and what its own entries lead to: a position, −1, or −2 and below for an absent id. */
interface Tree {
  readonly base: number;
  readonly own: readonly number[];
}

const ABSENT = 4;
const ids = (count: number): Uint8Array => {
  const all = new Uint8Array(20 * count);
  for (let i = 0; i < count; i++) all.set([i >> 8, i & 255], 20 * i);
  return all;
};

/** Lays trees out as a sweep does, and makes the kernel follow them. */
function follow(trees: readonly Tree[], blobs: number, reached: readonly number[], withAbsent = ABSENT) {
  const memory = new KernelMemory(16 << 20);
  const length = trees.length + blobs;
  const put = (numbers: readonly number[]): NumbersPlace => {
    const address = memory.reserve(4 * numbers.length + 4);
    new Int32Array(memory.memory.buffer, address, numbers.length).set(numbers);
    return { address, length: numbers.length };
  };
  const steps: number[] = [];
  const targets: number[] = [];
  const [firstStep, stepEnd] = [trees.map(() => 0), trees.map(() => 0)];
  for (const [i, { base, own }] of trees.entries()) {
    firstStep[i] = steps.length;
    if (base >= 0) steps.push(0, 3);
    steps.push(~targets.length, own.length);
    targets.push(...own);
    stepEnd[i] = steps.length;
  }
  const none = Array.from({ length: blobs }, () => 0);
  const place = {
    order: put(trees.map((_, i) => i)),
    bases: put([...trees.map(({ base }) => base), ...none.map(() => -1)]),
    firstStep: put([...firstStep, ...none]),
    stepEnd: put([...stepEnd, ...none]),
    steps: put(steps),
    targets: put(targets),
    entries: put([]),
    edgeEnds: put([]),
  };
  const types = memory.reserve(length);
  memory.bytes.fill(TREE, types, types + trees.length);
  const typeColumn = memory.bytes.subarray(types, types + length);
  const lists = { list: () => new Uint32Array(0), count: () => 0 };
  const places = { starts: new Uint32Array(0), buckets: 0, typeColumn, types, ...lists };
  const table = ObjectTable.of(40, ids(length), length, { places });
  const address = memory.reserve(length);
  const states = memory.bytes.subarray(address, address + length);
  for (const position of reached) states[position] = 1;
  const following = KernelFollowing.of({ memory, place, table, names: 0 }, { address, length }, withAbsent);
  if (following === null) throw new Error('there is no room');
  following.run();
  return { following, states };
}

/** Trees whose bases and subtrees come anywhere, some of them named by nothing. */
function anyTrees(random: (below: number) => number, count: number, blobs: number): Tree[] {
  return Array.from({ length: count }, (_, i) => ({
    base: i > 0 && random(2) === 0 ? random(i) : -1,
    own: Array.from({ length: random(4) }, () =>
      random(12) === 0 ? -2 - random(ABSENT) : random(12) === 0 ? -1 : random(count + blobs),
    ),
  }));
}

/** What leads where, one object after the other. */
function naive(trees: readonly Tree[], reached: readonly number[]): { all: Set<number>; absent: Set<number> } {
  const [all, absent] = [new Set(reached), new Set<number>()];
  for (const position of all)
    for (const target of trees[position]?.own ?? []) {
      if (target >= 0) all.add(target);
      else if (target < -1) absent.add(~(target + 1));
    }
  return { all, absent };
}

describe('following trees in the kernel', () => {
  test('marks what reached trees lead to by entries of their own, and nothing else', () => {
    const seen = { reached: 0, left: 0, absent: 0, orphans: 0 };
    for (let seed = 1; seed <= 200; seed++) {
      const random = makeRandom(seed);
      const trees = anyTrees(random, 1 + random(60), 20);
      const reached = Array.from({ length: 1 + random(3) }, () => random(trees.length));
      const { following, states } = follow(trees, 20, reached);
      const { all, absent } = naive(trees, reached);
      expect([...states.keys()].filter((position) => states[position] === 1)).toEqual(
        [...all].toSorted((a, b) => a - b),
      );
      expect(following.absent()).toEqual([...absent].toSorted((a, b) => a - b));
      const orphans = trees.flatMap(({ base }, i) => (all.has(i) && base >= 0 && !all.has(base) ? [i] : []));
      expect([...following.orphans()]).toEqual(orphans);
      seen.reached += all.size;
      seen.left += states.length - all.size;
      seen.absent += absent.size;
      seen.orphans += orphans.length;
    }
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(50);
  });

  test('goes on from a tree that is reached later', () => {
    const trees = [
      { base: -1, own: [1] },
      { base: -1, own: [4] },
      { base: -1, own: [3, -2] },
      { base: -1, own: [5] },
    ];
    const { following, states } = follow(trees, 2, [0]);
    expect([...states]).toEqual([1, 1, 0, 0, 1, 0]);
    states[2] = 1;
    following.follow(2);
    expect([...states]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(following.absent()).toEqual([0]);
  });

  test('is not to be had where types lie elsewhere', () => {
    const memory = new KernelMemory(1 << 20);
    const table = ObjectTable.of(40, ids(3), 3);
    const none = { address: 0, length: 0 };
    const place = {
      order: none,
      bases: none,
      firstStep: none,
      stepEnd: none,
      steps: none,
      targets: none,
      entries: none,
      edgeEnds: none,
    };
    expect(KernelFollowing.of({ memory, place, table, names: 0 }, { address: 64, length: 3 }, 0)).toBeNull();
  });
});
