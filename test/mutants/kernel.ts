/**
 * Breaks the kernel in the ways that delta-domain scanning can be wrong, one
 * at a time, and checks that the tests notice each. By hand: it compiles the
 * kernel a dozen times.
 *
 *     npm run mutants
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

import { MUTANTS, type Mutant, breakKernel, copyProject } from './broken-kernel.ts';

/** The tests that compare with scanning every object whole. */
const TESTS = ['test/kernel/tree-scanner.test.ts', 'test/workers/stored-scan.test.ts'];

async function isNoticed(folder: string, mutant: Mutant | null): Promise<boolean> {
  await breakKernel(folder, mutant);
  const { status } = spawnSync('npx', ['vitest', 'run', '--bail', '1', ...TESTS], { cwd: folder, stdio: 'ignore' });
  return status !== 0;
}

const folder = copyProject();
let survivors = 0;
try {
  if (await isNoticed(folder, null)) throw new Error('the tests fail without any mutant');
  for (const mutant of MUTANTS) {
    const noticed = await isNoticed(folder, mutant);
    if (!noticed) survivors++;
    process.stdout.write(`${noticed ? 'noticed ' : 'SURVIVED'}  ${mutant.name}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = survivors === 0 ? 0 : 1;
