import type { Finding, FindingsReport } from '../core/finding.ts';
import type { Rule } from '../core/rule.ts';
import { markdownCode, markdownText } from '../report/escape/markdown.ts';
import { leftOutText } from '../report/left-out.ts';
import { headline } from '../report/order.ts';
import { markdownProblem } from '../report/markdown.ts';
import { placeText } from '../report/place.ts';
import { groupProblems } from '../report/problem-groups.ts';
import { placesIn } from '../report/unlisted.ts';
import { byteSize, counted, day, shortId } from '../report/words.ts';
import type { Links } from './links.ts';
import type { Verdict } from './verdict.ts';

/** What a page about a run is made of. */
export interface Page {
  readonly report: FindingsReport;
  readonly verdict: Verdict;
  readonly links: Links;
  readonly ruleOf: (id: string) => Rule | undefined;
  /** What was scanned, such as `the commits of this pull request`. */
  readonly subject: string;
  /** Most findings to list. */
  readonly limit: number;
}

/**
 * The run in Markdown, for comments and job summaries. Whatever comes from a
 * repository stands in code, so that it mentions nobody and links nowhere; the
 * links are ours.
 */
export function pageText(page: Page): string {
  const { verdict } = page;
  const shown = verdict.open.slice(0, page.limit);
  return [
    `### ${heading(page)}`,
    ...(shown.length === 0 ? [] : [table(shown, page), nextSteps(shown, page)]),
    ...(verdict.open.length > shown.length ? [`… and ${verdict.open.length - shown.length} more.`] : []),
    ...notes(page),
    covered(page.report),
  ].join('\n\n');
}

function heading({ verdict, subject }: Page): string {
  const { open, complete, failing } = verdict;
  const gap = complete ? '' : ', and not everything could be looked at';
  if (open.length > 0)
    return `${failing.length > 0 || !complete ? '❌' : '⚠'} ${counted(open.length, 'secret')} in ${subject}${gap}`;
  return complete ? `✅ No secret in ${subject}` : `❌ Nothing found in ${subject}${gap.replace('and', 'but')}`;
}

function table(findings: readonly Finding[], page: Page): string {
  const verified = findings.some(({ verification }) => verification !== null);
  const head = ['', 'Secret', 'Where', 'Commit', ...(verified ? ['Works?'] : []), 'Id'];
  const rows = [head, head.map(() => '---'), ...findings.map((finding) => row(finding, page, verified))];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function row(finding: Finding, { links, verdict }: Page, verified: boolean): string[] {
  const { severity, confidence, title, redacted, firstSeen, fingerprint, verification, pending } = finding;
  const doubt = confidence === 'high' ? '' : ` (${confidence} confidence)`;
  const notFailing = verdict.failing.includes(finding) ? '' : ' (does not fail the run)';
  const proposed = pending === undefined ? '' : ' (allowed by this change, which does not hold before it is merged)';
  return [
    `**${severity}**${doubt}${notFailing}`,
    `${markdownText(title)} ${markdownCode(redacted)}${proposed}`,
    where(finding, links),
    firstSeen === null ? '' : commit(firstSeen.commit, firstSeen.date, links),
    ...(verified ? [verification === null ? '' : markdownText(verification.status)] : []),
    markdownCode(fingerprint),
  ];
}

function where(finding: Finding, links: Links): string {
  const place = headline(finding);
  if (place === undefined) return '';
  const name = place.path === null || place.kind === 'path' ? placeText(place) : `${place.path}:${place.line}`;
  const address = links.line(place);
  const more = placesIn(finding) - 1;
  const shown = address === null ? markdownCode(name) : `[${markdownCode(name)}](${address})`;
  return `${shown}${more > 0 ? ` and ${counted(more, 'more place')}` : ''}`;
}

function commit(id: string, date: string, links: Links): string {
  return `[${markdownCode(shortId(id))}](${links.commit(id)}) ${markdownCode(day(date))}`;
}

function nextSteps(findings: readonly Finding[], { ruleOf }: Page): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].map(ruleOf).filter((rule) => rule !== undefined);
  return [
    '**What to do now**',
    '',
    '1. Revoke the key. It was pushed; deleting the line, or rewriting the branch, does not make it secret again.',
    ...rules.map((rule) => `   - ${remedy(rule)}`),
    '2. Put the new one where the code reads it from: an environment variable or a secret store.',
    '3. Take the line out of *every* commit of the branch (`git rebase -i`, then push with `--force-with-lease`).',
    '4. If it is no secret: run the line below and get the file that it writes merged on its own, before this change.',
    '',
    '   ```sh',
    '   unleak allow ID --reason "why this is no leak"',
    '   ```',
  ].join('\n');
}

function remedy({ title, remediation, dashboard }: Rule): string {
  const link = dashboard === undefined ? '' : ` ${markdownCode(dashboard)}`;
  return `${markdownText(title)}: ${markdownText(remediation)}${link}`;
}

function* notes({ report: { coverage, findings } }: Page): Generator<string> {
  const lines = [
    ...groupProblems(coverage.problems).map((group) => markdownProblem(group, 'Not covered: ')),
    ...coverage.skipped.map(
      ({ count, reason, setBy }) =>
        `- ${count} skipped: ${markdownText(reason)}${setBy === undefined ? '' : ` (${markdownCode(setBy)})`}`,
    ),
    ...coverage.configuration
      .filter(({ disables }) => disables.length > 0)
      .map(
        ({ file, disables }) =>
          `- ${markdownCode(file)} leaves out ${disables.map((what) => leftOutText(what, markdownCode)).join(', ')}`,
      ),
  ];
  const suppressed = findings.filter((finding) => finding.suppressed !== null).length;
  if (suppressed > 0) lines.push(`- ${counted(suppressed, 'finding')} allowed before this change`);
  if (lines.length > 0) yield lines.join('\n');
}

function covered({ coverage, tool }: FindingsReport): string {
  const { commits, blobs, bytesCovered } = coverage;
  return `Looked at ${counted(commits, 'commit')} and ${counted(blobs, 'version')} of files (${byteSize(bytesCovered)}) with ${counted(tool.rules, 'rule')}; unleak ${tool.version}.`;
}
