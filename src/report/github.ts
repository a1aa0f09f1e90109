import type { Finding, FindingsReport, Occurrence } from '../core/finding.ts';
import type { PolicyFinding } from '../core/policy.ts';
import { commandMessage, commandProperty } from './escape/workflow-command.ts';
import { headline, openFindings } from './order.ts';
import { pendingText } from './pending.ts';
import { fileOf, placeText } from './place.ts';
import { groupProblems, groupTitle } from './problem-groups.ts';
import { verifiedText } from './verified.ts';
import { placesIn } from './unlisted.ts';
import { counted } from './words.ts';

/**
 * Workflow commands that GitHub turns into annotations of the lines of a pull
 * request: errors for sure findings, warnings for doubtful ones and for what
 * was not covered. A runner shows ten of each a step, so the worst come first.
 */
export function* github(report: FindingsReport): Generator<string> {
  for (const finding of openFindings(report.findings)) yield annotation(finding);
  for (const policy of report.policy ?? []) yield policyNotice(policy);
  for (const group of groupProblems(report.coverage.problems)) {
    const { code, message, lines, mend } = group;
    const said = message === '' ? lines : [message];
    const title = commandProperty(`unleak: ${groupTitle(group, code)}`);
    yield `::warning title=${title}::${commandMessage([...said, mend].join('\n'))}\n`;
  }
}

function annotation(finding: Finding): string {
  const level = finding.confidence === 'high' ? 'error' : 'warning';
  const place = headline(finding);
  const properties = [...(place === undefined ? [] : placeProperties(place)), ['title', finding.title] as const];
  const written = properties.map(([name, value]) => `${name}=${commandProperty(value)}`).join(',');
  return `::${level} ${written}::${commandMessage(messageText(finding, place))}\n`;
}

/** A notice: it is no leak of its own. */
function policyNotice({ code, title, advice, places }: PolicyFinding): string {
  const [place] = places;
  const where = place?.path == null ? '' : `file=${commandProperty(place.path)},line=${place.line},`;
  return `::notice ${where}title=${commandProperty(`unleak: ${code}`)}::${commandMessage(`${title}. ${advice}`)}\n`;
}

function placeProperties(place: Occurrence): (readonly [string, string])[] {
  const { line, column, endLine, endColumn } = place;
  const path = fileOf(place);
  if (path === null) return [];
  if (place.located === false) return [['file', path]];
  const end = line === endLine ? ([['endColumn', String(Math.max(column, endColumn - 1))]] as const) : [];
  return [['file', path], ['line', String(line)], ['endLine', String(endLine)], ['col', String(column)], ...end];
}

function messageText(finding: Finding, place: Occurrence | undefined): string {
  const { redacted, exposure, firstSeen, fingerprint, verification } = finding;
  const lines = [`Revoke ${redacted} first; deleting the line does not make it secret again.`];
  if (place !== undefined && fileOf(place) === null) lines.push(`It stands in: ${placeText(place)}.`);
  if (firstSeen !== null) lines.push(`Since ${firstSeen.date} in ${firstSeen.commit}.`);
  if (exposure === 'remote') lines.push('It has been pushed.');
  if (verification !== null) lines.push(`${verifiedText(verification)}.`);
  const more = placesIn(finding) - 1;
  if (more > 0) lines.push(`It stands in ${counted(more, 'more place')}.`);
  const pending = pendingText(finding);
  if (pending !== '') lines.push(`${pending.charAt(0).toUpperCase()}${pending.slice(1)}.`);
  return [...lines, `If it may stay: unleak allow ${fingerprint} --reason "…"`].join('\n');
}
