/** The installed hook, the built command and real commits: what is recorded is what was judged. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** Runs git, which runs the hook; `typed` goes to its standard input. */
function attempt(args: readonly string[], typed = '', cwd = repository.folder): Attempt {
  const done = spawnSync('git', args, { cwd, env: repository.environment, input: typed });
  return { code: done.status, said: `${done.stdout.toString()}${done.stderr.toString()}` };
}

/** The commit was stopped because of the key, and nothing was recorded. */
function expectBlocked({ code, said }: Attempt, head: string, cwd = repository.folder): void {
  expect(said).toContain('commit stopped');
  // What comes before may be git's own, such as the hunks of `commit -p`.
  expect(said.slice(said.indexOf('commit stopped'))).not.toContain(KEY);
  expect(code).toBe(1);
  expect(spawnSync('git', ['rev-parse', 'HEAD'], { cwd, env: repository.environment }).stdout.toString().trim()).toBe(
    head,
  );
}

beforeEach(() => {
  repository = makeRepository();
  repository.commit('base', { a: 'one\n', b: 'one\n' });
  unleak(['hook', 'install'], { cwd: repository.folder });
});

describe('git commit', () => {
  test('of nothing suspect goes through, and says nothing', () => {
    repository.stage({ a: 'two\n' });
    expect(attempt(['commit', '-qm', 'two'])).toEqual({ code: 0, said: '' });
  });

  test('of a key is stopped, wherever it stands', () => {
    const head = repository.id('HEAD');
    repository.stage({ 'deep/er/config.yml': line(KEY) });
    const stopped = attempt(['commit', '-qm', 'key']);
    expectBlocked(stopped, head);
    expect(stopped.said).toContain('deep/er/config.yml:1:10');
    expect(stopped.said).toContain('--reason');
  });

  test('--no-verify is the way past it, and the key is then old', () => {
    repository.stage({ a: line(KEY) });
    expect(attempt(['commit', '-qm', 'key', '--no-verify']).code).toBe(0);
    repository.stage({ a: `# moved down\n${line(KEY)}` });
    expect(attempt(['commit', '-qm', 'comment'])).toEqual({ code: 0, said: '' });
    const head = repository.id('HEAD');
    repository.stage({ a: line(KEY) + line(OTHER_KEY) });
    expectBlocked(attempt(['commit', '-qm', 'another']), head);
  });

  test('of the index does not look at the work tree', () => {
    repository.stage({ a: 'staged\n' });
    repository.write('a', line(KEY));
    expect(attempt(['commit', '-qm', 'clean'])).toMatchObject({ code: 0 });
    const head = repository.id('HEAD');
    repository.git('add', 'a');
    repository.write('a', 'edited away\n');
    expectBlocked(attempt(['commit', '-qm', 'key']), head);
  });

  test('-a takes what is not staged yet', () => {
    const head = repository.id('HEAD');
    repository.write('a', line(KEY));
    expectBlocked(attempt(['commit', '-qam', 'key']), head);
  });

  test('PATH judges that path alone', () => {
    const head = repository.id('HEAD');
    repository.stage({ a: line(KEY) });
    repository.write('b', 'two\n');
    expect(attempt(['commit', '-qm', 'only b', '--', 'b'])).toEqual({ code: 0, said: '' });
    expect(repository.id('HEAD')).not.toBe(head);
    expect(repository.git('show', 'HEAD:a')).toBe('one');
    expectBlocked(attempt(['commit', '-qm', 'only a', '--', 'a']), repository.id('HEAD'));
  });

  test('-p judges the hunks that were chosen', () => {
    const middle = Array.from({ length: 20 }, (_, i) => `${i}\n`).join('');
    repository.commit('long', { a: `top\n${middle}end\n` });
    const head = repository.id('HEAD');
    repository.write('a', `${line(KEY)}${middle}new end\n`);
    expect(attempt(['commit', '-qp', '-m', 'end only'], 'n\ny\n').code).toBe(0);
    expect(repository.git('show', 'HEAD:a')).toBe(`top\n${middle}new end`);
    expect(repository.id('HEAD')).not.toBe(head);
    expectBlocked(attempt(['commit', '-qp', '-m', 'top too'], 'y\n'), repository.id('HEAD'));
  });

  test('--amend judges what it adds to the commit that it replaces', () => {
    const head = repository.id('HEAD');
    repository.stage({ a: line(KEY) });
    expectBlocked(attempt(['commit', '-q', '--amend', '--no-edit']), head);
    repository.stage({ a: 'one\n', b: 'two\n' });
    expect(attempt(['commit', '-q', '--amend', '--no-edit'])).toEqual({ code: 0, said: '' });
  });

  test('of the first commit judges everything', () => {
    repository = makeRepository();
    unleak(['hook', 'install'], { cwd: repository.folder });
    repository.stage({ a: line(KEY) });
    const { code, said } = attempt(['commit', '-qm', 'first']);
    expect([code, said]).toEqual([1, expect.stringContaining('commit stopped')]);
    repository.stage({ a: 'clean\n' });
    expect(attempt(['commit', '-qm', 'first'])).toEqual({ code: 0, said: '' });
  });

  test('of something doubtful goes on with a warning', () => {
    repository.stage({ 'a.js': doubtfulLine(3) });
    const { code, said } = attempt(['commit', '-qm', 'doubt']);
    expect([code, said]).toEqual([0, expect.stringContaining('look twice')]);
  });

  test('from a folder below the top', () => {
    mkdirSync(path.join(repository.folder, 'deep'));
    repository.stage({ a: line(KEY) });
    expectBlocked(attempt(['commit', '-qm', 'key'], '', path.join(repository.folder, 'deep')), repository.id('HEAD'));
  });

  test('in a linked work tree', () => {
    const linked = path.join(makeFolder(), 'linked');
    repository.git('worktree', 'add', '-q', '-b', 'linked', linked);
    writeFileSync(path.join(linked, 'a'), line(KEY));
    expectBlocked(attempt(['commit', '-qam', 'key'], '', linked), repository.id('HEAD'), linked);
    writeFileSync(path.join(linked, 'a'), 'two\n');
    expect(attempt(['commit', '-qam', 'clean'], '', linked)).toEqual({ code: 0, said: '' });
  });
});

