/**
 * Odd files and odd repositories: each gets its right result from the built
 * command, or a code with a way out. What makes a run incomplete is in
 * incomplete.test.ts, what is large in long-line.test.ts, names that attack in
 * hostile-names.test.ts, Ctrl-C in test/cli/outside.test.ts.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { FindingsReport, Occurrence } from '../../src/core/finding.ts';
import { sureKey } from '../helpers/key.ts';
import { PRODUCT, type Run, unleak } from '../helpers/product.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

const line = (seed: number): string => `token = "${sureKey(seed)}"\n`;

function reported(run: Run): FindingsReport {
  return JSON.parse(run.out) as FindingsReport;
}

/** Every place, by path and line. */
function places(run: Run): string[] {
  const all = reported(run).findings.flatMap(({ occurrences }) => occurrences);
  return all.map((one: Occurrence) => `${one.path}:${one.line}`).toSorted();
}

function json(command: string, cwd: string, ...more: readonly string[]): Run {
  return unleak([command, '--format', 'json', ...more], { cwd });
}

describe('odd files', () => {
  test('bytes that are no UTF-8 count as one column each, and never come out', () => {
    const folder = makeFolder();
    const odd = Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x20]);
    writeFileSync(path.join(folder, 'a.txt'), Buffer.concat([Buffer.from('x\n'), odd, Buffer.from(line(1))]));
    const run = json('scan', folder);
    expect(run.code).toBe(1);
    const [place] = reported(run).findings[0]?.occurrences ?? [];
    expect([place?.line, place?.column]).toEqual([2, odd.length + 'token = "'.length + 1]);
    const bytes = spawnSync(process.execPath, [PRODUCT, 'scan'], { cwd: folder, env: GIT_ENVIRONMENT }).stdout;
    expect(Buffer.from(bytes.toString('utf8'))).toEqual(bytes);
  });

  test('names that are no UTF-8, or have line breaks, are read and told on one line', () => {
    const folder = makeFolder();
    const raw = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff, 0x6f])]);
    writeFileSync(raw, line(1));
    writeFileSync(path.join(folder, 'two\nlines.txt'), line(2));
    expect(places(json('scan', folder))).toEqual(['f\uFFFDo:1', 'two\nlines.txt:1']);
    const told = unleak(['scan'], { cwd: folder }).out;
    expect(told).toMatch(/^ {2}two.{1,8}lines\.txt:1:10$/m);
    const staged = makeRepository();
    staged.stage({ 'two\nlines.txt': line(3) });
    writeFileSync(Buffer.concat([Buffer.from(`${staged.folder}/`), Buffer.from([0x66, 0xff])]), line(4));
    staged.git('add', '-A');
    expect(places(json('staged', staged.folder))).toEqual(['f\uFFFD:1', 'two\nlines.txt:1']);
  });

  test('links that go in circles are read as links, and nothing twice', () => {
    const folder = makeFolder();
    mkdirSync(path.join(folder, 'a/b'), { recursive: true });
    writeFileSync(path.join(folder, 'a/b/key.txt'), line(1));
    symlinkSync('..', path.join(folder, 'a/b/up'));
    symlinkSync('self', path.join(folder, 'self'));
    symlinkSync('ping', path.join(folder, 'pong'));
    symlinkSync('pong', path.join(folder, 'ping'));
    const run = json('scan', folder);
    expect([run.code, places(run), reported(run).coverage.complete]).toEqual([1, ['a/b/key.txt:1'], true]);
    expect(unleak(['scan', 'ping'], { cwd: folder }).err).toMatch(/error\[NO_SUCH_PATH\][^]*mend: /);
  });

  test('pipes and sockets are not opened; one that is named is a gap', async () => {
    const folder = makeFolder();
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path.join(folder, 'socket'), resolve));
    writeFileSync(path.join(folder, 'key.txt'), line(1));
    const run = json('scan', folder);
    const named = ['pipe', 'socket'].map((name) => unleak(['scan', name], { cwd: folder }));
    server.close();
    expect([run.code, places(run)]).toEqual([1, ['key.txt:1']]);
    expect(reported(run).coverage.skipped).toMatchObject([{ reason: 'not-a-regular-file', count: 2 }]);
    for (const { code, err } of named) expect([code, err]).toEqual([3, expect.stringContaining('FILE_UNREADABLE')]);
  });

  test('an empty folder and an empty file are clean', () => {
    const folder = makeFolder();
    expect(unleak(['scan'], { cwd: folder }).code).toBe(0);
    writeFileSync(path.join(folder, 'empty'), '');
    expect(unleak(['scan'], { cwd: folder }).code).toBe(0);
    expect(unleak(['scan', '-'], { cwd: folder, input: '' }).code).toBe(0);
  });
});

