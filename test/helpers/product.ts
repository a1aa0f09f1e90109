/** The built command, run as users run it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { GIT_ENVIRONMENT } from './repository.ts';

export const PRODUCT = fileURLToPath(new URL('../../dist/bin/unleak.cjs', import.meta.url));

if (!existsSync(PRODUCT)) throw new Error('The command is not built; run `npm run build` (npm test does).');

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs `unleak …` to its end, without anything of this machine's configuration. */
export function unleak(args: readonly string[], options: RunOptions): Run {
  const done = spawnSync(process.execPath, [PRODUCT, ...args], {
    cwd: options.cwd,
    env: { ...GIT_ENVIRONMENT, ...options.environment },
    input: options.input ?? '',
    maxBuffer: 1 << 28,
  });
  return { code: done.status, out: done.stdout.toString('utf8'), err: done.stderr.toString('utf8') };
}

/** Starts it and leaves it running. */
export function start(args: readonly string[], options: RunOptions): ReturnType<typeof spawn> {
  return spawn(process.execPath, [PRODUCT, ...args], {
    cwd: options.cwd,
    env: { ...GIT_ENVIRONMENT, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
