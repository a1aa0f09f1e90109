import type { BlobScan } from '../../core/detector.ts';
import type { FileContent, FileState } from './read-file.ts';

/** A file that others may read and scan. */
export interface OfferedFile {
  /** Unique; results come under it. */
  readonly index: number;
  readonly location: string | Buffer;
  /** Bytes; larger files are left out. */
  readonly maxSize: number;
}

/** What came of a file: its findings, or why it was not read. */
export type FileOutcome =
  | {
      readonly kind: 'scanned';
      readonly state: FileState;
      readonly size: number;
      readonly scan: BlobScan;
      /** It changed while it was streamed. */
      readonly changed: boolean;
    }
  | Exclude<FileContent, { readonly kind: 'content' }>;

export interface FilesScanned {
  /** Files in which there is nothing to tell of, and their bytes. */
  readonly clean: number;
  readonly cleanBytes: number;
  readonly told: readonly { readonly index: number; readonly outcome: FileOutcome }[];
}

/** Reads and scans files beside the thread that lists them. */
export interface FileScanner {
  /** Takes a file over, unless it is early or everybody is busy: then the caller scans it. */
  offer(file: OfferedFile): boolean;
  /** What was scanned since it was asked last. */
  take(): FilesScanned;
  /** Waits until everything taken over is scanned. Nothing may be offered afterwards. */
  finish(signal: AbortSignal): Promise<void>;
  /** Ends its threads, whatever they are at. */
  close(): void;
}
