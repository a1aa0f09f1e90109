/** Attribution against git's own combined diffs, joined with what each blob holds. */
import { describe, expect, test } from 'vitest';

import { openRepository } from '../../../src/git/repository.ts';
import { splitRecords } from '../../../src/git/records.ts';
import { historySource } from '../../../src/sources/history.ts';
import type { HistoryEngine } from '../../../src/sources/history/store.ts';
import { type RandomHistory, makeRandomHistory, markersIn } from '../../helpers/random-history.ts';
import { GIT_ENVIRONMENT, type TestRepository } from '../../helpers/repository.ts';
import { leavesAll } from '../../helpers/packs-unscanned.ts';
import { find, signal } from '../../helpers/source.ts';

interface Row {
  readonly commit: string;
  readonly path: string;
  readonly fingerprint: string;
}

interface Diff {
  readonly commit: string;
  readonly path: string;
  /** Ids of all parents, then that of the commit. */
  readonly ids: readonly string[];
}

const FLAGS = ['--stdin', '-r', '--root', '--no-renames', '--raw', '--no-abbrev', '-z'];

/** @param how - `-c` for what differs from all parents, `-m` for what differs from any */
function diffs(repository: TestRepository, commits: readonly string[], how: '-c' | '-m'): Diff[] {
  const output = repository.gitBytes(['diff-tree', how, ...FLAGS], `${commits.join('\n')}\n`);
  const found: Diff[] = [];
  let commit = '';
  let meta: string | null = null;
  for (const record of splitRecords(output)) {
    const text = record.toString();
    if (meta !== null) {
      found.push({ commit, path: text, ids: meta.split(' ').filter((word) => /^[0-9a-f]{40,}$/.test(word)) });
      meta = null;
    } else if (text.startsWith(':')) meta = text;
    else commit = text;
  }
  return found;
}

/** What each blob holds, read through git. */
function heldBy(
  repository: TestRepository,
  ids: ReadonlySet<string>,
  markers: readonly string[],
): Map<string, string[]> {
  const held = new Map<string, string[]>();
  for (const id of ids) {
    const isNone = /^(?:0+|1+)$/.test(id);
    held.set(id, isNone ? [] : markersIn(repository.gitBytes(['cat-file', 'blob', id]).toString(), markers));
  }
  return held;
}

/** Introductions and removals by the definition, from combined diffs. */
function byDiff({ repository, commits, markers }: RandomHistory, how: '-c' | '-m') {
  const all = diffs(
    repository,
    commits.map(({ id }) => id),
    how,
  );
  const held = heldBy(repository, new Set(all.flatMap(({ ids }) => ids)), markers);
  const introduced: Row[] = [];
  const removed: Row[] = [];
  for (const { commit, path, ids } of all) {
    const own = ids.at(-1) ?? '';
    const parents = ids.slice(0, -1);
    if (parents.includes(own)) continue;
    const isRoot = parents.length === 1 && /^0+$/.test(parents[0] ?? '') && hasNoParents(commits, commit);
    for (const fingerprint of markers) {
      const [has, parentsHave] = [
        held.get(own)?.includes(fingerprint),
        parents.map((id) => held.get(id)?.includes(fingerprint)),
      ];
      if (has === true && !parentsHave.includes(true)) introduced.push({ commit, path, fingerprint });
      if (has === false && !isRoot && !parentsHave.includes(false)) removed.push({ commit, path, fingerprint });
    }
  }
  return { introduced: sorted(introduced), removed: sorted(removed) };
}

function hasNoParents(commits: RandomHistory['commits'], id: string): boolean {
  return commits.find((commit) => commit.id === id)?.parents.length === 0;
}

function sorted(rows: readonly Row[]): string[] {
  return [...new Set(rows.map(({ commit, path, fingerprint }) => `${fingerprint} ${path} ${commit}`))].toSorted();
}

async function attribute({ repository, markers }: RandomHistory, engine: HistoryEngine) {
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  const source = historySource(opened, { engine, scanner: engine === 'packs' ? leavesAll() : null });
  return { ...(await find(source, markers)), coverage: source.coverage.report('history') };
}

