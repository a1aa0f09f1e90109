import type { Finding, FindingsReport, Occurrence } from '../core/finding.ts';
import type { PolicyPlace } from '../core/policy.ts';
import { csvCell } from './escape/csv.ts';
import { sortFindings } from './order.ts';

const COLUMNS = [
  'record',
  'rule',
  'provider',
  'title',
  'severity',
  'confidence',
  'redacted',
  'exposure',
  'kind',
  'path',
  'line',
  'column',
  'commit',
  'author',
  'date',
  'fingerprint',
  'suppressed',
  'status',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

/** For spreadsheets: a row an occurrence, then a row for each thing that could not be covered. RFC 4180. */
export function* csv(report: FindingsReport): Generator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for (const finding of sortFindings(report.findings)) {
    const shared = findingColumns(finding);
    for (const occurrence of finding.occurrences) yield line({ ...shared, ...occurrenceColumns(occurrence) });
    if (finding.occurrences.length === 0) yield line(shared);
  }
  for (const { code, title, advice, level, fingerprint, places } of report.policy ?? []) {
    const shared = { record: 'policy', rule: code, title: `${title}. ${advice}`, severity: level, fingerprint };
    for (const place of places) yield line({ ...shared, ...placeColumns(place) });
    if (places.length === 0) yield line(shared);
  }
  for (const { code, message, mend } of report.coverage.problems) {
    yield line({ record: 'problem', rule: code, title: `${message}. ${mend}` });
  }
}

function findingColumns(finding: Finding): Row {
  const { rule, provider, title, severity, confidence, redacted, exposure, fingerprint } = finding;
  return {
    record: 'finding',
    rule,
    provider,
    title,
    severity,
    confidence,
    redacted,
    exposure,
    fingerprint,
    suppressed: finding.suppressed === null ? '' : `${finding.suppressed.by}: ${finding.suppressed.reason}`,
    status: finding.verification?.status ?? '',
  };
}

function placeColumns({ path, line: at, column, commit }: PolicyPlace): Row {
  return { path: path ?? '', line: String(at), column: String(column), commit: commit ?? '' };
}

function occurrenceColumns({ kind, path, line: at, column, located, commit, author, authorDate }: Occurrence): Row {
  return {
    kind,
    path: path ?? '',
    line: located === false ? '' : String(at),
    column: located === false ? '' : String(column),
    commit: commit ?? '',
    author: author ?? '',
    date: authorDate ?? '',
  };
}

function line(row: Row): string {
  return `${COLUMNS.map((column) => csvCell(row[column] ?? '')).join(',')}\r\n`;
}
