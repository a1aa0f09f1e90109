import { type ErrorNotes, ScanError } from './base.ts';

/** A request that names something that is not there. */
export type SourceErrorCode = 'NO_SUCH_PATH';

/** Things a file source could not cover; reported in coverage, not thrown. */
export type SourceProblemCode = 'FILE_UNREADABLE' | 'FOLDER_UNREADABLE' | 'FILE_CHANGED';

const MEND: Record<SourceErrorCode | SourceProblemCode, string> = {
  NO_SUCH_PATH: 'Check the spelling; paths are relative to the current directory.',
  FILE_UNREADABLE: 'Give the user who runs the scan permission to read it, or exclude its path.',
  FOLDER_UNREADABLE: 'Give the user who runs the scan permission to list it, or exclude its path.',
  FILE_CHANGED: 'Run the scan again while nothing writes to the file.',
};

export function sourceMend(code: SourceErrorCode | SourceProblemCode): string {
  return MEND[code];
}

export class SourceError extends ScanError {
  override readonly name = 'SourceError';
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: MEND[code], ...notes });
    this.code = code;
  }
}
