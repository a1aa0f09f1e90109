/** What a command spends its time with: the kernel's long loops, or our own code. */
export type Use = 'history' | 'command';

/** Of the command that these arguments name. */
export function useOf([command]: readonly string[]): Use {
  return command === 'history' || command === 'hunt' ? 'history' : 'command';
}

/** Releases of Node whose engine is known to have the setting. A newer one would complain about what it does not know. */
const TRIED: ReadonlySet<string> = new Set(['20', '22', '24']);
/** Where its settings mean what they meant when they were measured. */
const BUDGET_TRIED = '20';

/**
 * Tells the engine how much to compile. Holds for the whole process, so it is the command line's to say; and before our
 * code is loaded, for code is only taken from a cache that was made with the same settings.
 *
 * - Less of other functions is put into those that are optimised. A run of seconds, in several threads that each
 *   compile the same code, otherwise spends an eighth of its processor time on compiling (docs/PERFORMANCE.md).
 * - In a history, a function is optimised only when it has run some five times as long as usual. In a run of seconds whose
 *   long loops are the kernel's, what becomes hot later does not pay for being compiled in every thread.
 * - What has been compiled stays. Otherwise what ran once, at the start, is thrown away and missing in the cache.
 */
export function setEngine(use: Use): void {
  const release = process.versions.node.split('.')[0] ?? '';
  // Loading it takes time that a hook does not have.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  if (TRIED.has(release)) {
    setFlagsFromString('--max-inlined-bytecode-size-cumulative=100');
    setFlagsFromString('--no-flush-bytecode');
  }
  if (use === 'history' && release === BUDGET_TRIED) setFlagsFromString('--interrupt-budget=600000');
}

/** As many threads as libuv has if nobody says otherwise. */
const MOST_THREADS = 4;

/**
 * Has no more threads make slow ids than there are processors: each keeps 16 MB for that, and they take turns. Of a command
 * that looks up hosts, for which threads wait, it says nothing; nor if somebody else has said how many there are to be.
 */
export function limitThreads(args: readonly string[]): void {
  if (useOf(args) !== 'history' || args.includes('--verify')) return;
  const { availableParallelism } = process.getBuiltinModule('node:os');
  process.env['UV_THREADPOOL_SIZE'] ??= String(Math.min(MOST_THREADS, availableParallelism()));
}
