/** Real pushes between repositories on disk, with the installed hooks and the built command. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeEach, describe, expect, test } from 'vitest';

import { doubtfulLine, sureKey } from '../helpers/key.ts';
import { unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

const KEY = sureKey(1);
const OTHER_KEY = sureKey(2);
const line = (key: string): string => `token = "${key}"\n`;

interface Attempt {
  readonly code: number | null;
  readonly said: string;
}

let repository: TestRepository;
let remote: TestRepository;

function git(args: readonly string[], cwd = repository.folder): Attempt {
  const environment = { ...repository.environment, GIT_TERMINAL_PROMPT: '0' };
  const done = spawnSync('git', ['-c', 'protocol.file.allow=always', ...args], { cwd, env: environment });
  return { code: done.status, said: `${done.stdout.toString()}${done.stderr.toString()}` };
}

const push = (...args: readonly string[]): Attempt => git(['push', ...args]);

/** What a ref of the remote names; null for nothing. */
function there(ref: string): string | null {
  const { code, said } = git(['rev-parse', '--verify', '-q', ref], remote.folder);
  return code === 0 ? said.trim() : null;
}

function install(where: TestRepository, ...hooks: readonly string[]): void {
  expect(unleak(['hook', 'install', ...hooks], { cwd: where.folder }).code).toBe(0);
}

function expectStopped({ code, said }: Attempt, how = 'push stopped'): void {
  expect(said).toContain(how);
  expect(said).not.toContain(KEY);
  expect(code).not.toBe(0);
}

beforeEach(() => {
  remote = makeRepository({ bare: true });
  repository = makeRepository();
  repository.commit('base', { a: 'one\n' });
  repository.git('remote', 'add', 'origin', `file://${remote.folder}`);
  repository.git('push', '-q', 'origin', 'main');
});