describe('git merge and rebase', () => {
  /** A branch `other` that holds the key already, and `main` in conflict with it. */
  function conflict(): void {
    repository.git('checkout', '-q', '-b', 'other');
    repository.commit('theirs', { a: 'theirs\n', theirs: line(KEY) }, '--no-verify');
    repository.git('checkout', '-q', 'main');
    repository.commit('ours', { a: 'ours\n' });
    expect(attempt(['merge', '-q', 'other']).code).toBe(1);
  }

  test('a merge is not stopped for what the other side has', () => {
    conflict();
    repository.stage({ a: 'both\n' });
    expect(attempt(['commit', '-qm', 'merge'])).toEqual({ code: 0, said: '' });
    expect(repository.git('show', 'HEAD:theirs')).toBe(line(KEY).trim());
  });

  test('a key that the resolution brings in stops it', () => {
    conflict();
    const head = repository.id('HEAD');
    repository.stage({ a: line(OTHER_KEY) });
    expectBlocked(attempt(['commit', '-qm', 'merge']), head);
  });

  test('a key of the other side at a new path stops it', () => {
    conflict();
    const head = repository.id('HEAD');
    repository.stage({ a: 'both\n', copied: line(KEY) });
    expectBlocked(attempt(['commit', '-qm', 'merge']), head);
  });

  test('a commit that a rebase stopped for is judged against the new base', () => {
    repository.git('checkout', '-q', '-b', 'topic');
    repository.commit('topic', { a: 'topic\n' });
    repository.git('checkout', '-q', 'main');
    repository.commit('main', { a: 'main\n' });
    repository.git('checkout', '-q', 'topic');
    expect(attempt(['rebase', '-q', 'main']).code).toBe(1);
    repository.stage({ a: line(KEY) });
    expectBlocked(attempt(['commit', '-qm', 'topic']), repository.id('main'));
    repository.stage({ a: 'both\n' });
    expect(attempt(['commit', '-qm', 'topic'])).toEqual({ code: 0, said: '' });
    expect(attempt(['rebase', '--continue']).code).toBe(0);
  });

  test('a merge without conflict is judged by pre-merge-commit', () => {
    expect(unleak(['hook', 'install', 'pre-merge-commit'], { cwd: repository.folder }).code).toBe(0);
    repository.git('checkout', '-q', '-b', 'other');
    repository.commit('theirs', { 'old/keep': 'x\n', 'old/new': line(KEY) }, '--no-verify');
    repository.git('checkout', '-q', 'main');
    repository.commit('ours', { b: 'ours\n' });
    expect(attempt(['merge', '-q', '--no-edit', 'other'])).toEqual({ code: 0, said: '' });
    // Control: without the other head as a parent, the key is new.
    expect(unleak(['staged'], { cwd: repository.folder }).code).toBe(0);
    repository.git('reset', '-q', '--hard', 'HEAD^');
    repository.git('checkout', 'other', '--', '.');
    expect(unleak(['hook', 'run', 'pre-merge-commit'], { cwd: repository.folder }).code).toBe(1);
    const environment = { [`GITHEAD_${repository.id('other')}`]: 'other' };
    expect(unleak(['hook', 'run', 'pre-merge-commit'], { cwd: repository.folder, environment }).code).toBe(0);
  });
});

