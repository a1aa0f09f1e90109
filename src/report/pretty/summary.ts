import type { ConfigurationUse, Coverage, Skipped } from '../../core/coverage.ts';
import type { Finding, FindingsReport, Suppression } from '../../core/finding.ts';
import type { Severity } from '../../core/rule.ts';
import { terminalText } from '../escape/terminal.ts';
import { leftOutText } from '../left-out.ts';
import { type ProblemGroup, groupProblems, groupTitle } from '../problem-groups.ts';
import { type Paint, SEVERITY_STYLE } from './paint.ts';
import { type Row, rowLines } from './rows.ts';
import { byteSize, counted, grouped, listed } from '../words.ts';

/** What was covered, what was left out, and last, where the eye rests, the verdict. */
export function summaryLines(report: FindingsReport, paint: Paint, columns: number): string[] {
  const { coverage } = report;
  const rows: Row[] = [
    ['covered', [coveredText(report)]],
    ['skipped', coverage.skipped.map(skippedText)],
    ['config', coverage.configuration.map(configurationText)],
    ['allowed', [allowedText(report.findings)]],
  ];
  const problems = groupProblems(coverage.problems).flatMap((group) => problemLines(group, paint, columns));
  return [...rowLines(rows, paint, columns), ...problems, '', verdictLine(report, paint)];
}

/** What could not be covered for one reason, and what to do about it. */
export function problemLines(group: ProblemGroup, paint: Paint, columns: number): string[] {
  const { code, message, lines, mend } = group;
  const title = groupTitle(group, paint('yellow', terminalText(code)));
  return rowLines(
    [
      ['not seen', [message === '' ? title : `${title}: ${terminalText(message)}`]],
      ['', [...lines.map(terminalText), mend === '' ? '' : `→ ${terminalText(mend)}`]],
    ],
    paint,
    columns,
  );
}

function coveredText({ coverage, tool }: FindingsReport): string {
  return `${listed(amounts(coverage))} with ${counted(tool.rules, 'rule')}`;
}

function amounts(coverage: Coverage): string[] {
  const said = counts(coverage);
  const { bytesCovered } = coverage;
  return [...(said.length > 0 ? said : ['nothing']), ...(bytesCovered > 0 ? [byteSize(bytesCovered)] : [])];
}

/** How much there was of each, without what there was none of. */
function counts({ files, blobs, commits, tags, refs, unreachable }: Coverage): string[] {
  const all = [
    [files, 'file'],
    [blobs, 'blob'],
    [commits, 'commit'],
    [tags, 'tag'],
    [refs, 'ref'],
    [unreachable, 'unreachable object'],
  ] as const;
  return all.filter(([count]) => count > 0).map(([count, name]) => counted(count, name));
}

function skippedText({ reason, count, examples, setBy }: Skipped): string {
  const asked = setBy === undefined ? '' : ` (${terminalText(setBy)})`;
  const few = examples.slice(0, 3).map(terminalText).join(', ');
  const more = count > 3 ? ', …' : '';
  return `${grouped(count)} ${terminalText(reason)}${asked}${few === '' ? '' : `: ${few}${more}`}`;
}

function configurationText({ file, disables }: ConfigurationUse): string {
  const out = disables.map((one) => leftOutText(one, terminalText));
  const what = out.length === 0 ? 'leaves nothing out' : `leaves out ${out.join(', ')}`;
  return `${terminalText(file)} ${what}`;
}

const ALLOWED_BY: readonly (readonly [Suppression['by'], string])[] = [
  ['comment', 'by a comment'],
  ['config', 'by the configuration'],
  ['ignore-file', 'by .unleak-allow'],
  ['baseline', 'in the baseline'],
];

function allowedText(findings: readonly Finding[]): string {
  const secretsBy = new Map(ALLOWED_BY.map(([, how]) => [how, 0]));
  for (const { suppressed } of findings) {
    const how = suppressed === null ? undefined : allowedHow(suppressed);
    if (how !== undefined) secretsBy.set(how, (secretsBy.get(how) ?? 0) + 1);
  }
  return listed(
    [...secretsBy].filter(([, amount]) => amount > 0).map(([how, amount]) => `${counted(amount, 'secret')} ${how}`),
  );
}

function allowedHow({ by, file }: Suppression): string | undefined {
  return file === undefined ? ALLOWED_BY.find(([one]) => one === by)?.[1] : `by ${terminalText(file)}`;
}

function verdictLine({ findings, coverage }: FindingsReport, paint: Paint): string {
  const open = findings.filter(({ suppressed }) => suppressed === null);
  const gap = coverage.complete ? '' : paint('yellow', ', and not everything could be covered');
  if (open.length > 0) {
    return paint(['bold', 'red'], `✖ ${counted(open.length, 'secret')}`) + `: ${severities(open, paint)}${gap}`;
  }
  // An empty folder or range is clean, and mostly not the one that was meant.
  const empty = counts(coverage).length === 0 ? paint('yellow', ': there was nothing to look at') : '';
  if (coverage.complete) return `${paint(['bold', 'green'], '✔ no secrets found')}${empty}`;
  return paint(['bold', 'yellow'], '▲ nothing found, but not everything could be covered');
}

function severities(open: readonly Finding[], paint: Paint): string {
  const order: readonly Severity[] = ['critical', 'high', 'medium', 'low'];
  return order
    .map((severity) => [severity, open.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => paint(SEVERITY_STYLE[severity], `${grouped(count)} ${severity}`))
    .join(', ');
}
