/** Every default limit in one place. Hitting one is a problem, never a silent pass. */
export interface Limits {
  /** Bytes of one in-memory piece of streamed content. */
  readonly streamChunk: number;
  /** Layers of encoding that are undone. */
  readonly decodeDepth: number;
  /** Bytes of one encoded run that is decoded in one piece. */
  readonly encodedRun: number;
  /** Archives within archives. */
  readonly archiveDepth: number;
  /** Bytes that all entries of one outermost archive may expand to. */
  readonly archiveBytes: number;
  /** Entries in one outermost archive. */
  readonly archiveEntries: number;
  /** Items the blob step takes from one blob. */
  readonly itemsPerBlob: number;
}

export const DEFAULT_LIMITS: Limits = {
  streamChunk: 32 * 1024 * 1024,
  decodeDepth: 3,
  encodedRun: 8 * 1024 * 1024,
  archiveDepth: 3,
  archiveBytes: 512 * 1024 * 1024,
  archiveEntries: 100_000,
  itemsPerBlob: 100_000,
};

/** For detection a line ends this many bytes from the match, so that a window stays small. */
export const LINE_REACH = 4096;

/** The part of a blob that its facts are a function of. */
export const FACTS_PREFIX = 8192;
