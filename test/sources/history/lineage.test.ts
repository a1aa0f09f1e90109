/** What becomes of introductions: all followed together, against each secret at each path followed by itself. */
import { describe, expect, test } from 'vitest';

import { seededRandom } from '../../../src/rules/random.ts';
import { IntroductionSets } from '../../../src/sources/history/introduction-sets.ts';
import { traceLineages } from '../../../src/sources/history/lineage.ts';
import { type MapNode, NumberMaps } from '../../../src/sources/history/number-map.ts';
import type { Changes, Introduction, Removal, Version } from '../../../src/sources/history/walk.ts';

const PATHS = 12;
const FINGERPRINTS = 5;
/** Contents: those that differ in a multiple of 32 hold the same, by the bits of their number. */
const CONTENTS = 96;

interface RandomCommits {
  /** By commit; parents come first, −1 is one that is not in the store. */
  readonly parents: readonly (readonly number[])[];
  /** By commit, then path: a content, or −1. */
  readonly contents: readonly (readonly number[])[];
}

function holds(content: number, fingerprint: number): boolean {
  return content >= 0 && ((content >> fingerprint) & 1) === 1;
}

function randomCommits(seed: number, count: number): RandomCommits {
  const random = seededRandom(seed);
  const below = (bound: number): number => random.below(bound);
  const parents: number[][] = [];
  const contents: number[][] = [];
  for (let commit = 0; commit < count; commit++) {
    const many = commit === 0 || below(40) === 0 ? 0 : ([1, 1, 1, 2, 2, 3][below(6)] ?? 1);
    const own = Array.from({ length: many }, () => (below(50) === 0 ? -1 : Math.max(0, commit - 1 - below(12))));
    parents.push([...new Set(own)]);
    const known = own.filter((parent) => parent >= 0);
    const first = contents[known[0] ?? -1] ?? Array.from({ length: PATHS }, () => -1);
    // A merge takes each path from some parent, or as a whole from one.
    const mixes = below(2) === 0;
    const next = first.map((content, path) =>
      mixes ? (contents[known[below(known.length)] ?? -1]?.[path] ?? content) : content,
    );
    for (let change = below(4); change > 0; change--) next[below(PATHS)] = below(CONTENTS + 20) - 20;
    contents.push(next.map((content) => Math.max(-1, content)));
  }
  return { parents, contents };
}

/** By the definition. @param tells - whether it is told which parent a commit is as */
function changesOf({ parents, contents }: RandomCommits, tells: (commit: number) => boolean): Changes {
  const introductions: Introduction[] = [];
  const versions: Version[] = [];
  const removals: Removal[] = [];
  const asSomeParent = Int32Array.from(parents, (own, commit) => {
    const same = own.find((one) => one >= 0 && String(contents[one]) === String(contents[commit]));
    return tells(commit) ? (same ?? -1) : -1;
  });
  for (const [commit, own] of parents.entries()) {
    const known = own.filter((one) => one >= 0);
    const atBoundary = known.length < own.length;
    for (const [path, hit] of (contents[commit] ?? []).entries()) {
      const theirs = known.map((one) => contents[one]?.[path] ?? -1);
      if (hit >= 0 && !theirs.includes(hit)) versions.push({ commit, path, hit });
      for (let fingerprint = 0; fingerprint < FINGERPRINTS; fingerprint++) {
        const before = theirs.filter((one) => holds(one, fingerprint)).length;
        if (holds(hit, fingerprint) && before === 0) introductions.push({ commit, path, hit, fingerprint, atBoundary });
        const everyone = before === own.length && own.length > 0;
        if (!holds(hit, fingerprint) && everyone) removals.push({ commit, path, fingerprint });
      }
    }
  }
  return { introductions, versions, removals, asSomeParent, complete: true };
}

/** One line for each introduction. @param stays - whether what only some parents have is in the commit */
function oneByOne(
  { parents, contents }: RandomCommits,
  { introductions, versions, removals }: Changes,
  stays = (commit: number, path: number, fingerprint: number): boolean =>
    holds(contents[commit]?.[path] ?? -1, fingerprint),
): string[] {
  return introductions.map(({ commit: start, path, fingerprint }) => {
    const isHere = (one: { readonly path: number }): boolean => one.path === path;
    const starts = introductions.filter((one) => isHere(one) && one.fingerprint === fingerprint);
    const ends = removals.filter((one) => isHere(one) && one.fingerprint === fingerprint);
    const carriers = versions.filter((one) => isHere(one) && holds(one.hit, fingerprint));
    // What lives in each commit: of this introduction, and of any.
    const [lives, any] = [new Set<number>(), new Set<number>()];
    const removedIn: number[] = [];
    for (const [commit, own] of parents.entries()) {
      if (starts.some((one) => one.commit === commit)) {
        any.add(commit);
        if (commit === start) lives.add(commit);
        continue;
      }
      const had = own.filter((one) => any.has(one)).length;
      if (had === 0) continue;
      const isMine = own.some((one) => lives.has(one));
      if (ends.some((one) => one.commit === commit)) {
        if (isMine) removedIn.push(commit);
      } else if (had === own.length || stays(commit, path, fingerprint)) {
        any.add(commit);
        if (isMine) lives.add(commit);
      }
    }
    const blobs = new Set(carriers.filter((one) => lives.has(one.commit)).map(({ hit }) => hit)).size;
    return `${start} ${path} ${fingerprint}: ${removedIn.join()}; ${blobs}`;
  });
}

