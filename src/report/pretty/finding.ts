import type { Finding, Occurrence, VerificationResult } from '../../core/finding.ts';
import type { Rule } from '../../core/rule.ts';
import { terminalText } from '../escape/terminal.ts';
import type { ReportOptions } from '../format.ts';
import { headline } from '../order.ts';
import { type Paint, SEVERITY_STYLE } from './paint.ts';
import { pendingText } from '../pending.ts';
import { placeText } from '../place.ts';
import { unlistedText } from '../unlisted.ts';
import { allowCommand } from './allow-command.ts';
import { type Row, rowLines } from './rows.ts';
import { snippetLines } from './snippet-lines.ts';
import { counted, day, listed, shortId, shortRef } from '../words.ts';

const PLACES_NAMED = 3;
const REFS_NAMED = 3;
const STILL_HELD = 'whoever has the history has it still';

export interface FindingContext {
  readonly options: ReportOptions;
  readonly paint: Paint;
  readonly columns: number;
  /** Rules whose advice was given already; ten keys of one kind need it once. */
  readonly advised: Set<string>;
  /** False where no suppression counts. */
  readonly mayAllow: boolean;
}

/** One finding: what and where, the line, its story, and what to do. */
export function findingLines(finding: Finding, context: FindingContext): string[] {
  const { paint, columns } = context;
  const place = headline(finding);
  return [
    title(finding, paint),
    ...(place === undefined ? [] : [`  ${paint('cyan', placeText(place))}`]),
    ...(place === undefined ? [] : snippetLines(place, finding.lastFour, paint, columns)),
    ...rowLines([...story(finding, place, paint), ...advice(finding, context)], paint, columns),
  ];
}

function title({ severity, confidence, title: name }: Finding, paint: Paint): string {
  const doubt = confidence === 'high' ? '' : paint('dim', ` (${confidence} confidence)`);
  return `${paint(SEVERITY_STYLE[severity], `● ${severity}`)}  ${paint('bold', terminalText(name))}${doubt}`;
}

function story(finding: Finding, place: Occurrence | undefined, paint: Paint): Row[] {
  return [
    ['secret', [secretText(finding, place)]],
    ['together', finding.parts.map(partText)],
    ['alive', [finding.verification === null ? '' : verdict(finding.verification, paint)]],
    ['pending', [finding.pending === undefined ? '' : paint('yellow', pendingText(finding))]],
    ['since', [since(finding, place)]],
    ['removed', [removed(finding)]],
    ['pushed', [exposure(finding, paint)]],
    ['also at', [others(finding, place), unlistedText(finding)]],
  ];
}

/** The secret as far as it may be shown, how it is written there, and the rule that knows it. */
export function secretText(finding: Finding, place: Occurrence | undefined): string {
  const { rule, secret, redacted } = finding;
  const encoded = (place?.decoded ?? []).map((name) => ` in ${terminalText(name)}`).join('');
  return `${terminalText(secret ?? (redacted === '…' ? 'not shown' : redacted))}${encoded} (rule ${terminalText(rule)})`;
}

function partText({ rule, redacted, occurrences }: Finding['parts'][number]): string {
  const [place] = occurrences;
  return `${terminalText(rule)} ${terminalText(redacted)}${place === undefined ? '' : ` at ${placeText(place)}`}`;
}

const VERDICT: Readonly<Record<VerificationResult['status'], string>> = {
  live: 'yes, the provider accepts it',
  'live-limited': 'yes, with limited rights',
  dormant: 'yes, but the account is suspended or unpaid',
  rejected: 'the provider rejects it, which does not prove that it is dead',
  dead: 'no, shown to be dead',
  'wrong-platform': 'it belongs to another platform',
  // What stands behind it says why.
  unknown: 'not known',
};

function verdict({ status, detail, checkedAt }: VerificationResult, paint: Paint): string {
  const alive = status === 'live' || status === 'live-limited' || status === 'dormant';
  const text = paint(alive ? ['bold', 'red'] : 'dim', VERDICT[status]);
  return `${text} (${[terminalText(detail), terminalText(day(checkedAt))].filter((word) => word !== '').join(', ')})`;
}

function since({ firstSeen }: Finding, place: Occurrence | undefined): string {
  if (firstSeen === null) return place === undefined ? '' : withoutCommit(place);
  const { author, date, commit } = firstSeen;
  const earlier = place?.atBoundary === true ? ', or before: the history is cut off there' : '';
  return `${terminalText(day(date))} by ${terminalText(author)} in ${terminalText(shortId(commit))}${earlier}`;
}

