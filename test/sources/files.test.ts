import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';

import { describe, expect, test } from 'vitest';

import type { Source } from '../../src/core/source.ts';
import { type FilesOptions, filesSource } from '../../src/sources/files.ts';
import { stdinSource } from '../../src/sources/stdin.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository } from '../helpers/repository.ts';

const signal = new AbortController().signal;

interface Read {
  readonly texts: Record<string, string>;
  readonly skipped: string[];
  readonly problems: string[];
  readonly source: Source;
}

async function read(paths: readonly string[], options: FilesOptions): Promise<Read> {
  const source = filesSource(paths, { environment: { ...GIT_ENVIRONMENT }, ...options });
  const texts: Record<string, string> = {};
  for await (const { id, content } of source.blobs(signal)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content instanceof Uint8Array ? [content] : content.chunks) pieces.push(piece);
    texts[id] = Buffer.concat(pieces).toString('latin1');
  }
  const { skipped, problems } = source.coverage.report('scan');
  return {
    texts,
    source,
    skipped: skipped.flatMap(({ reason, examples }) => examples.map((example) => `${reason} ${example}`)).toSorted(),
    problems: problems.map(({ code, message }) => `${code} ${message}`),
  };
}

function fill(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, env: { ...GIT_ENVIRONMENT }, encoding: 'utf8' });
}