describe.each([
  [1, 120, 'sha1', 'cat-file'],
  [2, 120, 'sha1', 'cat-file'],
  [3, 60, 'sha256', 'cat-file'],
  [4, 200, 'sha1', 'packs'],
  [5, 120, 'sha1', 'packs'],
  [6, 60, 'sha256', 'packs'],
] as const)('random history %i of %i commits (%s), read from %s', (seed, count, objectFormat, engine) => {
  const history = makeRandomHistory(seed, count, { objectFormat });
  if (seed % 2 === 0) history.repository.git('repack', '-adkq');
  const oracle = byDiff(history, '-c');
  const found = attribute(history, engine);

  test('introduces what git says, and nothing else', async () => {
    const { places, coverage } = await found;
    const rows = places.map(({ fingerprint, place }) => ({
      fingerprint,
      path: place.path ?? '',
      commit: place.commit ?? '',
    }));
    expect(coverage.problems).toEqual([]);
    expect(oracle.introduced.length).toBeGreaterThan(30);
    expect(sorted(rows)).toEqual(oracle.introduced);
    expect(places).toHaveLength(oracle.introduced.length);
  });

  test('removes what git says, and nothing else', async () => {
    const { places } = await found;
    const rows = places.flatMap(({ fingerprint, place }) =>
      place.removedIn.map((commit) => ({ fingerprint, path: place.path ?? '', commit })),
    );
    expect(oracle.removed.length).toBeGreaterThan(5);
    expect(sorted(rows)).toEqual(oracle.removed);
  });

  test('differences from any parent are something else (control)', () => {
    expect(byDiff(history, '-m').introduced).not.toEqual(oracle.introduced);
  });

  test('moved: a parent holds it at another path', async () => {
    const byId = new Map(history.commits.map((commit) => [commit.id, commit]));
    const { places } = await found;
    const expected = places.map(({ fingerprint, place }) =>
      (byId.get(place.commit ?? '')?.parents ?? []).some((parent) =>
        [...(history.commits[parent]?.files.values() ?? [])].some((text) => markersIn(text, [fingerprint]).length > 0),
      ),
    );
    expect(places.map(({ place }) => place.moved)).toEqual(expected);
    expect(new Set(expected).size).toBe(2);
  });

  test('first seen where rev-list puts it', async () => {
    const { repository, commits, markers } = history;
    const order = repository
      .gitBytes(['rev-list', '--date-order', '--reverse', '--stdin'], `${commits.map(({ id }) => id).join('\n')}\n`)
      .toString()
      .trim()
      .split('\n');
    const { firstSeen, places } = await found;
    for (const marker of markers) {
      const introducers = oracle.introduced
        .filter((row) => row.startsWith(`${marker} `))
        .map((row) => row.split(' ')[2]);
      const first = order.find((id) => introducers.includes(id));
      expect(firstSeen.get(marker)?.commit).toBe(first);
      expect(places.find(({ fingerprint }) => fingerprint === marker)?.place.commit).toBe(first);
    }
  });

  test('held by the refs that git says contain it', async () => {
    const { repository } = history;
    const { places } = await found;
    const commits = [...new Set(places.map(({ place }) => place.commit ?? ''))].slice(0, 25);
    for (const commit of commits) {
      const names = repository
        .git('for-each-ref', '--contains', commit, '--format=%(refname)')
        .split('\n')
        .filter(Boolean);
      const place = places.find((one) => one.place.commit === commit)?.place;
      const held = place?.heldBy.map(({ ref }) => ref).filter((ref) => ref !== 'HEAD') ?? [];
      const isOnHead = place?.heldBy.some(({ ref }) => ref === 'HEAD') === true;
      expect(place?.heldByCount).toBe(names.length + (isOnHead ? 1 : 0));
      // The list is cut after twenty names, the count is not.
      expect(names.filter((name) => held.includes(name))).toHaveLength(held.length);
      expect(held).toHaveLength(Math.min(names.length, 20 - (isOnHead ? 1 : 0)));
      expect(place?.reach).toBe(names.length > 0 ? 'ref' : 'none');
    }
  });

  test('in the tip if the tip holds it', async () => {
    const { repository } = history;
    const { places } = await found;
    const tips = new Map<string, string>();
    for (const line of repository.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n')) {
      const [ref = '', id = ''] = line.split(' ');
      tips.set(ref, id);
    }
    const byId = new Map(history.commits.map((commit) => [commit.id, commit]));
    const answers = places.flatMap(({ fingerprint, place }) =>
      place.heldBy
        .filter(({ ref }) => ref !== 'HEAD')
        .map(({ ref, inTip }) => {
          const files = byId.get(tips.get(ref) ?? '')?.files ?? new Map<string, string>();
          return { inTip, expected: [...files.values()].some((text) => markersIn(text, [fingerprint]).length > 0) };
        }),
    );
    expect(answers.map(({ inTip }) => inTip)).toEqual(answers.map(({ expected }) => expected));
    expect(answers.length).toBeGreaterThan(10);
  });

  test('reads every blob that git lists', async () => {
    const { drained } = await found;
    const listed = history.repository
      .git('cat-file', '--batch-all-objects', '--batch-check')
      .split('\n')
      .filter((line) => line.includes(' blob '))
      .map((line) => line.slice(0, line.indexOf(' ')));
    expect(
      drained
        .filter(({ kind }) => kind === 'blob')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(listed.toSorted());
  });
});
