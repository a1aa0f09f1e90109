import { GitError } from '../errors/git.ts';
import { type GitExit, type GitInvocation, spawnGit } from './spawn.ts';

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly input?: Uint8Array | string;
  /** Exit codes that are answers, not failures. Default: 0 alone. */
  readonly accept?: readonly number[];
  /** Bytes of output taken before giving up. Default: 256 MiB. */
  readonly maxOutput?: number;
}

export interface GitOutput {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly code: number;
}

const MAX_OUTPUT = 256 * 1024 * 1024;

/**
 * Runs git to its end and keeps what it printed.
 *
 * @throws GitError `GIT_FAILED` on an exit code that was not accepted, `GIT_OUTPUT_TOO_LARGE`, `GIT_NOT_FOUND`
 */
export async function runGit(
  invocation: GitInvocation,
  args: readonly string[],
  options: RunOptions,
): Promise<GitOutput> {
  const git = spawnGit(invocation, args, options.signal);
  git.stdin.end(options.input);
  const pieces: Buffer[] = [];
  let length = 0;
  git.stdout.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length > (options.maxOutput ?? MAX_OUTPUT)) git.kill();
    else pieces.push(piece);
  });
  const exit = await git.exit;
  options.signal.throwIfAborted();
  if (length > (options.maxOutput ?? MAX_OUTPUT)) {
    throw new GitError('GIT_OUTPUT_TOO_LARGE', `git ${args[0] ?? ''} printed more than it should`, {
      facts: { bytes: length },
    });
  }
  if (exit.code === null || !(options.accept ?? [0]).includes(exit.code)) throw gitFailure(args, exit);
  return { stdout: Buffer.concat(pieces), stderr: exit.stderr, code: exit.code };
}

/** The error for a command that ended badly, with the first thing git said. */
export function gitFailure(args: readonly string[], exit: GitExit): GitError {
  const said = exit.stderr.split('\n').find((line) => /^(?:fatal|error):/.test(line));
  const how = exit.code === null ? 'was killed' : `ended with code ${exit.code}`;
  return new GitError('GIT_FAILED', `git ${args[0] ?? ''} ${how}${said === undefined ? '' : `: ${said}`}`, {
    facts: { code: exit.code ?? -1 },
  });
}
