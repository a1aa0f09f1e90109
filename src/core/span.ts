/** A half-open range of byte offsets into a blob: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span as people see it, and the bytes of its line around it. */
export interface Located {
  readonly range: TextRange;
  /** Part of the line that the span begins on, without its line break. */
  readonly excerpt: Uint8Array;
  /** Offset of `excerpt[0]` in the blob. */
  readonly excerptStart: number;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
}

/** A place for people: lines and columns count from 1; columns in UTF-16 code units. */
export interface TextRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** First column after the range. */
  readonly endColumn: number;
}
