import { KernelError } from '../errors/kernel.ts';
import { loadAutomaton } from '../kernel/automaton.ts';
import { KernelMemory, createKernel } from '../kernel/instance.ts';
import { kernelPrefilter } from './kernel-prefilter.ts';
import type { Literal, Prefilter } from './literal.ts';
import type { PackedLiterals } from './packed.ts';
import { type ScreenedSearch, wasmPackedPrefilter } from './packed-wasm.ts';
import { quickStart } from './quick-start.ts';
import type { SharedAutomaton } from './shared-automaton.ts';

/**
 * The prefilter for content of unknown size: ready at once, and replaced by
 * the kernel's automaton where there is much to search and a kernel to be had.
 *
 * @param literals - those that are packed, in their order; asked for only then
 * @param search - over the same literals, if its hits are to be screened
 * @param made - their automaton, if somebody has made it by then
 */
export function growingPrefilter(
  packed: PackedLiterals,
  literals: () => readonly Literal[],
  search: ScreenedSearch | null = null,
  made: () => SharedAutomaton | undefined = () => undefined,
): Prefilter {
  const makeFast = (): Prefilter | null => fastPrefilter(literals(), made());
  const isMade = (): boolean => made() !== undefined;
  if (search === null) return quickStart(wasmPackedPrefilter(packed), makeFast, { isMade });
  const makeScreened = (): Prefilter | null => {
    const fast = makeFast();
    return fast === null ? null : search.screened(fast);
  };
  return quickStart(search.prefilter, makeScreened, { isMade });
}

function fastPrefilter(literals: readonly Literal[], made: SharedAutomaton | undefined): Prefilter | null {
  try {
    const memory = made?.memory ?? new KernelMemory();
    return kernelPrefilter(literals, createKernel(memory), made?.automaton ?? loadAutomaton(memory, literals));
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}
