/**
 * npm's `prepare`: sets up our own git hooks and builds, in a clone with the
 * development tools. As somebody's dependency, or without git, it does nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const has = (path) => existsSync(new URL(`../${path}`, import.meta.url));
const run = (...args) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] }).status === 0;

if (has('.git') && has('node_modules/husky/bin.js')) run('node_modules/husky/bin.js');
if (has('src') && has('node_modules/esbuild') && has('node_modules/tsx')) {
  const built = ['generate-rules.ts', 'build.ts'].every((script) =>
    run('node_modules/tsx/dist/cli.mjs', `scripts/${script}`),
  );
  if (!built) process.exitCode = 1;
}
