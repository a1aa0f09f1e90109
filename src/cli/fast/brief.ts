/** What the engine does by itself so that a long run gets faster. None of it pays within milliseconds. */
const SETTINGS = ['wasm-tier-up', 'wasm-dynamic-tiering', 'sparkplug'] as const;
/** Releases of Node whose engine is known to have them. */
const TRIED: ReadonlySet<string> = new Set(['20', '22']);

/**
 * Has the engine compile nothing a second time while `work` is done: WebAssembly in loops was otherwise optimised on other
 * threads, for longer than it ran, and the process waited for them at its end (docs/HOOK.md). Afterwards all is as it was:
 * whoever comes next may take long, and code is stored for, and taken from, a cache by these settings.
 *
 * `node:v8` has this too, and takes 1.6 to 6 ms to load, about what is saved. Its inner part is not in Node's documented interface; where
 * it is not to be had, `work` is done all the same.
 */
export function briefly<T>(work: () => T): T {
  const set = setter();
  if (set === null) return work();
  for (const setting of SETTINGS) set(`--no-${setting}`);
  try {
    return work();
  } finally {
    for (const setting of SETTINGS) set(`--${setting}`);
  }
}

type SetFlag = (flag: string) => void;

function setter(): SetFlag | null {
  if (!TRIED.has(process.versions.node.split('.')[0] ?? '')) return null;
  const { noDeprecation } = process;
  try {
    const open: unknown = Reflect.get(process, 'binding');
    if (typeof open !== 'function') return null;
    // Whoever asks node for warnings means those about their own code.
    Reflect.set(process, 'noDeprecation', true);
    const found: unknown = open.call(process, 'v8');
    const set: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, 'setFlagsFromString') : null;
    return typeof set === 'function' ? (flag) => void set.call(found, flag) : null;
  } catch {
    return null;
  } finally {
    Reflect.set(process, 'noDeprecation', noDeprecation);
  }
}
