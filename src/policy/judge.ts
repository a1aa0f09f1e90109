import type { Finding, Occurrence } from '../core/finding.ts';
import type { PolicyCode, PolicyFinding, PolicyPlace } from '../core/policy.ts';
import { applicationsOf } from './applications.ts';
import { POLICY_TEXTS } from './texts.ts';

/** What cannot be read off the findings themselves. */
export interface PolicyFacts {
  readonly now: Date;
  /** Whether a folder, relative and with `/`, is the top of an application. */
  readonly isApplication: (folder: string) => boolean;
  /** False for files that git neither has nor would take: an environment file is right there. */
  readonly isKept: (path: string) => boolean;
}

const MOST_PLACES = 20;
const DAY_MS = 86_400_000;
const OLDEST_DAYS = 90;

interface Broken {
  readonly code: PolicyCode;
  readonly occurrences: readonly Occurrence[];
}

/**
 * What is wrong with how the keys of a report are handled: a pure function of open findings, of what
 * was seen around them, and of a few facts. Findings themselves stay as they are.
 */
export function judgePolicy(findings: readonly Finding[], facts: PolicyFacts): PolicyFinding[] {
  const open = findings.filter(({ suppressed }) => suppressed === null);
  return open.flatMap((finding) => brokenBy(finding, open, facts).map((broken) => policyFinding(finding, broken)));
}

function brokenBy(finding: Finding, all: readonly Finding[], facts: PolicyFacts): Broken[] {
  return [
    ...habits(finding, facts),
    ...shared(finding, facts),
    ...aged(finding, facts),
    ...verified(finding),
    ...onBothPlatforms(finding, all),
  ];
}

/** Each platform's keys work there alone. */
const SISTERS: Readonly<Record<string, string>> = { migosmtp: 'telnxo', telnxo: 'migosmtp' };

/** One value that is given to both platforms: no report holds it, so by its end and entropy. */
function onBothPlatforms({ provider, lastFour, entropy, occurrences }: Finding, all: readonly Finding[]): Broken[] {
  const sister = SISTERS[provider];
  const isTwice =
    sister !== undefined &&
    lastFour !== undefined &&
    all.some((other) => other.provider === sister && other.lastFour === lastFour && other.entropy === entropy);
  return isTwice ? [{ code: 'POLICY_WRONG_PLATFORM', occurrences }] : [];
}

/** What was seen where it stands. */
function habits({ occurrences }: Finding, { isKept }: PolicyFacts): Broken[] {
  const found = new Map<PolicyCode, Occurrence[]>();
  for (const one of occurrences) {
    for (const code of one.habits ?? []) {
      if (code === 'POLICY_ENV_FILE' && one.kind === 'file' && !isKept(one.path ?? '')) continue;
      found.set(code, [...(found.get(code) ?? []), one]);
    }
  }
  return [...found].map(([code, seen]) => ({ code, occurrences: seen }));
}

function shared({ occurrences }: Finding, { isApplication }: PolicyFacts): Broken[] {
  const firsts = applicationsOf(occurrences, isApplication);
  return firsts.length < 2 ? [] : [{ code: 'POLICY_SHARED_KEY', occurrences: firsts }];
}

function aged({ firstSeen, verification }: Finding, { now }: PolicyFacts): Broken[] {
  const since = firstSeen === null ? Number.NaN : Date.parse(firstSeen.date);
  const isOld = now.getTime() - since > OLDEST_DAYS * DAY_MS;
  return isOld && verification?.status !== 'dead' ? [{ code: 'POLICY_OLD_KEY', occurrences: [] }] : [];
}

/** What only the provider knows. */
function verified({ verification, occurrences }: Finding): Broken[] {
  if (verification === null) return [];
  const { status, detail } = verification;
  const broken: PolicyCode[] = [];
  if (status === 'live' && isWide(detail)) broken.push('POLICY_WIDE_SCOPE');
  if (status === 'wrong-platform') broken.push('POLICY_WRONG_PLATFORM');
  if (status === 'rejected') broken.push('POLICY_CUT_SHORT');
  if (status.startsWith('live') && isGone(occurrences)) broken.push('POLICY_UNUSED_ALIVE');
  return broken.map((code) => ({ code, occurrences: [] }));
}

/** By what the provider's answers said of it: `type: standard` at Mailosaur is a key for every inbox. */
function isWide(detail: string): boolean {
  return /\btype: standard\b|\b(?:admin|full[ -]access|account-wide)\b/i.test(detail);
}

/** Git has it, and no tip of a ref does. Where refs lead to it and none is listed, they were not asked. */
function isGone(occurrences: readonly Occurrence[]): boolean {
  return occurrences.every(
    ({ kind, commit, reach, heldBy }) =>
      kind === 'blob' &&
      commit !== null &&
      (reach !== 'ref' || heldBy.length > 0) &&
      !heldBy.some(({ inTip }) => inTip),
  );
}

function policyFinding({ fingerprint, rule }: Finding, { code, occurrences }: Broken): PolicyFinding {
  const { level, title, advice, reference } = POLICY_TEXTS[code];
  const places = occurrences.slice(0, MOST_PLACES).map(placeOf);
  return { code, level, title, advice, reference, fingerprint, rule, places, count: occurrences.length };
}

function placeOf({ path, line, column, commit }: Occurrence): PolicyPlace {
  return { path, line, column, commit };
}
