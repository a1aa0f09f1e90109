import { type ErrorNotes, ScanError } from './base.ts';

/** Ways a suppression can be refused. Codes are API: add freely, never rename. */
export type TriageErrorCode =
  | 'TRIAGE_FILE_INVALID'
  | 'TRIAGE_ID_INVALID'
  | 'TRIAGE_ID_UNKNOWN'
  | 'TRIAGE_ID_AMBIGUOUS'
  | 'TRIAGE_PLACE_EMPTY'
  | 'TRIAGE_PLACE_AMBIGUOUS'
  | 'TRIAGE_REASON_MISSING'
  | 'TRIAGE_EXPIRY_INVALID'
  | 'TRIAGE_WRITE_REFUSED'
  | 'TRIAGE_INCOMPLETE';

export const TRIAGE_MENDS: Record<TriageErrorCode, string> = {
  TRIAGE_FILE_INVALID: 'Correct or delete that line; docs/TRIAGE.md describes the format.',
  TRIAGE_ID_INVALID: 'Copy the id from the report: 26 letters and digits, or a file’s PATH:LINE:COLUMN.',
  TRIAGE_ID_UNKNOWN: 'Give the whole id of 26 characters, or scan again and copy it from there.',
  TRIAGE_ID_AMBIGUOUS: 'Give more characters of the id.',
  TRIAGE_PLACE_EMPTY: 'Scan the file again and copy the place from there; what is on that line may have moved.',
  TRIAGE_PLACE_AMBIGUOUS: 'Give the id of the one that is meant, or the column.',
  TRIAGE_REASON_MISSING: 'Say why it may stay: --reason "rotated on 3 March, kept as history".',
  TRIAGE_EXPIRY_INVALID: 'Write the last day it holds as YYYY-MM-DD.',
  TRIAGE_INCOMPLETE: 'Mend what is named above and run it again; --allow-incomplete writes what is known.',
  TRIAGE_WRITE_REFUSED: 'Check what stands at that path; it must be a plain file or nothing.',
};

export class TriageError extends ScanError {
  override readonly name = 'TriageError';
  readonly code: TriageErrorCode;

  constructor(code: TriageErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: TRIAGE_MENDS[code], ...notes });
    this.code = code;
  }
}
