/**
 * Breaks the kernel and the quick search in the ways that they can be wrong,
 * one at a time, and checks that the tests notice each. By hand: it compiles
 * one of them more than a hundred times.
 *
 *     npm run mutants [-- wasm/FILE.ts …]
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

import {
  COMMITS,
  ENCODED,
  ESCAPES,
  FOREST,
  HIT_TREES,
  INFLATE,
  LINES,
  MUTANTS,
  type Mutant,
  OBJECTS,
  PASSES,
  QUICK_SEARCH,
  SCAN,
  SCREEN,
  STAGE,
  TREE_SCAN,
  breakKernel,
  copyProject,
} from './broken-kernel.ts';

/** By file: the tests that compare with scanning every object whole, or with the plain code. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  [TREE_SCAN]: [
    'test/kernel/tree-scanner.test.ts',
    'test/workers/stored-scan.test.ts',
    'test/workers/escaped-blobs.test.ts',
  ],
  [SCAN]: ['test/kernel/literal-scanner.test.ts'],
  [INFLATE]: ['test/kernel/inflate.test.ts'],
  [ESCAPES]: ['test/kernel/runs.test.ts'],
  [FOREST]: ['test/git/pack/kernel-forest.test.ts'],
  [HIT_TREES]: ['test/git/trees-with.test.ts'],
  [COMMITS]: ['test/git/commit-loops.test.ts'],
  [LINES]: ['test/kernel/lines.test.ts'],
  [OBJECTS]: ['test/git/commit-sweep.test.ts', 'test/git/tree-sweep.test.ts'],
  [STAGE]: ['test/git/pack/stage.test.ts', 'test/workers/stored-scan.test.ts'],
  [PASSES]: ['test/git/pack/passes.test.ts', 'test/git/follow-trees.test.ts'],
  [QUICK_SEARCH]: [
    'test/prefilter/packed.test.ts',
    'test/prefilter/turned-down.test.ts',
    'test/prefilter/screens.test.ts',
  ],
  [ENCODED]: ['test/prefilter/turned-down.test.ts', 'test/prefilter/screens.test.ts'],
  [SCREEN]: ['test/prefilter/turned-down.test.ts', 'test/prefilter/screens.test.ts'],
};

async function isNoticed(folder: string, mutant: Mutant | null, tests: readonly string[]): Promise<boolean> {
  await breakKernel(folder, mutant);
  const { status } = spawnSync('npx', ['vitest', 'run', '--bail', '1', ...tests], { cwd: folder, stdio: 'ignore' });
  return status !== 0;
}

const asked = process.argv.slice(2);
const folder = copyProject();
let survivors = 0;
try {
  for (const [file, tests] of Object.entries(TESTS)) {
    if (asked.length > 0 && !asked.includes(file)) continue;
    if (await isNoticed(folder, null, tests)) throw new Error(`the tests of ${file} fail without any mutant`);
    for (const mutant of MUTANTS.filter((one) => (one.file ?? TREE_SCAN) === file)) {
      const noticed = await isNoticed(folder, mutant, tests);
      if (!noticed) survivors++;
      process.stdout.write(`${noticed ? 'noticed ' : 'SURVIVED'}  ${mutant.name}\n`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = survivors === 0 ? 0 : 1;
