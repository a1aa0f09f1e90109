import { type Finding, type FindingsReport, isWholeFile, type Occurrence } from '../../core/finding.ts';
import { terminalText } from '../escape/terminal.ts';
import { withoutCommands } from '../escape/workflow-command.ts';
import type { ReportOptions } from '../format.ts';
import { headline, openFindings } from '../order.ts';
import { allowCommand } from './allow-command.ts';
import { insteadFor, variableName } from './instead.ts';
import { type Paint, painter, SEVERITY_STYLE } from './paint.ts';
import { placeText } from '../place.ts';
import { secretText } from './finding.ts';
import { type Row, rowLines } from './rows.ts';
import { snippetLines } from './snippet-lines.ts';
import { displayWidth, textColumns, truncateEnd, truncateStart } from './width.ts';
import { verifiedText } from '../verified.ts';
import { counted, shortId } from '../words.ts';

export interface BlockedOptions extends ReportOptions {
  /** What was about to happen: a `commit` by default, a `push`, or one being `receive`d by a server. */
  readonly action?: Action;
}

export type Action = 'commit' | 'push' | 'receive';

const STOPPED: Readonly<Record<Action, string>> = {
  commit: 'commit stopped',
  push: 'push stopped',
  receive: 'push refused',
};

/**
 * For a git hook: the sure findings, each with its way out, then the doubtful
 * ones as warnings. Empty if there is nothing to say; what could not be looked
 * at is said apart.
 */
export function* renderBlocked(report: FindingsReport, options: BlockedOptions): Generator<string> {
  for (const piece of blockedPieces(report, options)) yield withoutCommands(piece);
}

function* blockedPieces(report: FindingsReport, options: BlockedOptions): Generator<string> {
  const paint = painter(options.color ?? false);
  const columns = textColumns(options.width);
  const open = openFindings(report.findings);
  const blocking = open.filter(({ confidence }) => confidence === 'high');
  const doubtful = open.filter(({ confidence }) => confidence !== 'high');
  if (blocking.length > 0) {
    yield `${paint(['bold', 'red'], `✖ ${STOPPED[options.action ?? 'commit']}`)}: ${counted(blocking.length, 'secret')} in it\n\n`;
  }
  for (const finding of blocking) yield `${blockedLines(finding, options, paint, columns).join('\n')}\n\n`;
  if (doubtful.length > 0) {
    yield `${paint(['bold', 'yellow'], '▲ look twice')}: ${counted(doubtful.length, 'possible secret')}, not stopping you\n`;
    for (const finding of doubtful) yield `${warningLines(finding, options, paint, columns).join('\n')}\n`;
    yield '\n';
  }
}

/** At most 12 lines, so that what matters does not scroll away. */
function blockedLines(finding: Finding, options: BlockedOptions, paint: Paint, columns: number): string[] {
  const place = headline(finding);
  return [
    ...heading(finding, place, paint, columns),
    ...(place === undefined ? [] : snippetLines(place, finding.lastFour, paint, columns)),
    ...rowLines(waysOut(finding, place, options), paint, columns),
  ];
}

/** The place, and beside it or, where that is too wide, below it what was found. */
function heading(finding: Finding, place: Occurrence | undefined, paint: Paint, columns: number): string[] {
  const where = place === undefined ? '' : truncateStart(placeText(place), columns - 2);
  const what = truncateEnd(terminalText(finding.title), columns - 2);
  const [shownWhere, shownWhat] = [paint('bold', where), paint(SEVERITY_STYLE[finding.severity], what)];
  const beside = displayWidth(where) + displayWidth(what) + 4 <= columns;
  return beside ? [`  ${shownWhere}  ${shownWhat}`] : [`  ${shownWhere}`, `  ${shownWhat}`];
}

function waysOut(finding: Finding, place: Occurrence | undefined, options: BlockedOptions): Row[] {
  const { ruleOf, action = 'commit' } = options;
  const dashboard = terminalText(ruleOf(finding.rule)?.dashboard ?? '');
  return [
    ['secret', [secretText(finding, place)]],
    [
      'alive',
      [finding.verification === null ? '' : terminalText(verifiedText({ ...finding.verification, detail: '' }))],
    ],
    ...(action === 'commit' ? [] : inHistory(place)),
    ['instead', [{ paste: insteadText(finding, place) }]],
    [
      'pushed?',
      ['if this key ever left your machine, revoke it before you clean up:', { paste: dashboard || 'unleak respond' }],
    ],
    ...(action === 'receive' ? allowedOnServer(finding) : allowedHere(finding, options)),
  ];
}

function allowedHere(finding: Finding, { command }: BlockedOptions): Row[] {
  return [['harmless?', [allowCommand(finding, command)]]];
}

/** Whoever pushes has another install than the server, and what he pushes does not excuse itself. */
function allowedOnServer({ pending, ...finding }: Finding): Row[] {
  const how =
    pending === undefined
      ? 'on the default branch, in a push of its own:'
      : 'the exception for it counts once it is on the default branch; or there:';
  return [['harmless?', [how, allowCommand(finding, 'npx unleak')]]];
}

/** A further commit on top would leave it in the history that is pushed. */
function inHistory(place: Occurrence | undefined): Row[] {
  if (place?.kind === 'tag-message') return [['in', ['the message of a tag: delete the tag and make it again']]];
  if (place?.commit == null) return [];
  const id = terminalText(shortId(place.commit));
  const [remover] = place.removedIn;
  const where =
    remover === undefined ? `commit ${id}` : `commit ${id}, though ${terminalText(shortId(remover))} removes it`;
  return [['in', [`${where}; change that one:`, { paste: `git rebase -i ${id}~1` }]]];
}

function insteadText(finding: Finding, place: Occurrence | undefined): string {
  if (place?.kind === 'commit-message')
    return place.commit === null
      ? 'write the message again without it: git commit -e -F .git/COMMIT_EDITMSG'
      : 'write the message again without it: git commit --amend';
  if (place?.kind === 'tag-message') return 'write the message again without it';
  if (place?.kind === 'path') return 'another name: git mv, or git rm --cached and rename it';
  if (place !== undefined && isWholeFile(place)) return 'keep the file out of git: git rm --cached, and .gitignore';
  const known = place?.path == null ? null : insteadFor(place.path, finding.rule);
  return known ?? `the name of an environment variable, such as ${variableName(finding.rule)}`;
}

function warningLines(finding: Finding, { command }: BlockedOptions, paint: Paint, columns: number): string[] {
  const place = headline(finding);
  return [
    ...heading(finding, place, paint, columns),
    ...(place === undefined ? [] : snippetLines(place, finding.lastFour, paint, columns).slice(0, 1)),
    ...rowLines(
      [
        ['secret', [secretText(finding, place)]],
        ['harmless?', [allowCommand(finding, command)]],
      ],
      paint,
      columns,
    ),
  ];
}
