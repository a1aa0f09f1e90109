import type { ByteStream } from './blob.ts';
import type { Problem } from './coverage.ts';
import type { Confidence, Rule } from './rule.ts';
import type { Secret } from './secret.ts';
import type { Span } from './span.ts';

/** A secret in one blob, before anything is known about where the blob occurs. */
export interface BlobFinding {
  readonly rule: Rule;
  /** The secret, or its encoded characters, in the blob. */
  readonly span: Span;
  readonly secret: Secret;
  readonly confidence: Confidence;
  readonly decoded: readonly string[];
  /** Found inside an archive at this inner path. */
  readonly inner?: string;
  readonly parts: readonly BlobPart[];
  /** The inline comment that allows it, such as `unleak:allow`. */
  readonly allowedBy: string | null;
}

export interface BlobPart {
  readonly rule: Rule;
  readonly span: Span;
  readonly secret: Secret;
  readonly decoded: readonly string[];
  readonly inner?: string;
}

export interface BlobScan {
  readonly findings: readonly BlobFinding[];
  /** Identifiers that no secret of this blob claimed; other files may hold the other half. */
  readonly loose: readonly BlobPart[];
  /** Bytes covered; for a stream, its length as read. */
  readonly size: number;
  readonly problems: readonly Problem[];
}

/** What scan.ts needs of the engine; `detect/engine.ts` implements it. */
export interface Detector {
  readonly rules: readonly Rule[];
  scan(bytes: Uint8Array): BlobScan;
  scanStream(stream: ByteStream): Promise<BlobScan>;
}
