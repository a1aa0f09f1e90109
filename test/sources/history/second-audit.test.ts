/** Audits that go on from what an earlier one has learned: the report must be that of one that knows nothing. */
import { chmodSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { Column, FactStore, Facts, HistoryMemory, KeptFacts } from '../../../src/core/facts.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { CleanBlobs, Verdicts } from '../../../src/core/verdicts.ts';
import { createEngine } from '../../../src/detect/engine.ts';
import { openRepository } from '../../../src/git/repository.ts';
import { scan } from '../../../src/scan.ts';
import { historySource } from '../../../src/sources/history.ts';
import { fingerprinter } from '../../../src/triage/fingerprint.ts';
import { packScanner } from '../../../src/workers/pack-scanner.ts';
import { makeRandom, makeRandomHistory } from '../../helpers/random-history.ts';
import { GIT_ENVIRONMENT, type TestRepository } from '../../helpers/repository.ts';
import { makeRule, pattern } from '../../helpers/rules.ts';
import { signal } from '../../helpers/source.ts';

const RULES = [
  makeRule('marker', [pattern(['marker<'], '(?<secret>marker<[a-f]>)', { before: 10, after: 12 }, { boundary: '' })]),
];
const ROOM = { arena: 4 << 20, hits: 1 << 18, windows: 1 << 18, holdings: 1 << 16, decisions: 1 << 14 };

/** Keeps in memory what the cache keeps in files, and copies it as files do. */
class Memory implements HistoryMemory {
  kept: Facts | null = null;
  keptMarks: Facts | null = null;
  clean: CleanBlobs | null = null;
  cleanLater: CleanBlobs | null = null;
  loads = 0;
  saves = 0;
  /** How often what is kept of all trees was taken up. */
  treesRead = 0;
  readonly verdicts: Verdicts = {
    load: () => this.clean,
    save: (_, blobs) => {
      this.clean = structuredClone(blobs);
    },
  };
  readonly later: Verdicts = {
    load: () => this.cleanLater,
    save: (_, blobs) => {
      this.cleanLater = structuredClone(blobs);
    },
  };
  readonly facts: FactStore = {
    load: () => {
      if (this.kept !== null) this.loads++;
      return this.kept && this.#open(this.kept);
    },
    save: (facts) => {
      this.saves++;
      this.kept = copyOf(facts);
    },
    forget: () => {
      this.kept = null;
    },
  };
  readonly marks: FactStore = {
    load: () => this.keptMarks && this.#open(this.keptMarks),
    save: (facts) => {
      this.keptMarks = copyOf(facts);
    },
    forget: () => {
      this.keptMarks = null;
    },
  };

  #open({ about, columns }: Facts): KeptFacts {
    const column = (name: string): Column | null => {
      if (name === 'trees targets') this.treesRead++;
      return columns[name]?.slice() ?? null;
    };
    return { about, column, close: () => undefined };
  }
}

function textOf({ buffer, byteOffset, byteLength }: Column): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

function copyOf({ about, columns }: Facts): Facts {
  return {
    about,
    columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice()])),
  };
}

async function audit(repository: TestRepository, memory: Memory | null) {
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  const before = { loads: memory?.loads ?? 0, saves: memory?.saves ?? 0, treesRead: memory?.treesRead ?? 0 };
  const { findings, coverage } = await scan({
    source: historySource(opened, {
      engine: 'packs',
      scanner: packScanner(RULES, { jobs: 1, room: ROOM }),
      memory,
    }),
    detector: createEngine(RULES),
    fingerprinter: fingerprinter(),
  });
  const { bytesScanned: _, fromCache: __, ...covered } = coverage;
  return {
    report: { findings: findings.toSorted(byId), covered },
    /** Facts were there and were used: whoever reads all writes them anew. */
    wentOn: memory !== null && memory.loads > before.loads && memory.saves === before.saves,
    /** What is kept of all trees was not needed. */
    wasQuick: memory?.treesRead === before.treesRead,
  };
}

