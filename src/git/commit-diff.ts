/**
 * What commits change, as `git diff-tree -c` tells it: for a merge the paths
 * at which it differs from every parent, for a first commit all of them.
 */
import type { Readable } from 'node:stream';

import { GitError } from '../errors/git.ts';
import type { CommitSelection } from './commit-range.ts';
import type { Repository } from './repository.ts';
import { gitFailure, runGit } from './run.ts';
import { spawnGit } from './spawn.ts';

/** A commit of a range. */
export interface RangeCommit {
  readonly id: string;
  readonly parents: readonly string[];
}

/** One path at which a commit differs from each of its parents. */
export interface PathChange {
  /** Position in the list of commits that was asked about. */
  readonly commit: number;
  readonly path: string;
  /** Modes as git writes them; `000000` for nothing. */
  readonly mode: string;
  /** What the commit has there; null for nothing. */
  readonly id: string | null;
  /** What each parent has there, in their order, where it is a blob. */
  readonly before: readonly (string | null)[];
  /** No parent has anything there. */
  readonly added: boolean;
}

export const MODE_GITLINK = '160000';

/**
 * The commits of a selection, parents before children.
 *
 * @throws GitError `GIT_FAILED`
 */
export async function listCommits(
  repository: Repository,
  selection: CommitSelection,
  signal: AbortSignal,
): Promise<RangeCommit[]> {
  const { tips, without, alone = false, withoutRefs = false } = selection;
  if (tips.length === 0) return [];
  const order = alone ? ['--no-walk=unsorted'] : ['--date-order', '--reverse'];
  const args = ['rev-list', '--parents', ...order, '--stdin'];
  const input = [...tips, ...without.map((id) => `^${id}`)].map((line) => `${line}\n`).join('');
  const { stdout } = await runGit(repository.invocation, [...args, ...(withoutRefs ? ['--not', '--all'] : [])], {
    signal,
    input,
  });
  const lines = stdout.toString('latin1').split('\n');
  return lines.flatMap((line) => {
    const [id = '', ...parents] = line.split(' ');
    return id === '' ? [] : [{ id, parents }];
  });
}

const DIFF = ['diff-tree', '--stdin', '-r', '-t', '-c', '--root', '--raw', '-z', '--no-abbrev'];
const OPTIONS = ['--no-renames', '--no-ext-diff', '--no-relative', '--ignore-submodules=none', '--always'];

/**
 * The changes of commits, in lists of whatever had arrived together.
 *
 * @throws GitError `GIT_FAILED`, `GIT_PROTOCOL`
 */
export async function* listChanges(
  repository: Repository,
  commits: readonly RangeCommit[],
  signal: AbortSignal,
): AsyncGenerator<readonly PathChange[], void, undefined> {
  if (commits.length === 0) return;
  const git = spawnGit(repository.invocation, [...DIFF, ...OPTIONS], signal);
  git.stdin.end(commits.map(({ id }) => `${id}\n`).join(''), 'latin1');
  const parser = new ChangeParser(commits);
  try {
    yield* parser.read(git.stdout);
    const exit = await git.exit;
    signal.throwIfAborted();
    if (exit.code !== 0) throw gitFailure(['diff-tree'], exit);
    if (!parser.isComplete) throw outOfStep();
  } finally {
    git.kill();
  }
}

const NUL = 0;

class ChangeParser {
  readonly #commits: readonly RangeCommit[];
  #commit = -1;
  #row: string | null = null;

  constructor(commits: readonly RangeCommit[]) {
    this.#commits = commits;
  }

  /** Every commit was answered, and no row is cut short. */
  get isComplete(): boolean {
    return this.#row === null && this.#commit === this.#commits.length - 1;
  }

  async *read(stream: Readable): AsyncGenerator<readonly PathChange[]> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) continue;
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const changes: PathChange[] = [];
      let start = 0;
      for (let end = bytes.indexOf(NUL); end >= 0; end = bytes.indexOf(NUL, start)) {
        const change = this.#record(bytes.subarray(start, end));
        if (change !== null) changes.push(change);
        start = end + 1;
      }
      rest = bytes.subarray(start);
      yield changes;
    }
    if (rest.length > 0) throw outOfStep();
  }

  /** A commit's id, the facts of a row, or the path that follows them. */
  #record(record: Buffer): PathChange | null {
    if (this.#row !== null) {
      const change = parseRow(this.#row, record.toString('utf8'), this.#commit);
      this.#row = null;
      return change;
    }
    const text = record.toString('latin1');
    if (text.startsWith(':')) this.#row = text;
    else if (this.#commits[++this.#commit]?.id !== text) throw outOfStep();
    return null;
  }
}

/** A colon and a mode for each parent, the mode; an id for each parent, the id; the status. */
function parseRow(row: string, path: string, commit: number): PathChange {
  const parents = /^:*/.exec(row)?.[0].length ?? 0;
  const fields = row.slice(parents).split(' ');
  if (fields.length !== 2 * parents + 3 || commit < 0) throw outOfStep();
  const ids = fields.slice(parents + 1, -1);
  const modes = fields.slice(0, parents);
  const mode = fields[parents] ?? '';
  const present = (one: string): boolean => /[1-9]/.test(one);
  return {
    commit,
    path,
    mode,
    id: present(mode) ? (ids[parents] ?? null) : null,
    before: modes.map((one, i) => (isBlobMode(one) ? (ids[i] ?? null) : null)),
    added: !modes.some(present),
  };
}

/** A file or a symbolic link. */
export function isBlobMode(mode: string): boolean {
  return mode.startsWith('10') || mode.startsWith('12');
}

function outOfStep(): GitError {
  return new GitError('GIT_PROTOCOL', 'git diff-tree answered something else than was asked');
}
