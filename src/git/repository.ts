import { existsSync } from 'node:fs';
import path from 'node:path';

import { GitError } from '../errors/git.ts';
import { gitEnvironment } from './environment.ts';
import { findGit } from './executable.ts';
import { findRoot, safeDirectories } from './locate.ts';
import { runGit } from './run.ts';
import type { GitInvocation } from './spawn.ts';

export type ObjectFormat = 'sha1' | 'sha256';

/** One repository, located once. Paths are absolute. */
export interface Repository {
  readonly invocation: GitInvocation;
  /** Null in a bare repository, or inside a `.git` directory. */
  readonly workTree: string | null;
  /** Of this work tree; differs from `commonDir` in a linked one. */
  readonly gitDir: string;
  readonly commonDir: string;
  readonly bare: boolean;
  readonly objectFormat: ObjectFormat;
  /** Length of an object id in hexadecimal: 40 or 64. */
  readonly idLength: number;
  readonly shallow: boolean;
}

export interface OpenOptions {
  readonly signal: AbortSignal;
  /** Where variables come from. Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv;
  /**
   * Let `GIT_DIR` and its like decide, as git itself would: for hooks, and
   * wherever a person named no repository. Default: false.
   */
  readonly fromEnvironment?: boolean;
}

/**
 * Finds the repository that holds `directory`.
 *
 * @throws GitError `NOT_A_REPOSITORY`, `GIT_NOT_FOUND`
 */
export async function openRepository(directory: string, options: OpenOptions): Promise<Repository> {
  const source = options.environment ?? process.env;
  const located = options.fromEnvironment === true;
  const root = located && source['GIT_DIR'] !== undefined ? path.resolve(directory) : findRoot(directory);
  if (root === null) throw notARepository(directory);
  const invocation: GitInvocation = {
    executable: findGit(source),
    cwd: root,
    environment: gitEnvironment(source, located),
    safeDirectories: safeDirectories(root),
  };
  const repository = await describe(invocation, directory, options.signal);
  return { ...repository, invocation: settled(repository) };
}

/** From here on git starts at the top of the work tree, and no relative variable depends on where. */
function settled({ invocation, workTree, gitDir }: Repository): GitInvocation {
  const cwd = workTree ?? invocation.cwd;
  const { GIT_DIR: named, GIT_WORK_TREE: tree, GIT_INDEX_FILE: index, ...rest } = invocation.environment;
  return {
    ...invocation,
    cwd,
    environment: {
      ...rest,
      ...(named === undefined ? {} : { GIT_DIR: gitDir }),
      ...(tree === undefined ? {} : { GIT_WORK_TREE: cwd }),
      ...(index === undefined ? {} : { GIT_INDEX_FILE: path.resolve(cwd, index) }),
    },
  };
}

const FACTS = ['--is-bare-repository', '--is-shallow-repository', '--show-object-format'];
const PATHS = ['--absolute-git-dir', '--git-common-dir', '--show-toplevel'];

/** One process in the ordinary case; in a bare repository `--show-toplevel` fails after the rest was printed. */
async function describe(invocation: GitInvocation, directory: string, signal: AbortSignal): Promise<Repository> {
  const run = (args: readonly string[]) => runGit(invocation, ['rev-parse', ...args], { signal, accept: [0, 128] });
  const whole = await run([...FACTS, ...PATHS]);
  const [bare, shallow, format, ...rest] = whole.stdout.toString('utf8').split('\n');
  if (format === undefined || (format !== 'sha1' && format !== 'sha256')) {
    throw notARepository(directory, firstLine(whole.stderr));
  }
  const expected = whole.code === 0 ? 3 : 2;
  // A path with a newline: ask for each alone.
  const paths =
    rest.length === expected + 1
      ? rest.slice(0, expected)
      : await Promise.all(
          PATHS.slice(0, expected).map(async (name) => (await run([name])).stdout.toString().slice(0, -1)),
        );
  const [gitDir, commonDir, workTree] = paths;
  if (gitDir === undefined || commonDir === undefined) throw notARepository(directory, firstLine(whole.stderr));
  return {
    invocation,
    workTree: workTree === undefined ? null : path.normalize(workTree),
    gitDir: path.normalize(gitDir),
    commonDir: path.resolve(invocation.cwd, commonDir),
    bare: bare === 'true',
    objectFormat: format,
    idLength: format === 'sha1' ? 40 : 64,
    shallow: shallow === 'true',
  };
}

function notARepository(directory: string, said?: string): GitError {
  if (!existsSync(directory))
    return new GitError('NOT_A_REPOSITORY', `there is no ${directory}`, {
      mend: 'Check the spelling; paths are relative to the current directory.',
    });
  const why = said === undefined ? '' : ` (${said})`;
  return new GitError('NOT_A_REPOSITORY', `${directory} is not in a git repository${why}`);
}

function firstLine(text: string): string | undefined {
  return text === '' ? undefined : text.split('\n', 1)[0];
}