describe('pre-push', () => {
  beforeEach(() => {
    install(repository, 'pre-push');
  });

  test('lets a push through that brings nothing suspect, and says nothing', () => {
    const id = repository.commit('two', { a: 'two\n' });
    expect(push('-q', 'origin', 'main')).toEqual({ code: 0, said: '' });
    expect(there('main')).toBe(id);
    expect(push('-q', 'origin', 'main')).toEqual({ code: 0, said: '' });
  });

  test('stops a key, also one that a later commit removed, and says how to get it out', () => {
    const before = there('main');
    const bad = repository.commit('key', { 'conf.ini': line(KEY) });
    const fix = repository.commit('gone', { 'conf.ini': 'token = env\n' });
    const stopped = push('-q', 'origin', 'main');
    expectStopped(stopped);
    expect(stopped.said).toContain('conf.ini:1:10');
    expect(stopped.said).toContain(`git rebase -i ${bad.slice(0, 10)}~1`);
    expect(stopped.said).toContain(fix.slice(0, 10));
    const finding = stopped.said.slice(stopped.said.indexOf('  conf.ini'), stopped.said.indexOf('error: failed'));
    expect(finding.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
    expect(there('main')).toBe(before);
    repository.git('reset', '-q', '--hard', 'origin/main');
    repository.commit('clean', { 'conf.ini': 'token = env\n' });
    expect(push('-q', 'origin', 'main').code).toBe(0);
  });

  test('--no-verify is the way past it, and what the remote has is then old', () => {
    repository.commit('key', { 'conf.ini': line(KEY) });
    expectStopped(push('origin', 'main'));
    expect(push('-q', '--no-verify', 'origin', 'main').code).toBe(0);
    repository.commit('more', { 'conf.ini': `# moved\n${line(KEY)}` });
    expect(push('-q', 'origin', 'main').code).toBe(0);
    repository.commit('other', { 'other.ini': line(OTHER_KEY) });
    expectStopped(push('-q', 'origin', 'main'));
  });

  test('judges new branches, forced ones, tags and several refs at once; lets deletions pass', () => {
    repository.git('checkout', '-q', '-b', 'topic');
    repository.commit('key', { 'conf.ini': line(KEY) });
    expectStopped(push('origin', 'topic'));
    expectStopped(push('origin', 'main', 'topic'));
    expectStopped(push('--force', 'origin', 'topic:main'));
    expectStopped(push('origin', 'HEAD:refs/odd/place'));
    repository.git('checkout', '-q', 'main');
    repository.git('tag', '-a', 'v1', '-m', `release ${OTHER_KEY}`);
    expectStopped(push('origin', 'v1'));
    expectStopped(push('--mirror', 'origin'));
    repository.git('tag', '-f', 'light', 'topic');
    expectStopped(push('origin', 'light'));
    expect(push('-q', 'origin', 'main:other').code).toBe(0);
    expect(push('-q', 'origin', ':other')).toEqual({ code: 0, said: '' });
    expect(there('other')).toBeNull();
  });

  test('judges tags of tags, and refs that name a tree or a blob', () => {
    const blob = repository.store('blob', line(KEY));
    const tree = repository.git('commit-tree', repository.id('HEAD^{tree}'), '-m', 'x');
    repository.git('tag', '-a', 'inner', '-m', 'inner', blob);
    repository.git('tag', '-a', 'outer', '-m', 'outer', 'inner');
    expectStopped(push('origin', 'outer'));
    repository.git('update-ref', 'refs/odd/blob', blob);
    expectStopped(push('origin', 'refs/odd/blob'));
    repository.stage({ 'deep/er/key.ini': line(KEY) });
    repository.git('update-ref', 'refs/odd/tree', repository.git('write-tree'));
    const stopped = push('origin', 'refs/odd/tree');
    expectStopped(stopped);
    expect(stopped.said).toContain('deep/er/key.ini:1:10');
    expect(push('-q', 'origin', `${tree}:refs/odd/clean`).code).toBe(0);
  });

  test('knows what a remote has by its name and by its address', () => {
    repository.commit('key', { 'conf.ini': line(KEY) });
    push('-q', '--no-verify', 'origin', 'main');
    repository.git('checkout', '-q', '-b', 'next');
    repository.commit('next', { b: 'b\n' });
    expect(push('-q', 'origin', 'next').code).toBe(0);
    repository.commit('again', { b: 'bb\n' });
    expect(push('-q', `file://${remote.folder}`, 'next:byaddress').code).toBe(0);
    const stranger = makeRepository({ bare: true });
    expectStopped(push(`file://${stranger.folder}`, 'next'));
  });

  test('warns of doubtful ones, and obeys the work tree’s suppressions', () => {
    repository.commit('doubt', { 'src/a.js': doubtfulLine(3) });
    const warned = push('-q', 'origin', 'main');
    expect(warned).toMatchObject({ code: 0, said: expect.stringContaining('look twice') });
    repository.commit('key', { 'conf.ini': `token = "${KEY}" # unleak:allow\n` });
    expect(push('-q', 'origin', 'main')).toEqual({ code: 0, said: '' });
  });

  test('tells a hook that was there before the same refs', () => {
    expect(unleak(['hook', 'remove', 'pre-push'], { cwd: repository.folder }).code).toBe(0);
    const file = repository.inside('hooks', 'pre-push');
    const log = path.join(makeFolder('log'), 'log');
    writeFileSync(file, `#!/bin/sh\necho "$1" >>'${log}'\nexec cat >>'${log}'\n`);
    chmodSync(file, 0o755);
    install(repository, 'pre-push');
    const id = repository.commit('key', { 'conf.ini': line(KEY) });
    expectStopped(push('origin', 'main'));
    expect(readFileSync(log, 'utf8')).toBe(`origin\nrefs/heads/main ${id} refs/heads/main ${there('main')}\n`);
    expect(push('-q', 'origin', 'main~1:main').code).toBe(0);
    expect(readFileSync(log, 'utf8').endsWith('origin\n')).toBe(true);
  });

  test('stops a push when the command is gone', () => {
    const file = repository.inside('hooks', 'pre-push');
    const gone = readFileSync(file, 'utf8').replaceAll('unleak.cjs', 'gone.cjs');
    writeFileSync(file, gone);
    repository.commit('two', { a: 'two\n' });
    const stopped = push('-q', 'origin', 'main');
    expect(stopped.said).toContain('this push is not checked for secrets');
    expect(stopped.code).not.toBe(0);
  });

  test('in husky’s file comes before lines that read standard input', () => {
    const own = '#!/bin/sh\nwhile read -r ref rest; do echo "saw $ref"; done\n';
    repository.write('.husky/_/h', '');
    repository.write('.husky/_/pre-push', '#!/bin/sh\nexec sh -e .husky/pre-push "$@"\n');
    chmodSync(path.join(repository.folder, '.husky/_/pre-push'), 0o755);
    repository.write('.husky/pre-push', own);
    repository.git('config', 'core.hooksPath', '.husky/_');
    install(repository, 'pre-push');
    repository.commit('two', { a: 'two\n' });
    expect(push('-q', 'origin', 'main')).toMatchObject({
      code: 0,
      said: expect.stringContaining('saw refs/heads/main'),
    });
    repository.commit('key', { 'conf.ini': line(KEY) });
    expectStopped(push('origin', 'main'));
    expect(unleak(['hook', 'status'], { cwd: repository.folder }).out).toContain('pre-push: ok');
    expect(unleak(['hook', 'remove', 'pre-push'], { cwd: repository.folder }).code).toBe(0);
    expect(readFileSync(path.join(repository.folder, '.husky/pre-push'), 'utf8')).toBe(own);
  });

  test('by the pre-commit framework is told one ref, in variables', () => {
    const bad = repository.commit('key', { 'conf.ini': line(KEY) });
    const framework = {
      PRE_COMMIT: '1',
      PRE_COMMIT_REMOTE_NAME: 'origin',
      PRE_COMMIT_LOCAL_BRANCH: 'refs/heads/main',
      PRE_COMMIT_REMOTE_BRANCH: 'refs/heads/main',
    };
    const run = (environment: Record<string, string>): number | null =>
      unleak(['hook', 'run', 'pre-push'], { cwd: repository.folder, environment }).code;
    expect(run(framework)).toBe(1);
    expect(run({ ...framework, PRE_COMMIT_FROM_REF: repository.id('HEAD~1'), PRE_COMMIT_TO_REF: bad })).toBe(1);
    expect(run({ ...framework, PRE_COMMIT_FROM_REF: bad, PRE_COMMIT_TO_REF: bad })).toBe(0);
    expect(run({ ...framework, PRE_COMMIT_LOCAL_BRANCH: 'refs/heads/main~1' })).toBe(0);
  });
});

describe('pre-receive', () => {
  beforeEach(() => {
    install(remote);
    // Whoever runs the tests may do other things at once.
    remote.git('config', 'unleak.timeLimit', '60');
  });

  /** Every object that the server stores. */
  const stored = (): string => remote.git('cat-file', '--batch-all-objects', '--batch-check');

  test('is what a bare repository gets, and says so', () => {
    expect(existsSync(path.join(remote.folder, 'hooks', 'pre-receive'))).toBe(true);
    expect(unleak(['hook', 'status'], { cwd: remote.folder })).toMatchObject({
      code: 0,
      out: expect.stringContaining('pre-receive: ok'),
    });
  });

  test('takes a clean push, and refuses a key without keeping anything of it', () => {
    repository.commit('two', { a: 'two\n' });
    expect(push('-q', 'origin', 'main').code).toBe(0);
    const before = stored();
    repository.commit('key', { 'conf.ini': line(KEY) });
    repository.commit('gone', { 'conf.ini': 'token = env\n' });
    const refused = push('origin', 'main');
    expectStopped(refused, 'push refused');
    expect(refused.said).toContain('remote:   conf.ini:1:10');
    expect(refused.said).toContain('pre-receive hook declined');
    expect(stored()).toBe(before);
    expect(before).not.toContain(repository.id('HEAD~1:conf.ini'));
  });

  test('judges first pushes, tags, forced pushes and many refs; lets deletions pass', () => {
    const empty = makeRepository({ bare: true });
    install(empty);
    empty.git('config', 'unleak.timeLimit', '60');
    expect(push('-q', `file://${empty.folder}`, 'main').code).toBe(0);
    for (let i = 0; i < 30; i++) repository.git('branch', `b${i}`);
    repository.git('checkout', '-q', 'b17');
    repository.commit('key', { 'conf.ini': line(KEY) });
    expectStopped(push('--all', 'origin'), 'push refused');
    expect(there('b3')).toBeNull();
    expectStopped(push('--force', 'origin', 'b17:main'), 'push refused');
    repository.git('tag', '-a', 'v1', '-m', `release ${OTHER_KEY}`, 'main');
    expectStopped(push('origin', 'v1'), 'push refused');
    repository.git('checkout', '-q', 'b16');
    repository.git('branch', '-f', 'b17', 'b16');
    expect(push('-q', '--all', 'origin').code).toBe(0);
    expect(push('-q', 'origin', ':b3').code).toBe(0);
    expect(there('b3')).toBeNull();
  });

  test('finds what no commit of the push leads to', () => {
    const blob = repository.store('blob', line(KEY));
    const id = repository.commit('clean', { b: 'b\n' });
    const pack = repository.gitBytes(
      ['pack-objects', '--stdout', '-q'],
      `${id}\n${repository.id('HEAD^{tree}')}\n${repository.id('HEAD:b')}\n${blob}\n`,
    );
    const old = there('main') ?? '';
    const command = `${old} ${id} refs/heads/main\0 report-status\n`;
    const framed = `${(command.length + 4).toString(16).padStart(4, '0')}${command}0000`;
    const done = spawnSync('git', ['receive-pack', remote.folder], {
      env: repository.environment,
      input: Buffer.concat([Buffer.from(framed, 'latin1'), pack]),
    });
    expect(`${done.stdout.toString('latin1')}${done.stderr.toString()}`).toContain('push refused');
    expect(there('main')).toBe(old);
    expect(stored()).not.toContain(blob);
  });

  test('is not confused by copies of what a thin pack builds on', () => {
    const text = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join('');
    repository.commit('old key', { 'big.txt': text + line(KEY) });
    const hook = path.join(remote.folder, 'hooks', 'pre-receive');
    chmodSync(hook, 0o644);
    expect(push('-q', 'origin', 'main').code).toBe(0);
    chmodSync(hook, 0o755);
    remote.git('config', 'receive.unpackLimit', '1');
    repository.commit('changed', { 'big.txt': `${text}the key is gone\n` });
    repository.git('repack', '-q', '-a', '-d');
    expect(push('-q', 'origin', 'main').code).toBe(0);
  });

  test('obeys the default branch, not what is pushed', () => {
    repository.git('checkout', '-q', '-b', 'topic');
    repository.commit('key', { 'conf.ini': line(KEY), '.unleak.toml': '[paths]\nignore = ["conf.ini"]\n' });
    const refused = push('origin', 'topic');
    expectStopped(refused, 'push refused');
    expect(refused.said).toContain('counts once it is on the default branch');
    repository.git('checkout', '-q', 'main');
    repository.commit('allow', { '.unleak.toml': '[paths]\nignore = ["conf.ini"]\n' });
    expect(push('-q', 'origin', 'main').code).toBe(0);
    expect(push('-q', 'origin', 'topic').code).toBe(0);
  });

  test('has four seconds unless told otherwise, and fails closed unless told otherwise', () => {
    repository.commit('key', { 'conf.ini': line(KEY) });
    remote.git('config', 'unleak.timeLimit', '0.001');
    const late = push('origin', 'main');
    expect(late.said).toContain('HOOK_OUT_OF_TIME');
    expect(late.code).not.toBe(0);
    remote.git('config', 'unleak.onTimeout', 'alow');
    expect(push('origin', 'main').said).toContain('USAGE_HOOK');
    remote.git('config', 'unleak.onTimeout', 'allow');
    expect(push('origin', 'main')).toMatchObject({ code: 0, said: expect.stringContaining('NOT checked') });
  });

  test('takes a push of ten thousand objects', () => {
    const files = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`d${i % 100}/f${i}`, `text ${i}\n`]));
    mkdirSync(path.join(repository.folder, 'd0'), { recursive: true });
    for (const [file, content] of Object.entries(files)) repository.write(file, content);
    repository.git('add', '.');
    const id = repository.commit('many');
    expect(push('-q', 'origin', 'main').code).toBe(0);
    expect(there('main')).toBe(id);
  });

  test('reads commits that no git would write', () => {
    const tree = repository.id('HEAD^{tree}');
    const odd = repository.store('commit', `tree ${tree}\nparent ${repository.id('HEAD')}\nx-note ${KEY}\n\nodd\n`);
    expectStopped(push('origin', `${odd}:refs/heads/odd`), 'push refused');
    const names = repository.gitBytes(
      ['mktree', '-z'],
      `100644 blob ${repository.id('HEAD:a')}\t\u001b[2J-${KEY}\n::error::x\0`,
    );
    const hostile = repository.git('commit-tree', names.toString().trim(), '-m', 'names');
    const refused = push('origin', `${hostile}:refs/heads/names`);
    expectStopped(refused, 'push refused');
    expect(refused.said).not.toContain('\u001b[2J');
    expect(there('names')).toBeNull();
  });

  test('refuses also where nobody listens any more', () => {
    repository.commit('key', { 'conf.ini': line(KEY) });
    const hook = path.join(remote.folder, 'hooks', 'pre-receive');
    const called = `${hook}.called`;
    const code = path.join(makeFolder('code'), 'code');
    writeFileSync(called, readFileSync(hook));
    chmodSync(called, 0o755);
    writeFileSync(hook, `#!/bin/sh\n{ '${called}'; echo $? >'${code}'; } 2>&1 | true\nexit "$(cat '${code}')"\n`);
    expect(push('-q', 'origin', 'main').code).not.toBe(0);
    expect(readFileSync(code, 'utf8')).toBe('1\n');
    expect(there('main')).toBe(repository.id('HEAD~1'));
  });
});
