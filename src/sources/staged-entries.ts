/**
 * What the index holds that no parent of the coming commit holds at the same
 * path. Shared by the hook's quick path and by the full command.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { GitError } from '../errors/git.ts';
import { splitRecords } from '../git/records.ts';
import { runGitSync, type SyncOutput } from '../git/run-sync.ts';
import type { GitInvocation } from '../git/spawn.ts';

export interface StagedEntry {
  readonly path: string;
  /** Object id of the blob in the index. */
  readonly id: string;
  /** Blobs that the parents hold at this path, each once. */
  readonly before: readonly string[];
}

export interface StagedEntries {
  readonly entries: readonly StagedEntry[];
  /** Paths whose merge is not resolved; git refuses to commit them. */
  readonly unmerged: readonly string[];
  /** Gitlinks: another repository's commits. */
  readonly gitlinks: readonly string[];
}

/** Heads being merged, as listed in `MERGE_HEAD`; none in an ordinary commit. */
export function mergeHeads(gitDir: string): string[] {
  let text: string;
  try {
    text = readFileSync(path.join(gitDir, 'MERGE_HEAD'), 'latin1');
  } catch {
    return [];
  }
  return text.split('\n').filter((line) => /^[0-9a-f]{40,64}$/.test(line));
}

/**
 * Lists what is staged.
 *
 * @param merged - ids of further parents, besides HEAD
 * @throws GitError `GIT_FAILED` if the index or a parent cannot be read
 */
export function stagedEntries(invocation: GitInvocation, merged: readonly string[]): StagedEntries {
  const rows = diffRows(invocation, 'HEAD') ?? indexRows(invocation);
  const others = merged.map((parent) => {
    const found = diffRows(invocation, parent);
    if (found === null) throw new GitError('GIT_FAILED', `the merged head ${parent} cannot be read`);
    return new Map(found.map((row) => [row.key, row]));
  });
  return sortOut(rows, others);
}

/** One path at which index and parent differ. */
interface Row {
  /** The path's bytes, as latin1. */
  readonly key: string;
  readonly path: string;
  readonly oldMode: string;
  readonly mode: string;
  readonly oldId: string;
  readonly id: string;
  readonly status: string;
}

const GITLINK = '160000';
/** Hexadecimal digits of the shorter kind of id. */
const SHA1_HEX = 40;

/** A path that equals any parent's brings nothing new; of the rest, every parent's old blob is kept. */
function sortOut(rows: readonly Row[], others: readonly ReadonlyMap<string, Row>[]): StagedEntries {
  const entries: StagedEntry[] = [];
  const unmerged: string[] = [];
  const gitlinks: string[] = [];
  for (const row of rows) {
    const all = [row, ...others.map((other) => other.get(row.key))].filter((one) => one !== undefined);
    if (row.status === 'U') unmerged.push(row.path);
    else if (row.status === 'D' || all.length <= others.length) continue;
    else if (row.mode === GITLINK) gitlinks.push(row.path);
    else entries.push({ path: row.path, id: row.id, before: oldBlobs(all) });
  }
  return { entries, unmerged, gitlinks };
}

function oldBlobs(rows: readonly Row[]): string[] {
  const blobs = rows.filter((row) => row.oldMode !== GITLINK && /[1-9a-f]/.test(row.oldId));
  return [...new Set(blobs.map((row) => row.oldId))];
}

const DIFF = [
  'diff-index',
  '--cached',
  '--raw',
  '-z',
  '--no-abbrev',
  '--no-renames',
  '--no-relative',
  '--no-ext-diff',
  '--ita-invisible-in-index',
  '--ignore-submodules=none',
];

/** Null if there is no such commit because the branch is not born yet. */
function diffRows(invocation: GitInvocation, parent: string): Row[] | null {
  const output = runGitSync(invocation, [...DIFF, parent, '--']);
  if (output.code === 0) {
    if (output.stdout.length === 0 && mayBeNoGit(invocation, output)) throw outOfStep();
    return parseDiff(output.stdout);
  }
  if (parent === 'HEAD' && isUnborn(invocation)) return null;
  throw failure('diff-index', output);
}

/**
 * In a call's environment: git ends what it writes to standard error with a
 * line of its own (`api-trace2`, since 2.22). Nothing staged is nothing
 * printed, and so does a program that is no git print.
 */
export const TELLING_ITS_END = { GIT_TRACE2: '2', GIT_TRACE2_BRIEF: '1' } as const;

function mayBeNoGit({ environment }: GitInvocation, { stderr }: SyncOutput): boolean {
  return environment['GIT_TRACE2'] === TELLING_ITS_END.GIT_TRACE2 && !/^exit .*code:0$/m.test(stderr);
}

function outOfStep(): GitError {
  return new GitError('GIT_PROTOCOL', 'git diff-index answered something else than was asked');
}

/** HEAD names a branch, and that branch has no commit. */
function isUnborn(invocation: GitInvocation): boolean {
  const symbolic = runGitSync(invocation, ['symbolic-ref', '-q', 'HEAD']);
  return symbolic.code === 0 && runGitSync(invocation, ['rev-parse', '-q', '--verify', 'HEAD']).code === 1;
}

/** Everything in the index: what differs from the empty tree, which git knows without storing it. */
function indexRows(invocation: GitInvocation): Row[] {
  const emptyTree = runGitSync(invocation, ['hash-object', '-t', 'tree', '--stdin']);
  const output = runGitSync(invocation, [...DIFF, emptyTree.stdout.toString('latin1').trim(), '--']);
  if (output.code !== 0) throw failure('diff-index', output);
  return parseDiff(output.stdout);
}

/** `:oldmode mode oldid id status`, then the path. */
function parseDiff(bytes: Uint8Array): Row[] {
  const records = splitRecords(bytes);
  const rows: Row[] = [];
  for (let at = 0; at < records.length; at += 2) {
    const facts = records[at]?.toString('latin1').split(' ') ?? [];
    const [oldMode = '', mode = '', oldId = '', id = '', status = ''] = facts;
    const name = records[at + 1];
    if (!oldMode.startsWith(':') || facts.length !== 5 || id.length < SHA1_HEX || name === undefined) throw outOfStep();
    rows.push({ ...named(name), oldMode: oldMode.slice(1), mode, oldId, id, status: status.slice(0, 1) });
  }
  return rows;
}

function named(bytes: Buffer): Pick<Row, 'key' | 'path'> {
  return { key: bytes.toString('latin1'), path: bytes.toString('utf8') };
}

function failure(command: string, { code, stderr }: SyncOutput): GitError {
  const said = stderr.split('\n').find((line) => /^(?:fatal|error):/.test(line));
  const how = code === null ? 'printed more than it should' : `ended with code ${code}`;
  return new GitError('GIT_FAILED', `git ${command} ${how}${said === undefined ? '' : `: ${said}`}`);
}