/** What git cannot date. */
function withoutCommit({ kind, path, reach }: Occurrence): string {
  if (kind === 'file' || kind === 'stdin') return '';
  if (reach === 'index') return 'staged now, in no commit yet';
  if (kind === 'path' && path?.startsWith('refs/') === true) return 'not known: git does not date the names of refs';
  if (reach === 'none') return 'not known: in no commit and on no ref, perhaps staged once and dropped';
  return 'not known: in no commit, a ref points at it directly';
}

function removed({ occurrences, unlisted }: Finding): string {
  const commits = [...new Set(occurrences.flatMap(({ removedIn }) => removedIn))];
  if (commits.length === 0) return '';
  const held = occurrences.flatMap(({ heldBy }) => heldBy.filter(({ inTip }) => inTip).map(({ ref }) => ref));
  const tips = byWeight(held).map((ref) => terminalText(shortRef(ref)));
  // Only the first refs are named in a report, so how many more there are is not known.
  const shown = tips.length > REFS_NAMED ? [...tips.slice(0, REFS_NAMED - 1), 'others'] : tips;
  const named = commits.map((commit) => terminalText(shortId(commit)));
  const rest = shown.length > 0 ? `still at the tip of ${listed(shown)}` : STILL_HELD;
  return `in ${fewOf(named, REFS_NAMED, named.length + (unlisted?.removedIn ?? 0), 'more commit')}; ${rest}`;
}

function exposure(finding: Finding, paint: Paint): string {
  const refs = refsText(finding);
  switch (finding.exposure) {
    case 'remote':
      return `${paint('red', 'yes')}${refs === '' ? '' : `, on ${refs}`}`;
    case 'local':
      return `no remote branch has it${refs === '' ? '' : `; here it is on ${refs}`}`;
    case 'unknown':
      return refs === '' ? '' : `not known; on ${refs}`;
  }
}

function refsText({ occurrences }: Finding): string {
  const names = byWeight(occurrences.flatMap(({ heldBy }) => heldBy.map(({ ref }) => ref)));
  const total = occurrences.reduce((most, { heldByCount }) => Math.max(most, heldByCount), names.length);
  return fewOf(
    names.map((ref) => terminalText(shortRef(ref))),
    REFS_NAMED,
    total,
    'more ref',
  );
}

const WEIGHT: readonly RegExp[] = [/^HEAD$/, /^refs\/heads\//, /^refs\/remotes\//, /^refs\/tags\//];

/** Each once, those first that people know by name. */
function byWeight(refs: readonly string[]): string[] {
  const weight = (ref: string): number =>
    (WEIGHT.findIndex((kind) => kind.test(ref)) + WEIGHT.length + 1) % (WEIGHT.length + 1);
  return [...new Set(refs)].toSorted((a, b) => weight(a) - weight(b));
}

function others({ occurrences }: Finding, place: Occurrence | undefined): string {
  const rest = occurrences.filter((one) => one !== place).map(placeText);
  const distinct = [...new Set(rest)].filter((text) => place === undefined || text !== placeText(place));
  return fewOf(distinct, PLACES_NAMED, distinct.length, 'more place');
}

function fewOf(names: readonly string[], most: number, total: number, rest: string): string {
  const named = names.slice(0, total > most ? most - 1 : most);
  return listed(total > named.length ? [...named, counted(total - named.length, rest)] : named);
}

/** What was said in full before: how it begins, and where to go. */
function again(rule: Rule | undefined): string {
  const [start = ''] = terminalText(rule?.remediation ?? '').split(/[,;.:](?:\s|$)/);
  const where = rule?.dashboard === undefined ? '' : `: ${terminalText(rule.dashboard)}`;
  return `${start === '' ? '' : `${start}, `}as above${where}`;
}

function advice(finding: Finding, { options: { ruleOf, command }, advised, mayAllow }: FindingContext): Row[] {
  const rule = ruleOf(finding.rule);
  const allow: Row[] = mayAllow ? [['or allow', [allowCommand(finding, command)]]] : [];
  if (advised.has(finding.rule)) return [['do', [again(rule)]], ...allow];
  if (rule !== undefined) advised.add(finding.rule);
  return [
    ['means', [terminalText(rule?.impact ?? '')]],
    ['do', [terminalText(rule?.remediation ?? ''), terminalText(rule?.dashboard ?? '')]],
    ...allow,
  ];
}
