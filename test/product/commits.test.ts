/** `unleak commits`: what a range introduces, and who may let it pass. The built command on real repositories. */
import { rmSync } from 'node:fs';

import { beforeEach, describe, expect, test } from 'vitest';

import type { Finding, FindingsReport } from '../../src/core/finding.ts';
import { sureKey } from '../helpers/key.ts';
import { type Run, unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, TestRepository } from '../helpers/repository.ts';

const KEY = sureKey(1);
const OTHER = sureKey(2);
const line = (key: string): string => `token = "${key}"\n`;

let repository: TestRepository;

beforeEach(() => {
  repository = makeRepository();
  repository.commit('base', { a: 'one\n', 'src/app.py': 'print(1)\n' });
});

interface Judged extends Run {
  readonly report: FindingsReport;
  readonly findings: readonly Finding[];
}

function commits(range: string, ...args: readonly string[]): Judged {
  const run = unleak(['commits', range, '--format', 'json', ...args], { cwd: repository.folder });
  const report: FindingsReport = JSON.parse(run.out);
  return { ...run, report, findings: report.findings };
}

/** Path and commit of every occurrence, in order. */
function places({ findings }: Judged): (readonly [string | null, string | null])[] {
  return findings.flatMap(({ occurrences }) => occurrences.map(({ path, commit }) => [path, commit] as const));
}

