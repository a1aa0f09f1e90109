import type { Finding, FindingsReport, Occurrence } from '../core/finding.ts';
import { jsonText } from './escape/json.ts';
import { openFindings } from './order.ts';

/**
 * The JSON report of gitleaks, for the tools that read one: a record an
 * occurrence, keys in its order. Columns are ours (UTF-16 code units of the
 * secret), the commit message is left empty, `Match` and `Secret` are redacted
 * unless secrets were asked for. The format has no place for what was not
 * covered.
 */
export function* gitleaks(report: FindingsReport): Generator<string> {
  let separator = '\n';
  yield '[';
  for (const finding of openFindings(report.findings)) {
    for (const occurrence of finding.occurrences) {
      yield separator + indented(jsonText(recordOf(finding, occurrence), 1));
      separator = ',\n';
    }
  }
  yield separator === '\n' ? ']\n' : '\n]\n';
}

function recordOf(finding: Finding, occurrence: Occurrence): object {
  const { rule, title, secret = 'REDACTED', entropy, provider, verification } = finding;
  const { path, line, endLine, column, endColumn, commit } = occurrence;
  const file = path ?? '';
  return {
    RuleID: rule,
    Description: title,
    StartLine: line,
    EndLine: endLine,
    StartColumn: column,
    EndColumn: Math.max(1, endColumn - 1),
    Match: secret,
    Secret: secret,
    File: file,
    SymlinkFile: '',
    Commit: commit ?? '',
    Entropy: entropy,
    Author: occurrence.author ?? '',
    Email: occurrence.email ?? '',
    Date: occurrence.authorDate ?? '',
    Message: '',
    Tags: [provider, ...(verification === null ? [] : [`verified:${verification.status}`])],
    Fingerprint: [...(commit === null ? [] : [commit]), file, rule, line].join(':'),
  };
}

function indented(json: string): string {
  return json.replaceAll(/^/gm, ' ');
}
