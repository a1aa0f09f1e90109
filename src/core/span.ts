/** A half-open range of byte offsets into a blob: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place for people: lines and columns count from 1; columns in UTF-16 code units. */
export interface TextRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** First column after the range. */
  readonly endColumn: number;
}
