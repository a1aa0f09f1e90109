import { describe, expect, test } from 'vitest';

import { ByteSet } from '../../src/bytes/byte-set.ts';
import { CommitGraph } from '../../src/git/commit-graph.ts';
import { CommitLoops } from '../../src/git/commit-loops.ts';
import { ObjectTable } from '../../src/git/object-table.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { numbersAt } from '../../src/kernel/kernel-numbers.ts';
import { HIT_BLOB, HIT_TREE, type HitTrees } from '../../src/sources/history/hit-trees.ts';
import { Hits } from '../../src/sources/history/hits.ts';
import { findHolders } from '../../src/sources/history/holders.ts';
import { Paths } from '../../src/sources/history/paths.ts';
import { CommitWalk } from '../../src/sources/history/walk.ts';
import { Random } from '../helpers/pack-repository.ts';

interface Entry {
  readonly key: number;
  readonly target: number;
}

/** Trees of which most are another one with a change, or the same once more; the last ones are as long as may be looked at, and longer. */
function randomTrees(random: Random, count: number): Entry[][] {
  const trees: Entry[][] = [[{ key: 4, target: 0 }]];
  while (trees.length < count) {
    const entries = [...random.pick(trees)];
    const changed = random.next(3 * entries.length);
    if (changed < entries.length) {
      const key = entries[changed]?.key ?? 0;
      const target = random.next(key % 4 === HIT_TREE ? trees.length : 5);
      entries[changed] = { key, target };
    } else if (changed % 2 === 0 && entries.length < 12) {
      const key = (entries.at(-1)?.key ?? 0) + 4;
      const isTree = random.next(2) === 0;
      entries.push({
        key: key - (key % 4) + (isTree ? HIT_TREE : HIT_BLOB),
        target: random.next(isTree ? trees.length : 5),
      });
    }
    trees.push(entries);
  }
  for (const length of [999, 1000, 1001, 1002])
    for (let twice = 0; twice < 2; twice++) trees.push(Array.from({ length }, (_, i) => ({ key: 4 * i, target: 1 })));
  return trees;
}

/** The same in a kernel's memory. */
function placed(memory: KernelMemory, trees: readonly (readonly Entry[])[], positions: number): Required<HitTrees> {
  const entries = trees.flat();
  const place = {
    starts: memory.reserve(4 * trees.length + 4),
    keys: memory.reserve(8 * entries.length),
    targets: memory.reserve(4 * entries.length),
  };
  const starts = numbersAt(memory, { address: place.starts, length: trees.length + 1 });
  const keys = new Float64Array(memory.memory.buffer, place.keys, entries.length);
  const targets = numbersAt(memory, { address: place.targets, length: entries.length });
  for (const [i, tree] of trees.entries()) starts[i + 1] = (starts[i] ?? 0) + tree.length;
  for (const [i, { key, target }] of entries.entries()) [keys[i], targets[i]] = [key, target];
  const numbers = Int32Array.from({ length: positions }, (_, i) => (i < trees.length ? i + 1 : 0));
  return { count: trees.length, numbers, starts, keys, targets, place };
}

function randomGraph(random: Random, trees: number, commits: number): CommitGraph {
  const table = new ObjectTable(40);
  for (let i = 0; i < trees + commits; i++) {
    const id = Buffer.alloc(20);
    id.writeUInt32BE(i);
    table.add(id, 0);
  }
  const graph = new CommitGraph(table);
  for (let commit = 0; commit < commits; commit++) {
    const many = commit === 0 || random.next(300) === 0 ? 0 : ([1, 1, 1, 2, 3][random.next(5)] ?? 1);
    const parents = Array.from({ length: many }, () =>
      random.next(50) === 0 ? -1 : trees + Math.max(0, commit - 1 - random.next(9)),
    );
    // Every tree has its turn; pairs of long ones are those of commits that follow each other.
    const tree = random.next(30) === 0 ? -1 : commit < trees ? commit : random.next(trees);
    graph.add(trees + commit, { tree, parents, seconds: commit });
  }
  return graph;
}

function made(seed: number) {
  const random = new Random(seed);
  const memory = new KernelMemory(64 << 20);
  const trees = randomTrees(random, 60);
  const graph = randomGraph(random, trees.length, 9000);
  const order = Int32Array.from({ length: graph.length }, (_, i) => i);
  const loops = CommitLoops.of(memory, graph, order);
  if (loops === null) throw new Error('there is no room for them');
  return { random, memory, trees, graph, order, loops };
}

describe('loops over all commits in the kernel', () => {
  test('tell which parents have the same hits as the plain code does', async () => {
    const { memory, trees, graph, order, loops } = made(4);
    const table = new ObjectTable(40);
    const hits = new Hits({ store: { table } }, new Map());
    const changes = async (known: HitTrees, by: CommitLoops | null) =>
      new CommitWalk(graph, known, hits, new Paths(new ByteSet()), by).run(order);
    const all = placed(memory, trees, trees.length + graph.length);
    const plain = await changes(all, null);
    const told = await changes(all, loops);
    expect([...told.asSomeParent]).toEqual([...plain.asSomeParent]);
    expect(told.asSomeParent.filter((parent) => parent >= 0).length).toBeGreaterThan(200);
    expect(told.asSomeParent.filter((parent) => parent < 0).length).toBeGreaterThan(200);
    // Control: with one entry more, other commits are as their parents.
    const other = trees.map((tree, i) => (i === 7 ? [...tree, { key: 4000, target: 0 }] : tree));
    const others = await changes(placed(memory, other, trees.length + graph.length), loops);
    expect([...others.asSomeParent]).not.toEqual([...plain.asSomeParent]);
  });

  test('look at so many entries of a commit, not more', () => {
    const { memory, graph, loops } = made(5);
    const same = (length: number): number => {
      const tree = Array.from({ length }, (_, i) => ({ key: 4 * i, target: 1 }));
      const { place } = placed(memory, [tree, [...tree]], 0);
      const roots = Int32Array.from({ length: graph.length }, (_, commit) => commit % 2);
      return loops.sameParents(place, roots, 50).filter((parent, commit) => parent >= 0 && parent % 2 !== commit % 2)
        .length;
    };
    expect(same(50)).toBeGreaterThan(100);
    expect(same(51)).toBe(0);
  });

  test('find the refs that hold a commit as the plain code does', () => {
    const { random, graph, order, loops } = made(6);
    const tips = Array.from({ length: 300 }, (_, ref) => ({ ref, commit: random.next(graph.length) }));
    const asked = Array.from({ length: 70 }, () => random.next(graph.length));
    const plain = findHolders(graph, order, tips, asked);
    expect(findHolders(graph, order, tips, asked, loops)).toEqual(plain);
    expect([...plain.values()].some(({ count }) => count > 20)).toBe(true);
    // Control: of other refs, others hold them.
    expect(findHolders(graph, order, tips.slice(0, 150), asked, loops)).not.toEqual(plain);
  });
});
