/** What a scanned text is; see the JSON contract in docs/findings.schema.json. */
export type BlobKind = 'file' | 'blob' | 'commit-message' | 'tag-message' | 'note' | 'path' | 'stdin';

/** Bytes that arrive in pieces, for content too large to hold. */
export interface ByteStream {
  /** Bytes in all, where the source knows. */
  readonly size?: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * One thing to scan, whatever refers to it. `id` is unique within a source: a
 * git object id for stored content, a path for files, `-` for standard input.
 * Where it occurs is asked of the source afterwards, and only for hits.
 */
export interface Blob {
  readonly id: string;
  readonly kind: BlobKind;
  readonly content: Uint8Array | ByteStream;
}
