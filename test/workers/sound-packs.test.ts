/** A history is read while another thread computes its packs' checksums: what was read of a damaged pack must not count. */
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import type { Source } from '../../src/core/source.ts';
import { SHA1 } from '../../src/git/pack/hash-format.ts';
import { beginObjectStore } from '../../src/git/pack/object-store.ts';
import { openRepository } from '../../src/git/repository.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { diskFiles } from '../../src/session/project-files.ts';
import { scanProject } from '../../src/session/scan-project.ts';
import { historySource } from '../../src/sources/history.ts';
import { packScanner } from '../../src/workers/pack-scanner.ts';
import { packAll, packFiles } from '../helpers/pack-repository.ts';
import { GIT_ENVIRONMENT, makeRepository, type TestRepository } from '../helpers/repository.ts';
import { makeRule, pattern } from '../helpers/rules.ts';
import { signal } from '../helpers/source.ts';

const WORKER = new URL('../helpers/source-worker.mjs', import.meta.url);
const RULES = [
  makeRule('marker', [pattern(['marker<'], '(?<secret>marker<[a-f]>)', { before: 10, after: 12 }, { boundary: '' })]),
];
const WISHES = {
  rules: [],
  only: [],
  config: undefined,
  baseline: undefined,
  ignoreRepoConfig: false,
  maxFileSize: undefined,
  showSecrets: false,
};

/** One pack, in which one of two files holds a marker. @returns its id */
function history(): { readonly repository: TestRepository; readonly blob: string } {
  const repository = makeRepository();
  repository.commit('files', { 'a.txt': 'a marker<a> here\n', 'b.txt': 'nothing\n' });
  packAll(repository);
  return { repository, blob: repository.git('rev-parse', 'HEAD:a.txt') };
}

/** Makes the blob's entry that of a tree, which its compressed data do not contradict. */
function disguise(repository: TestRepository, blob: string): void {
  const [pack = ''] = packFiles(repository, '.pack');
  const [index = ''] = packFiles(repository, '.idx');
  const lines = repository.gitBytes(['verify-pack', '-v', index]).toString('latin1').split('\n');
  const offset = Number(lines.find((line) => line.startsWith(blob))?.split(/ +/)[4]);
  const bytes = readFileSync(pack);
  expect(((bytes[offset] ?? 0) >> 4) & 7).toBe(3);
  bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
  chmodSync(pack, 0o644);
  writeFileSync(pack, bytes);
}

/** @param isAsked - whether sources are asked if they were sound */
async function audit({ folder }: TestRepository, isAsked = true) {
  const repository = await openRepository(folder, { signal, environment: GIT_ENVIRONMENT });
  const sources: Source[] = [];
  const provisional: boolean[] = [];
  const told: string[] = [];
  const { report } = await scanProject(
    {
      files: diskFiles(folder),
      unconfigured: true,
      rules: { rules: RULES, digest: 'markers' },
      source({ rules, isProvisional }) {
        provisional.push(isProvisional);
        const scanner = packScanner(rules, { jobs: 2, worker: WORKER, heldPack: 1, helpedPack: 1 });
        const source = historySource(repository, { engine: 'packs', scanner, isProvisional });
        sources.push(source);
        return isAsked ? source : { ...source, isSound: () => true };
      },
    },
    WISHES,
    { signal, onSuspects: (count) => told.push(`${count} found`), onAnew: (why) => told.push(why) },
  );
  const codes = report.coverage.problems.map(({ code }) => code);
  return { report, codes, provisional, sources, told };
}

describe('a pack whose checksum is computed while it is read', () => {
  test('is read once where it is sound', { timeout: 60_000 }, async () => {
    const { report, codes, provisional, sources, told } = await audit(history().repository);
    expect(told).toEqual(['1 found']);
    expect([provisional, codes, report.coverage.complete]).toEqual([[true], [], true]);
    expect(report.findings.map(({ rule }) => rule)).toEqual(['marker']);
    expect(sources[0]?.isSound?.()).toBe(true);
  });

  test('is read again, each entry checked, where it is damaged', { timeout: 60_000 }, async () => {
    const { repository, blob } = history();
    disguise(repository, blob);
    const { report, codes, provisional, sources, told } = await audit(repository);
    expect(told).toEqual([expect.stringContaining('checksum')]);
    expect(provisional).toEqual([true, false]);
    expect(codes).toEqual(['PACK_CHECKSUM', 'GIT_OBJECT_CORRUPT']);
    expect(report.coverage.problems[1]?.message).toContain(blob);
    expect(report.coverage.complete).toBe(false);
    expect(sources.map((source) => source.isSound?.())).toEqual([false, true]);
    // Of nobody who does not ask would it be known that a file was not looked at as one.
    const believed = await audit(repository, false);
    expect(believed.provisional).toEqual([true]);
    expect(believed.codes).not.toContain('GIT_OBJECT_CORRUPT');
    expect(believed.report.findings).toEqual([]);
  });

  test('is not sound if it becomes shorter meanwhile', async () => {
    const repository = makeRepository();
    // More than is read at a time.
    repository.commit('files', { 'c.txt': randomBytes(1 << 20).toString('base64') });
    packAll(repository);
    const [pack = ''] = packFiles(repository, '.pack');
    const begin = () =>
      beginObjectStore(repository.inside('objects'), {
        format: SHA1,
        report: () => undefined,
        kernel: new KernelMemory(64 << 20),
        help: () => ({ digest: () => Promise.resolve(null) }),
        heldPack: 1,
        helpedPack: 1,
      });
    const [cut, whole] = [begin(), begin()];
    await expect(whole.isSound()).resolves.toBe(true);
    chmodSync(pack, 0o644);
    truncateSync(pack, 20);
    await expect(cut.isSound()).resolves.toBe(false);
  });
});
