import { spawnSync } from 'node:child_process';

import { GitError } from '../errors/git.ts';
import { globalArguments } from './environment.ts';
import type { GitInvocation } from './spawn.ts';

export interface SyncRunOptions {
  readonly input?: Uint8Array | string;
  /** Bytes of output taken before giving up. Default: 64 MiB. */
  readonly maxOutput?: number;
}

export interface SyncOutput {
  /** Null if it was ended, as happens when it prints more than `maxOutput`. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const MAX_OUTPUT = 64 * 1024 * 1024;

/**
 * Runs git to its end while everything else waits: for the pre-commit hook,
 * where streams and the event loop would cost more than git itself.
 *
 * @throws GitError `GIT_NOT_FOUND` if it could not be started
 */
export function runGitSync(
  invocation: GitInvocation,
  args: readonly string[],
  options: SyncRunOptions = {},
): SyncOutput {
  const done = spawnSync(invocation.executable, [...globalArguments(invocation.safeDirectories), ...args], {
    cwd: invocation.cwd,
    env: invocation.environment,
    input: options.input ?? '',
    maxBuffer: options.maxOutput ?? MAX_OUTPUT,
    shell: false,
    windowsHide: true,
  });
  const tooMuch = done.error !== undefined && 'code' in done.error && done.error.code === 'ENOBUFS';
  if (done.error && !tooMuch) throw new GitError('GIT_NOT_FOUND', 'git could not be started', { cause: done.error });
  return { code: tooMuch ? null : done.status, stdout: done.stdout, stderr: done.stderr.toString('utf8') };
}
