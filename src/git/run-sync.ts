import { spawnSync } from 'node:child_process';

import { globalArguments } from './environment.ts';
import { notStarted } from './not-started.ts';
import { runRaw } from './spawn-binding.ts';
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
 * @throws GitError `GIT_NOT_FOUND`, or SystemError `SYSTEM_LIMIT`, if it could not be started
 */
export function runGitSync(
  invocation: GitInvocation,
  args: readonly string[],
  options: SyncRunOptions = {},
): SyncOutput {
  const all = [...globalArguments(invocation.safeDirectories), ...args];
  const input = Buffer.from(options.input ?? '');
  const maxOutput = options.maxOutput ?? MAX_OUTPUT;
  const { executable: file, cwd, environment } = invocation;
  const raw = runRaw({ file, args: all, cwd, environment, input, maxOutput });
  if (raw !== null) return { code: raw.status, stdout: raw.stdout, stderr: raw.stderr.toString('utf8') };
  return runWithModule(invocation, all, input, maxOutput);
}

function runWithModule(
  { executable, cwd, environment }: GitInvocation,
  args: readonly string[],
  input: Uint8Array,
  maxBuffer: number,
): SyncOutput {
  const done = spawnSync(executable, args, {
    cwd,
    env: environment,
    input,
    maxBuffer,
    shell: false,
    windowsHide: true,
  });
  const tooMuch = done.error !== undefined && 'code' in done.error && done.error.code === 'ENOBUFS';
  if (done.error && !tooMuch) throw notStarted(done.error);
  return { code: tooMuch ? null : done.status, stdout: done.stdout, stderr: done.stderr.toString('utf8') };
}
