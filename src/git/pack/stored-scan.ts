import type { BlobScan } from '../../core/detector.ts';
import type { Located, Span } from '../../core/span.ts';
import type { Kernel, KernelMemory } from '../../kernel/instance.ts';
import type { LoadedReaches } from '../../kernel/tree-job.ts';
import type { ObjectTable } from '../object-table.ts';
import type { SweptTrees } from '../tree-sweep.ts';
import type { ObjectStore } from './object-store.ts';
import type { FileHelper } from './pack-bytes.ts';

/** What small blobs begin with that are looked for besides what rules say, and their most bytes. */
export interface BlobMarker {
  readonly start: Uint8Array;
  readonly limit: number;
}

/** What a scan of a store's blobs is to do. Rows count in `store.table`. */
export interface StoredScanRequest {
  readonly store: ObjectStore;
  /** Rows of blobs to be scanned, ascending. */
  readonly wanted: Uint32Array;
  /** These are all blobs that the store has. */
  readonly isAll?: boolean;
  /** Small blobs that start so are handed over, whatever was found in them. */
  readonly marker?: BlobMarker;
  readonly signal: AbortSignal;
  /** Resolved when who asks has nothing else to do in this thread: then it may take part. */
  readonly idle?: Promise<void>;
  /** Told from time to time how much has been done since it was told last. */
  readonly onProgress?: (objects: number, bytes: number) => void;
}

/** A blob in which something was found, or that could not be looked at completely. */
export interface ScannedRow {
  readonly row: number;
  readonly scan: BlobScan;
}

export interface StoredScanResult {
  /** By ascending row. A blob that is neither here nor in `unread` was decided and holds nothing. */
  readonly found: readonly ScannedRow[];
  readonly marked: readonly { readonly row: number; readonly content: Uint8Array }[];
  /** Wanted rows that were not decided and must be read in another way: loose, damaged, too large. Ascending. */
  readonly unread: Uint32Array;
  /** By row: bytes of each blob that was decided, 0 for all others. Made when it is asked for. */
  readonly sizes: () => Uint32Array;
  /** Blobs decided, and bytes of them. */
  readonly objects: number;
  readonly bytes: number;
  /** Bytes that had to be looked at for that. */
  readonly scanned: number;
}

/** Scans blobs where they are stored, by what distinguishes them from each other. */
export type StoredScan = (request: StoredScanRequest) => Promise<StoredScanResult>;

/** Reads all trees of packs that the kernel can walk (`tree-sweep.ts`) in a thread of its own. Rows are positions in `table`. */
export interface TreeSweeper {
  /** Lets the thread begin, where it is known already that they will be asked for. */
  begin(store: ObjectStore, table: ObjectTable): void;
  /** @returns null if it cannot, or there are few; or, later, if there was no room */
  sweep(
    store: ObjectStore,
    table: ObjectTable,
    onProgress: (objects: number) => void,
    signal: AbortSignal,
  ): Promise<SweptTrees | null> | null;
}

/** A blob that was scanned, and spans of it. */
export interface SpansOfRow {
  readonly row: number;
  readonly spans: readonly Span[];
}

/** Reads blobs again, to tell where spans of them stand. Those that it cannot read are left out. @throws KernelError if there is no room */
export type BlobLooker = (
  store: ObjectStore,
  blobs: readonly SpansOfRow[],
) => Promise<ReadonlyMap<number, LocatedSpans>>;

/** By span, in the order in which they were asked about; null for those past the end. */
export type LocatedSpans = readonly (Located | null)[];

/** Scans what its kernel can walk. */
export interface PackScanner {
  /** Packs are to be held there, */
  readonly memory: KernelMemory;
  /** if they have no more bytes than that. Default: as a store thinks best. */
  readonly heldPack?: number | undefined;
  /** The checksums of packs of at least so many bytes are left to `help`. Default: as a store thinks best. */
  readonly helpedPack?: number | undefined;
  readonly scan: StoredScan;
  /** Computes checksums of large packs. */
  readonly help?: FileHelper;
  /** Does beforehand what a scan needs of the rules: `marker` as it will be asked for. */
  prepare(marker: BlobMarker): void;
  /** Null where there is no thread for it. */
  readonly sweepTrees: TreeSweeper | null;
  /**
   * False if no rule has anything to look at in this text.
   *
   * @param isCommit - nor in what is made of it by leaving out some of its header lines, and something at its end
   */
  mayHold(text: Uint8Array, isCommit?: boolean): boolean;
  /** Does it beside this thread's work; null where there is no thread for it. Asked after `scan`, at most once. */
  readonly look: BlobLooker | null;
  /**
   * Has a kernel in that memory know what `mayHold` knows.
   *
   * @returns null where nothing more is known than literals
   */
  equip(kernel: Kernel): LoadedReaches | null;
  /** Lets threads go. */
  end(): void;
}
