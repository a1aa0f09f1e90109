import type { FindingsReport } from '../core/finding.ts';
import { jsonText } from './escape/json.ts';
import { gitleaksRecords } from './gitleaks-record.ts';

/**
 * The JSON report of gitleaks, for the tools that read one. The format has no
 * place for what was not covered.
 */
export function* gitleaks(report: FindingsReport): Generator<string> {
  let separator = '\n';
  yield '[';
  for (const record of gitleaksRecords(report)) {
    yield separator + indented(jsonText(record, 1));
    separator = ',\n';
  }
  yield separator === '\n' ? ']\n' : '\n]\n';
}

function indented(json: string): string {
  return json.replaceAll(/^/gm, ' ');
}
