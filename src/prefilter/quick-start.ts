import type { Prefilter } from './literal.ts';
import { type PackedLiterals, literalCount } from './packed.ts';

/** Searched with the quick one: half of what it takes as long for as the fast one takes to be built. */
const QUICK_BYTES = 4 * 1024 * 1024;
/** The same where it has been built for others, and takes a while to be compiled again. */
const QUICK_BYTES_IF_MADE = 256 * 1024;

export interface QuickStartOptions {
  readonly quickBytes?: number;
  /** Whether the fast one takes next to nothing to be made. */
  readonly isMade?: () => boolean;
}

/** Of more literals an automaton is too large for the processor's nearest caches: it takes as long as the quick search, and has to be made. */
const FEW = 1000;

/** Whether nothing is quicker, however much there is to search. */
export function staysQuick(packed: PackedLiterals): boolean {
  return literalCount(packed) > FEW;
}

/**
 * Begins with a prefilter that is ready at once and goes on with a faster one
 * where there is much to search.
 *
 * @param makeFast - over the same literals in the same order; null where it is not to be had
 */
export function quickStart(
  quick: Prefilter,
  makeFast: () => Prefilter | null,
  { quickBytes = QUICK_BYTES, isMade = () => false }: QuickStartOptions = {},
): Prefilter {
  let now = quick;
  let searched = 0;
  return {
    get literals() {
      return now.literals;
    },
    find(bytes, start, end, hits) {
      searched += end - start;
      if (searched > quickBytes || (searched > QUICK_BYTES_IF_MADE && isMade())) {
        // Not asked again, whatever came of it.
        searched = -Infinity;
        now = makeFast() ?? quick;
      }
      now.find(bytes, start, end, hits);
    },
  };
}
