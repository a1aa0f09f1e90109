/** Blobs that hold nothing, by what an earlier run decided. */
export interface CleanBlobs {
  readonly count: number;
  /** Raw ids, one after the other, rising. */
  readonly ids: Uint8Array;
  /** Bytes of each blob. */
  readonly sizes: Float64Array;
}

/**
 * Remembers which blobs of one repository hold nothing, for one engine, set of
 * rules and limits. A verdict is about an object's bytes alone: paths,
 * suppressions, pairs and attribution come after it.
 */
export interface Verdicts {
  /** Null where nothing is remembered, or what is cannot be trusted. */
  load(idBytes: number): CleanBlobs | null;
  /** Remembers these instead of all that was. A failure costs only time. */
  save(idBytes: number, blobs: CleanBlobs): void;
}
