import type { Problem } from '../core/coverage.ts';
import type { Finding, FindingsReport, Occurrence } from '../core/finding.ts';
import type { Severity } from '../core/rule.ts';
import { jsonText } from './escape/json.ts';
import { markdownCode, markdownText } from './escape/markdown.ts';
import { terminalText } from './escape/terminal.ts';
import type { ReportOptions } from './format.ts';
import { headline, openFindings } from './order.ts';
import { fileOf } from './place.ts';
import { placesIn } from './unlisted.ts';
import { counted } from './words.ts';
import { verifiedText } from './verified.ts';

const SCHEMA_VERSION = '15.0.7';
const LONGEST_NAME = 255;
/** What GitLab's own analyzer writes where there is no commit. */
const NO_COMMIT = '0000000';

const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
};

/**
 * GitLab's secret detection report: a vulnerability a secret, at the place to
 * look at first. Suppressed findings are left out: GitLab keeps dismissals
 * itself.
 *
 * @see https://gitlab.com/gitlab-org/security-products/security-report-schemas
 */
export function* gitlab(report: FindingsReport, options: ReportOptions): Generator<string> {
  const time = (options.now ?? new Date()).toISOString().slice(0, 19);
  const program = { id: 'unleak', name: 'unleak', version: report.tool.version, vendor: { name: 'unleak' } };
  const { complete, problems } = report.coverage;
  const scan = {
    analyzer: program,
    scanner: program,
    start_time: time,
    end_time: time,
    status: complete ? 'success' : 'failure',
    type: 'secret_detection',
    messages: problems.map(messageOf),
  };
  yield `{"version":"${SCHEMA_VERSION}",\n"scan":${jsonText(scan)},\n"vulnerabilities":[`;
  let separator = '\n';
  for (const finding of openFindings(report.findings)) {
    yield separator + jsonText(vulnerability(finding, options));
    separator = ',\n';
  }
  yield '\n]}\n';
}

function messageOf({ code, message, mend }: Problem): object {
  return { level: 'warn', value: terminalText(`${code}: ${message}. ${mend}`) };
}

function vulnerability(finding: Finding, { ruleOf }: ReportOptions): object {
  const rule = ruleOf(finding.rule);
  const name = terminalText(finding.title).slice(0, LONGEST_NAME);
  return {
    id: finding.fingerprint,
    name,
    description: description(finding, rule?.impact ?? ''),
    severity: SEVERITY[finding.severity],
    solution: terminalText(rule?.remediation ?? 'Revoke it, then replace it.').slice(0, 7000),
    identifiers: [
      { type: 'unleak_rule', name: terminalText(`unleak rule ${finding.rule}`), value: finding.rule || '-' },
    ],
    location: locationOf(headline(finding)),
  };
}

/** GitLab renders it as Markdown. */
function description(finding: Finding, impact: string): string {
  const { title, redacted, verification } = finding;
  const places = placesIn(finding);
  const sentences = [`${markdownText(title)} ${markdownCode(redacted)}.`, markdownText(impact)];
  if (places > 1) sentences.push(`It stands in ${counted(places, 'place')}.`);
  if (verification !== null) sentences.push(`${markdownText(verifiedText(verification))}.`);
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function locationOf(place: Occurrence | undefined): object {
  if (place === undefined) return { commit: { sha: NO_COMMIT } };
  const { line, endLine, located, commit, author, authorDate } = place;
  const file = fileOf(place);
  return {
    ...(file !== null && { file }),
    ...(located !== false && { start_line: line, end_line: endLine }),
    commit: {
      sha: commit ?? NO_COMMIT,
      ...(author !== null && { author: terminalText(author) }),
      ...(authorDate !== null && { date: terminalText(authorDate) }),
    },
  };
}
