import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';

import { GIT_ENVIRONMENT } from '../../helpers/repository.ts';

/** As JavaScript: what compiles modules as they are loaded has threads at work already. */
const SETTINGS = transformSync(
  readFileSync(new URL('../../../src/cli/fast/engine-settings.ts', import.meta.url), 'utf8'),
  { loader: 'ts' },
).code;

/** How many threads make slow hashes, of eight at a time, in a process that runs a command with these arguments. */
function threadsFor(args: readonly string[], environment: Readonly<Record<string, string>> = {}): number {
  const script = `
    ${SETTINGS}
    import { scryptSync, scrypt } from 'node:crypto';
    import { readdirSync } from 'node:fs';
    limitThreads(${JSON.stringify(args)});
    const threads = () => readdirSync('/proc/self/task').length;
    scryptSync('a', 'b', 8, { N: 2 });
    const before = threads();
    await Promise.all(Array.from({ length: 8 }, () => new Promise((done) => scrypt('a', 'b', 8, { N: 2 }, done))));
    console.log(threads() - before);`;
  const done = spawnSync(process.execPath, ['--input-type', 'module', '-e', script], {
    env: { ...GIT_ENVIRONMENT, ...environment },
  });
  expect(done.stderr.toString()).toBe('');
  return Number(done.stdout);
}

test.runIf(process.platform === 'linux')('a history has no more threads for slow ids than there are processors', () => {
  const most = Math.min(4, availableParallelism());
  expect(threadsFor(['history', '--format', 'json'])).toBe(most);
  expect(threadsFor(['hunt'])).toBe(most);
  expect(threadsFor(['history'], { UV_THREADPOOL_SIZE: '3' })).toBe(3);
  // Controls: what is another command, or waits for others, has as many as ever.
  expect(threadsFor(['scan'])).toBe(4);
  expect(threadsFor(['history', '--verify'])).toBe(4);
});