describe('a range', () => {
  test('without anything new is clean, and says what it covered', () => {
    repository.commit('two', { a: 'two\n' });
    const { code, report } = commits('HEAD~1..HEAD');
    expect(code).toBe(0);
    expect(report.coverage).toMatchObject({ complete: true, source: 'commits', commits: 1, blobs: 1, files: 1 });
  });

  test('finds a key that a later commit removes, at the commit that added it', () => {
    const base = repository.id('HEAD');
    const ids = Array.from({ length: 75 }, (_, i) => {
      if (i === 2) return repository.commit('3', { 'conf.ini': line(KEY) });
      if (i === 4) return repository.commit('5', { 'conf.ini': 'token = env\n' });
      return repository.commit(`${i + 1}`, { [`f${i}`]: `${i}\n` });
    });
    const judged = commits(`${base}..HEAD`);
    expect(judged.code).toBe(1);
    expect(places(judged)).toEqual([['conf.ini', ids[2]]]);
    expect(judged.findings[0]?.occurrences[0]?.removedIn).toEqual([ids[4]]);
    expect(judged.findings[0]?.firstSeen?.commit).toBe(ids[2]);
    expect(judged.report.coverage.commits).toBe(75);
    // The control: the two ends alone tell nothing.
    expect(repository.git('diff', `${base}..HEAD`)).not.toContain(KEY);
  });

  test('leaves alone what a parent has at that path', () => {
    repository.commit('old', { 'conf.ini': line(KEY) });
    repository.commit('touched', { 'conf.ini': `# moved down\n${line(KEY)}` });
    expect(commits('HEAD~1..HEAD').code).toBe(0);
    expect(commits('HEAD~2..HEAD').code).toBe(1);
  });

  test('finds an old blob at a new path, and says that it moved', () => {
    repository.commit('old', { 'conf.ini': line(KEY) });
    repository.git('mv', 'conf.ini', 'renamed.ini');
    const moved = repository.commit('move');
    const judged = commits('HEAD~1..HEAD');
    expect(places(judged)).toEqual([['renamed.ini', moved]]);
    expect(judged.findings[0]?.occurrences[0]?.moved).toBe(true);
    const copied = repository.commit('copy', { 'copy.ini': line(KEY) });
    expect(places(commits('HEAD~1..HEAD'))).toEqual([['copy.ini', copied]]);
  });

  test('finds what only the resolution of a conflict brings', () => {
    repository.git('checkout', '-q', '-b', 'side');
    repository.commit('side', { a: 'side\n' });
    repository.git('checkout', '-q', 'main');
    const base = repository.commit('main', { a: 'main\n' });
    expect(() => repository.git('merge', '-q', 'side')).toThrow('merge');
    const merge = repository.commit('merge', { a: line(KEY) });
    expect(repository.git('rev-list', '--parents', '-1', merge).split(' ')).toHaveLength(3);
    expect(places(commits(`${base}..HEAD`))).toEqual([['a', merge]]);
  });

  test('judges an octopus merge by all of its parents', () => {
    for (const name of ['one', 'two', 'three']) {
      repository.git('checkout', '-q', '-b', name, 'main');
      repository.commit(name, { [name]: line(name === 'two' ? KEY : name) });
    }
    repository.git('checkout', '-q', 'main');
    repository.tick();
    repository.git('merge', '-q', '-m', 'octopus', 'one', 'two', 'three');
    const judged = commits('HEAD~1..HEAD');
    expect(repository.git('rev-list', '--parents', '-1', 'HEAD').split(' ')).toHaveLength(4);
    expect(places(judged)).toEqual([['two', repository.id('two')]]);
    expect(commits('HEAD').code).toBe(0);
  });

  test('reads first commits, messages, names of files and annotated tags', () => {
    const root = repository.git('rev-list', '--max-parents=0', 'HEAD');
    expect(commits(root).code).toBe(0);
    const message = repository.commit(`why ${KEY}`);
    expect(commits('HEAD').findings[0]?.occurrences[0]).toMatchObject({ kind: 'commit-message', commit: message });
    repository.commit('name', { [`dumps/${OTHER}.txt`]: 'x\n' });
    expect(commits('HEAD').findings[0]?.occurrences[0]).toMatchObject({ kind: 'path' });
    expect(commits('HEAD').out).not.toContain(OTHER);
    repository.commit('plain');
    repository.git('tag', '-a', 'v1', '-m', `release ${KEY}`);
    expect(commits('v1').findings[0]?.occurrences[0]).toMatchObject({ kind: 'tag-message' });
    expect(commits('HEAD').code).toBe(0);
    repository.git('checkout', '-q', '--orphan', 'orphan');
    repository.git('rm', '-rfq', '.');
    const orphan = repository.commit('orphan', { 'o.txt': line(KEY) });
    expect(places(commits('orphan'))).toEqual([['o.txt', orphan]]);
  });

  test('counts from the merge base with three dots, and without what the other side has', () => {
    repository.git('checkout', '-q', '-b', 'side');
    const side = repository.commit('side', { s: line(KEY) });
    repository.git('checkout', '-q', 'main');
    repository.commit('main', { m: line(OTHER) });
    expect(places(commits('main...side'))).toEqual([['s', side]]);
    expect(places(commits('main..side'))).toEqual([['s', side]]);
    expect(commits('side..side').report.coverage.commits).toBe(0);
  });

  test.each([
    ['nowhere..HEAD', 2, 'RANGE_UNKNOWN_COMMIT'],
    ['HEAD..nowhere', 2, 'RANGE_UNKNOWN_COMMIT'],
    ['0000000000000000000000000000000000000000..HEAD', 2, 'RANGE_UNKNOWN_COMMIT'],
    ['HEAD:a', 2, 'RANGE_UNKNOWN_COMMIT'],
    ['--all', 2, 'USAGE_ARGUMENTS'],
    ['^HEAD', 2, 'RANGE_INVALID'],
    ['a..b..c', 2, 'RANGE_INVALID'],
    ['HEAD....HEAD', 2, 'RANGE_INVALID'],
    ['HEAD...other', 2, 'RANGE_NO_MERGE_BASE'],
  ])('%s is refused', (range, code, problem) => {
    repository.git('checkout', '-q', '--orphan', 'other');
    repository.commit('orphan', { o: 'o\n' });
    repository.git('checkout', '-q', 'main');
    const run = unleak(['commits', range], { cwd: repository.folder });
    expect(run.code).toBe(code);
    expect(run.err).toContain(problem);
  });

  test('beyond a shallow boundary is never clean', () => {
    for (let i = 0; i < 4; i++) repository.commit(`${i}`, { [`f${i}`]: `${i}\n` });
    const folder = makeFolder('shallow');
    repository.git('clone', '-q', '--depth', '2', `file://${repository.folder}`, folder);
    const original = repository;
    repository = new TestRepository(folder);
    const inside = commits('HEAD~1..HEAD');
    expect([inside.code, inside.report.coverage.complete]).toEqual([0, true]);
    const cut = commits('HEAD~1');
    expect(cut.code).toBe(3);
    expect(cut.report.coverage.problems[0]?.code).toBe('GIT_SHALLOW');
    expect(unleak(['commits', `${original.id('HEAD~3')}..HEAD`], { cwd: folder }).code).toBe(2);
  });

  test('with an object gone is never clean', () => {
    repository.commit('two', { a: 'two\n' });
    const blob = repository.id('HEAD:a');
    rmSync(repository.inside('objects', blob.slice(0, 2), blob.slice(2)));
    const judged = commits('HEAD');
    expect(judged.code).toBe(3);
    expect(judged.report.coverage.problems[0]?.code).toBe('GIT_OBJECT_MISSING');
  });
});

