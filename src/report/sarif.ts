import type { Location, Log, Notification, ReportingDescriptor, Result, Run, Suppression } from 'sarif';

import type { Coverage, Problem } from '../core/coverage.ts';
import type { Finding, FindingsReport, Occurrence } from '../core/finding.ts';
import type { PolicyFinding } from '../core/policy.ts';
import type { Rule, Severity } from '../core/rule.ts';
import { jsonText } from './escape/json.ts';
import { markdownText } from './escape/markdown.ts';
import { sarifMessageText } from './escape/sarif-message.ts';
import { terminalText } from './escape/terminal.ts';
import { pathUri } from './escape/uri.ts';
import type { ReportOptions } from './format.ts';
import { leftOutText } from './left-out.ts';
import { headline, sortFindings } from './order.ts';
import { problemMessage } from './problem-groups.ts';
import { placesIn } from './unlisted.ts';
import { verifiedText } from './verified.ts';

/** Other places of one secret; GitHub shows a hundred locations of a result. */
const MOST_RELATED = 99;

const LEVEL: Readonly<Record<Severity, Result.level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

/** GitHub's scale: over 9.0 critical, 7.0 high, 4.0 medium. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.5',
};

/**
 * SARIF 2.1.0 for code scanning: a result a secret, suppressed ones marked and
 * kept, because a result that disappears counts as fixed.
 */
export function* sarif(report: FindingsReport, options: ReportOptions): Generator<string> {
  const findings = sortFindings(report.findings);
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ ...runOf(report, findings, options), results: [] }],
  };
  const [head = '', tail = ''] = jsonText(log).split('"results":[]');
  yield `${head}"results":[`;
  const baselined = findings.some(({ suppressed }) => suppressed?.by === 'baseline');
  const indexes = new Map(ruleIds(findings).map((id, index) => [id, index]));
  let separator = '\n';
  for (const finding of findings) {
    yield separator + jsonText(resultOf(finding, indexes.get(finding.rule) ?? -1, baselined));
    separator = ',\n';
  }
  for (const policy of report.policy ?? []) {
    yield separator + jsonText(policyResult(policy));
    separator = ',\n';
  }
  yield `\n]${tail}\n`;
}

/** A note or warning under a rule id of its own, so that it can be filtered. */
function policyResult({ code, level, title, advice, reference, fingerprint, places, count }: PolicyFinding): Result {
  return {
    ruleId: code,
    level,
    message: { text: sarifMessageText(`${title}. ${advice} (${reference})`) },
    locations: places.slice(0, 1).map(({ path, line, column }) => ({
      physicalLocation: {
        artifactLocation: { uri: pathUri(path ?? '-'), uriBaseId: '%SRCROOT%' },
        region: { startLine: line, startColumn: column },
      },
    })),
    partialFingerprints: { 'unleak/v1': `${terminalText(fingerprint)}:${code}` },
    properties: { finding: terminalText(fingerprint), places: count },
  };
}

function policyDescriptor({ code, level, title, advice, reference }: PolicyFinding): ReportingDescriptor {
  return {
    id: code,
    shortDescription: { text: sarifMessageText(title) },
    fullDescription: { text: sarifMessageText(`${title} (${reference})`) },
    help: { text: sarifMessageText(advice), markdown: markdownText(advice) },
    defaultConfiguration: { level },
    properties: { tags: ['security', 'policy'] },
  };
}

function ruleIds(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))];
}

function runOf(
  { tool, coverage, policy = [] }: FindingsReport,
  findings: readonly Finding[],
  { ruleOf }: ReportOptions,
): Run {
  const samples = new Map(findings.map((finding) => [finding.rule, finding]));
  return {
    tool: {
      driver: {
        name: tool.name,
        version: tool.version,
        rules: [
          ...[...samples.values()].map((sample) => descriptorOf(sample, ruleOf(sample.rule))),
          ...new Map(policy.map((one) => [one.code, policyDescriptor(one)])).values(),
        ],
        properties: { rulesDigest: tool.rulesDigest, ruleCount: tool.rules },
      },
    },
    invocations: [
      {
        executionSuccessful: coverage.complete,
        toolExecutionNotifications: coverage.problems.map(notificationOf),
        toolConfigurationNotifications: configurationNotes(coverage),
      },
    ],
    columnKind: 'utf16CodeUnits',
  };
}

