import { RESPOND_MENDS } from '../../errors/respond.ts';
import type { FoundKey, Gap, KeyProblem, KeysReport, KnownKey } from './model.ts';

const DAY_MS = 86_400_000;

export interface Limits {
  /** Days after which a key is to be rotated. */
  readonly maxAgeDays: number;
  /** Days without use after which a key is to be revoked. */
  readonly unusedDays: number;
}

function daysSince(time: string | null, now: Date): number | null {
  return time === null ? null : Math.max(0, Math.floor((now.getTime() - Date.parse(time)) / DAY_MS));
}

function problemsOf(key: FoundKey, ageDays: number | null, limits: Limits, now: Date): KeyProblem[] {
  const problems: KeyProblem[] = [];
  // Switched off is not dead: it can be switched on again.
  if (key.leakedIn !== null) problems.push('leaked');
  if (!key.active) return problems;
  if (ageDays !== null && ageDays > limits.maxAgeDays) problems.push('too-old');
  else if (ageDays === null || key.sinceWhat === 'file-date') problems.push('age-unknown');
  // A key that was never used is as old as its disuse.
  const idle = key.useKnown ? (daysSince(key.lastUse, now) ?? ageDays) : null;
  if (idle !== null && idle > limits.unusedDays) problems.push('unused');
  return problems;
}

function judged(key: FoundKey, limits: Limits, now: Date): KnownKey {
  const ageDays = daysSince(key.since, now);
  return { ...key, ageDays, problems: problemsOf(key, ageDays, limits, now) };
}

function nameOf({ provider, label, id }: FoundKey): string {
  return [provider, label ?? id].filter((word) => word !== null).join(' ') || 'a key';
}

function ageGaps(keys: readonly KnownKey[]): Gap[] {
  return keys
    .filter(({ problems }) => problems.includes('age-unknown'))
    .map((key) => ({
      code: 'KEY_AGE_UNKNOWN',
      message: `How old ${nameOf(key)} is cannot be told`,
      mend: RESPOND_MENDS.KEY_AGE_UNKNOWN,
    }));
}

/** Oldest first; what has no age first of all. */
function byAge(a: KnownKey, b: KnownKey): number {
  return (b.ageDays ?? Number.MAX_SAFE_INTEGER) - (a.ageDays ?? Number.MAX_SAFE_INTEGER);
}

/** Judges what was found. A key whose age nobody knows is a gap, never a pass. */
export function judgeKeys(found: readonly FoundKey[], gaps: readonly Gap[], limits: Limits, now: Date): KeysReport {
  const keys = found.map((key) => judged(key, limits, now)).toSorted(byAge);
  const problems = [...gaps, ...ageGaps(keys)];
  return {
    schema: 'unleak.keys/1',
    checkedAt: now.toISOString(),
    ...limits,
    complete: problems.length === 0,
    problems,
    keys,
  };
}

/** Whether a scheduled job has to be told: rotate, revoke, or respond. */
export function needsAction({ keys }: KeysReport): boolean {
  return keys.some(({ problems }) => problems.some((problem) => problem !== 'age-unknown'));
}
