import { setFlagsFromString } from 'node:v8';

/** Releases of Node whose engine is known to have the setting. A newer one would complain about what it does not know. */
const TRIED: ReadonlySet<string> = new Set(['20', '22', '24']);

/**
 * Lets the engine put less of other functions into those that it optimises. A run of seconds, in several threads that
 * each compile the same code, otherwise spends an eighth of its processor time on compiling
 * (docs/PERFORMANCE.md). Holds for the whole process, so it is the command line's to say.
 */
export function compileLess(): void {
  if (TRIED.has(process.versions.node.split('.')[0] ?? ''))
    setFlagsFromString('--max-inlined-bytecode-size-cumulative=100');
}

/** Its settings mean other things in other releases. */
const BUDGET_TRIED = '20';

/**
 * Has the engine optimise a function only when it has run some five times as long as usual. In a run of seconds whose
 * long loops are the kernel's, what becomes hot later does not pay for being compiled in every thread
 * (docs/PERFORMANCE.md).
 */
export function compileLate(): void {
  if (process.versions.node.split('.')[0] === BUDGET_TRIED) setFlagsFromString('--interrupt-budget=600000');
}
