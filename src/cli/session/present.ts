import type { Problem } from '../../core/coverage.ts';
import type { FindingsReport } from '../../core/finding.ts';
import type { Rule } from '../../core/rule.ts';
import { terminalText } from '../../report/escape/terminal.ts';
import type { ReportOptions } from '../../report/format.ts';
import { formatNamed } from '../../report/formats.ts';
import { openFindings } from '../../report/order.ts';
import { groupProblems, groupTitle } from '../../report/problem-groups.ts';
import { counted } from '../../report/words.ts';
import { type Action, renderBlocked } from '../../report/pretty/blocked.ts';
import { prettyFindings, prettyPolicy, prettyProblems, prettySummary } from '../../report/pretty/pretty.ts';
import type { SuppressionOutcome } from '../../triage/apply.ts';
import { calledAs } from '../called-as.ts';
import type { Invocation } from '../commands/command.ts';
import { FORMAT, QUIET } from '../flags/output.ts';
import { IGNORE_REPO_CONFIG } from '../flags/rules.ts';
import type { Output, Streams } from '../streams.ts';
import type { Delivery } from './delivery.ts';

/** How people see a report: with a summary, or as a git hook talks of what it stops. */
export type Presentation = 'summary' | Action;

/** Findings go where they were asked for, the summary to standard error. */
export async function present(
  report: FindingsReport,
  presentation: Presentation,
  delivery: Delivery,
  { options, streams }: Invocation,
  ruleOf: (id: string) => Rule | undefined,
): Promise<void> {
  const format = options.get(FORMAT);
  // Whoever trusts nothing that the repository says lets no finding stay there.
  const base: ReportOptions = { ruleOf, command: calledAs(), mayAllow: !options.get(IGNORE_REPO_CONFIG) };
  const shown = { ...base, ...screen(streams.out) };
  const quiet = options.get(QUIET);
  if (delivery.file !== null || format !== 'pretty') {
    await delivery.deliver(formatNamed(format)(report, base));
    if (delivery.file !== null && !quiet) streams.err.write(verdict(report, delivery.file));
    sayProblems(report.coverage.problems, streams);
    return;
  }
  const blocked = presentation === 'summary' ? null : renderBlocked(report, { ...shown, action: presentation });
  await delivery.deliver(
    blocked === null ? prettyFindings(report, shown) : [...blocked, ...prettyPolicy(report.policy ?? [])],
  );
  // What was not covered is told whatever was asked for: exit code 3 needs its reason.
  const rest = blocked !== null || quiet ? prettyProblems : prettySummary;
  for (const piece of rest(report, { ...base, ...screen(streams.err) })) streams.err.write(piece);
}

function screen(output: Output): { readonly color: boolean; readonly width: number } {
  return { color: output.color, width: output.columns };
}

function verdict({ findings, coverage }: FindingsReport, file: string): string {
  const open = openFindings(findings).length;
  const gap = coverage.complete ? '' : ', and not everything could be covered';
  return `unleak: ${open === 0 ? 'no secrets' : counted(open, 'secret')} found${gap}; see ${file}\n`;
}

/** What could not be covered, and what to do about it. */
export function sayProblems(problems: readonly Problem[], { err }: Streams): void {
  for (const group of groupProblems(problems)) {
    const said = group.message === '' ? '' : `: ${terminalText(group.message)}`;
    err.write(`unleak: not covered: ${groupTitle(group, terminalText(group.code))}${said}\n`);
    for (const line of group.lines) err.write(`  ${terminalText(line)}\n`);
    err.write(`  mend: ${terminalText(group.mend)}\n`);
  }
}

/** What people should know about their suppressions, one line each. */
export function sayNotices({ expired, expiredRules, otherKey }: SuppressionOutcome, { err }: Streams): void {
  for (const { fingerprint, expires } of expired)
    err.write(`unleak: ${fingerprint} was allowed until ${terminalText(expires ?? '')}, and that is over\n`);
  for (const { label, expires } of expiredRules)
    err.write(`unleak: "${terminalText(label)}" of the configuration held until ${terminalText(expires ?? '')}\n`);
  if (otherKey.length > 0)
    err.write(
      `unleak: ${counted(otherKey.length, 'suppression')} made with another fingerprint key: such an id matches nothing\n` +
        '  mend: unleak baseline rekey --history\n',
    );
}

const UNUSED_NAMED = 3;

/** Entries that met nothing, so that lists do not only grow. Of meaning only after a complete run over everything. */
export function sayUnused({ unused, unusedPlaces }: SuppressionOutcome, { err }: Streams): void {
  const told = [
    [unused.map(({ fingerprint }) => fingerprint), 'delete the lines; unleak baseline prune does so in a baseline'],
    [unusedPlaces.map(({ origin }) => origin), 'delete them; unleak migrate lists them all'],
  ] as const;
  for (const [names, mend] of told) {
    if (names.length === 0) continue;
    const more = names.length > UNUSED_NAMED ? ', …' : '';
    const named = names.slice(0, UNUSED_NAMED).map(terminalText).join(', ');
    err.write(`unleak: ${counted(names.length, 'suppression')} met nothing: ${named}${more}\n  mend: ${mend}\n`);
  }
}
