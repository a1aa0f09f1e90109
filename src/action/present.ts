import type { FindingsReport } from '../core/finding.ts';
import type { ReportOptions } from '../report/format.ts';
import { prettyFindings, prettySummary } from '../report/pretty/pretty.ts';
import type { Scanned } from '../session/scan-project.ts';
import { annotations } from './annotations.ts';
import { writeReports } from './files.ts';
import type { Gathered } from './gather.ts';
import type { Inputs } from './inputs.ts';
import { linksTo } from './links.ts';
import { type Page, pageText } from './page.ts';
import type { HistoryPlan, RangePlan } from './plan.ts';
import { type Note, noteItem, noteLine, trying } from './note.ts';
import { post } from './post.ts';
import type { Runner } from './runner.ts';
import type { Scratch } from './scratch.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** A finished scan, and where its result goes. */
export interface Outcome {
  readonly runner: Runner;
  readonly inputs: Inputs;
  readonly plan: RangePlan | HistoryPlan;
  readonly scratch: Scratch;
  readonly scanned: Scanned;
  readonly gathered: Gathered;
  /** Address of the repository on the server. */
  readonly links: string;
  /** What the command line's code needs to make the same ids. */
  readonly fingerprintOptions: Readonly<Record<string, readonly string[]>>;
  readonly signal: AbortSignal;
}

const LISTED_IN_SUMMARY = 100;
/** A runner refuses more than 1 MiB of a step. */
const LONGEST_SUMMARY = 900_000;
const WIDTH = 120;

/**
 * Says what was found, in all the places that can be written to.
 *
 * @returns whether the step passes
 */
export async function tell(outcome: Outcome): Promise<boolean> {
  const { runner, inputs, plan, scratch, scanned, links, signal } = outcome;
  const { ruleOf } = scanned;
  const report = inputs.verify ? await (await import('./verify.ts')).verifyFound(outcome) : scanned.report;
  const verdict = verdictOf(report, inputs.failOn);
  sayLines(runner, report, { ruleOf, width: WIDTH });
  const files = writeReports(scratch.reports, inputs.format, report, { ruleOf });
  setOutputs(runner, verdict, files);
  const page = { report, verdict, links: linksTo(links), ruleOf, subject: subjectOf(plan) };
  sayPage(runner, { ...page, limit: LISTED_IN_SUMMARY });
  const said = [
    ...(await post({ runner, inputs, plan, page, sarif: files.sarif, signal })),
    ...(inputs.revoke.length > 0 ? await respond(outcome, report) : []),
  ];
  for (const note of said) runner.print(noteLine(note));
  if (said.length > 0) runner.summary(said.map(noteItem).join('\n'));
  return verdict.passed;
}

async function respond(outcome: Outcome, report: FindingsReport): Promise<Note[]> {
  const { revokeFound } = await import('./revoke.ts');
  return trying('nothing was revoked', 'The keys still work, as far as is known.', () => revokeFound(outcome, report));
}

function subjectOf({ kind, event, pull }: RangePlan | HistoryPlan): string {
  if (kind === 'history') return 'the whole history';
  if (pull !== null) return 'the commits of this pull request';
  return event === 'merge_group' ? 'the commits of this merge group' : 'the commits of this push';
}

/** The log: annotations first, since a runner keeps the first ones only, then everything for people. */
function sayLines(runner: Runner, report: FindingsReport, options: ReportOptions): void {
  for (const line of annotations(report)) runner.raw(line);
  for (const piece of prettyFindings(report, options)) runner.raw(piece);
  for (const piece of prettySummary(report, options)) runner.raw(piece);
}

function setOutputs(
  runner: Runner,
  { open, live, complete }: Verdict,
  { report, sarif }: ReturnType<typeof writeReports>,
): void {
  runner.output('findings', String(open.length));
  runner.output('live', String(live));
  runner.output('complete', String(complete));
  runner.output('report', report);
  runner.output('sarif', sarif);
}

function sayPage(runner: Runner, page: Page): void {
  const text = pageText(page);
  runner.summary(text.length <= LONGEST_SUMMARY ? text : pageText({ ...page, limit: 10 }));
}
