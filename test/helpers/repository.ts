/** Builds git repositories for tests, in folders that are removed after the test file. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll } from 'vitest';

import { type NewRepository, ScriptedRepository, SETTLED } from './scripted-repository.ts';

const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'unleak-test-')));
let folders = 0;

afterAll(() => {
  unlock(scratch);
  rmSync(scratch, { recursive: true, force: true });
}, 60_000);

/** A test may have taken a folder's permissions away, or named one in bytes that are no text. */
function unlock(folder: string | Buffer): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) unlock(Buffer.concat([Buffer.from(folder), Buffer.from(path.sep), entry.name]));
  }
}

/** An empty directory that is removed after the test file. */
export function makeFolder(name = 'folder'): string {
  const folder = path.join(scratch, `${++folders}-${name}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The environment for git, in tests' own calls and (as `environment`) in ours. */
export const GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: makeFolder('home'),
  ...SETTLED,
};

export interface RepositoryOptions extends NewRepository {
  /** Where; default: a new folder. */
  readonly folder?: string;
}

/** A repository with the environment of tests. */
export class TestRepository extends ScriptedRepository {
  constructor(folder: string) {
    super(folder, GIT_ENVIRONMENT);
  }
}

/** A new empty repository on branch `main`. */
export function makeRepository(options: RepositoryOptions = {}): TestRepository {
  const folder = options.folder ?? makeFolder('repository');
  mkdirSync(folder, { recursive: true });
  const repository = new TestRepository(folder);
  repository.initialise(options);
  return repository;
}
