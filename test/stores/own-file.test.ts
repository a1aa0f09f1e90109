/** What a file is on its way: nobody else can read it, and git ignores it as it does the file itself. */
import { spawnSync } from 'node:child_process';
import type * as fs from 'node:fs';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeEach, expect, test, vi } from 'vitest';

import { readOwnFile, replaceOwnFile } from '../../src/stores/own-file.ts';
import { makeFolder, makeRepository } from '../helpers/repository.ts';

const seen: { modes: number[]; during: (() => void) | null } = vi.hoisted(() => ({ modes: [], during: null }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    fsyncSync: (handle: number) => {
      if (real.fstatSync(handle).isFile()) {
        seen.modes.push(real.fstatSync(handle).mode & 0o777);
        seen.during?.();
      }
      real.fsyncSync(handle);
    },
  };
});
beforeEach(() => {
  seen.modes.length = 0;
  seen.during = null;
});

test('the new content is the owner’s alone until it has the file’s name, and has its mode then', () => {
  const file = path.join(makeFolder('own'), '.env');
  writeFileSync(file, 'A=1\n');
  chmodSync(file, 0o644);
  replaceOwnFile(readOwnFile(file), 'A=2\n');
  expect([seen.modes, statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([[0o600], 0o644, 'A=2\n']);
});

test.each(['.env*', '.env.*\n.env'])('git that ignores %j ignores it too', (pattern) => {
  const repository = makeRepository();
  repository.commit('Begin', { '.gitignore': `${pattern}\n` });
  const file = path.join(repository.folder, '.env');
  writeFileSync(file, 'A=1\n');
  const untracked: string[] = [];
  seen.during = () => {
    expect(existsSync(`${file}.unleak-new`)).toBe(true);
    const { stdout } = spawnSync('git', ['status', '--porcelain'], {
      cwd: repository.folder,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });
    untracked.push(stdout);
  };
  replaceOwnFile(readOwnFile(file), 'A=2\n');
  expect(untracked).toEqual(['']);
});
