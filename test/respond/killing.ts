/** Runs of incidents in a process of their own, which is killed where a test wants it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

import type { Recorded } from '../../src/respond/journal/entry.ts';
import type { CrashOrder } from './crash-driver.ts';

let driver = '';
let folder = '';

/** Bundles the program that is killed, once for a file of tests. */
export function prepareDriver(): void {
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'unleak-crash-'));
    driver = path.join(folder, 'driver.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('crash-driver.ts', import.meta.url))],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      outfile: driver,
      external: ['vitest'],
      logLevel: 'error',
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
}

/** @returns the signal that ended it; null if it lived to its end */
export async function drive(
  order: CrashOrder,
  during?: (kill: () => void) => Promise<void>,
): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [driver], {
    env: { PATH: process.env['PATH'], CRASH_ORDER: JSON.stringify(order) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  await during?.(() => {
    child.kill('SIGKILL');
  });
  const [code, signal] = await ended;
  if (code !== 0 && code !== null) throw new Error(`the driver ended with ${code}: ${said.join('')}`);
  return signal;
}

/** Times, and what a resumed run asks once more, are all that may differ. */
export function told(entries: readonly Recorded[]): string[] {
  const asking = new Set(['probe', 'verdict', 'listed', 'resumed', 'step', 'closed']);
  const acts = entries.filter(({ type }) => !asking.has(type));
  const ends = new Map<string, Recorded>();
  for (const entry of entries) if (entry.type === 'step') ends.set(`${entry.key} ${entry.step}`, entry);
  const closed = entries.findLast(({ type }) => type === 'closed');
  return [...acts, ...ends.values(), ...(closed ? [closed] : [])].map((entry) => {
    const { seq: _seq, at: _at, prev: _prev, hash: _hash, ...rest } = entry;
    return JSON.stringify(rest)
      .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, 'TIME')
      .replaceAll(/unleak-respond-\w+/g, 'FOLDER')
      .replaceAll(/-\d{8}-[a-z2-9]{8}\b/g, '-LABEL')
      .replace(/"made":\{"id":"\w+"/, '"made":{"id":"ID"')
      .replace(/"fingerprint":"\w+"/, '"fingerprint":"FINGERPRINT"')
      .replace(/"whole":"\w+"/, '"whole":"WHOLE"')
      .replace(/"request":"[\w-]+"/, '"request":"REQUEST"');
  });
}
