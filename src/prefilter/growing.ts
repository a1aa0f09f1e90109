import { KernelError } from '../errors/kernel.ts';
import { loadAutomaton } from '../kernel/automaton.ts';
import { KernelMemory, createKernel } from '../kernel/instance.ts';
import { kernelPrefilter } from './kernel-prefilter.ts';
import type { Literal, Prefilter } from './literal.ts';
import type { PackedLiterals } from './packed.ts';
import { type ScreenedSearch, wasmPackedPrefilter } from './packed-wasm.ts';
import { quickStart, staysQuick } from './quick-start.ts';
import type { AutomatonForAll, SharedAutomaton } from './shared-automaton.ts';

/**
 * The prefilter for content of unknown size: ready at once, and replaced by
 * the kernel's automaton where there is much to search and a kernel to be had.
 *
 * @param literals - those that are packed, in their order; asked for only then
 * @param search - over the same literals, if its hits are to be screened
 * @param shared - where others use their automaton too
 */
export function growingPrefilter(
  packed: PackedLiterals,
  literals: () => readonly Literal[],
  search: ScreenedSearch | null = null,
  shared: AutomatonForAll | null = null,
): Prefilter {
  const settings = {
    isMade: (): boolean => shared?.made() !== undefined,
    ...(staysQuick(packed) ? { quickBytes: Infinity } : {}),
  };
  const makeFast = (): Prefilter | null => fastPrefilter(literals(), shared);
  if (search === null) return quickStart(wasmPackedPrefilter(packed), makeFast, settings);
  const makeScreened = (): Prefilter | null => {
    const fast = makeFast();
    return fast === null ? null : search.screened(fast);
  };
  return quickStart(search.prefilter, makeScreened, settings);
}

function fastPrefilter(literals: readonly Literal[], shared: AutomatonForAll | null): Prefilter | null {
  try {
    const { memory, automaton } = shared?.make() ?? ownAutomaton(literals);
    return kernelPrefilter(literals, createKernel(memory), automaton);
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

function ownAutomaton(literals: readonly Literal[]): SharedAutomaton {
  const memory = new KernelMemory();
  return { memory, automaton: loadAutomaton(memory, literals) };
}