function together({ parents, contents }: RandomCommits, changes: Changes): string[] {
  const flat = parents.flat();
  const starts = [0];
  for (const own of parents) starts.push((starts.at(-1) ?? 0) + own.length);
  const graph = {
    firstParent: (commit: number): number => starts[commit] ?? 0,
    endOfParents: (commit: number): number => starts[commit + 1] ?? 0,
    parentAt: (at: number): number => flat[at] ?? -1,
  };
  const numbers = Array.from({ length: FINGERPRINTS }, (_, number) => number);
  const hits = {
    fingerprints: numbers.map(String),
    sets: Array.from({ length: CONTENTS }, (_, content) => numbers.filter((number) => holds(content, number))),
  };
  const { lineages, complete } = traceLineages(
    graph,
    Int32Array.from(parents.keys()),
    changes,
    hits,
    (commit, path, fingerprint) => holds(contents[commit]?.[path] ?? -1, fingerprint),
  );
  expect(complete).toBe(true);
  return lineages.map(
    ({ introduction: { commit, path, fingerprint }, removedIn, blobs }) =>
      `${commit} ${path} ${fingerprint}: ${removedIn.join()}; ${blobs}`,
  );
}

describe.each([1, 2, 3, 4, 5, 6])('random commits %i', (seed) => {
  const commits = randomCommits(seed, 150);

  test.each([
    ['where it is told which parent a commit is as', () => true],
    ['where it is not', () => false],
    ['where it sometimes is', (commit: number) => commit % 3 === 0],
  ])('all together are as one by one, %s', (_, tells) => {
    const changes = changesOf(commits, tells);
    const expected = oneByOne(commits, changes);
    expect(expected.length).toBeGreaterThan(200);
    expect(together(commits, changes).toSorted()).toEqual(expected.toSorted());
  });

  test('keeping what only some parents have is something else (control)', () => {
    const changes = changesOf(commits, () => true);
    expect(together(commits, changes).toSorted()).not.toEqual(oneByOne(commits, changes, () => true).toSorted());
  });
});

describe('maps that share what they have in common', () => {
  test('hold what was put in, whatever came after', () => {
    const random = seededRandom(7);
    const maps = new NumberMaps(1000);
    const made: { readonly map: MapNode | null; readonly known: ReadonlyMap<number, number> }[] = [
      { map: null, known: new Map() },
    ];
    for (let step = 0; step < 400; step++) {
      const { map, known } = made[random.below(made.length)] ?? { map: null, known: new Map() };
      const [key, value] = [random.below(1000), random.below(3)];
      made.push({ map: maps.set(map, key, value), known: new Map([...known, [key, value]]) });
    }
    const keys = Array.from({ length: 1000 }, (_, key) => key);
    const isWrong = ({ map, known }: (typeof made)[number]): boolean =>
      keys.some((key) => maps.get(map, key) !== (known.get(key) ?? 0));
    expect(made.filter(isWrong)).toEqual([]);
    expect(made.filter(({ known }) => known.size > 3).length).toBeGreaterThan(100);
  });

  test('an emptied one is none, and a merge of one with itself is that one', () => {
    const maps = new NumberMaps(100);
    const one = maps.set(null, 63, 5);
    const two = maps.set(one, 99, 1);
    const refuse = (): number => {
      throw new Error('asked');
    };
    expect(maps.set(one, 63, 0)).toBeNull();
    expect(maps.merge([two, two], { keeper: -1, join: refuse })).toBe(two);
    expect(maps.merge([one, two], { keeper: -1, join: (_, values) => Math.max(...values) })).toBe(two);
    expect(maps.merge([one, two], { keeper: 0, join: refuse })).toBe(one);
  });
});

describe('sets of introductions', () => {
  test('equal unions are one set', () => {
    const sets = new IntroductionSets(10);
    const [a, b, c] = [sets.single(0), sets.single(4), sets.single(9)];
    const left = sets.union(sets.union(a, b), c);
    expect(sets.union(a, sets.union(c, b))).toBe(left);
    expect(sets.members(left)).toEqual([0, 4, 9]);
    expect(sets.members(0)).toEqual([]);
    expect(sets.union(a, 0)).toBe(a);
    expect(sets.complete).toBe(true);
  });

  test('without room for more the first one stays, and it is told', () => {
    const sets = new IntroductionSets(1000, 100);
    let all = sets.single(0);
    for (let member = 1; member < 1000; member++) all = sets.union(all, sets.single(member));
    expect(sets.complete).toBe(false);
    expect(sets.members(all).length).toBeLessThan(100);
  });
});