function byId(a: Finding, b: Finding): number {
  return a.fingerprint < b.fingerprint ? -1 : 1;
}

type Step = (repository: TestRepository, random: (below: number) => number) => void;

const NAMES = ['a.txt', 'new/b.txt', 'c/d.txt', 'k-l.txt', 'marker<c>.txt'];
const MARKERS = ['marker<a>', 'marker<b>', 'marker<f>', 'nothing', 'something else'];

function pick<T>(list: readonly T[], random: (below: number) => number): T | undefined {
  return list[random(list.length)];
}

function someRef(repository: TestRepository, random: (below: number) => number, pattern_: string): string {
  return pick(repository.git('for-each-ref', '--format=%(refname)', pattern_).split('\n'), random) ?? '';
}

function someCommit(repository: TestRepository, random: (below: number) => number): string {
  return pick(repository.git('rev-list', '--all').split('\n'), random) ?? '';
}

/** A commit on top of a random one, without a work tree. */
function commitOn(repository: TestRepository, random: (below: number) => number): string {
  const parent = someCommit(repository, random);
  const blob = repository.store('blob', `${pick(MARKERS, random)} ${random(1000)}\n`);
  const environment = { ...repository.environment, GIT_INDEX_FILE: path.join(repository.folder, '.git', 'scratch') };
  const other = Object.assign(Object.create(repository), { environment }) as TestRepository;
  other.git('read-tree', parent);
  other.git('update-index', '--add', '--cacheinfo', `100644,${blob},${pick(NAMES, random)}`);
  const tree = other.git('write-tree');
  rmSync(environment.GIT_INDEX_FILE, { force: true });
  repository.clock = 1_767_225_600 + random(500_000);
  const parents = random(4) === 0 ? ['-p', parent, '-p', someCommit(repository, random)] : ['-p', parent];
  return repository.git('commit-tree', tree, ...parents, '-m', `${pick(MARKERS, random)} ${random(1000)}`);
}

const STEPS: Readonly<Record<string, Step>> = {
  nothing: () => undefined,
  'a commit on a new branch': (repository, random) =>
    repository.git('update-ref', `refs/heads/new${random(1e6)}`, commitOn(repository, random)),
  'a commit that nothing holds': (repository, random) => void commitOn(repository, random),
  'a branch moves': (repository, random) =>
    void repository.git('update-ref', someRef(repository, random, 'refs/heads/'), commitOn(repository, random)),
  'a branch goes': (repository, random) => {
    repository.git('update-ref', '-d', someRef(repository, random, 'refs/heads/'));
    repository.git('update-ref', 'HEAD', someCommit(repository, random));
  },
  'a ref for what nothing held': (repository, random) => {
    const lost = repository.git('fsck', '--unreachable', '--no-reflogs', '--no-progress').split('\n');
    const commit = lost.find((line) => line.startsWith('unreachable commit '))?.split(' ')[2];
    if (commit !== undefined) repository.git('update-ref', `refs/remotes/origin/found${random(1e6)}`, commit);
  },
  'a ref whose name tells': (repository, random) =>
    void repository.git('update-ref', `refs/heads/marker<d>${random(1e6)}`, someCommit(repository, random)),
  'an annotated tag': (repository, random) =>
    void repository.git('tag', '-m', `${pick(MARKERS, random)}`, `t${random(1e6)}`, someCommit(repository, random)),
  'a note': (repository, random) =>
    void repository.git(
      'notes',
      'add',
      '-f',
      '-m',
      `${pick(MARKERS, random)} ${random(99)}`,
      someCommit(repository, random),
    ),
  'a loose blob': (repository, random) => void repository.store('blob', `${pick(MARKERS, random)} ${random(1e6)}\n`),
  'something staged': (repository, random) => {
    const blob = repository.store('blob', `${pick(MARKERS, random)} staged ${random(1e6)}\n`);
    repository.git('update-index', '--add', '--cacheinfo', `100644,${blob},staged.txt`);
  },
  'a reflog entry': (repository, random) => {
    repository.git('update-ref', '--create-reflog', '-m', 'x', 'refs/heads/logged', someCommit(repository, random));
    repository.git('update-ref', '-m', 'x', 'refs/heads/logged', commitOn(repository, random));
    repository.git('update-ref', '-m', 'x', 'refs/heads/logged', someCommit(repository, random));
  },
  'reflogs expire': (repository) => void repository.git('reflog', 'expire', '--expire=now', '--all'),
  'an object is replaced': (repository, random) =>
    void repository.git('replace', '-f', someCommit(repository, random), someCommit(repository, random)),
  'a graft': (repository, random) =>
    writeFileSync(repository.inside('info', 'grafts'), `${someCommit(repository, random)}\n`),
  gc: (repository) => void repository.git('gc', '-q'),
  'repack of what is loose': (repository) => void repository.git('repack', '-dq'),
  'repack of everything': (repository) => void repository.git('repack', '-adfq', '--depth=20'),
  prune: (repository) => void repository.git('prune', '--expire=now'),
  'a pack of what is there already': (repository) => {
    const ids = repository.git('rev-list', '--objects', '--all').split('\n').slice(0, 60);
    const listed = ids.map((line) => line.split(' ')[0]).join('\n');
    repository.gitBytes(['pack-objects', '-q', repository.inside('objects', 'pack', 'pack')], `${listed}\n`);
  },
  'a multi-pack-index': (repository) => void repository.git('multi-pack-index', 'write'),
  'packs are dated anew': (repository) => {
    for (const file of packFiles(repository, '.pack')) utimesSync(file, new Date(), new Date());
  },
  'an object goes missing': (repository, random) => {
    const folder = repository.inside('objects');
    const loose = readdirSync(folder).filter((name) => /^[0-9a-f]{2}$/.test(name));
    const chosen = pick(loose, random);
    if (chosen === undefined) return;
    const [file] = readdirSync(path.join(folder, chosen));
    if (file !== undefined) rmSync(path.join(folder, chosen, file), { force: true });
  },
};

