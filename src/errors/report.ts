import { type ErrorNotes, ScanError } from './base.ts';

/** Ways a stored report can be unusable. Codes are API: add freely, never rename. */
export type ReportErrorCode =
  | 'REPORT_TOO_LARGE'
  | 'REPORT_NOT_JSON'
  | 'REPORT_SCHEMA'
  | 'REPORT_VERSION'
  | 'REPORT_FORMAT_UNKNOWN';

export const REPORT_MENDS: Record<ReportErrorCode, string> = {
  REPORT_TOO_LARGE: 'Make the report of a narrower scan.',
  REPORT_NOT_JSON: 'Pass a file written with --format json; it may have been cut short.',
  REPORT_SCHEMA: 'Pass a file written with --format json, unedited; docs/findings.schema.json describes it.',
  REPORT_VERSION: 'Use the release of unleak that wrote it, or scan again.',
  REPORT_FORMAT_UNKNOWN: 'Choose one of the formats that `unleak report --help` lists.',
};

export class ReportError extends ScanError {
  override readonly name = 'ReportError';
  readonly code: ReportErrorCode;

  constructor(code: ReportErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: REPORT_MENDS[code], ...notes });
    this.code = code;
  }
}
