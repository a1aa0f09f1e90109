/** A stored blob that a walk has come to. The object stays valid after the walk has moved on. */
export interface WalkedBlob {
  /** Unique within one walk; numbers are dense enough to index an array with. */
  readonly index: number;
  /** Bytes. */
  readonly size: number;
  /** Object id in hexadecimal; computed when asked for. */
  readonly id: string;
}

/**
 * What a blob has from its parent. Run `i` is the bytes
 * `[childStart[i], childStart[i] + length[i])` of the blob, equal to those from
 * `parentStart[i]` on of the parent; runs are maximal and in the order of the
 * blob. Bytes in no run were inserted. Where two runs touch, bytes of the
 * parent were deleted or moved, and a text across the seam is new although
 * none of its bytes is.
 *
 * The arrays are longer than `count` and overwritten for the next blob.
 */
export interface Runs {
  readonly count: number;
  readonly childStart: Int32Array;
  readonly parentStart: Int32Array;
  readonly length: Int32Array;
}

/**
 * Bytes `[start, end)` of the blob being entered. The view is valid until the
 * next call, and no longer than `enter`: copy what is to be kept.
 *
 * @throws RangeError unless 0 ≤ start ≤ end ≤ size
 */
export type ReadRange = (start: number, end: number) => Uint8Array;

/** Is shown every blob of a walk, each once, a parent always before its children. */
export interface BlobVisitor {
  /**
   * @param parent - the blob it is stored as a delta on, entered before and not
   *   left yet; null if it is to be looked at as a whole (then there are no runs)
   */
  enter(blob: WalkedBlob, parent: WalkedBlob | null, runs: Runs, read: ReadRange): void;
  /**
   * No further child of `blob` will be entered: what was kept for them can go.
   * Comes as early as that is known, so not nested: a blob may be left before
   * its last child is.
   */
  leave(blob: WalkedBlob): void;
}

/** For blobs without a parent. */
export const NO_RUNS: Runs = {
  count: 0,
  childStart: new Int32Array(0),
  parentStart: new Int32Array(0),
  length: new Int32Array(0),
};
