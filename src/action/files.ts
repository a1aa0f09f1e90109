import path from 'node:path';

import type { FindingsReport } from '../core/finding.ts';
import type { ReportOptions } from '../report/format.ts';
import { formatNamed } from '../report/formats.ts';
import { writeFileSafely } from '../triage/write-file.ts';

/** Formats of reports, and the endings by which other tools know them. */
export const FILE_ENDINGS: Readonly<Record<string, string>> = {
  pretty: 'txt',
  json: 'json',
  jsonl: 'jsonl',
  sarif: 'sarif',
  junit: 'xml',
  csv: 'csv',
  gitlab: 'gitlab.json',
  codequality: 'codequality.json',
  github: 'txt',
  markdown: 'md',
  html: 'html',
  gitleaks: 'gitleaks.json',
  'gitleaks-csv': 'gitleaks.csv',
  'gitleaks-junit': 'gitleaks.xml',
  'gitleaks-sarif': 'gitleaks.sarif',
};

export interface ReportFiles {
  readonly report: string;
  readonly sarif: string;
}

/** Writes the report in the format asked for, and SARIF in any case. Only the runner's user can read them. */
export function writeReports(
  folder: string,
  format: string,
  report: FindingsReport,
  options: ReportOptions,
): ReportFiles {
  const files = {
    report: path.join(folder, `unleak.${FILE_ENDINGS[format] ?? 'txt'}`),
    sarif: path.join(folder, 'unleak.sarif'),
  };
  writeFileSafely(files.sarif, formatNamed('sarif')(report, options), 0o600);
  if (files.report !== files.sarif) writeFileSafely(files.report, formatNamed(format)(report, options), 0o600);
  return files;
}
