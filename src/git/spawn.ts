import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import type { Readable, Writable } from 'node:stream';

import { SystemError } from '../errors/system.ts';
import { globalArguments } from './environment.ts';
import { notStarted } from './not-started.ts';

/** How to run git on one repository. */
export interface GitInvocation {
  /** Absolute path of git. */
  readonly executable: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Repositories that are read whoever owns them. */
  readonly safeDirectories: readonly string[];
}

export interface GitExit {
  /** Null if a signal ended it. */
  readonly code: number | null;
  /** What it said, cut after 64 KiB. */
  readonly stderr: string;
}

export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles when the process has ended and its output was read. Rejects only if it did not start: `GIT_NOT_FOUND`, `SYSTEM_LIMIT`. */
  readonly exit: Promise<GitExit>;
  kill(): void;
  /** Whether Node stays for it. */
  hold(stays: boolean): void;
}

const STDERR_KEPT = 64 * 1024;

/**
 * Starts git, without a shell. Aborting kills it; whoever reads the output
 * checks the signal afterwards.
 *
 * @throws SystemError `SYSTEM_LIMIT` where not even its pipes can be opened
 */
export function spawnGit(invocation: GitInvocation, args: readonly string[], signal: AbortSignal): GitProcess {
  signal.throwIfAborted();
  const child = startChild(invocation, args);
  const kill = (): void => void child.kill('SIGKILL');
  // Several processes at once are no leak: each takes its listener away.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', kill, { once: true });
  const exit = exitOf(child, child.stderr).finally(() => {
    signal.removeEventListener('abort', kill);
  });
  // A caller that stops reading early never awaits it.
  exit.catch(() => undefined);
  // git may end before it has read everything; its exit code says so.
  child.stdin.on('error', () => undefined);
  return { stdin: child.stdin, stdout: child.stdout, exit, kill, hold: (stays) => holdAll(child, stays) };
}

/** @throws SystemError `SYSTEM_LIMIT` */
function startChild(
  { executable, cwd, environment, safeDirectories }: GitInvocation,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const child = spawn(executable, [...globalArguments(safeDirectories), ...args], {
    cwd,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    shell: false,
    windowsHide: true,
  });
  // Node then makes no pipes, which its types don't say, and tells the error later to whoever listens.
  if (Reflect.get(child, 'stdin') !== undefined) return child;
  child.on('error', () => undefined);
  throw new SystemError('SYSTEM_LIMIT', 'git could not be started, because this process may not open more files');
}

/** The pipes are sockets, which their types don't say. */
function holdAll(child: ChildProcess, stays: boolean): void {
  const method = stays ? 'ref' : 'unref';
  child[method]();
  for (const pipe of child.stdio) {
    const change: unknown = pipe === null || pipe === undefined ? undefined : Reflect.get(pipe, method);
    if (typeof change === 'function') change.call(pipe);
  }
}

function exitOf(child: ChildProcess, stderr: Readable): Promise<GitExit> {
  const said: Buffer[] = [];
  let length = 0;
  stderr.on('data', (piece: Buffer) => {
    if (length < STDERR_KEPT) said.push(piece.subarray(0, STDERR_KEPT - length));
    length += piece.length;
  });
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      reject(notStarted(cause));
    });
    child.on('close', (code) => {
      resolve({ code, stderr: Buffer.concat(said).toString('utf8') });
    });
  });
}
