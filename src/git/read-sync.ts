import { GitError } from '../errors/git.ts';
import { runGitSync } from './run-sync.ts';
import type { GitInvocation } from './spawn.ts';

const NEWLINE = 10;

/**
 * Reads a few blobs in one `git cat-file --batch`, all into memory.
 *
 * @returns one buffer for each id, in order; null if any is absent or is no blob, or if they are too large together
 * @throws GitError `GIT_PROTOCOL` when git answers something else than was asked
 */
export function readBlobsSync(invocation: GitInvocation, ids: readonly string[]): Uint8Array[] | null {
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
