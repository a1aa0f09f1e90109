import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { openRepository } from '../../src/git/repository.ts';
import { runGit } from '../../src/git/run.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository } from '../helpers/repository.ts';

const signal = new AbortController().signal;
const open = (folder: string, more: NodeJS.ProcessEnv = {}, fromEnvironment = false) =>
  openRepository(folder, { signal, environment: { ...GIT_ENVIRONMENT, ...more }, fromEnvironment });

describe('openRepository', () => {
  test('finds the work tree from a folder inside it', async () => {
    const repository = makeRepository();
    mkdirSync(path.join(repository.folder, 'a/b'), { recursive: true });
    expect(await open(path.join(repository.folder, 'a/b'))).toMatchObject({
      workTree: repository.folder,
      gitDir: path.join(repository.folder, '.git'),
      commonDir: path.join(repository.folder, '.git'),
      bare: false,
      shallow: false,
      objectFormat: 'sha1',
      idLength: 40,
    });
  });

  test('is not found by naming a file, inside one or not', async () => {
    const repository = makeRepository();
    repository.write('a.txt', 'text');
    const outside = path.join(makeFolder(), 'a.txt');
    writeFileSync(outside, 'text');
    for (const file of [path.join(repository.folder, 'a.txt'), outside, path.join(outside, 'below')])
      await expect(open(file)).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  });

  test('knows a bare repository and SHA-256', async () => {
    const repository = makeRepository({ bare: true, objectFormat: 'sha256' });
    expect(await open(repository.folder)).toMatchObject({
      workTree: null,
      gitDir: repository.folder,
      bare: true,
      objectFormat: 'sha256',
      idLength: 64,
    });
  });

  test('follows the `.git` file of a linked work tree', async () => {
    const repository = makeRepository();
    repository.commit('first', { 'a.txt': 'a' });
    const linked = path.join(makeFolder(), 'linked');
    repository.git('worktree', 'add', '-q', linked);
    expect(await open(linked)).toMatchObject({
      workTree: realpathSync(linked),
      gitDir: path.join(repository.folder, '.git/worktrees/linked'),
      commonDir: path.join(repository.folder, '.git'),
    });
  });

  test('follows the `.git` file of a submodule', async () => {
    const inner = makeRepository();
    inner.commit('first', { 'a.txt': 'a' });
    const outer = makeRepository();
    outer.git('submodule', 'add', '-q', inner.folder, 'sub');
    expect(await open(path.join(outer.folder, 'sub'))).toMatchObject({
      workTree: path.join(outer.folder, 'sub'),
      gitDir: path.join(outer.folder, '.git/modules/sub'),
    });
  });

  test('takes a path with a newline', async () => {
    const repository = makeRepository({ folder: path.join(makeFolder(), 'line\nbreak') });
    expect(await open(repository.folder)).toMatchObject({ workTree: repository.folder });
  });

  test.each(['plain folder', 'no folder'])('says so for a %s', async (what) => {
    const folder = makeFolder();
    await expect(open(what === 'no folder' ? path.join(folder, 'none') : folder)).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
    });
  });

  test('says so for a `.git` that is none', async () => {
    const folder = makeFolder();
    mkdirSync(path.join(folder, '.git'));
    await expect(open(folder)).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  });

  test.runIf(process.getuid?.() === 0)("reads somebody else's repository that was named", async () => {
    const repository = makeRepository();
    repository.commit('first', { 'a.txt': 'a' });
    execFileSync('chown', ['-R', '12345', repository.folder]);
    expect(() => repository.git('rev-parse', 'HEAD')).toThrow(/dubious ownership/);
    const opened = await open(repository.folder);
    const { stdout } = await runGit(opened.invocation, ['rev-parse', 'HEAD'], { signal });
    expect(stdout.toString()).toMatch(/^[0-9a-f]{40}\n$/);
  });

  test("a hook's variables count only where nothing was named", async () => {
    const [hooked, named] = [makeRepository(), makeRepository()];
    const variables = { GIT_DIR: path.join(hooked.folder, '.git') };
    expect((await open(named.folder, variables, true)).gitDir).toBe(path.join(hooked.folder, '.git'));
    expect((await open(named.folder, variables, false)).gitDir).toBe(path.join(named.folder, '.git'));
  });
});

describe('findGit', () => {
  test('is not fooled by a relative entry of PATH', async () => {
    const repository = makeRepository();
    repository.write('git', '#!/bin/sh\necho fooled\n');
    chmodSync(path.join(repository.folder, 'git'), 0o755);
    const opened = await open(repository.folder, { PATH: `.:${repository.folder.slice(1)}:${process.env['PATH']}` });
    expect(path.isAbsolute(opened.invocation.executable)).toBe(true);
    expect(opened.invocation.executable).not.toContain(repository.folder);
    await expect(open(repository.folder, { PATH: '.' })).rejects.toMatchObject({ code: 'GIT_NOT_FOUND' });
  });
});

describe('runGit', () => {
  test('passes on a bad exit with what git said', async () => {
    const { invocation } = await open(makeRepository().folder);
    await expect(runGit(invocation, ['cat-file', '-t', 'no-such'], { signal })).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('no-such'),
    });
  });

  test('stops at its limit', async () => {
    const repository = makeRepository();
    const id = repository.store('blob', 'x'.repeat(100_000));
    const { invocation } = await open(repository.folder);
    await expect(runGit(invocation, ['cat-file', 'blob', id], { signal, maxOutput: 1000 })).rejects.toMatchObject({
      code: 'GIT_OUTPUT_TOO_LARGE',
    });
  });

  test('ends with the reason when aborted', async () => {
    const { invocation } = await open(makeRepository().folder);
    const controller = new AbortController();
    const running = runGit(invocation, ['cat-file', '--batch'], { signal: controller.signal, input: 'HEAD\n' });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});
