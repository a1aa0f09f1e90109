/**
 * Builds git repositories for tests: fixed names and dates, and nothing of the
 * machine's own git configuration.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll } from 'vitest';

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

/** Seconds since 1970 of the first commit of every test repository. */
export const FIRST_DATE = 1_767_225_600;

/** The environment for git, in tests' own calls and (as `environment`) in ours. */
export const GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: makeFolder('home'),
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada Author',
  GIT_AUTHOR_EMAIL: 'ada@example.test',
  GIT_COMMITTER_NAME: 'Cleo Committer',
  GIT_COMMITTER_EMAIL: 'cleo@example.test',
};

export interface RepositoryOptions {
  readonly bare?: boolean;
  readonly objectFormat?: 'sha1' | 'sha256';
  /** Where; default: a new folder. */
  readonly folder?: string;
}

export type Content = string | Uint8Array;

export class TestRepository {
  readonly folder: string;
  /** Seconds since 1970; each commit moves it on by a minute. */
  clock = FIRST_DATE;
  readonly environment: Record<string, string> = { ...GIT_ENVIRONMENT };

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Runs git here. Returns its output without the last newline. */
  git(...args: readonly string[]): string {
    return this.gitBytes(args).toString('utf8').replace(/\n$/, '');
  }

  gitBytes(args: readonly string[], input?: Content): Buffer {
    const date = `${this.clock} +0000`;
    return execFileSync('git', ['-c', 'core.autocrlf=false', '-c', 'protocol.file.allow=always', ...args], {
      cwd: this.folder,
      env: { ...this.environment, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 30,
      ...(input === undefined ? {} : { input }),
    });
  }

  write(file: string, content: Content): void {
    const target = path.join(this.folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  /** Writes and stages. */
  stage(files: Readonly<Record<string, Content>>): void {
    for (const [file, content] of Object.entries(files)) this.write(file, content);
    const names = Object.keys(files);
    if (names.length > 0) this.git('--literal-pathspecs', 'add', '-f', '--', ...names);
  }

  /** Writes, stages and commits; returns the commit's id. */
  commit(message: string, files: Readonly<Record<string, Content>> = {}, ...args: readonly string[]): string {
    this.stage(files);
    this.tick();
    this.git('commit', '-q', '--allow-empty', '-m', message, ...args);
    return this.git('rev-parse', 'HEAD');
  }

  /** Moves the clock, for commands that commit by themselves (merge, stash, notes). */
  tick(): void {
    this.clock += 60;
  }

  /** Stores an object; returns its id. */
  store(type: 'blob' | 'tree' | 'commit' | 'tag', content: Content): string {
    return this.gitBytes(['hash-object', '-w', '-t', type, '--literally', '--stdin'], content).toString().trim();
  }

  id(revision: string): string {
    return this.git('rev-parse', '--verify', revision);
  }

  /** A path inside the `.git` directory (or the bare repository). */
  inside(...parts: readonly string[]): string {
    return path.join(this.git('rev-parse', '--absolute-git-dir'), ...parts);
  }
}

/** A new empty repository on branch `main`. */
export function makeRepository(options: RepositoryOptions = {}): TestRepository {
  const folder = options.folder ?? makeFolder('repository');
  mkdirSync(folder, { recursive: true });
  const repository = new TestRepository(folder);
  repository.git(
    'init',
    '-q',
    '-b',
    'main',
    `--object-format=${options.objectFormat ?? 'sha1'}`,
    ...(options.bare === true ? ['--bare'] : []),
  );
  repository.git('config', 'core.autocrlf', 'false');
  repository.git('config', 'gc.auto', '0');
  return repository;
}
