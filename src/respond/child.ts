/** Commands that a person's own configuration names: no shell, a short environment, secrets on standard input only. */
import { spawn } from 'node:child_process';

import type { Secret } from '../core/secret.ts';
import { ProviderError } from '../errors/provider.ts';

/** What a child may know of our environment. Operator credentials are not in it. */
const KEPT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_CONFIG_HOME', 'SystemRoot'];
const MAX_OUTPUT = 256 * 1024;

export interface ChildRequest {
  /** Program and arguments; templates are already filled in and hold no secret. */
  readonly command: readonly string[];
  readonly input: Secret | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ChildAnswer {
  readonly code: number;
  readonly output: string;
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    KEPT.map((name) => [name, process.env[name]]).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/**
 * Runs a command to its end.
 *
 * @throws ProviderError `PROVIDER_COMMAND_FAILED` if it could not start, took too long or said too much
 */
export function runChild(request: ChildRequest): Promise<ChildAnswer> {
  const [program = '', ...args] = request.command;
  const limit = AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]);
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new ProviderError('PROVIDER_COMMAND_FAILED', `${program} ${why}`, { facts: { program } }));
    };
    const child = spawn(program, args, {
      env: environment(),
      shell: false,
      signal: limit,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    child.on('error', () => {
      fail(limit.aborted ? 'took too long' : 'could not be run');
    });
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_OUTPUT) child.kill('SIGKILL');
    });
    child.on('close', (code) => {
      if (size > MAX_OUTPUT) fail('says too much');
      else resolve({ code: code ?? -1, output: Buffer.concat(chunks).toString('utf8') });
    });
    child.stdin.end(request.input?.reveal() ?? '');
  });
}
