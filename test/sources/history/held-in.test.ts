/** Which fingerprints trees hold, of many at once, against going through each tree for each fingerprint. */
import { describe, expect, test } from 'vitest';

import { seededRandom } from '../../../src/rules/random.ts';
import { HeldIn } from '../../../src/sources/history/held-in.ts';
import { HIT_BLOB, HIT_TREE, type HitTrees, holdsAt } from '../../../src/sources/history/hit-trees.ts';

interface RandomTrees {
  readonly trees: HitTrees;
  readonly hits: { readonly fingerprints: readonly string[]; readonly sets: readonly (readonly number[])[] };
  /** By tree. */
  readonly entries: readonly (readonly (readonly [key: number, target: number])[])[];
}

const FINGERPRINTS = 70;

/** Trees lead to those of smaller numbers; the first ones have hits. */
function randomTrees(seed: number, count: number): RandomTrees {
  const random = seededRandom(seed);
  const sets = Array.from({ length: 90 }, () =>
    Array.from({ length: FINGERPRINTS }, (_, one) => one).filter(() => random.below(30) === 0),
  );
  const entries = Array.from({ length: count }, (_, tree) =>
    Array.from({ length: 1 + random.below(4) }, (__, name): [number, number] =>
      tree > 5 && random.below(3) > 0
        ? [name * 4 + HIT_TREE, random.below(tree)]
        : [name * 4 + HIT_BLOB, random.below(sets.length)],
    ),
  );
  const starts = new Int32Array(count + 1);
  for (const [tree, own] of entries.entries()) starts[tree + 1] = (starts[tree] ?? 0) + own.length;
  return {
    entries,
    hits: { sets, fingerprints: Array.from({ length: FINGERPRINTS }, (_, one) => `${one}`) },
    trees: {
      count,
      // Every third position is a tree.
      numbers: Int32Array.from({ length: 3 * count }, (_, position) => (position % 3 === 0 ? position / 3 + 1 : 0)),
      starts,
      keys: Float64Array.from(entries.flatMap((own) => own.map(([key]) => key))),
      targets: Int32Array.from(entries.flatMap((own) => own.map(([, target]) => target))),
    },
  };
}

/** By tree. */
function heldByAll({ entries, hits }: RandomTrees): ReadonlySet<number>[] {
  const held: Set<number>[] = [];
  for (const own of entries) {
    const below = own.map(([key, target]) => (key % 4 === HIT_TREE ? held[target] : hits.sets[target]) ?? []);
    held.push(new Set(below.flatMap((one) => [...one])));
  }
  return held;
}

describe.each([1, 2, 3])('random trees %i', (seed) => {
  const made = randomTrees(seed, 60);
  const expected = heldByAll(made);

  test('hold what is in them, asked by fingerprint and in any order', () => {
    const held = new HeldIn(made.trees, made.hits);
    const random = seededRandom(seed + 100);
    const asked = Array.from({ length: 6000 }, (_, i) => ({
      tree: random.below(60),
      fingerprint: i < 3000 ? Math.floor((i * FINGERPRINTS) / 3000) : random.below(FINGERPRINTS),
    }));
    const answers = asked.map(({ tree, fingerprint }) => held.isIn(3 * tree, fingerprint));
    expect(answers).toEqual(asked.map(({ tree, fingerprint }) => expected[tree]?.has(fingerprint)));
    expect(new Set(answers).size).toBe(2);
  });

  test('what is no tree, or holds no hit, holds nothing', () => {
    const held = new HeldIn(made.trees, made.hits);
    const all = Array.from({ length: FINGERPRINTS }, (_, one) => one);
    expect(all.some((one) => held.isIn(-1, one) || held.isIn(1, one))).toBe(false);
  });

  test('a path leads to what is there and nothing else', () => {
    const { trees, hits, entries } = made;
    const isHeld = { holds: (hit: number, one: number): boolean => hits.sets[hit]?.includes(one) === true };
    const asked = entries.flatMap((own, tree) =>
      [0, 1, 2, 3, 4].flatMap((name) => [3, 40, 69].map((fingerprint) => ({ own, tree, name, fingerprint }))),
    );
    const answers = asked.map(({ tree, name, fingerprint }) => holdsAt(trees, isHeld, 3 * tree, [name], fingerprint));
    expect(answers).toEqual(
      asked.map(({ own, name, fingerprint }) =>
        own.some(([key, hit]) => key === name * 4 + HIT_BLOB && isHeld.holds(hit, fingerprint)),
      ),
    );
    expect(new Set(answers).size).toBe(2);
  });
});
