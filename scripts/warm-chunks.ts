/**
 * Compiles the command line's chunks for the node that runs this, with the functions that a use of them needs: runs
 * the commands in the repository around the current folder, and stores what has been compiled by then.
 *
 *     node --import tsx scripts/warm-chunks.ts dist/cli history|command
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { Chunks } from '../src/cli/fast/chunks.ts';
import { builtCache } from '../src/cli/fast/code-cache.ts';
import { setEngine, type Use } from '../src/cli/fast/engine-settings.ts';

const COMMANDS: Readonly<Record<Use, readonly (readonly string[])[]>> = {
  // Alone first: one thread then does what several share.
  history: [
    ['history', '--no-cache', '--jobs', '1', '--quiet'],
    ['history', '--no-cache', '--format', 'json'],
  ],
  command: [
    ['scan', '--jobs', '1', '--quiet'],
    ['scan', '--format', 'json'],
    ['staged', '--format', 'json'],
  ],
};
const THREADS: Readonly<Record<Use, string>> = { history: './share.js', command: './file.js' };

const [folder = '', name] = process.argv.slice(2);
const use: Use = name === 'history' ? 'history' : 'command';
setEngine(use);
const chunks = new Chunks(path.resolve(folder), createRequire(path.resolve(folder, 'entry.js')));
const { main } = chunks.load('./entry.js');
if (typeof main !== 'function') throw new Error('the command is not built');
for (const args of COMMANDS[use]) {
  await main(args);
  if (process.exitCode === 2) throw new Error(`unleak ${args.join(' ')} failed`);
}
chunks.load(THREADS[use]);
writeFileSync(builtCache(path.resolve(folder), use), chunks.compiled());
process.exitCode = 0;
