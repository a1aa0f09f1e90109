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
import { kernelCode } from '../src/cli/fast/kernel-code.ts';
import { kernelBytes } from '../src/kernel/instance.ts';
import { quickBytes } from '../src/prefilter/packed-wasm.ts';
import { compileWell } from './compile-kernel.ts';
import { threadsHere } from './thread-here.ts';
import { Sample } from './warm-sample.ts';

/** What is done in turn: commands, and changes to what they are about. */
const STEPS: Readonly<Record<Use, readonly (readonly string[] | ((sample: Sample) => void))[]>> = {
  // Alone first: one thread then does what several share. Then with what the audit before has kept.
  history: [
    (sample) => sample.makeHistory(),
    ['history', '--no-cache', '--jobs', '1', '--quiet'],
    ['history', '--jobs', '2', '--format', 'json'],
    (sample) => sample.goOn(),
    ['history', '--jobs', '2'],
  ],
  command: [
    ['scan', '--jobs', '1', '--quiet'],
    (sample) => sample.writeMany(),
    ['scan', '--jobs', '2', '--format', 'json'],
    ['staged', '--format', 'json'],
  ],
};
const THREADS: Readonly<Record<Use, string>> = { history: './share.js', command: './file.js' };

const [folder = '', name] = process.argv.slice(2);
const use: Use = name === 'history' ? 'history' : 'command';
// A build server keeps nothing, and neither has a user's cache a part in this.
for (const variable of ['CI', 'GITHUB_ACTIONS']) delete process.env[variable];
process.env['XDG_CACHE_HOME'] = path.resolve('.git', 'cache');
setEngine(use);
const modules = [
  { module: 'kernel', bytes: kernelBytes() },
  { module: 'quick', bytes: quickBytes() },
].map(({ module, bytes }) => ({ module, bytes, compiled: compileWell(bytes) }));
const load = createRequire(path.resolve(folder, 'entry.js'));
const threads = threadsHere(() => chunks.load(THREADS[use]));
const chunks = new Chunks(path.resolve(folder), (id) => (id === 'node:worker_threads' ? threads : load(id)));
const { main } = chunks.load('./entry.js');
if (typeof main !== 'function') throw new Error('the command is not built');
const sample = new Sample(process.cwd());
// What is found in a sample is no news.
let said = '';
process.stderr.write = (text: unknown) => {
  said += String(text);
  return true;
};
for (const step of STEPS[use]) {
  if (typeof step === 'function') {
    step(sample);
    continue;
  }
  await main(step);
  if (process.exitCode === 2) throw new Error(`unleak ${step.join(' ')} failed: ${said}`);
}
writeFileSync(builtCache(path.resolve(folder), use), chunks.compiled());
for (const { module, bytes, compiled } of modules) {
  const code = kernelCode(compiled, bytes);
  if (code !== null) writeFileSync(builtCache(path.resolve(folder), `${module}-${use}`), code);
}
process.exitCode = 0;
