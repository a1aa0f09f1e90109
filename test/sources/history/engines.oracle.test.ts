/** Both engines over one random history, packed in every way that git can: reports must be equal. */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import type { Finding } from '../../../src/core/finding.ts';
import { createEngine } from '../../../src/detect/engine.ts';
import { openRepository } from '../../../src/git/repository.ts';
import { scan } from '../../../src/scan.ts';
import { historySource } from '../../../src/sources/history.ts';
import type { HistoryEngine } from '../../../src/sources/history/store.ts';
import { fingerprinter } from '../../../src/triage/fingerprint.ts';
import { packScanner } from '../../../src/workers/pack-scanner.ts';
import { type RandomHistory, makeRandomHistory } from '../../helpers/random-history.ts';
import { GIT_ENVIRONMENT, makeFolder, type TestRepository } from '../../helpers/repository.ts';
import { makeRule, pattern } from '../../helpers/rules.ts';
import { signal } from '../../helpers/source.ts';

const RULES = [
  makeRule('marker', [pattern(['marker<'], '(?<secret>marker<[a-f]>)', { before: 10, after: 12 }, { boundary: '' })]),
];
const ROOM = { arena: 4 << 20, hits: 1 << 18, windows: 1 << 18, holdings: 1 << 16, decisions: 1 << 14 };
/** Too small for some of the objects. */
const TIGHT = { ...ROOM, arena: 3000 };

/** @param heldPack - larger packs are read by parts @param memoryBytes - of the kernel's memory */
async function audit(folder: string, engine: HistoryEngine, room = ROOM, heldPack = 1e9, memoryBytes = 2 ** 32) {
  const repository = await openRepository(folder, { signal, environment: GIT_ENVIRONMENT });
  const scanner = engine === 'packs' ? packScanner(RULES, { jobs: 1, room, heldPack, memoryBytes }) : null;
  const { findings, coverage } = await scan({
    source: historySource(repository, { engine, scanner }),
    detector: createEngine(RULES),
    fingerprinter: fingerprinter(),
  });
  const { bytesScanned: _, ...covered } = coverage;
  // Which of many things left out are named as examples depends on the order of reading.
  const skipped = coverage.skipped.map(({ reason, count }) => ({ reason, count }));
  return { findings: findings.toSorted(byId), covered: { ...covered, skipped } };
}

function byId(a: Finding, b: Finding): number {
  return a.fingerprint < b.fingerprint ? -1 : 1;
}

function packFolder(repository: TestRepository): string {
  return repository.inside('objects', 'pack');
}

/** Packs of a few objects each, with deltas between none of them. */
function manyPacks(repository: TestRepository): void {
  const ids = repository
    .git('cat-file', '--batch-all-objects', '--batch-check=%(objectname)', '--unordered')
    .split('\n');
  const target = path.join(packFolder(repository), 'pack');
  for (let at = 0; at < ids.length; at += 40)
    repository.gitBytes(['pack-objects', '-q', target], `${ids.slice(at, at + 40).join('\n')}\n`);
  repository.git('prune-packed', '-q');
}

/** One pack, written with these options. */
function packAs(repository: TestRepository, ...options: readonly string[]): void {
  const before = readdirSync(packFolder(repository));
  const ids = repository.git('cat-file', '--batch-all-objects', '--batch-check=%(objectname)');
  repository.gitBytes(['pack-objects', '-q', ...options, path.join(packFolder(repository), 'pack')], `${ids}\n`);
  for (const name of before) rmSync(path.join(packFolder(repository), name), { force: true });
  repository.git('prune-packed', '-q');
}

const SHAPES: Readonly<Record<string, (repository: TestRepository) => void>> = {
  'as fast-import left it': () => undefined,
  'in long chains': (repository) => repository.git('repack', '-adkfq', '--depth=250', '--window=50'),
  'with REF_DELTA': (repository) =>
    repository.git('-c', 'repack.useDeltaBaseOffset=false', 'repack', '-adkfq', '--depth=50'),
  'with offsets of 64 bits': (repository) => packAs(repository, '--index-version=2,0x40', '--delta-base-offset'),
  'in many small packs': manyPacks,
  loose: (repository) => {
    const folder = makeFolder('packs');
    const packs = readdirSync(packFolder(repository)).filter((name) => name.endsWith('.pack'));
    for (const name of packs) execFileSync('cp', [path.join(packFolder(repository), name), folder]);
    rmSync(packFolder(repository), { recursive: true });
    for (const name of packs)
      execFileSync('sh', ['-c', 'git unpack-objects -q < "$0"', path.join(folder, name)], {
        cwd: repository.folder,
        env: repository.environment,
      });
  },
};

describe.each([
  [11, 'sha1'],
  [12, 'sha256'],
] as const)('random history %i (%s)', (seed, objectFormat) => {
  let history: RandomHistory;
  beforeAll(() => {
    history = makeRandomHistory(seed, 100, { objectFormat });
  });

  test.each(Object.keys(SHAPES))('stored %s', async (shape) => {
    const { repository } = history;
    const before = await audit(repository.folder, 'cat-file');
    SHAPES[shape]?.(repository);
    const ours = await audit(repository.folder, 'packs');
    expect(ours).toEqual(await audit(repository.folder, 'cat-file'));
    expect(ours).toEqual(before);
    expect(await audit(repository.folder, 'packs', ROOM, 0)).toEqual(ours);
    expect(await audit(repository.folder, 'packs', TIGHT, 0)).toEqual(ours);
    expect(await audit(repository.folder, 'packs', TIGHT)).toEqual(ours);
    // Controls: there was much to find.
    expect(ours.findings).toHaveLength(history.markers.length);
    expect(ours.findings.flatMap(({ occurrences }) => occurrences).length).toBeGreaterThan(30);
  });

  test.each([5, 8, 30, 64, 80, 110])('with %i MB for the kernel', async (megabytes) => {
    history.repository.git('repack', '-adkfq');
    const expected = await audit(history.repository.folder, 'cat-file');
    for (const heldPack of [0, 1e9])
      expect(await audit(history.repository.folder, 'packs', ROOM, heldPack, megabytes << 20)).toEqual(expected);
  });
});
