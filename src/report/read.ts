import { nestsDeeper } from '../bytes/json-depth.ts';
import type { FindingsReport } from '../core/finding.ts';
import { ReportError } from '../errors/report.ts';
import { FindingsReportSchema } from './schema.ts';

/** Most bytes of a stored report that are read. */
const MOST_BYTES = 256 * 1024 * 1024;

/** More brackets in brackets than a report has, fields that are yet to come included. */
const DEEPEST = 64;

/**
 * Reads a stored report, which may come from anywhere, so it is taken for
 * nothing but its shape. Unknown fields are dropped.
 *
 * @throws ReportError `REPORT_TOO_LARGE`, `REPORT_NOT_JSON`, `REPORT_VERSION`, `REPORT_SCHEMA`
 */
export function readReport(bytes: Uint8Array): FindingsReport {
  if (bytes.length > MOST_BYTES) {
    throw new ReportError('REPORT_TOO_LARGE', `the report has ${bytes.length} bytes, more than ${MOST_BYTES}`);
  }
  const value = parsed(bytes);
  const version = schemaOf(value);
  if (version !== undefined && version !== 'unleak.findings/1') {
    throw new ReportError('REPORT_VERSION', `the report is written in ${JSON.stringify(version.slice(0, 64))}`);
  }
  const result = FindingsReportSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join('.').slice(0, 200) ?? '';
  throw new ReportError('REPORT_SCHEMA', `no findings report: ${issue?.code ?? 'invalid'} at ${JSON.stringify(place)}`);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (nestsDeeper(text, DEEPEST)) throw new RangeError('nested');
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw new ReportError('REPORT_NOT_JSON', 'the report is not valid JSON, or nested without end');
  }
}

function schemaOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return undefined;
  return typeof value.schema === 'string' ? value.schema : undefined;
}
