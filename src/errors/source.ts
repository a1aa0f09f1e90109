import { type ErrorNotes, ScanError } from './base.ts';

/** A request that names something that is not there, or that took too long. */
export type SourceErrorCode = 'NO_SUCH_PATH' | 'HOOK_OUT_OF_TIME' | 'SCAN_OUT_OF_TIME';

/** Things a file source could not cover; reported in coverage, not thrown. */
export type SourceProblemCode =
  | 'FILE_UNREADABLE'
  | 'FOLDER_UNREADABLE'
  | 'FILE_CHANGED'
  | 'STAGED_UNMERGED'
  | 'OBJECTS_NOT_READ'
  | 'NOTHING_COVERED';

export const SOURCE_MENDS: Record<SourceErrorCode | SourceProblemCode, string> = {
  NO_SUCH_PATH: 'Check the spelling; paths are relative to the current directory.',
  HOOK_OUT_OF_TIME:
    'Push fewer commits at a time; whoever runs the server can set unleak.timeLimit (seconds) and unleak.onTimeout (block or allow).',
  SCAN_OUT_OF_TIME: 'Give it more time with --timeout, or less to scan.',
  FILE_UNREADABLE: 'Give the user who runs the scan permission to read it, or exclude its path.',
  FOLDER_UNREADABLE: 'Give the user who runs the scan permission to list it, or exclude its path.',
  FILE_CHANGED: 'Run the scan again while nothing writes to the file.',
  STAGED_UNMERGED: 'Resolve the conflict and stage the file.',
  OBJECTS_NOT_READ: 'Run `unleak history` there, which reads what the repository holds.',
  NOTHING_COVERED: 'Shorten [paths] ignore or .gitignore, or raise the limit, so that something is left to scan.',
};

export function sourceMend(code: SourceErrorCode | SourceProblemCode): string {
  return SOURCE_MENDS[code];
}

export class SourceError extends ScanError {
  override readonly name = 'SourceError';
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: SOURCE_MENDS[code], ...notes });
    this.code = code;
  }
}
