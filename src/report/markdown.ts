import type { Coverage } from '../core/coverage.ts';
import type { Finding, FindingsReport } from '../core/finding.ts';
import type { PolicyFinding } from '../core/policy.ts';
import type { Rule } from '../core/rule.ts';
import { markdownCode, markdownText } from './escape/markdown.ts';
import type { ReportOptions } from './format.ts';
import { leftOutText } from './left-out.ts';
import { headline, openFindings } from './order.ts';
import { placeText } from './place.ts';
import { type ProblemGroup, groupProblems, groupTitle } from './problem-groups.ts';
import { placesIn } from './unlisted.ts';
import { verifiedText } from './verified.ts';

const FINDINGS_LISTED = 100;

/**
 * For comments and job summaries. Whatever comes from outside stands in code
 * spans, so that it mentions nobody, links nowhere and loads nothing.
 */
export function* markdown(report: FindingsReport, options: ReportOptions): Generator<string> {
  const open = openFindings(report.findings);
  const listed = open.slice(0, options.limit ?? FINDINGS_LISTED);
  yield `### ${verdict(open.length, report.coverage)}\n\n`;
  if (listed.length > 0) {
    yield '| | Secret | Where | Since | Pushed | Id |\n| --- | --- | --- | --- | --- | --- |\n';
    for (const finding of listed) yield `${row(finding)}\n`;
    yield '\n';
  }
  if (open.length > listed.length) yield `… and ${open.length - listed.length} more.\n\n`;
  yield* advice(listed, options);
  yield* policies(report.policy ?? [], options.limit ?? FINDINGS_LISTED);
  yield* notes(report, options.command ?? 'unleak', open.length > 0);
}

function verdict(count: number, { complete }: Coverage): string {
  const gap = complete ? '' : ', but not everything could be covered';
  if (count === 0) return complete ? '✅ No secrets found' : `⚠ Nothing found${gap}`;
  return `❌ ${count} ${count === 1 ? 'secret' : 'secrets'} found${gap.replace('but', 'and')}`;
}

function row(finding: Finding): string {
  const { rule, severity, confidence, title, redacted, firstSeen, exposure, fingerprint, verification } = finding;
  const since =
    firstSeen === null
      ? ''
      : `${markdownCode(firstSeen.commit.slice(0, 10))} ${markdownCode(firstSeen.date.slice(0, 10))} ${markdownCode(firstSeen.author)}`;
  const doubt = confidence === 'high' ? '' : ` (${confidence} confidence)`;
  const cells = [
    `**${severity}**${doubt}`,
    `${markdownText(title)} (${markdownCode(rule)}) ${markdownCode(redacted)}${verification === null ? '' : `. ${markdownText(verifiedText(verification))}`}`,
    where(finding),
    since,
    { remote: 'yes', local: 'no', unknown: '' }[exposure],
    markdownCode(fingerprint),
  ];
  return `| ${cells.join(' | ')} |`;
}

function where(finding: Finding): string {
  const place = headline(finding);
  if (place === undefined) return '';
  const more = placesIn(finding) - 1;
  return `${markdownCode(placeText(place))}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What to do, once a rule. */
function* advice(findings: readonly Finding[], { ruleOf }: ReportOptions): Generator<string> {
  const rules = [...new Set(findings.map(({ rule }) => rule))].map(ruleOf).filter((rule) => rule !== undefined);
  if (rules.length === 0) return;
  yield '**Revoke first**: deleting a line does not make its secret secret again.\n\n';
  for (const rule of rules) yield `- ${remedy(rule)}\n`;
  yield '\n';
}

/** How the keys are handled, apart from the leak. */
function* policies(policy: readonly PolicyFinding[], most: number): Generator<string> {
  if (policy.length === 0) return;
  yield '**Policy**: how these keys are handled, apart from the leak.\n\n';
  for (const { code, title, advice: todo, places, fingerprint } of policy.slice(0, most)) {
    const [place] = places;
    const at = place?.path == null ? '' : ` at ${markdownCode(`${place.path}:${place.line}`)}`;
    yield `- ${markdownText(title)} (${markdownCode(code)})${at}, ${markdownCode(fingerprint)}: ${markdownText(todo)}\n`;
  }
  if (policy.length > most) yield `- … and ${policy.length - most} more.\n`;
  yield '\n';
}

function remedy({ title, remediation, dashboard }: Rule): string {
  const link = dashboard === undefined ? '' : ` ${markdownCode(dashboard)}`;
  return `${markdownText(title)}: ${markdownText(remediation)}${link}`;
}

/** An item of a list, and below it items for more than one problem. */
export function markdownProblem(group: ProblemGroup, what = ''): string {
  const { code, message, lines, mend } = group;
  const title = groupTitle(group, `⚠ ${what}${markdownCode(code)}`);
  const said = message === '' ? '' : ` ${markdownText(message)}`;
  return [`- ${title}${said} → ${markdownText(mend)}`, ...lines.map((line) => `  - ${markdownText(line)}`)].join('\n');
}

function* notes({ coverage, findings }: FindingsReport, command: string, open: boolean): Generator<string> {
  const suppressed = findings.filter((finding) => finding.suppressed !== null).length;
  if (open) yield `If one may stay: ${markdownCode(`${command} allow ID --reason "…"`)}\n\n`;
  if (suppressed > 0) yield `${suppressed} suppressed.\n\n`;
  for (const group of groupProblems(coverage.problems)) yield `${markdownProblem(group)}\n`;
  for (const { count, reason, setBy } of coverage.skipped) {
    yield `- ${count} skipped: ${markdownText(reason)}${setBy === undefined ? '' : ` (${markdownCode(setBy)})`}\n`;
  }
  for (const { file, disables } of coverage.configuration) {
    if (disables.length > 0)
      yield `- ${markdownCode(file)} leaves out ${disables.map((what) => leftOutText(what, markdownCode)).join(', ')}\n`;
  }
}
