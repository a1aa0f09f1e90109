/** What a range introduces, against the definition applied to files in memory. */
import { describe, expect, test } from 'vitest';

import { parseRange, resolveRange } from '../../src/git/commit-range.ts';
import { openRepository } from '../../src/git/repository.ts';
import { commitsSource } from '../../src/sources/commits.ts';
import { type RandomHistory, makeRandom, makeRandomHistory, markersIn } from '../helpers/random-history.ts';
import { GIT_ENVIRONMENT, makeRepository } from '../helpers/repository.ts';
import { contentOf, drain, holdingsOf, signal } from '../helpers/source.ts';

type Row = `${string} ${string} ${string}`;

/** Indexes of commits that one reaches, itself included. */
function reached({ commits }: RandomHistory, from: number): Set<number> {
  const seen = new Set<number>();
  const queue = [from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    queue.push(...(commits[at]?.parents ?? []));
  }
  return seen;
}

/** The definition: there, and at that path in no parent. */
function introducedBy(history: RandomHistory, index: number, parentsAsked: 'all' | 'first'): Row[] {
  const { commits, markers } = history;
  const { id, files, parents } = commits[index]!;
  const asked = parentsAsked === 'all' ? parents : parents.slice(0, 1);
  return [...files].flatMap(([path, content]) =>
    markersIn(content, markers)
      .filter((marker) => !asked.some((one) => markersIn(commits[one]?.files.get(path), markers).includes(marker)))
      .map((marker): Row => `${marker} ${path} ${id}`),
  );
}

async function found(history: RandomHistory, range: string, mostKept?: number): Promise<Row[]> {
  const { repository, markers } = history;
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  const options = mostKept === undefined ? {} : { mostKept };
  const source = commitsSource(opened, await resolveRange(opened, range, signal), options);
  const holdings = holdingsOf(await drain(source), markers);
  for await (const { id, content } of source.parentBlobs?.(new Set(holdings.keys()), signal) ?? []) {
    const bytes = await contentOf(content);
    holdings.set(id, new Set(markers.filter((marker) => bytes.includes(marker))));
  }
  const { places } = await source.attribute(holdings, signal);
  expect(source.coverage.complete).toBe(true);
  const blobs = places.filter(({ place }) => place.kind === 'blob');
  return blobs.map(({ fingerprint, place }): Row => `${fingerprint} ${place.path ?? ''} ${place.commit ?? ''}`);
}

describe.each([
  [11, 120, 'sha1'],
  [12, 60, 'sha256'],
] as const)('random history %i of %i commits (%s)', (seed, count, objectFormat) => {
  const history = makeRandomHistory(seed, count, { objectFormat });
  const random = makeRandom(seed);
  const ranges = Array.from({ length: 6 }, () => [random(count), random(count)] as const);

  test.each(ranges)('%i..%i introduces what the definition says', async (from, to) => {
    const excluded = reached(history, from);
    const wanted = [...reached(history, to)].filter((index) => !excluded.has(index));
    const expected = wanted.flatMap((index) => introducedBy(history, index, 'all')).toSorted();
    const range = `${history.commits[from]?.id}..${history.commits[to]?.id}`;
    expect((await found(history, range)).toSorted()).toEqual(expected);
    // The list of changes is too long to keep, so git is asked again.
    expect((await found(history, range, 1)).toSorted()).toEqual(expected);
  });

  test('each commit alone does, too', async () => {
    const merges = history.commits.flatMap(({ parents }, index) => (parents.length === 1 ? [] : [index]));
    const rows = await Promise.all(merges.slice(0, 12).map((index) => found(history, history.commits[index]!.id)));
    const expected = merges.slice(0, 12).flatMap((index) => introducedBy(history, index, 'all'));
    expect(rows.flat().toSorted()).toEqual(expected.toSorted());
  });

  test('the first parent alone tells something else (control)', () => {
    const by = (how: 'all' | 'first'): Row[] => history.commits.flatMap((_, i) => introducedBy(history, i, how));
    expect(by('first').toSorted()).not.toEqual(by('all').toSorted());
  });
});

describe('a written range', () => {
  test.each([
    ['a..b', { from: 'a', to: 'b', symmetric: false }],
    ['a...b', { from: 'a', to: 'b', symmetric: true }],
    ['..b', { from: 'HEAD', to: 'b', symmetric: false }],
    ['a...', { from: 'a', to: 'HEAD', symmetric: true }],
    ['v1.0..v1.1', { from: 'v1.0', to: 'v1.1', symmetric: false }],
    ['HEAD~2', { from: null, to: 'HEAD~2', symmetric: false }],
    ['@{u}..', { from: '@{u}', to: 'HEAD', symmetric: false }],
  ])('%s', (text, expected) => {
    expect(parseRange(text)).toEqual(expected);
  });

  test.each(['', 'a....b', 'a..b..c', '-a', '--all..b', 'a..-b', '^a', 'a\nb', 'a..\0', '...b.'])(
    '%j is none',
    (text) => {
      expect(() => parseRange(text)).toThrow(expect.objectContaining({ code: 'RANGE_INVALID' }));
    },
  );
});

test('a selection without commits reads nothing', async () => {
  const repository = makeRepository();
  repository.commit('one', { a: 'one\n' });
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  const nothing = { tips: [], without: [], tags: [], objects: [], base: null, heads: [] };
  expect(await drain(commitsSource(opened, nothing))).toEqual([]);
});
