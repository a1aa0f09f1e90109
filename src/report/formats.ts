import { ReportError } from '../errors/report.ts';
import type { Format } from './format.ts';
import { codequality } from './codequality.ts';
import { csv } from './csv.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { gitleaks } from './gitleaks.ts';
import { gitleaksCsv } from './gitleaks-csv.ts';
import { gitleaksJunit } from './gitleaks-junit.ts';
import { gitleaksSarif } from './gitleaks-sarif.ts';
import { html } from './html.ts';
import { json, jsonl } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { pretty } from './pretty/pretty.ts';
import { sarif } from './sarif.ts';

/** Every format by the name that `--format` takes. */
export const formats: Readonly<Record<string, Format>> = {
  pretty,
  json,
  jsonl,
  sarif,
  junit,
  csv,
  gitlab,
  codequality,
  github,
  markdown,
  html,
  gitleaks,
  'gitleaks-csv': gitleaksCsv,
  'gitleaks-junit': gitleaksJunit,
  'gitleaks-sarif': gitleaksSarif,
};

/** @throws ReportError `REPORT_FORMAT_UNKNOWN` */
export function formatNamed(name: string): Format {
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (format !== undefined) return format;
  throw new ReportError('REPORT_FORMAT_UNKNOWN', `no format ${JSON.stringify(name)}`, {
    facts: { known: Object.keys(formats).join(', ') },
  });
}
