import type { Problem } from '../core/coverage.ts';
import type { Finding, FindingsReport } from '../core/finding.ts';
import type { Severity } from '../core/rule.ts';
import { jsonText } from './escape/json.ts';
import { terminalText } from './escape/terminal.ts';
import type { ReportOptions } from './format.ts';
import { headline, openFindings } from './order.ts';
import { fileOf, placeText } from './place.ts';
import { verifiedText } from './verified.ts';

/** Code Climate's words, which GitLab's widget sorts by. */
const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: 'blocker',
  high: 'critical',
  medium: 'major',
  low: 'minor',
};

/** What stands in no file, since an entry must name one. */
const NO_FILE = '.';

/**
 * GitLab's code quality report, the part of Code Climate's format that it
 * reads: an entry a secret, and one for each thing that was not covered.
 *
 * @see https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export function* codequality({ findings, coverage }: FindingsReport, { ruleOf }: ReportOptions): Generator<string> {
  const entries = [
    ...openFindings(findings).map((finding) => findingEntry(finding, ruleOf(finding.rule)?.remediation ?? '')),
    ...coverage.problems.map(problemEntry),
  ];
  yield '[';
  for (const [index, entry] of entries.entries()) yield `${index === 0 ? '\n' : ',\n'}${jsonText(entry)}`;
  yield '\n]\n';
}

function findingEntry(finding: Finding, remediation: string): object {
  const { title, redacted, rule, fingerprint, severity, verification } = finding;
  const verified = verification === null ? '' : `${terminalText(verifiedText(verification))}. `;
  const place = headline(finding);
  const file = place === undefined ? null : fileOf(place);
  const where = place === undefined || file !== null ? '' : ` in ${placeText(place)}`;
  return {
    description: `${terminalText(`${title} ${redacted}`)}${where}. ${verified}${terminalText(remediation)}`.trim(),
    check_name: terminalText(rule),
    fingerprint: terminalText(fingerprint),
    severity: SEVERITY[severity],
    location: { path: file ?? NO_FILE, lines: { begin: file === null ? 1 : (place?.line ?? 1) } },
  };
}

function problemEntry({ code, message, mend }: Problem): object {
  return {
    description: terminalText(`Not covered: ${code}: ${message}. ${mend}`),
    check_name: 'unleak-coverage',
    fingerprint: terminalText(`${code} ${message}`),
    severity: 'major',
    location: { path: NO_FILE, lines: { begin: 1 } },
  };
}