function packFiles(repository: TestRepository, ending: string): string[] {
  const folder = repository.inside('objects', 'pack');
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name));
}

/** Changes a byte of a file in place. */
function damage(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 0x10;
  chmodSync(file, 0o600);
  writeFileSync(file, bytes);
}

describe('a second audit', () => {
  test.each([1, 2, 3])(
    'reports what one reports that knows nothing, whatever happened meanwhile (%i)',
    async (seed) => {
      const { repository } = makeRandomHistory(100 + seed, 60, seed % 3 === 0 ? { objectFormat: 'sha256' } : {});
      const random = makeRandom(seed);
      const memory = new Memory();
      repository.git('repack', '-adkq');
      await audit(repository, memory);
      let went = 0;
      let quick = 0;
      let found = 0;
      const log: string[] = [];
      for (let step = 0; step < 9; step++) {
        const name = pick(Object.keys(STEPS), random) ?? 'nothing';
        log.push(name);
        try {
          STEPS[name]?.(repository, random);
        } catch {
          // git does not do this to what has become of the repository.
          log.push('(refused)');
        }
        const again = await audit(repository, memory);
        const afresh = await audit(repository, null);
        expect({ log, ...again.report }).toEqual({ log, ...afresh.report });
        if (again.wentOn) went++;
        if (again.wentOn && again.wasQuick) quick++;
        found += afresh.report.findings.length;
      }
      // Controls: facts were used, and there was much to find.
      expect(went).toBeGreaterThan(2);
      expect(quick).toBeGreaterThan(1);
      expect(found).toBeGreaterThan(20);
    },
    300_000,
  );

  test('knows names in which something was found from the trees that have them', async () => {
    const { repository } = makeRandomHistory(500, 60);
    for (let n = 0; n < 12; n++) {
      const marker = `marker<${'abcdef'[n % 6]}>`;
      repository.commit(`named ${n}`, { [`deep/${marker}/${n}.txt`]: `${n}\n`, [`x${n}-${marker}`]: `${n}\n` });
      if (n % 4 === 0) repository.git('repack', '-dq');
    }
    repository.git('repack', '-adfq', '--depth=20');
    const memory = new Memory();
    const first = await audit(repository, memory);
    const columns = memory.kept?.columns ?? {};
    const places = columns['withheld'] ?? new Int32Array(0);
    expect(places.length / 3).toBeGreaterThan(17);
    for (const column of Object.values(columns)) expect(textOf(column)).not.toContain('marker<');
    // Control: names that are kept are there to be seen.
    expect(textOf(columns['names'] ?? places)).toContain('deep');
    expect(await audit(repository, memory)).toMatchObject({ report: first.report, wentOn: true, wasQuick: true });
    repository.commit('again', { 'other/x3-marker<d>': 'new\n', 'x3-marker<d>': 'changed\n', 'y-marker<e>': '\n' });
    const afresh = await audit(repository, null);
    expect(await audit(repository, memory)).toMatchObject({ report: afresh.report, wentOn: true });
    const goOnFrom = (withheld: Column): ReturnType<typeof audit> => {
      memory.kept = { about: memory.kept?.about ?? '', columns: { ...columns, withheld } };
      return audit(repository, memory);
    };
    // Control: with two names in each other's places it reports something else.
    const misled = await goOnFrom(places.map((value, i) => (i % 3 === 0 && i < 6 ? (places[3 - i] ?? 0) : value)));
    expect(misled.wentOn).toBe(true);
    expect(misled.report).not.toEqual(afresh.report);
    const nowhere = await goOnFrom(places.map((value, i) => (i % 3 === 2 ? value + 1000 : value)));
    expect(nowhere).toMatchObject({ report: afresh.report, wentOn: false });
  });

  test('of a repository that is damaged meanwhile is no clean one', async () => {
    const { repository } = makeRandomHistory(200, 60);
    repository.git('repack', '-adkq');
    const memory = new Memory();
    await audit(repository, memory);
    expect((await audit(repository, memory)).wentOn).toBe(true);
    const [pack = ''] = packFiles(repository, '.pack');
    damage(pack, Math.floor(statSync(pack).size / 2));
    const again = await audit(repository, memory);
    expect(again.report).toEqual((await audit(repository, null)).report);
    expect(again.report.covered.complete).toBe(false);
  });

  test.each(['later', 'marks'] as const)(
    'of a repository whose packs are joined meanwhile is whole (%s)',
    async (step) => {
      const { repository } = makeRandomHistory(400, 60);
      repository.git('repack', '-adkq');
      const memory = new Memory();
      // As many packs as commits: not all are open when they go.
      for (let n = 0; n < 20; n++) {
        repository.commit(`pack ${n}`, { [`p${n}.txt`]: `marker<${'abcdef'[n % 6]}> ${n}\n` });
        repository.git('repack', '-dq');
      }
      const first = await audit(repository, memory);
      expect(await audit(repository, memory)).toMatchObject({ report: first.report, wentOn: true });
      const load: (...args: never[]) => unknown = memory[step].load;
      let joined = 0;
      Object.assign(memory[step], {
        load(...args: never[]) {
          if (joined++ === 0) repository.git('repack', '-adkq');
          return load(...args);
        },
      });
      expect((await audit(repository, memory)).report).toEqual(first.report);
      expect(joined).toBeGreaterThan(0);
      expect(packFiles(repository, '.pack')).toHaveLength(1);
    },
  );

  test('is misled by facts that are wrong (control)', async () => {
    const { repository } = makeRandomHistory(300, 60);
    repository.git('tag', '-m', 'marker<e>', 'told', 'HEAD');
    repository.git('repack', '-adkq');
    const memory = new Memory();
    const first = await audit(repository, memory);
    expect((await audit(repository, memory)).report).toEqual(first.report);
    if (memory.kept) memory.kept = { ...memory.kept, columns: { ...memory.kept.columns, unsure: new Uint32Array(0) } };
    const poisoned = await audit(repository, memory);
    expect(poisoned.wentOn).toBe(true);
    expect(poisoned.report).not.toEqual(first.report);
  });
});
