import type { Blob, BlobKind, ByteStream } from './blob.ts';
import type { CoverageLog, SourceName } from './coverage.ts';
import type { BlobScan } from './detector.ts';
import type { Place } from './finding.ts';
import type { Located, Span } from './span.ts';

/** What attribution is asked about: this blob holds these fingerprints. */
export type Holdings = ReadonlyMap<string, ReadonlySet<string>>;

/** What can be done while a source attributes. */
export interface Early {
  /** Waits until all fingerprints are made. @returns what a stand-in stands for; of a fingerprint, itself */
  readonly ids: () => Promise<(name: string) => string>;
  /** What `located` will be asked about of a blob, if it turns out to be listed. Null if it has to be read. */
  readonly spansOf: (blob: string) => readonly Span[] | null;
}

/** One place of one fingerprint. `blob` is the `Blob.id` that the engine scanned. */
export interface AttributedPlace {
  readonly blob: string;
  readonly fingerprint: string;
  readonly place: Place;
}

export interface Attribution {
  readonly places: readonly AttributedPlace[];
  /** First introducer of each fingerprint, where commits are known. */
  readonly firstSeen: ReadonlyMap<string, { readonly commit: string; readonly author: string; readonly date: string }>;
  readonly exposure: ReadonlyMap<string, 'local' | 'remote' | 'unknown'>;
  /** Blobs that were there before what is judged: an inline comment in them is not new. */
  readonly standing?: ReadonlySet<string>;
}

/** A file that counts by its path alone. */
export interface FilePlace {
  /** With a path. */
  readonly place: Place;
  readonly exposure: 'local' | 'remote' | 'unknown';
}

/** A blob that was scanned where it is stored, and what came of it. */
export interface ScannedBlob {
  readonly id: string;
  readonly kind: BlobKind;
  readonly scan: BlobScan;
}

/**
 * Where blobs come from. A source never drops anything silently: what it
 * leaves out goes to `coverage.skip`, what it could not read to
 * `coverage.problem`.
 */
export interface Source {
  readonly name: SourceName;
  readonly coverage: CoverageLog;
  /** Content held in memory may be used again: it is valid until the next blob is asked for. */
  blobs(signal: AbortSignal): AsyncIterable<Blob>;
  /** Told what came of each blob that was handed out. */
  decided?(id: string, scan: BlobScan): void;
  /**
   * Asked once, after `blobs` has ended: those that were scanned where they are
   * stored instead of being handed out, as far as there is anything to say of them.
   */
  scanned?(): Iterable<ScannedBlob>;
  /** Reads one blob again, to show what is reported. Null if it is gone or has changed; that is a problem. */
  read(id: string, signal: AbortSignal): Promise<Uint8Array | ByteStream | null>;
  /** Where a blob's `Early.spansOf` stand. Null if that was not looked at beforehand: then read it. */
  located?(id: string): Promise<readonly (Located | null)[] | null>;
  /**
   * Blobs that are not covered themselves but decide what is new: the parents'
   * versions of the blobs with findings. They are scanned and handed to
   * `attribute` in `holdings`, under their own ids.
   */
  parentBlobs?(found: ReadonlySet<string>, signal: AbortSignal): AsyncIterable<Blob>;
  /** Asked once, after all blobs were scanned, and only for those with findings. */
  attribute(holdings: Holdings, signal: AbortSignal): Promise<Attribution>;
  /** The same where other work goes on meanwhile. `holdings` has stand-ins for fingerprints that are still being made. */
  attributeEarly?(holdings: Holdings, early: Early, signal: AbortSignal): Promise<Attribution>;
  /**
   * The files at wanted paths, one place for each version that is new there,
   * oldest first. Asked last, and only where a rule goes by paths alone; absent
   * where there are none.
   */
  files?(wanted: (path: string) => boolean, signal: AbortSignal): Promise<readonly FilePlace[]>;
  /**
   * Asked after `attribute`: false if what was read has turned out to be damaged, so that nothing of it counts. Only of a source
   * that was asked to begin before that was known.
   */
  isSound?(): boolean;
}
