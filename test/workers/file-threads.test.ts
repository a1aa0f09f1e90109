import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { packRules } from '../../src/cli/fast/pack-rules.ts';
import type { Rule } from '../../src/core/rule.ts';
import { openArchive } from '../../src/detect/archive/open.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { openLiterals } from '../../src/prefilter/packed.ts';
import { haveLaidOut } from '../../src/prefilter/rule-literals.ts';
import { automatonForAll } from '../../src/prefilter/shared-automaton.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { scan } from '../../src/scan.ts';
import { filesSource } from '../../src/sources/files.ts';
import { fingerprinter } from '../../src/triage/fingerprint.ts';
import { fileThreads } from '../../src/workers/file-threads.ts';
import { sureKey } from '../helpers/key.ts';
import { GIT_ENVIRONMENT, makeFolder } from '../helpers/repository.ts';

const WORKER = new URL('../helpers/file-worker.mjs', import.meta.url);
const AT_ONCE = { files: 20, ms: 100_000 };

/** Files of every kind: some with a key, one too large, a link, a pair over two files. */
function makeTree(files: number): string {
  const folder = makeFolder();
  for (let i = 0; i < files; i++) {
    const name = path.join(folder, `folder-${i % 7}`, `file-${i}.txt`);
    mkdirSync(path.dirname(name), { recursive: true });
    writeFileSync(name, i % 11 === 0 ? `line\ntoken: ${sureKey(i % 5)}\n` : `nothing ${i}\n`);
  }
  writeFileSync(path.join(folder, 'large.txt'), `${'x'.repeat(5000)}${sureKey(77)}`);
  writeFileSync(path.join(folder, `named-${sureKey(78)}.txt`), '');
  symlinkSync(sureKey(79), path.join(folder, 'link'));
  return folder;
}

async function scanTree(folder: string, jobs: number, startAfter = AT_ONCE, rules: readonly Rule[] = BUILTIN_RULES) {
  const scanner = fileThreads(rules, { jobs, worker: WORKER, startAfter });
  let told = 0;
  const result = await scan({
    source: filesSource(['.'], {
      cwd: folder,
      environment: { ...GIT_ENVIRONMENT },
      maxFileSize: 4000,
      scanner: scanner && {
        offer: (file) => scanner.offer(file),
        finish: (signal) => scanner.finish(signal),
        take: () => {
          const taken = scanner.take();
          told += taken.clean + taken.told.length;
          return taken;
        },
        close: () => scanner.close(),
      },
    }),
    detector: createEngine(rules, { openArchive }),
    fingerprinter: fingerprinter(),
  });
  return { ...result, told };
}

describe('files scanned on several threads', () => {
  test('give what one thread gives', async () => {
    const folder = makeTree(400);
    const alone = await scanTree(folder, 1);
    const together = await scanTree(folder, 3);
    expect(alone.told).toBe(0);
    expect(together.told).toBeGreaterThan(20);
    const byId = (list: typeof alone.findings) => list.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    expect(byId(together.findings)).toEqual(byId(alone.findings));
    expect(alone.findings).toHaveLength(7);
    expect(together.coverage).toEqual(alone.coverage);
    expect(together.coverage.skipped).toMatchObject([{ reason: 'too-large', count: 1 }]);
  });

  test('do so without an automaton where many rules were laid out, and by what was laid out', async () => {
    const { words, screens } = packRules(BUILTIN_RULES);
    const laidOut = (packed: Uint32Array): readonly Rule[] => {
      const rules = [...BUILTIN_RULES];
      haveLaidOut(rules, () => ({ packed: { words: packed }, screens }));
      return rules;
    };
    const folder = makeTree(400);
    const alone = await scanTree(folder, 1);
    const rules = laidOut(words);
    const together = await scanTree(folder, 3, AT_ONCE, rules);
    expect(together.told).toBeGreaterThan(20);
    expect(automatonForAll(rules, []).made()).toBeUndefined();
    const places = ({ findings }: typeof alone) =>
      new Map(findings.map(({ fingerprint, occurrences }) => [fingerprint, occurrences.length]));
    expect(places(together)).toEqual(places(alone));
    // Control: with a filter that lets nothing pass, threads find nothing.
    const { at } = openLiterals({ words });
    const broken = laidOut(words.map((word, i) => (i >= at.filter && i < at.triples ? 0 : word)));
    expect(places(await scanTree(folder, 3, AT_ONCE, broken))).not.toEqual(places(alone));
  });

  test('take nothing over while there are few', async () => {
    const { told, findings } = await scanTree(makeTree(30), 4, { files: 1000, ms: 100_000 });
    expect(told).toBe(0);
    expect(findings.length).toBeGreaterThan(0);
  });

  test('end when the scan is interrupted', async () => {
    const controller = new AbortController();
    const source = filesSource(['.'], {
      cwd: makeTree(200),
      environment: { ...GIT_ENVIRONMENT },
      scanner: fileThreads(BUILTIN_RULES, { jobs: 2, worker: WORKER, startAfter: AT_ONCE }),
    });
    const drained = async (): Promise<void> => {
      for await (const _ of source.blobs(controller.signal)) controller.abort();
    };
    await expect(drained()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('are not made for one job', () => {
    expect(fileThreads(BUILTIN_RULES, { jobs: 1, worker: WORKER })).toBeNull();
  });

  test('tell of a thread that dies', async () => {
    const dead = new URL('data:text/javascript,process.exit(3)');
    const source = filesSource(['.'], {
      cwd: makeTree(300),
      environment: { ...GIT_ENVIRONMENT },
      scanner: fileThreads(BUILTIN_RULES, { jobs: 2, worker: dead, startAfter: AT_ONCE }),
    });
    const drained = async (): Promise<void> => {
      for await (const _ of source.blobs(new AbortController().signal)) await Promise.resolve();
    };
    await expect(drained()).rejects.toThrow('ended with 3');
  });
});
