import type { Prefilter } from './literal.ts';

/** Searched with the quick one: what it takes as long for as the fast one takes to be built. */
const QUICK_BYTES = 256 * 1024;

/**
 * Begins with a prefilter that is ready at once and goes on with a faster one
 * where there is much to search.
 *
 * @param makeFast - over the same literals in the same order; null where it is not to be had
 */
export function quickStart(quick: Prefilter, makeFast: () => Prefilter | null, quickBytes = QUICK_BYTES): Prefilter {
  let now = quick;
  let left = quickBytes;
  return {
    get literals() {
      return now.literals;
    },
    find(bytes, start, end, hits) {
      left -= end - start;
      if (left < 0 && now === quick) {
        now = makeFast() ?? quick;
        left = Infinity;
      }
      now.find(bytes, start, end, hits);
    },
  };
}