describe('in a chain', () => {
  function before(script: string): void {
    unleak(['hook', 'remove'], { cwd: repository.folder });
    writeFileSync(repository.inside('hooks', 'pre-commit'), script, { mode: 0o755 });
    unleak(['hook', 'install'], { cwd: repository.folder });
  }

  test('ours comes last, and sees what the one before it staged', () => {
    before(`#!/bin/sh\nprintf '%s' '${line(KEY)}' > formatted && git add formatted\n`);
    repository.stage({ a: 'two\n' });
    expectBlocked(attempt(['commit', '-qm', 'two']), repository.id('HEAD'));
  });

  test('a hook that says no is obeyed, and its code kept', () => {
    before('#!/bin/sh\necho no thanks\nexit 7\n');
    repository.stage({ a: 'two\n' });
    expect(attempt(['commit', '-qm', 'two'])).toMatchObject({ code: 1, said: expect.stringContaining('no thanks') });
  });

  test('a hook that git would have passed over is passed over', () => {
    before('#!/bin/sh\nexit 7\n');
    chmodSync(`${repository.inside('hooks', 'pre-commit')}.before-unleak`, 0o644);
    repository.stage({ a: 'two\n' });
    expect(attempt(['commit', '-qm', 'two'])).toEqual({ code: 0, said: '' });
  });
});

describe('a hook whose command is gone', () => {
  function replaceInHook(what: RegExp, by: string): void {
    const file = repository.inside('hooks', 'pre-commit');
    writeFileSync(file, readFileSync(file, 'utf8').replace(what, by));
  }

  test('stops the commit', () => {
    replaceInHook(/^unleak_script=.*$/m, "unleak_script='/gone/unleak.cjs'");
    repository.stage({ a: 'two\n' });
    expect(attempt(['commit', '-qm', 'two'])).toMatchObject({ code: 1, said: expect.stringContaining('not checked') });
  });

  test('calls the project’s own install instead, with the node on the PATH', () => {
    replaceInHook(/^unleak_script=.*$/m, "unleak_script='/gone/unleak.cjs'");
    replaceInHook(/^unleak_node=.*$/m, "unleak_node='/gone/node'");
    repository.write(
      'node_modules/unleak/dist/bin/unleak.cjs',
      "console.log('local', process.argv.slice(2).join(' '));\n",
    );
    repository.stage({ a: 'two\n' });
    expect(attempt(['commit', '-qm', 'two'])).toEqual({ code: 0, said: 'local hook run pre-commit\n' });
  });
});
