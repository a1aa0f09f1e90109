import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { PackError } from '../../../src/errors/pack.ts';
import { findObjectDirectories, splitAlternates } from '../../../src/git/pack/alternates.ts';
import { makeFolder } from '../../helpers/repository.ts';

/** Object directories by name, each with the lines of its info/alternates. */
function build(directories: Readonly<Record<string, readonly string[]>>): string {
  const root = realpathSync(makeFolder());
  for (const [name, lines] of Object.entries(directories)) {
    mkdirSync(path.join(root, name, 'info'), { recursive: true });
    if (lines.length > 0)
      writeFileSync(
        path.join(root, name, 'info', 'alternates'),
        `${lines.map((line) => line.replace('ROOT', root)).join('\n')}\n`,
      );
  }
  return root;
}

function find(root: string, environment = {}): { names: string[]; codes: string[] } {
  const errors: PackError[] = [];
  const found = findObjectDirectories(path.join(root, 'a'), environment, (error) => errors.push(error));
  return { names: found.map((directory) => path.relative(root, directory)), codes: errors.map(({ code }) => code) };
}

describe('findObjectDirectories', () => {
  test('follows absolute, relative and quoted lines, in order, and skips comments', () => {
    const root = build({
      a: ['# ROOT/x', 'ROOT/b', '', '../c', '"ROOT/d\\056d"'],
      b: ['../e'],
      c: [],
      'd.d': [],
      e: [],
    });
    expect(find(root)).toEqual({ names: ['a', 'b', 'e', 'c', 'd.d'], codes: [] });
  });

  test('counts loops, repetitions and links once', () => {
    const root = build({ a: ['../b', '../b', '../link'], b: ['../a'] });
    symlinkSync(path.join(root, 'b'), path.join(root, 'link'));
    expect(find(root)).toEqual({ names: ['a', 'b'], codes: [] });
  });

  test('says what is missing', () => {
    const root = build({ a: ['../gone', '../b'], b: ['../file'] });
    writeFileSync(path.join(root, 'file'), '');
    expect(find(root)).toEqual({ names: ['a', 'b'], codes: ['ALTERNATE_MISSING', 'ALTERNATE_MISSING'] });
  });

  test('stops as deep as git does, and says so', () => {
    const chain = Object.fromEntries(['a', '0', '1', '2', '3', '4', '5', '6'].map((name, i) => [name, [`../${i}`]]));
    expect(find(build({ ...chain, 7: [] }))).toEqual({
      names: ['a', '0', '1', '2', '3', '4', '5'],
      codes: ['ALTERNATE_TOO_DEEP'],
    });
  });

  test('lets the environment name a quarantine and the directory behind it', () => {
    const root = build({ a: [], quarantine: [], b: [], 'with:colon': [] });
    const environment = {
      GIT_OBJECT_DIRECTORY: path.join(root, 'quarantine'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: `${root}/a:"${root}/with:colon":${root}/b`,
    };
    expect(find(root, environment)).toEqual({ names: ['quarantine', 'a', 'with:colon', 'b'], codes: [] });
  });

  test('fails where there is no object directory at all', () => {
    expect(() => find(build({ b: [] }))).toThrow(expect.objectContaining({ code: 'OBJECT_DIRECTORY_UNREADABLE' }));
  });

  test('does not take a list without bound', () => {
    const root = build({ a: ['x'.repeat(1 << 21)] });
    expect(find(root)).toEqual({ names: ['a'], codes: ['ALTERNATE_INVALID'] });
  });
});

describe('splitAlternates', () => {
  test.each([
    ['/a:/b', [':', '/a', '/b']],
    ['', [':']],
    [':/a:', [':', '/a']],
    [String.raw`"/a\"b:c":/d`, [':', '/a"b:c', '/d']],
    [String.raw`C:\x;D:\y`, [';', String.raw`C:\x`, String.raw`D:\y`]],
  ])('splits %j', (list, [delimiter, ...entries]) => {
    expect(splitAlternates(list, delimiter)).toEqual(entries);
  });
});