function descriptorOf({ rule: id, title, provider, severity }: Finding, rule: Rule | undefined): ReportingDescriptor {
  const help = [rule?.impact ?? '', rule?.remediation ?? '', rule?.dashboard ?? ''].filter((text) => text !== '');
  return {
    id: terminalText(id),
    shortDescription: { text: sarifMessageText(title) },
    fullDescription: { text: sarifMessageText(rule?.impact ?? title) },
    help: {
      text: help.length > 0 ? help.map(sarifMessageText).join('\n') : 'Revoke it, then replace it.',
      markdown: help.length > 0 ? help.map(markdownText).join('\n\n') : 'Revoke it, then replace it.',
    },
    defaultConfiguration: { level: LEVEL[severity] },
    properties: {
      tags: ['security', 'secret', terminalText(provider)],
      'security-severity': SECURITY_SEVERITY[severity],
    },
  };
}

function notificationOf(problem: Problem): Notification {
  return {
    descriptor: { id: terminalText(problem.code) },
    level: 'error',
    message: { text: sarifMessageText(`${problemMessage(problem)}. ${problem.mend}`) },
  };
}

/** What was left out on request: not wrong, but not to be overlooked either. */
function configurationNotes({ configuration, skipped }: Coverage): Notification[] {
  const off = configuration.flatMap(({ file, disables }) =>
    disables.map((what) => `${file} leaves out ${leftOutText(what, String)}`),
  );
  const left = skipped.map(
    ({ reason, count, setBy }) => `${count} skipped: ${reason}${setBy === undefined ? '' : ` (${setBy})`}`,
  );
  return [...off, ...left].map((text) => ({ level: 'note', message: { text: sarifMessageText(text) } }));
}

function resultOf(finding: Finding, ruleIndex: number, baselined: boolean): Result {
  const place = headline(finding);
  const others = finding.occurrences.filter((one) => one !== place).slice(0, MOST_RELATED);
  return {
    ruleId: terminalText(finding.rule),
    ruleIndex,
    level: LEVEL[finding.severity],
    message: { text: messageOf(finding) },
    locations: place === undefined ? [] : [locationOf(place)],
    relatedLocations: others.map((one, id) => ({ id: id + 1, ...locationOf(one) })),
    partialFingerprints: { 'unleak/v1': finding.fingerprint, primaryLocationLineHash: `${finding.fingerprint}:1` },
    suppressions: suppressionsOf(finding),
    ...(baselined && { baselineState: finding.suppressed?.by === 'baseline' ? 'unchanged' : 'new' }),
    properties: {
      confidence: finding.confidence,
      exposure: finding.exposure,
      fingerprintKey: finding.fingerprintKey,
      occurrences: placesIn(finding),
      ...(finding.firstSeen && { firstSeen: finding.firstSeen }),
      ...(finding.verification && { verification: finding.verification }),
    },
  };
}

function messageOf(finding: Finding): string {
  const { title, redacted, firstSeen, exposure, verification } = finding;
  const count = placesIn(finding);
  const since = firstSeen === null ? '' : `, since ${sarifMessageText(firstSeen.date)}`;
  const places = count > 1 ? `, in ${count} places` : '';
  const pushed = exposure === 'remote' ? ', pushed' : '';
  return `${sarifMessageText(title)} (${sarifMessageText(redacted)})${since}${places}${pushed}. ${verification === null ? '' : `${sarifMessageText(verifiedText(verification))}. `}Revoke it first; deleting the line does not make it secret again.`;
}

function locationOf(occurrence: Occurrence): Location {
  const { line, column, endLine, endColumn, located, offset, length, snippet, commit, kind } = occurrence;
  return {
    physicalLocation: {
      artifactLocation: artifactOf(occurrence),
      region: {
        ...(located !== false && { startLine: line, startColumn: column, endLine, endColumn }),
        byteOffset: offset,
        byteLength: length,
        ...(snippet !== undefined && snippet !== '' && { snippet: { text: terminalText(snippet) } }),
      },
    },
    ...(commit !== null && {
      logicalLocations: [{ fullyQualifiedName: `${terminalText(commit)}:${kind}`, kind: 'resource' }],
    }),
  };
}

/** Code scanning asks every result for a file; what stands in none is given the name of where it does. */
function artifactOf({ path, kind, commit, blob }: Occurrence): { uri: string; uriBaseId?: string } {
  const uri = path === null || kind === 'note' ? `${kind}/${pathUri(path ?? commit ?? blob ?? '-')}` : pathUri(path);
  return uri.startsWith('file:') ? { uri } : { uri, uriBaseId: '%SRCROOT%' };
}

function suppressionsOf({ suppressed }: Finding): Suppression[] {
  if (suppressed === null) return [];
  return [
    {
      kind: suppressed.by === 'comment' ? 'inSource' : 'external',
      status: 'accepted',
      justification: terminalText(suppressed.reason),
    },
  ];
}
