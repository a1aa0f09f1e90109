import type { Span } from '../../core/span.ts';

/** Text that stood encoded in a blob, and the way back to where it stood. */
export interface Decoded {
  readonly bytes: Uint8Array;
  /** Name of the encoding, as reports list it. */
  readonly encoding: string;
  /** The encoded characters, in the enclosing bytes, of a span of `bytes`. */
  locate(span: Span): Span;
  /**
   * Index in `bytes` of the character that stands encoded at `offset`, or −1 if
   * none begins there.
   */
  indexOf(offset: number): number;
}

/** Index of `wanted` in the first `count` rising numbers of `sorted`, or −1. */
export function indexInSorted(sorted: Uint32Array, count: number, wanted: number): number {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] ?? 0;
    if (value === wanted) return middle;
    if (value < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
