/**
 * The `bin`. It decides between two programs before either is loaded: the quick
 * check that a hook runs (one script, compiled beforehand), and the full
 * command line. Whatever the quick check cannot settle goes to the full one.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';

import type { main } from '../main.ts';
import { Chunks } from './chunks.ts';
import { type CodePlace, builtCache, codePlace, readCode, saveCodeCache } from './code-cache.ts';
import { type Use, limitThreads, setEngine, useOf } from './engine-settings.ts';
import { knowKernel } from './kernel-code.ts';
import type { QuickCheck } from './quick-check.ts';

/** Digests of the quick check's code, and of all chunks'. */
declare const UNLEAK_BUILD: string;
declare const UNLEAK_CHUNKS: string;

const args = process.argv.slice(2);
const code = isHookCall() ? quickly() : undefined;
if (code === undefined) void fully();
else process.exitCode = code;

function isHookCall(): boolean {
  return args[0] === 'staged' || (args[0] === 'hook' && args[1] === 'run');
}

/** The exit code, or undefined if the full command has to judge. */
function quickly(): number | undefined {
  try {
    const file = path.join(__dirname, 'quick.js');
    const { script, missing } = compiled(file);
    const load: (require: (id: string) => unknown) => QuickCheck = script.runInThisContext();
    const result = load(require)(args, __dirname);
    if (missing !== null) saveCodeCache(missing, () => script.createCachedData());
    return result;
  } catch {
    return undefined;
  }
}

/** The script with V8's own compiled form of it: ours from the build, or one that an earlier run has left. */
function compiled(file: string): { script: Script; missing: CodePlace | null } {
  const source = readFileSync(file, 'latin1');
  const place = codePlace(__dirname, 'quick', UNLEAK_BUILD);
  const cachedData = readCode(place);
  if (cachedData.length === 0) return { script: new Script(source, { filename: file }), missing: place };
  return { script: new Script(source, { filename: file, cachedData }), missing: null };
}

/** Whatever goes wrong in loading it must not end as node's own exit code 1, which means findings. */
async function fully(): Promise<void> {
  try {
    const entry = loadCommand().load('./entry.js')['main'];
    if (!isMain(entry)) throw new TypeError('it is not whole');
    await entry(args);
  } catch (error) {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const tooOld = major < 20 || (major === 20 && minor < 19);
    const what = error instanceof Error ? error.message : String(error);
    const mend = tooOld
      ? `use node 20.19 or newer; this is ${process.version}`
      : 'install unleak again; in a clone of it: npm run build';
    process.stderr.write(`unleak: error[USAGE_NOT_BUILT]: the command cannot be loaded: ${what}\n  mend: ${mend}\n`);
    process.exitCode = 2;
  }
}

function loadCommand(): Chunks {
  const folder = path.join(__dirname, '..', 'cli');
  const use = useOf(args);
  setEngine(use);
  limitThreads(args);
  const place = codePlace(folder, use, `${UNLEAK_CHUNKS}-${use}`);
  if (usesKernel(use)) for (const module of ['kernel', 'quick']) knowKernel(builtCache(folder, `${module}-${use}`));
  const chunks = new Chunks(folder, require, readCode(place));
  process.once('exit', (exitCode) => {
    if (exitCode > 1 || place === null || place.isBuilt || !isWorthKeeping()) return;
    if (chunks.written === 0 || mayAdd(chunks)) saveCodeCache(place, () => chunks.compiled());
  });
  return chunks;
}

function usesKernel(use: Use): boolean {
  return use === 'history' || args[0] === 'scan';
}

/** Other commands load a part of what these do; what they leave would be all that the next run finds. */
function isWorthKeeping(): boolean {
  return args[0] === 'history' || args[0] === 'scan';
}

/** So long a run has done more than the one that wrote the cache, perhaps, and does not mind the time to write it again. */
const LONG_MS = 1000;
const MOST_WRITTEN = 3;

function mayAdd({ written }: Chunks): boolean {
  return written < MOST_WRITTEN && performance.now() > LONG_MS;
}

function isMain(value: unknown): value is typeof main {
  return typeof value === 'function';
}