describe('what the range brings along does not let its own findings pass', () => {
  const CONFIG = '.unleak.toml';

  /** The id that suppressions name. */
  const idOf = (key: string): string => {
    const folder = makeFolder('plain');
    const scratch = new TestRepository(folder);
    scratch.write('x', line(key));
    const run = unleak(['scan', '--format', 'json'], { cwd: folder });
    const report: FindingsReport = JSON.parse(run.out);
    return report.findings[0]?.fingerprint ?? '';
  };

  const WAYS: readonly (readonly [what: string, by: string, files: () => Record<string, string>])[] = [
    ['an inline comment', 'comment', () => ({ 'conf.ini': `token = "${KEY}" # unleak:allow\n` })],
    ['a suppression', 'ignore-file', () => ({ '.unleak-allow': `${idOf(KEY)} reason=a sample\n` })],
    ['a disabled rule', 'config', () => ({ [CONFIG]: '[rules]\ndisable = ["github"]\n' })],
    ['an ignored path', 'config', () => ({ [CONFIG]: '[paths]\nignore = ["conf.ini"]\n' })],
    ['a .gitleaksignore line', 'ignore-file', () => ({ '.gitleaksignore': 'conf.ini:github-pat-classic:1\n' })],
    ['a baseline entry', 'baseline', () => ({ '.unleak-baseline': `${idOf(KEY)}\n` })],
    [
      'an allow entry of the configuration',
      'config',
      () => ({ [CONFIG]: '[[allow]]\nreason = "sample"\npaths = ["conf.ini"]\n' }),
    ],
  ];

  test.each(WAYS)('%s: red with the key, green once it is on the base', (_, by, files) => {
    const base = repository.id('HEAD');
    repository.commit('key and excuse', { 'conf.ini': line(KEY), ...files() });
    const red = commits(`${base}..HEAD`);
    expect(red.code).toBe(1);
    expect(red.findings).toHaveLength(1);
    expect(red.findings[0]).toMatchObject({ suppressed: null, pending: { by } });
    expect(red.findings[0]?.pending?.reason).not.toBe('');

    repository.git('checkout', '-q', '-B', 'other', base);
    const excuse = repository.commit('excuse', files());
    repository.commit('key', { 'conf.ini': `${files()['conf.ini'] ?? line(KEY)}\n`, 'more.txt': 'x\n' });
    const green = commits(`${excuse}..HEAD`);
    expect(green.report.coverage.commits).toBe(1);
    expect(green.code).toBe(0);
    expect(green.findings.every(({ suppressed, pending }) => suppressed !== null && pending === undefined)).toBe(true);
  });

  test('an inline comment that the base has goes along when its line moves', () => {
    const allowed = `token = "${KEY}" # unleak:allow\n`;
    repository.commit('sample', { 'sample.ini': allowed });
    repository.git('mv', 'sample.ini', 'moved.ini');
    repository.commit('move', { 'moved.ini': `# moved\n${allowed}` });
    const moved = commits('HEAD');
    expect(moved.code).toBe(0);
    expect(moved.findings[0]).toMatchObject({ suppressed: { by: 'comment' }, occurrences: [{ moved: true }] });
    repository.commit('copy', { 'copy.ini': allowed });
    expect(commits('HEAD').findings[0]).toMatchObject({ suppressed: null, pending: { by: 'comment' } });
  });

  test('a configuration that the range breaks does not break the run', () => {
    repository.commit('broken', { [CONFIG]: 'not toml at all', 'conf.ini': line(KEY) });
    const judged = commits('HEAD');
    expect(judged.code).toBe(1);
    expect(judged.findings[0]?.pending).toBeUndefined();
    const base = repository.id('HEAD');
    repository.commit('on it', { b: 'b\n' });
    expect(unleak(['commits', `${base}..HEAD`], { cwd: repository.folder }).code).toBe(2);
  });

  test('rule files, baselines and configurations named on the command line are the base’s, where they are the project’s', () => {
    const base = repository.id('HEAD');
    const baseline = `${idOf(KEY)}\n`;
    repository.commit('key', { 'conf.ini': line(KEY), 'known.txt': baseline });
    const brought = unleak(['commits', `${base}..HEAD`, '--baseline', 'known.txt'], { cwd: repository.folder });
    expect([brought.code, brought.err]).toEqual([2, expect.stringContaining('on the base of the range')]);
    const outside = makeFolder('outside');
    new TestRepository(outside).write('known.txt', baseline);
    expect(commits(`${base}..HEAD`, '--baseline', `${outside}/known.txt`).code).toBe(0);
    repository.write('untracked.txt', baseline);
    expect(commits(`${base}..HEAD`, '--baseline', 'untracked.txt').code).toBe(0);
    expect(commits(`${base}..HEAD`, '--config-from', 'HEAD', '--baseline', 'known.txt').code).toBe(0);
  });
});
