/** Audits that remember what they decided: the report must be as if they did not. */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { sureKey } from '../helpers/key.ts';
import { Random } from '../helpers/pack-repository.ts';
import { start, unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 12\n`;

/** Many versions of a few files; some hold a key, or half of a pair, or what cannot be looked into. */
function makeHistory(seed: number): TestRepository {
  const random = new Random(seed);
  const repository = makeRepository();
  let lines = Array.from({ length: 60 }, (_, i) => `line ${i} ${random.next(1e6)}`);
  for (let version = 0; version < 25; version++) {
    lines = lines.toSpliced(random.next(lines.length), random.next(3), `new ${random.next(1e6)}`);
    const key = version % 9 === 3 ? [`token = ${sureKey(version)}`] : [];
    repository.commit(`version ${version}`, {
      'a.txt': [...lines, ...key].join('\n'),
      [`b${version}.txt`]: `${seed} ${version}\n`,
    });
  }
  repository.commit('others', {
    'large.bin': POINTER,
    'aws.txt': `aws_access_key_id = ${['AKIA', 'Q7RM2XK4', 'TWZ6YHDN'].join('')}\n`,
    'broken.zip': Buffer.from('504b0304140000000800', 'hex'),
  });
  return repository;
}

interface Audit {
  readonly code: number | null;
  /** The report, apart from how it was come by. */
  readonly report: unknown;
  readonly fromCache: number;
  readonly blobs: number;
}

function audit(repository: TestRepository, cache: string, ...args: readonly string[]): Audit {
  const run = unleak(['history', '--format', 'json', ...args], {
    cwd: repository.folder,
    environment: { XDG_CACHE_HOME: cache },
  });
  return auditOf(run.code, run.out);
}

function auditOf(code: number | null, out: string): Audit {
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- our own report
  const { coverage, ...rest } = JSON.parse(out) as FindingsReport;
  const { fromCache, bytesScanned: _, ...covered } = coverage;
  return { code, report: { ...rest, coverage: covered }, fromCache, blobs: coverage.blobs };
}

function cacheFiles(cache: string): string[] {
  const folder = path.join(cache, 'unleak', 'verdicts');
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
}

describe('an audit that remembers', () => {
  test('reports what one reports that does not: again, after commits, after gc and repack', () => {
    const repository = makeHistory(1);
    const cache = makeFolder('cache');
    const first = audit(repository, cache);
    expect(first).toMatchObject({ code: 1, fromCache: 0 });
    const steps: readonly (() => void)[] = [
      () => undefined,
      () => repository.commit('more', { 'c.txt': `x ${sureKey(99)}\n`, 'd.txt': 'nothing\n' }),
      () => repository.git('gc', '-q'),
      () => repository.git('repack', '-adfq', '--depth=250', '--window=30'),
      () => repository.git('reset', '-q', '--hard', 'HEAD~3'),
      () =>
        repository.git('-c', 'gc.reflogExpire=now', '-c', 'gc.reflogExpireUnreachable=now', 'gc', '-q', '--prune=now'),
    ];
    for (const step of steps) {
      step();
      const again = audit(repository, cache);
      const afresh = audit(repository, cache, '--no-cache');
      expect(again.report).toEqual(afresh.report);
      expect(again.code).toBe(1);
      expect(afresh.fromCache).toBe(0);
      expect(again.fromCache).toBeGreaterThan(again.blobs * 0.6);
      expect(again.fromCache).toBeLessThan(again.blobs);
    }
  }, 60_000);

  test('remembers no secret, and nothing of a blob with anything to tell', () => {
    const repository = makeHistory(2);
    const cache = makeFolder('cache');
    repository.git('gc', '-q');
    const { blobs } = audit(repository, cache);
    const all = cacheFiles(cache);
    expect(all.map((file) => path.extname(file)).toSorted()).toEqual(['.clean', '.facts', '.later', '.marks']);
    for (const file of all) expect(readFileSync(file).includes('ghp_')).toBe(false);
    const kept = readFileSync(all.find((file) => file.endsWith('.clean')) ?? '');
    const told = ['aws.txt', 'broken.zip', 'large.bin'].map((name) => repository.git('rev-parse', `HEAD:${name}`));
    for (const id of told) expect(kept.includes(Buffer.from(id, 'hex'))).toBe(false);
    expect(kept.includes(Buffer.from(repository.git('rev-parse', 'HEAD:b1.txt'), 'hex'))).toBe(true);
    expect(audit(repository, cache).fromCache).toBeLessThanOrEqual(blobs - told.length);
  });

  test('remembers no name that is a secret', () => {
    const repository = makeHistory(3);
    const cache = makeFolder('cache');
    const kinds = (): string[] => cacheFiles(cache).map((file) => path.extname(file));
    const first = audit(repository, cache);
    repository.git('gc', '-q');
    audit(repository, cache);
    expect(kinds()).toContain('.facts');
    repository.commit('named', { [`logs/${sureKey(77)}`]: 'x\n' });
    repository.git('branch', `of-${sureKey(78)}`);
    repository.git('gc', '-q');
    const [named, again] = [audit(repository, cache), audit(repository, cache)];
    const all = cacheFiles(cache).map((file) => readFileSync(file));
    for (const bytes of all) expect(bytes.includes('ghp_')).toBe(false);
    // Control: other names are there to be seen.
    expect(all.some((bytes) => bytes.includes('aws.txt'))).toBe(true);
    expect(kinds()).toContain('.facts');
    expect(named.report).not.toEqual(first.report);
    expect([again.report, again.code]).toEqual([named.report, 1]);
    expect(audit(repository, cache, '--no-cache').report).toEqual(named.report);
  });

  test('decides anew where rules, or the objects’ place, are others', () => {
    const repository = makeHistory(3);
    const cache = makeFolder('cache');
    audit(repository, cache);
    expect(audit(repository, cache, '--rules', 'messaging').fromCache).toBe(0);
    expect(audit(repository, cache, '--verify-objects').fromCache).toBe(0);
    const copy = path.join(makeFolder(), 'copy');
    repository.git('clone', '-q', `file://${repository.folder}`, copy);
    const elsewhere = unleak(['history', copy, '--format', 'json'], {
      cwd: repository.folder,
      environment: { XDG_CACHE_HOME: cache },
    });
    expect(auditOf(elsewhere.code, elsewhere.out).fromCache).toBe(0);
  });

  test('neither reads nor writes on a build server, nor with --no-cache', () => {
    const repository = makeHistory(4);
    const cache = makeFolder('cache');
    audit(repository, cache, '--no-cache');
    unleak(['history'], { cwd: repository.folder, environment: { XDG_CACHE_HOME: cache, CI: 'true' } });
    unleak(['history'], { cwd: repository.folder, environment: { XDG_CACHE_HOME: cache, GITHUB_ACTIONS: 'true' } });
    expect(cacheFiles(cache)).toEqual([]);
    audit(repository, cache);
    expect(cacheFiles(cache).map((file) => path.extname(file))).toEqual(['.clean']);
  });

  test('is not misled by a damaged file', () => {
    const repository = makeHistory(5);
    const cache = makeFolder('cache');
    repository.git('gc', '-q');
    const { report } = audit(repository, cache, '--no-cache');
    audit(repository, cache);
    const files = cacheFiles(cache).map((file) => ({ file, whole: readFileSync(file) }));
    const random = new Random(5);
    for (let round = 0; round < 6; round++) {
      for (const { file, whole } of files) writeFileSync(file, whole);
      const { file, whole } = files[round % files.length] ?? { file: '', whole: Buffer.alloc(0) };
      const damaged = Buffer.from(whole);
      damaged[random.next(damaged.length)]! ^= 1 << random.next(8);
      writeFileSync(file, round < 3 ? damaged : whole.subarray(0, random.next(whole.length)));
      expect(audit(repository, cache).report).toEqual(report);
    }
    for (const { file, whole } of files) writeFileSync(file, whole.subarray(0, random.next(whole.length)));
    const again = audit(repository, cache);
    expect({ report: again.report, fromCache: again.fromCache }).toEqual({ report, fromCache: 0 });
    expect(audit(repository, cache).fromCache).toBeGreaterThan(0);
  }, 60_000);

  test('is safe with others at the same time, and when it is killed', async () => {
    const repository = makeHistory(6);
    const cache = makeFolder('cache');
    repository.git('gc', '-q');
    const { report } = audit(repository, cache, '--no-cache');
    const environment = { XDG_CACHE_HOME: cache };
    const ended = Array.from({ length: 4 }, () => {
      const run = start(['history', '--format', 'json'], { cwd: repository.folder, environment });
      const pieces: Buffer[] = [];
      run.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
      return new Promise<Audit>((resolve) => {
        run.on('close', (code) => resolve(auditOf(code, Buffer.concat(pieces).toString('utf8'))));
      });
    });
    for (const one of await Promise.all(ended)) expect(one).toMatchObject({ code: 1, report });
    for (let delay = 150; delay < 700; delay += 100) {
      for (const file of cacheFiles(cache)) if (delay % 200 === 50) rmSync(file);
      const run = start(['history'], { cwd: repository.folder, environment });
      // It may be over before it is killed.
      const closed = new Promise((resolve) => run.on('close', resolve));
      await new Promise((resolve) => setTimeout(resolve, delay));
      run.kill('SIGKILL');
      await closed;
    }
    const after = audit(repository, cache);
    expect(after.report).toEqual(report);
    expect(audit(repository, cache).fromCache).toBeGreaterThan(0);
  }, 60_000);
});
