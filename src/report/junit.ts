import type { Finding, FindingsReport } from '../core/finding.ts';
import { markupText } from './escape/markup.ts';
import type { ReportOptions } from './format.ts';
import { headline, sortFindings } from './order.ts';
import { pendingText } from './pending.ts';
import { placeText } from './place.ts';
import { unlistedText } from './unlisted.ts';
import { verifiedText } from './verified.ts';

/**
 * For test reporters of CI servers: a failed case a finding, a skipped one a
 * suppressed finding, an error for each thing that could not be covered, and
 * one passed case where there is nothing else to say.
 */
export function* junit({ findings, coverage }: FindingsReport, { ruleOf }: ReportOptions): Generator<string> {
  const skipped = findings.filter(({ suppressed }) => suppressed !== null).length;
  const [failures, errors] = [findings.length - skipped, coverage.problems.length];
  const tests = Math.max(1, findings.length + errors);
  const totals = `tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="unleak" ${totals}>\n<testsuite name="unleak" ${totals}>\n`;
  for (const finding of sortFindings(findings)) {
    const remediation = ruleOf(finding.rule)?.remediation ?? '';
    yield caseOf(nameOf(finding), finding.rule, outcome(finding, remediation));
  }
  for (const { code, message, mend } of coverage.problems) {
    const text = `<error type=${quoted(code)} message=${quoted(message)}>${markupText(mend)}</error>`;
    yield caseOf(`coverage: ${code}`, 'unleak.coverage', text);
  }
  if (findings.length + errors === 0) yield caseOf('no secrets found', 'unleak.coverage', '');
  yield '</testsuite>\n</testsuites>\n';
}

function nameOf(finding: Finding): string {
  const place = headline(finding);
  return `${finding.title} ${finding.redacted}${place === undefined ? '' : ` at ${placeText(place)}`}`;
}

function outcome(finding: Finding, remediation: string): string {
  const { suppressed, severity, title, occurrences, fingerprint, verification } = finding;
  if (suppressed !== null) return `<skipped message=${quoted(`${suppressed.by}: ${suppressed.reason}`)}/>`;
  const lines = [
    remediation,
    verifiedText(verification),
    pendingText(finding),
    ...occurrences.map(placeText),
    unlistedText(finding),
    `unleak allow ${fingerprint} --reason "…"`,
  ];
  const text = lines
    .filter((line) => line !== '')
    .map(markupText)
    .join('\n');
  return `<failure type=${quoted(severity)} message=${quoted(title)}>${text}</failure>`;
}

function caseOf(name: string, group: string, content: string): string {
  const attributes = `name=${quoted(name)} classname=${quoted(group)}`;
  return content === '' ? `<testcase ${attributes}/>\n` : `<testcase ${attributes}>${content}</testcase>\n`;
}

function quoted(text: string): string {
  return `"${markupText(text)}"`;
}
