import type { FindingsReport } from '../core/finding.ts';
import { csvCell } from './escape/csv.ts';
import { type GitleaksRecord, gitleaksRecords } from './gitleaks-record.ts';

const COLUMNS = [
  'RuleID',
  'Commit',
  'File',
  'SymlinkFile',
  'Secret',
  'Match',
  'StartLine',
  'EndLine',
  'StartColumn',
  'EndColumn',
  'Author',
  'Message',
  'Date',
  'Email',
  'Fingerprint',
  'Tags',
] as const satisfies readonly (keyof GitleaksRecord)[];

/** The CSV report of gitleaks: nothing at all where there is no finding. */
export function* gitleaksCsv(report: FindingsReport): Generator<string> {
  let head = `${COLUMNS.join(',')}\n`;
  for (const record of gitleaksRecords(report)) {
    yield `${head}${COLUMNS.map((column) => csvCell(cellOf(record, column))).join(',')}\n`;
    head = '';
  }
}

function cellOf(record: GitleaksRecord, column: (typeof COLUMNS)[number]): string {
  return column === 'Tags' ? record.Tags.join(' ') : String(record[column]);
}
