import { describe, expect, test } from 'vitest';

import { CommitGraph } from '../../src/git/commit-graph.ts';
import { ObjectTable } from '../../src/git/object-table.ts';
import { seededRandom } from '../../src/rules/random.ts';

const ID_LENGTH = 40;

interface RandomCommit {
  readonly parents: readonly number[];
  readonly seconds: number;
}

/** Commits whose clocks go wrong now and then, often by one second alone. @param dateOf - of a commit's number, and something random */
function randomCommits(seed: number, count: number, dateOf: (number: number, below: number) => number): RandomCommit[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, number) => {
    const many = number === 0 ? 0 : ([0, 1, 1, 1, 1, 2, 3][random.below(7)] ?? 1);
    const parents = Array.from({ length: many }, () => Math.max(0, number - 1 - random.below(9)));
    return { parents: [...new Set(parents)], seconds: dateOf(number, random.below(40)) };
  });
}

/** Commits in a store, in any order. */
function graphOf(commits: readonly RandomCommit[], seed: number): { graph: CommitGraph; ids: string[] } {
  const random = seededRandom(seed);
  const table = new ObjectTable(ID_LENGTH);
  const places = commits.map((_, i) => i).toSorted(() => random.below(3) - 1);
  const positions: number[] = [];
  for (const number of places) {
    const id = Buffer.from(Array.from({ length: ID_LENGTH / 2 }, () => random.below(256)));
    positions[number] = table.add(id, 0);
  }
  const graph = new CommitGraph(table);
  for (const [number, { parents, seconds }] of commits.entries())
    graph.add(positions[number] ?? -1, { tree: -1, parents: parents.map((one) => positions[one] ?? -1), seconds });
  return { graph, ids: positions.map((position) => table.hex(position)) };
}

/** By the definition: of all commits without a child that is left, the newest one comes last. */
function ordered(commits: readonly RandomCommit[], ids: readonly string[]): number[] {
  const children = commits.map(() => 0);
  for (const { parents } of commits) for (const parent of parents) children[parent] = (children[parent] ?? 0) + 1;
  const order: number[] = [];
  const left = new Set(commits.keys());
  while (left.size > 0) {
    const ready = [...left].filter((number) => children[number] === 0);
    const newest = ready.reduce((a, b) => {
      const difference = (commits[b]?.seconds ?? 0) - (commits[a]?.seconds ?? 0);
      return difference > 0 || (difference === 0 && (ids[b] ?? '') > (ids[a] ?? '')) ? b : a;
    });
    order.push(newest);
    left.delete(newest);
    for (const parent of commits[newest]?.parents ?? []) children[parent] = (children[parent] ?? 0) - 1;
  }
  return order.toReversed();
}

describe('commits in the order of their dates', () => {
  test.each<[string, number, (number: number, below: number) => number]>([
    ['as they are', 300, (number, below) => 1_600_000_000 + 3 * number - below],
    ['all equal', 200, () => 5],
    ['more than two levels of bits', 1300, (number) => number >> 2],
    ['before 1970, and in thousands of years', 200, (number, below) => (below - 20) * 2 ** 38 + number],
    ['none', 0, () => 0],
    ['one', 1, () => 7],
  ])('have parents before children, and the older first: %s', (_, count, dateOf) => {
    const commits = randomCommits(count + 3, count, dateOf);
    const { graph, ids } = graphOf(commits, count);
    expect([...graph.dateOrder()]).toEqual(ordered(commits, ids));
    // Control: it is neither the order in which they came nor that of dates alone.
    const byDate = [...commits.keys()].toSorted((a, b) => (commits[a]?.seconds ?? 0) - (commits[b]?.seconds ?? 0));
    expect(count > 1 && String([...graph.dateOrder()]) === String(byDate)).toBe(false);
  });

  test('go on from an order that is known', () => {
    const commits = randomCommits(8, 400, (number, below) => 10 * number + (number < 200 ? below : 60 + below));
    const { graph, ids } = graphOf(commits, 9);
    const order = ordered(commits, ids);
    const known = Int32Array.from(order.filter((number) => number < 200));
    expect([...graph.dateOrder(known)]).toEqual(order);
  });
});
