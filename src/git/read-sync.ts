import { GitError } from '../errors/git.ts';
import { LooseBlobs } from './loose-blobs.ts';
import { runGitSync } from './run-sync.ts';
import type { GitInvocation } from './spawn.ts';

const NEWLINE = 10;

/** Bytes of all blobs together, as many as are taken of git's output. */
const MOST = 64 * 1024 * 1024;

/**
 * Reads a few blobs, all into memory: those that are loose as they lie there, the others in one `git cat-file --batch`.
 *
 * @param loose - where loose objects are; null if only git knows
 * @returns one buffer for each id, in order; null if any is absent or is no blob, or if they are too large together
 * @throws GitError `GIT_PROTOCOL` when git answers something else than was asked
 */
export function readBlobsSync(
  invocation: GitInvocation,
  ids: readonly string[],
  loose: string | null = null,
): Uint8Array[] | null {
  const found = loose === null ? new Map<string, Uint8Array>() : readLoose(new LooseBlobs(loose), ids);
  if (found === null) return null;
  const others = ids.filter((id) => !found.has(id));
  const printed = readByGit(invocation, others);
  if (printed === null) return null;
  for (const [i, id] of others.entries()) if (printed[i] !== undefined) found.set(id, printed[i]);
  const blobs = ids.map((id) => found.get(id)).filter((blob) => blob !== undefined);
  return blobs.length === ids.length ? blobs : null;
}

/** Null if they are too large together. */
function readLoose(blobs: LooseBlobs, ids: readonly string[]): Map<string, Uint8Array> | null {
  const found = new Map<string, Uint8Array>();
  let left = MOST;
  for (const id of new Set(ids)) {
    const blob = blobs.read(id);
    if (blob === null) continue;
    found.set(id, blob);
    left -= blob.length;
    if (left < 0) return null;
  }
  return found;
}

function readByGit(invocation: GitInvocation, ids: readonly string[]): Uint8Array[] | null {
  if (ids.length === 0) return [];
  const { code, stdout } = runGitSync(invocation, ['cat-file', '--batch', '--buffer'], {
    input: `${ids.join('\n')}\n`,
  });
  if (code !== 0) return null;
  const blobs: Uint8Array[] = [];
  let at = 0;
  for (const id of ids) {
    const end = stdout.indexOf(NEWLINE, at);
    const [named, type, size = ''] = stdout.toString('latin1', at, end).split(' ');
    if (named !== id) throw outOfStep();
    if (type !== 'blob') return null;
    const start = end + 1;
    at = start + Number(size);
    if (stdout[at++] !== NEWLINE) throw outOfStep();
    blobs.push(stdout.subarray(start, at - 1));
  }
  if (at !== stdout.length) throw outOfStep();
  return blobs;
}

function outOfStep(): GitError {
  return new GitError('GIT_PROTOCOL', 'git cat-file answered something else than was asked');
}
