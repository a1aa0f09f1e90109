/**
 * The `bin`. It decides between two programs before either is loaded: the quick
 * check that a hook runs (one script, compiled beforehand), and the full
 * command line. Whatever the quick check cannot settle goes to the full one.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

import { codeCacheFile, saveCodeCache } from './code-cache.ts';
import type { QuickCheck } from './quick-check.ts';

const args = process.argv.slice(2);
const code = isHookCall() ? quickly() : undefined;
if (code === undefined) fully();
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
    if (missing !== null) saveCodeCache(missing, script.createCachedData());
    return result;
  } catch {
    return undefined;
  }
}

/** The script with V8's own compiled form of it: ours from the build, or one that an earlier run has left. */
function compiled(file: string): { script: Script; missing: string | null } {
  const source = readFileSync(file, 'latin1');
  const built = path.join(__dirname, `quick-${process.version}-${process.arch}.cache`);
  const cache = existsSync(built) ? built : codeCacheFile();
  if (cache === null) return { script: new Script(source, { filename: file }), missing: null };
  if (!existsSync(cache)) return { script: new Script(source, { filename: file }), missing: cache };
  return { script: new Script(source, { filename: file, cachedData: readFileSync(cache) }), missing: null };
}

/** Whatever goes wrong in loading it must not end as node's own exit code 1, which means findings. */
function fully(): void {
  import(pathToFileURL(path.join(__dirname, '..', 'cli', 'entry.js')).href).catch((error: unknown) => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const tooOld = major < 20 || (major === 20 && minor < 19);
    const what = error instanceof Error ? error.message : String(error);
    const mend = tooOld
      ? `use node 20.19 or newer; this is ${process.version}`
      : 'install unleak again; in a clone of it: npm run build';
    process.stderr.write(`unleak: error[USAGE_NOT_BUILT]: the command cannot be loaded: ${what}\n  mend: ${mend}\n`);
    process.exitCode = 2;
  });
}
