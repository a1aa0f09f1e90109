import { symlinkSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { openRepository } from '../../src/git/repository.ts';
import { mergeHeads, stagedEntries } from '../../src/sources/staged-entries.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

async function staged(repository: TestRepository, environment: Readonly<Record<string, string>> = {}) {
  const { invocation, gitDir } = await openRepository(repository.folder, {
    signal: new AbortController().signal,
    environment: { ...repository.environment, ...environment },
    fromEnvironment: true,
  });
  return stagedEntries(invocation, mergeHeads(gitDir));
}

const paths = async (...args: Parameters<typeof staged>) => (await staged(...args)).entries.map(({ path: at }) => at);

describe.each(['sha1', 'sha256'] as const)('stagedEntries with %s', (objectFormat) => {
  test('lists everything before the first commit', async () => {
    const repository = makeRepository({ objectFormat });
    expect(await paths(repository)).toEqual([]);
    repository.stage({ a: '1\n', 'b/c': '2\n' });
    expect(await staged(repository)).toEqual({
      entries: [
        { path: 'a', id: repository.id(':a'), before: [] },
        { path: 'b/c', id: repository.id(':b/c'), before: [] },
      ],
      unmerged: [],
      gitlinks: [],
    });
  });

  test('lists what differs from HEAD, and what HEAD has there', async () => {
    const repository = makeRepository({ objectFormat });
    repository.commit('one', { same: '1\n', changed: 'old\n', gone: '1\n' });
    const old = repository.id(':changed');
    repository.stage({ changed: 'new\n', added: '3\n' });
    repository.git('rm', '-q', 'gone');
    repository.write('same', 'only in the work tree\n');
    expect((await staged(repository)).entries).toEqual([
      { path: 'added', id: repository.id(':added'), before: [] },
      { path: 'changed', id: repository.id(':changed'), before: [old] },
    ]);
  });
});

describe('stagedEntries', () => {
  test('sees the index and not the work tree, and not what is only intended', async () => {
    const repository = makeRepository();
    repository.commit('one', { a: '1\n' });
    repository.stage({ a: '2\n' });
    repository.write('a', 'edited away\n');
    repository.write('later', 'x\n');
    repository.git('add', '-N', 'later');
    expect(await paths(repository)).toEqual(['a']);
  });

  test('lists a symbolic link and a changed type, and names gitlinks apart', async () => {
    const repository = makeRepository();
    repository.commit('one', { link: 'file\n' });
    repository.git('rm', '-q', 'link');
    symlinkSync('somewhere', path.join(repository.folder, 'link'));
    repository.git('add', 'link');
    repository.git('update-index', '--add', '--cacheinfo', `160000,${repository.id('HEAD')},module`);
    const { entries, gitlinks } = await staged(repository);
    expect(entries.map(({ path: at, before }) => [at, before.length])).toEqual([['link', 1]]);
    expect(gitlinks).toEqual(['module']);
  });

  test('names with newlines, quotes and foreign bytes stay whole', async () => {
    const repository = makeRepository();
    repository.stage({ 'a\nb': '1\n', '"quoted"': '2\n', 'tab\there': '3\n', ünï: '4\n' });
    expect((await paths(repository)).toSorted()).toEqual(['"quoted"', 'a\nb', 'tab\there', 'ünï'].toSorted());
  });

  test('is told of another index by GIT_INDEX_FILE', async () => {
    const repository = makeRepository();
    repository.commit('one', { a: '1\n' });
    const index = path.join(makeFolder(), 'index');
    repository.environment['GIT_INDEX_FILE'] = index;
    repository.git('read-tree', 'HEAD');
    repository.stage({ b: '2\n' });
    expect(await paths(repository)).toEqual(['b']);
    delete repository.environment['GIT_INDEX_FILE'];
    expect(await paths(repository)).toEqual([]);
    expect(await paths(repository, { GIT_INDEX_FILE: index })).toEqual(['b']);
  });

  test('reports unmerged paths, and after a merge only what no parent has', async () => {
    const repository = makeRepository();
    repository.commit('base', { both: 'base\n' });
    repository.git('checkout', '-q', '-b', 'other');
    repository.commit('other', { both: 'other\n', theirs: 'theirs\n' });
    repository.git('checkout', '-q', 'main');
    repository.commit('main', { both: 'main\n' });
    expect(() => repository.git('merge', '-q', 'other')).toThrow('merge');
    expect(await staged(repository)).toMatchObject({ entries: [], unmerged: ['both'] });
    const parents = ['HEAD:both', 'other:both'].map((name) => repository.id(name));
    repository.stage({ both: 'resolved\n' });
    // Control: HEAD alone would also list what the other side brings.
    expect(repository.git('diff', '--cached', '--name-only').split('\n')).toEqual(['both', 'theirs']);
    expect((await staged(repository)).entries).toEqual([{ path: 'both', id: repository.id(':both'), before: parents }]);
  });

  test('knows every head of an octopus merge', async () => {
    const repository = makeRepository();
    repository.commit('base', { a: '1\n' });
    const heads = ['one', 'two'].map((name) => {
      repository.git('checkout', '-q', '-b', name, 'main');
      return repository.commit(name, { [name]: `${name}\n` });
    });
    repository.git('checkout', '-q', 'main');
    repository.git('merge', '-q', '--no-commit', '--no-ff', 'one', 'two');
    expect(mergeHeads(repository.inside())).toEqual(heads);
    repository.stage({ evil: 'x\n' });
    expect(await paths(repository)).toEqual(['evil']);
  });

  test('reads the heads of a linked work tree', async () => {
    const repository = makeRepository();
    repository.commit('base', { a: '1\n' });
    const folder = path.join(makeFolder(), 'linked');
    repository.git('worktree', 'add', '-q', '-b', 'linked', folder);
    const linked = makeRepository({ folder: makeFolder() });
    Object.assign(linked, { folder });
    linked.stage({ b: '2\n' });
    expect(await paths(linked)).toEqual(['b']);
    expect(await paths(repository)).toEqual([]);
  });

  test('is not fooled by a configuration that hides or adds changes', async () => {
    const repository = makeRepository();
    repository.commit('one', { 'in/a': '1\n', b: '1\n' });
    repository.stage({ 'in/a': '2\n', b: '2\n' });
    for (const setting of [
      'diff.relative=true',
      'diff.renames=copies',
      'diff.ignoreSubmodules=all',
      'diff.noprefix=true',
    ])
      repository.git('config', ...(setting.split('=') as [string, string]));
    repository.write('.gitattributes', '* -diff binary\n');
    expect(await paths(repository)).toEqual(['b', 'in/a']);
  });

  test('fails, and does not say "nothing", where HEAD cannot be read', async () => {
    const repository = makeRepository();
    repository.commit('one', { a: '1\n' });
    repository.git('update-ref', '--no-deref', 'HEAD', repository.store('commit', `tree ${'1'.repeat(40)}\n\nx\n`));
    await expect(staged(repository)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});
