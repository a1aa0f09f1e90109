/**
 * Builds git repositories, for tests, benches and the build: fixed names and dates, and nothing of the
 * machine's own git configuration.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Seconds since 1970 of the first commit of every such repository. */
export const FIRST_DATE = 1_767_225_600;

/** Variables of git that settle names, and keep the machine's own settings out. */
export const SETTLED: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada Author',
  GIT_AUTHOR_EMAIL: 'ada@example.test',
  GIT_COMMITTER_NAME: 'Cleo Committer',
  GIT_COMMITTER_EMAIL: 'cleo@example.test',
};

export interface NewRepository {
  readonly bare?: boolean;
  readonly objectFormat?: 'sha1' | 'sha256';
}

export type Content = string | Uint8Array;

/** A repository that is built command by command. */
export class ScriptedRepository {
  readonly folder: string;
  /** Seconds since 1970; each commit moves it on by a minute. */
  clock = FIRST_DATE;
  readonly environment: Record<string, string>;

  constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.environment = { ...environment };
  }

  /** Makes it, empty, on branch `main`. */
  initialise({ objectFormat = 'sha1', bare = false }: NewRepository = {}): void {
    this.git('init', '-q', '-b', 'main', `--object-format=${objectFormat}`, ...(bare ? ['--bare'] : []));
    this.git('config', 'core.autocrlf', 'false');
    this.git('config', 'gc.auto', '0');
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
