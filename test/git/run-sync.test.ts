import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { findGit } from '../../src/git/executable.ts';
import { runGitSync } from '../../src/git/run-sync.ts';
import { runRaw } from '../../src/git/spawn-binding.ts';
import { makeRepository } from '../helpers/repository.ts';

const git = findGit(process.env);
const environment = { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const invocationIn = (cwd: string, executable = git) => ({ executable, cwd, environment, safeDirectories: [cwd] });
const hashOfInput = ['hash-object', '--stdin'];

describe('runGitSync', () => {
  test('gives input, output, errors and exit code', () => {
    const { folder } = makeRepository();
    const given = runGitSync(invocationIn(folder), hashOfInput, { input: 'here\n' });
    expect(given).toMatchObject({ code: 0, stderr: '' });
    expect(given.stdout.toString()).toMatch(/^[0-9a-f]{40}\n$/);
    expect(runGitSync(invocationIn(folder), ['rev-parse', '--verify', 'none'])).toMatchObject({
      code: 128,
      stderr: expect.stringContaining('fatal:'),
    });
  });

  test('ends a git that prints more than is taken', () => {
    const { folder } = makeRepository();
    expect(runGitSync(invocationIn(folder), ['help', '-a'], { maxOutput: 10 }).code).toBe(null);
  });

  test('says so where there is no git', () => {
    const { folder } = makeRepository();
    expect(() => runGitSync(invocationIn(folder, path.join(folder, 'none')), ['version'])).toThrow(
      expect.objectContaining({ code: 'GIT_NOT_FOUND' }),
    );
  });
});

describe('runRaw', () => {
  const run = { file: git, args: hashOfInput, cwd: '/', environment, input: Buffer.from('here\n'), maxOutput: 1000 };

  test('does without node:child_process in the nodes that were tried', () => {
    const tried = process.platform !== 'win32' && Number.parseInt(process.versions.node, 10) <= 24;
    const output = { status: 0, stdout: expect.any(Buffer), stderr: Buffer.alloc(0) };
    expect(runRaw(run)).toEqual(tried ? output : null);
  });

  test.each([
    ['cannot be started', { ...run, file: '/nowhere/git' }],
    ['starts in no folder', { ...run, cwd: '/nowhere' }],
    ['prints too much', { ...run, maxOutput: 3 }],
  ])('leaves to it what %s', (_, options) => {
    expect(runRaw(options)).toBe(null);
  });

  test('leaves everything to it where node has no such thing, and asks for no warning', () => {
    const { binding } = process as unknown as { binding: unknown };
    const warned: unknown[] = [];
    const listen = (warning: unknown): void => void warned.push(warning);
    process.on('warning', listen);
    try {
      Reflect.set(process, 'binding', () => {
        throw new Error('gone');
      });
      expect(runRaw(run)).toBe(null);
      Reflect.set(process, 'binding', () => ({ spawn: () => ({ status: 0 }) }));
      expect(runRaw(run)).toBe(null);
    } finally {
      Reflect.set(process, 'binding', binding);
      process.off('warning', listen);
    }
    expect(warned).toEqual([]);
  });
});