describe('odd repositories', () => {
  test('an empty one: nothing to find, and no error', () => {
    const { folder } = makeRepository();
    for (const command of ['scan', 'staged', 'history'])
      expect([command, unleak([command], { cwd: folder }).code]).toEqual([command, 0]);
    const bare = makeRepository({ bare: true });
    expect(unleak(['history'], { cwd: bare.folder }).code).toBe(0);
  });

  test('a bare one has a history, and nothing staged', () => {
    const bare = makeFolder();
    const from = makeRepository();
    from.commit('one', { 'a.txt': line(1) });
    from.git('clone', '-q', '--bare', from.folder, path.join(bare, 'x.git'));
    const folder = path.join(bare, 'x.git');
    expect(places(json('history', folder))).toEqual(['a.txt:1']);
    expect(places(json('history', bare, 'x.git'))).toEqual(['a.txt:1']);
    expect(unleak(['staged'], { cwd: folder }).code).toBe(0);
    const asFiles = unleak(['scan'], { cwd: folder });
    expect([asFiles.code, asFiles.err]).toEqual([3, expect.stringContaining('OBJECTS_NOT_READ')]);
  });

  test('one with SHA-256 ids', () => {
    const repository = makeRepository({ objectFormat: 'sha256' });
    const commit = repository.commit('one', { 'a.txt': line(1) });
    repository.commit('two', { 'a.txt': 'gone\n' });
    repository.git('repack', '-adq');
    repository.stage({ 'b.txt': line(2) });
    const finding = reported(json('history', repository.folder)).findings.find((one) => one.firstSeen !== null);
    expect([finding?.firstSeen?.commit, finding?.occurrences[0]?.path]).toEqual([commit, 'a.txt']);
    expect(commit).toHaveLength(64);
    expect(places(json('staged', repository.folder))).toEqual(['b.txt:1']);
    expect(places(json('commits', repository.folder, 'HEAD~1'))).toEqual(['a.txt:1']);
  });

  test('a linked work tree: `.git` is a file, the index its own', () => {
    const repository = makeRepository();
    repository.commit('one', { 'a.txt': line(1) });
    const folder = path.join(makeFolder(), 'linked');
    repository.git('worktree', 'add', '-q', folder);
    writeFileSync(path.join(folder, 'b.txt'), line(2));
    execFileSync('git', ['add', 'b.txt'], { cwd: folder, env: GIT_ENVIRONMENT });
    expect(places(json('staged', folder))).toEqual(['b.txt:1']);
    expect(unleak(['staged'], { cwd: repository.folder }).code).toBe(0);
    expect(places(json('scan', folder))).toEqual(['a.txt:1', 'b.txt:1']);
    expect(places(json('history', folder))).toEqual(['a.txt:1', 'b.txt:1']);
  });

  test('a submodule is a repository of its own; its parent says that it was not entered', () => {
    const inner = makeRepository();
    inner.commit('one', { 'inner.txt': line(1) });
    const outer = makeRepository();
    outer.commit('one', { 'outer.txt': line(2) });
    outer.git('submodule', 'add', '-q', inner.folder, 'sub');
    const folder = path.join(outer.folder, 'sub');
    expect(places(json('history', folder))).toEqual(['inner.txt:1']);
    expect(places(json('scan', folder))).toEqual(['inner.txt:1']);
    for (const command of ['scan', 'history']) expect(places(json(command, outer.folder))).toEqual(['outer.txt:1']);
    const { coverage } = reported(json('scan', outer.folder));
    expect(coverage.skipped).toMatchObject([{ reason: expect.stringContaining('sub'), examples: ['sub'] }]);
    expect(unleak(['staged'], { cwd: outer.folder }).code).toBe(0);
  });

  test('a `.git` file that makes no sense', () => {
    const folder = makeFolder();
    writeFileSync(path.join(folder, '.git'), 'nonsense\n');
    writeFileSync(path.join(folder, 'a.txt'), line(1));
    expect(places(json('scan', folder))).toContain('a.txt:1');
    for (const command of ['staged', 'history']) {
      const { code, err } = unleak([command], { cwd: folder });
      expect([code, err]).toEqual([2, expect.stringMatching(/error\[NOT_A_REPOSITORY\][^]*mend: /)]);
    }
  });

  test('what a replace ref or a graft hides is found', () => {
    const repository = makeRepository();
    repository.commit('one', { 'a.txt': line(1) });
    repository.commit('two', { 'a.txt': 'clean\n' });
    repository.git('replace', repository.id('HEAD~1:a.txt'), repository.id('HEAD:a.txt'));
    expect(repository.git('show', 'HEAD~1:a.txt').trim()).toBe('clean');
    mkdirSync(repository.inside('info'), { recursive: true });
    writeFileSync(repository.inside('info', 'grafts'), `${repository.id('HEAD')}\n`);
    expect(repository.git('rev-list', '--count', 'HEAD')).toBe('1');
    expect(places(json('history', repository.folder))).toEqual(['a.txt:1']);
  });
});

