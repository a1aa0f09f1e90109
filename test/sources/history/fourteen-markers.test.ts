import { describe, expect, test } from 'vitest';

import { openRepository } from '../../../src/git/repository.ts';
import { historySource } from '../../../src/sources/history.ts';
import { plantFourteenMarkers } from '../../helpers/fourteen-markers.ts';
import { GIT_ENVIRONMENT, makeRepository } from '../../helpers/repository.ts';
import { leavesAll } from '../../helpers/packs-unscanned.ts';
import { find, signal } from '../../helpers/source.ts';

describe.each([
  ['loose', 'cat-file'],
  ['packed', 'cat-file'],
  ['loose', 'packs'],
  ['packed', 'packs'],
] as const)('history of a %s repository with 14 markers, read from %s', (layout, engine) => {
  const repository = makeRepository();
  const markers = plantFourteenMarkers(repository, layout);
  const found = openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT }).then(async (opened) => {
    const source = historySource(opened, { engine, scanner: engine === 'packs' ? leavesAll() : null });
    return {
      source,
      ...(await find(
        source,
        markers.map(({ text }) => text),
      )),
    };
  });

  test('finds 14 of 14', async () => {
    const { holdings, source } = await found;
    expect(new Set([...holdings.values()].flatMap((held) => [...held])).size).toBe(14);
    expect(markers).toHaveLength(14);
    expect(source.coverage.report('history').problems).toEqual([]);
  });

  test.each(markers)('$where: kind, path, commit, author', async ({ text, kind, path, commit, author, reach }) => {
    const { places, firstSeen } = await found;
    const mine = places.filter(({ fingerprint }) => fingerprint === text).map(({ place }) => place);
    expect(mine[0]).toMatchObject({ kind, path, commit, author, reach });
    const introduced = kind !== 'tag-message' && commit !== null;
    expect(firstSeen.get(text)?.commit ?? null).toBe(introduced ? commit : kind === 'tag-message' ? commit : null);
  });

  test('patches alone find three of them (control)', () => {
    const patches = repository.gitBytes(['log', '-p', '-U0', '--full-history', '--all', '--diff-filter=tuxdb']);
    const seen = markers.filter(({ text }) => patches.includes(`+${text}`));
    expect(seen.map(({ where }) => where)).toEqual(['branch', 'note', 'stash-index', 'stash-untracked']);
  });
});