/** Runs as somebody who may not read everything, even where the tests run as root. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

describe('a plain folder', () => {
  const TREE = {
    'a.txt': 'a',
    '.env': 'dot',
    'sub/b.txt': 'b',
    '.gitignore': 'out/\n*.log\n!keep.log\n/only-here\n',
    'out/x': 'x',
    'err.log': 'l',
    'keep.log': 'k',
    'only-here': 'o',
    'sub/only-here': 'p',
    'sub/.gitignore': 'c*\n',
    'sub/c.txt': 'c',
  };

  test('gives every file that no .gitignore leaves out, dot files too', async () => {
    const cwd = fill(makeFolder(), TREE);
    const { texts, skipped, problems } = await read(['.'], { cwd });
    expect(Object.keys(texts).toSorted()).toEqual([
      '.env',
      '.gitignore',
      'a.txt',
      'keep.log',
      'sub/.gitignore',
      'sub/b.txt',
      'sub/only-here',
    ]);
    expect(skipped).toEqual(['ignored err.log', 'ignored only-here', 'ignored out/x', 'ignored sub/c.txt']);
    expect(problems).toEqual([]);
  });

  test('agrees with git on what is ignored', async () => {
    const cwd = fill(makeFolder(), {
      ...TREE,
      'sub/deep/a b.log': '1',
      'sub/deep/keep.log': '2',
      'x/out/y': '3',
      'sub/deep/.gitignore': '!*.log\n',
    });
    const plain = Object.keys((await read(['.'], { cwd })).texts).toSorted();
    git(cwd, 'init', '-q');
    expect(Object.keys((await read(['.'], { cwd })).texts).toSorted()).toEqual(plain);
    git(cwd, 'config', 'core.excludesFile', path.join(cwd, '.env'));
    writeFileSync(path.join(cwd, '.env'), 'b.txt\n');
    // The control: git is now told something that only git knows.
    expect(Object.keys((await read(['.'], { cwd })).texts).toSorted()).not.toEqual(plain);
  });

  test('pipes, sockets, links and loops', async () => {
    const cwd = fill(makeFolder(), { 'real/file': 'text' });
    execFileSync('mkfifo', [path.join(cwd, 'pipe')]);
    symlinkSync('..', path.join(cwd, 'real/loop'));
    symlinkSync('/etc/passwd', path.join(cwd, 'passwd'));
    const server = createServer().listen(path.join(cwd, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const { texts, skipped, problems } = await read(['.'], { cwd });
      expect(texts).toEqual({ 'real/file': 'text', 'real/loop': '..', passwd: '/etc/passwd' });
      expect(skipped).toEqual(['not-a-regular-file pipe', 'not-a-regular-file socket']);
      expect(problems).toEqual([]);
    } finally {
      server.close();
    }
  });

  test('names with newlines, and names that are no text', async () => {
    const cwd = fill(makeFolder(), { 'two\nlines': 'n', 'ok.txt': 'k' });
    const raw = Buffer.concat([Buffer.from(`${cwd}/bad-`), Buffer.from([0xff, 0xfe])]);
    writeFileSync(raw, 'bytes');
    fill(cwd, { 'dir\nwith/sub/inner.txt': 'below' });
    mkdirSync(Buffer.concat([raw, Buffer.from('-dir')]));
    writeFileSync(Buffer.concat([raw, Buffer.from('-dir/inner')]), 'inside');
    const { texts, problems } = await read(['.'], { cwd });
    expect(problems).toEqual([]);
    expect(Object.values(texts).toSorted()).toEqual(['below', 'bytes', 'inside', 'k', 'n']);
    expect(texts['two\nlines']).toBe('n');
  });

  test('what cannot be listed or read is a problem', async () => {
    const cwd = fill(makeFolder(), { 'open.txt': 'o', 'closed/in.txt': 'i', 'shut.txt': 's' });
    chmodSync(path.join(cwd, 'closed'), 0);
    chmodSync(path.join(cwd, 'shut.txt'), 0);
    let folder = cwd;
    while (folder !== path.dirname(folder) && folder.includes('unleak-test')) {
      chmodSync(folder, 0o755);
      folder = path.dirname(folder);
    }
    const { texts, problems } = await unprivileged(() => read(['.'], { cwd }));
    expect(Object.keys(texts)).toEqual(['open.txt']);
    expect(problems.toSorted()).toEqual([
      'FILE_UNREADABLE shut.txt cannot be read (EACCES)',
      'FOLDER_UNREADABLE closed cannot be listed',
    ]);
  });

  test('limits are said, and whose they are', async () => {
    const cwd = fill(makeFolder(), { big: 'x'.repeat(100), small: 'y', 'vendor/z': 'z' });
    const source = filesSource(['.'], {
      cwd,
      maxFileSize: 50,
      excluded: (name) => (name.startsWith('vendor/') ? '.unleak.toml' : null),
    });
    const ids: string[] = [];
    for await (const { id } of source.blobs(signal)) ids.push(id);
    expect(ids).toEqual(['small']);
    expect(source.coverage.report('scan')).toMatchObject({
      complete: true,
      files: 1,
      bytesCovered: 1,
      skipped: expect.arrayContaining([
        { reason: 'too-large', count: 1, examples: ['big'], setBy: '--max-file-size' },
        { reason: 'excluded', count: 1, examples: ['vendor/z'], setBy: '.unleak.toml' },
      ]),
    });
  });
});

describe('a work tree', () => {
  test('folders that git cannot list are problems, whatever their names', async () => {
    const repository = makeRepository();
    const cwd = repository.folder;
    fill(cwd, { 'shut/in.txt': 'i', 'two\nlines/in.txt': 'i', 'open.txt': 'o' });
    const closed = ['shut', 'two\nlines'].map((name) => path.join(cwd, name));
    for (const folder of closed) chmodSync(folder, 0);
    for (let at = cwd; at.includes('unleak-test'); at = path.dirname(at)) chmodSync(at, 0o755);
    const environment = { ...GIT_ENVIRONMENT, GIT_CONFIG_COUNT: '1' };
    Object.assign(environment, { GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' });
    const { texts, problems } = await unprivileged(() => read(['.'], { cwd, environment }));
    expect(Object.keys(texts)).toEqual(['open.txt']);
    expect(problems.toSorted()).toEqual([
      'FOLDER_UNREADABLE shut cannot be listed',
      'FOLDER_UNREADABLE two\nlines cannot be listed',
    ]);
  });

  test('a folder that is too deep for git is a problem', async () => {
    const repository = makeRepository();
    const cwd = repository.folder;
    const long = 'd'.repeat(200);
    // Deeper than any path can say.
    const dig = `i=0; while [ $i -lt 25 ]; do mkdir ${long} && cd -P ${long}; i=$((i + 1)); done; echo x > file`;
    expect(spawnSync('/bin/sh', ['-c', dig], { cwd }).status).toBe(0);
    try {
      const { texts, problems } = await read(['.'], { cwd });
      expect([texts, problems]).toEqual([{}, [expect.stringMatching(/^FOLDER_UNREADABLE d+\//)]]);
    } finally {
      // Node's own way takes whole paths.
      spawnSync('rm', ['-rf', path.join(cwd, long)]);
    }
  });

  test('gives what git tracks or would track, as it lies on disk', async () => {
    const cwd = fill(makeFolder(), {
      'a.txt': 'old',
      'gone.txt': 'g',
      '.gitignore': 'ignored\nforced\n',
      ignored: 'i',
      forced: 'f',
      'sub/new.txt': 'n',
    });
    git(cwd, 'init', '-q');
    git(cwd, 'add', 'a.txt', 'gone.txt', '.gitignore');
    git(cwd, 'add', '-f', 'forced');
    writeFileSync(path.join(cwd, 'a.txt'), 'new');
    rmSync(path.join(cwd, 'gone.txt'));
    const { texts, skipped, problems } = await read(['.'], { cwd });
    expect(texts).toEqual({ '.gitignore': 'ignored\nforced\n', 'a.txt': 'new', forced: 'f', 'sub/new.txt': 'n' });
    expect(skipped).toEqual(['ignored ignored']);
    expect(problems).toEqual([]);
  });

  test('a folder of it, a named file, and a file named although ignored', async () => {
    const cwd = fill(makeFolder(), { 'a/x': '1', 'b/y': '2', '.gitignore': 'b/\n' });
    git(cwd, 'init', '-q');
    expect((await read(['a'], { cwd })).texts).toEqual({ 'a/x': '1' });
    expect((await read(['b/y', 'a/x', 'a'], { cwd })).texts).toEqual({ 'b/y': '2', 'a/x': '1' });
    expect((await read(['.'], { cwd: path.join(cwd, 'a') })).texts).toEqual({ x: '1' });
  });

  test('a folder that is named although ignored', async () => {
    const cwd = fill(makeFolder(), { '.gitignore': 'out/\n', 'out/x': '1', 'out/deep/.env': '2', 'b.txt': 'b' });
    git(cwd, 'init', '-q');
    expect((await read(['out'], { cwd })).texts).toEqual({ 'out/x': '1', 'out/deep/.env': '2' });
    expect((await read(['out/deep'], { cwd })).texts).toEqual({ 'out/deep/.env': '2' });
    const odd = fill(cwd, { 'o*t/y': '3', ':(top)/z': '4' });
    expect((await read(['o*t', ':(top)'], { cwd: odd })).texts).toEqual({ 'o*t/y': '3', ':(top)/z': '4' });
    rmSync(path.join(cwd, 'o*t'), { recursive: true });
    rmSync(path.join(cwd, ':(top)'), { recursive: true });
    expect(Object.keys((await read(['.'], { cwd })).texts).toSorted()).toEqual(['.gitignore', 'b.txt']);
  });

  test('a tracked file that git was told to leave alone', async () => {
    const cwd = fill(makeFolder(), { 'a.txt': 'old', 'b.txt': 'b', 'c.txt': 'c' });
    git(cwd, 'init', '-q');
    git(cwd, 'add', '.');
    git(cwd, 'update-index', '--skip-worktree', 'a.txt', 'b.txt');
    git(cwd, 'update-index', '--assume-unchanged', 'c.txt');
    writeFileSync(path.join(cwd, 'a.txt'), 'local');
    rmSync(path.join(cwd, 'b.txt'));
    const { texts, skipped, problems } = await read(['.'], { cwd });
    expect([texts, skipped, problems]).toEqual([{ 'a.txt': 'local', 'c.txt': 'c' }, ['sparse b.txt'], []]);
  });

  test('submodules and nested repositories are named, not entered', async () => {
    const cwd = fill(makeFolder(), { 'a.txt': 'a', 'nested/b.txt': 'b' });
    git(cwd, 'init', '-q');
    git(path.join(cwd, 'nested'), 'init', '-q');
    git(path.join(cwd, 'nested'), 'add', '.');
    git(path.join(cwd, 'nested'), 'commit', '-qm', 'x');
    git(
      cwd,
      'update-index',
      '--add',
      '--cacheinfo',
      `160000,${git(path.join(cwd, 'nested'), 'rev-parse', 'HEAD').trim()},module`,
    );
    const { texts, skipped } = await read(['.'], { cwd });
    expect(texts).toEqual({ 'a.txt': 'a' });
    expect(skipped).toEqual(['nested-repository nested/', 'submodule module']);
  });

  test('a .git folder named on its own is plain files', async () => {
    const cwd = fill(makeFolder(), {});
    git(cwd, 'init', '-q');
    const { texts, problems } = await read(['.git'], { cwd });
    expect(texts['.git/HEAD']).toContain('ref: ');
    expect(problems).toEqual([
      expect.stringMatching(/^OBJECTS_NOT_READ .*\.git is a git repository without a work tree/),
    ]);
    const below = await read(['.git/info'], { cwd });
    expect(below.problems).toEqual([]);
  });
});

describe('bad input', () => {
  test('a pipe that is named is not read, and that is said', async () => {
    const cwd = makeFolder();
    execFileSync('mkfifo', [path.join(cwd, 'pipe')]);
    const { texts, problems } = await read(['pipe'], { cwd });
    expect([texts, problems]).toEqual([{}, ['FILE_UNREADABLE pipe is not a regular file']]);
  });

  test('a path that is not there', async () => {
    await expect(read(['missing'], { cwd: makeFolder() })).rejects.toMatchObject({ code: 'NO_SUCH_PATH' });
  });

  test('a large file is streamed; one that grows or is cut meanwhile is a problem', async () => {
    const cwd = fill(makeFolder(), {});
    const file = path.join(cwd, 'huge');
    writeFileSync(file, '');
    truncateSync(file, 40 * 1024 * 1024);
    const source = filesSource(['huge'], { cwd });
    let streamed = 0;
    for await (const { content } of source.blobs(signal)) {
      expect(content).not.toBeInstanceOf(Uint8Array);
      for await (const chunk of content instanceof Uint8Array ? [] : content.chunks) {
        if (streamed === 0) appendFileSync(file, 'more');
        streamed += chunk.length;
      }
    }
    expect(streamed).toBeGreaterThanOrEqual(40 * 1024 * 1024);
    expect(source.coverage.report('scan').problems.map(({ code }) => code)).toEqual(['FILE_CHANGED']);
  });

  test('what changed since it was scanned is not shown', async () => {
    const cwd = fill(makeFolder(), { 'a.txt': 'first' });
    const { source } = await read(['a.txt'], { cwd });
    expect(await source.read('a.txt', signal)).toEqual(Buffer.from('first'));
    writeFileSync(path.join(cwd, 'a.txt'), 'second');
    expect(await source.read('a.txt', signal)).toBeNull();
    expect(source.coverage.complete).toBe(false);
  });

  test('standard input is one text', async () => {
    const source = stdinSource(Readable.from([Buffer.from('one '), Buffer.from('two')]));
    const ids: string[] = [];
    for await (const { id, content } of source.blobs(signal)) {
      ids.push(id);
      if (!(content instanceof Uint8Array)) for await (const chunk of content.chunks) ids.push(chunk.toString());
    }
    expect(ids).toEqual(['-', 'one ', 'two']);
    expect(Buffer.from((await source.read('-', signal)) as Uint8Array).toString()).toBe('one two');
    expect(source.coverage.report('stdin')).toMatchObject({ files: 1, bytesCovered: 7, complete: true });
  });
});