describe('a repository that belongs to somebody else', () => {
  /** Only root can give something away; for anybody else, what root owns would do, and cannot be made here. */
  const isRoot = process.geteuid?.() === 0;

  function foreign(): TestRepository {
    const repository = makeRepository();
    repository.commit('one', { 'a.txt': line(1) });
    repository.stage({ 'b.txt': line(2) });
    giveAway(repository.folder);
    return repository;
  }

  function giveAway(folder: string): void {
    if (isRoot) chownSync(folder, 65_534, 65_534);
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) giveAway(path.join(folder, entry.name));
  }

  test('is scanned all the same, by its path and from within', () => {
    const { folder } = foreign();
    const asked = spawnSync('git', ['status'], { cwd: folder, env: GIT_ENVIRONMENT });
    // Control: git itself refuses.
    expect(asked.status).toBe(isRoot ? 128 : 0);
    expect(places(json('history', makeFolder(), folder))).toEqual(['a.txt:1', 'b.txt:1']);
    expect(places(json('scan', folder))).toEqual(['a.txt:1', 'b.txt:1']);
    expect(places(json('staged', folder))).toEqual(['b.txt:1']);
  });
});

describe('rules of one’s own', () => {
  const rule = (pattern: string): string =>
    [
      'provider: own',
      'rules:',
      '  - id: own-key',
      '    title: Own key',
      '    severity: high',
      `    pattern: '${pattern}'`,
      '    literals: [own_]',
      '    impact: It opens something.',
      '    remediation: Change it.',
      '    references: [{ documented: https://own.test/ }]',
      "    examples: ['${secret=text:own_${alnum:32}}']",
      "    counterexamples: ['own_', 'own']",
      '',
    ].join('\n');

  test.each([
    ['(?<secret>own_(?:a+)+b)'],
    ['(?<secret>own_(?:a|a|aa){1,200}b)'],
    ['(?<secret>own_[a-z]{0,200}[a-z]{0,200}[a-z]{0,200}[a-z]{0,200}b)'],
  ])('that would explode is refused or stays quick: %s', (pattern) => {
    const folder = makeFolder();
    writeFileSync(path.join(folder, 'own.yaml'), rule(pattern));
    mkdirSync(path.join(folder, 'src'));
    writeFileSync(path.join(folder, 'src/a.txt'), `own_${'a'.repeat(30_000)}\n`.repeat(20));
    const done = spawnSync(process.execPath, [PRODUCT, 'scan', 'src', '--rules', 'own.yaml'], {
      cwd: folder,
      env: GIT_ENVIRONMENT,
      timeout: 60_000,
    });
    const [status, said] = [done.status, done.stderr.toString()];
    expect([0, 2]).toContain(status);
    expect(said).toMatch(status === 0 ? /no secrets found/ : /error\[RULE_PATTERN\][^]*mend: /);
  });

  test('with a typo: the file, the line and the word that was meant', () => {
    const folder = makeFolder();
    writeFileSync(path.join(folder, 'own.yaml'), rule('(?<secret>own_[a-z]{32})').replace('severity', 'severty'));
    const { code, err } = unleak(['scan', '--rules', 'own.yaml'], { cwd: folder });
    expect([code, err]).toEqual([2, expect.stringMatching(/error\[RULE_SHAPE\].*own\.yaml:5.*\n {2}mend: /)]);
    expect(err).toContain('severity');
  });
});

// Linux has a device that is always full.
test.runIf(existsSync('/dev/full'))('a report that cannot be written is an error, and findings are still 1', () => {
  const folder = makeFolder();
  const lost = (...args: string[]): { status: number | null; err: string } => {
    const full = openSync('/dev/full', 'w');
    const run = spawnSync(process.execPath, [PRODUCT, ...args], { cwd: folder, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    return { status: run.status, err: run.stderr.toString() };
  };
  expect(lost('scan', '--format', 'json')).toEqual({
    status: 2,
    err: expect.stringMatching(/error\[USAGE_OUTPUT\]: standard output cannot be written \(ENOSPC\)\n {2}mend: /),
  });
  writeFileSync(path.join(folder, 'a.txt'), line(1));
  expect(lost('scan', '--format', 'json')).toMatchObject({ status: 1, err: expect.stringContaining('ENOSPC') });
  // Nothing is written where there is nothing to say (control).
  expect(lost('scan', '--quiet', '--only', 'npm')).toEqual({ status: 0, err: '' });
});

test('a reader that takes one line and goes leaves the code as it was', () => {
  const folder = makeFolder();
  const many = Array.from({ length: 300 }, (_, index) => line(index)).join('');
  writeFileSync(path.join(folder, 'many.txt'), many);
  const script = `"${process.execPath}" "${PRODUCT}" scan | head -1; echo "code \${PIPESTATUS[0]}"`;
  const done = spawnSync('bash', ['-c', script], { cwd: folder, env: GIT_ENVIRONMENT });
  expect(done.stdout.toString().split('\n').slice(1)).toEqual(['code 1', '']);
  expect(done.stderr.toString()).toContain('✖ 300 secrets');
  expect(done.stderr.toString()).not.toMatch(/EPIPE|INTERNAL/);
});
