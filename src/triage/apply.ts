import type { AllowRule } from '../core/allow.ts';
import type { Finding, Suppression } from '../core/finding.ts';
import type { TriageEntry } from './entry.ts';
import { holds } from './expiry.ts';
import type { PlaceEntry } from './gitleaks.ts';
import type { HashEntry } from './hashed.ts';
import { type OldContext, oldEntryMatcher, type OldEntry, type OldMatch } from './old-entries.ts';

/** Everything a trusted person wrote down; where it came from was decided before. */
export interface Suppressions {
  /** `.unleak-allow`. */
  readonly entries?: readonly TriageEntry[];
  readonly baseline?: readonly TriageEntry[];
  /** `[[allow]]` of the configuration. */
  readonly rules?: readonly AllowRule[];
  /** `.gitleaksignore`, or a baseline of gitleaks. */
  readonly places?: readonly PlaceEntry[];
  /** Hashes of secrets, of betterleaks or detect-secrets. */
  readonly hashes?: readonly HashEntry[];
  /** What of other tools' files has no effect. */
  readonly remarks?: readonly string[];
}

const NOTHING_KNOWN: OldContext = {
  means: (theirs, ours) => theirs === ours,
  hashesOf: () => new Set(),
  secretsOf: () => [],
};

export interface SuppressionOutcome {
  /** As given, with `suppressed` set where something holds. */
  readonly findings: Finding[];
  /** Entries that met no finding. Of meaning only after a complete run over everything they were written for. */
  readonly unused: readonly TriageEntry[];
  /** Entries of other tools' files that let no finding stay, with the same reservation. */
  readonly unusedPlaces: readonly OldEntry[];
  /** By fingerprint: what entries of other tools' files say of it, whoever else allows it. */
  readonly byOldEntries: ReadonlyMap<string, OldMatch>;
  /** Entries that would have held, but for their date. */
  readonly expired: readonly TriageEntry[];
  /** Configuration permissions that would have held, but for their date. */
  readonly expiredRules: readonly AllowRule[];
  /** Entries made with another fingerprint key: they can meet nothing until the baseline is rekeyed. */
  readonly otherKey: readonly TriageEntry[];
}

/**
 * Marks the findings that somebody allowed. What an inline comment allowed is
 * marked already and stays so; then the configuration, `.unleak-allow`, the
 * baseline and files of gitleaks are asked, in this order.
 *
 * @param keyId - id of the key that this run's fingerprints were made with
 * @param context - default: rules are called the same, and no value is known
 */
export function applySuppressions(
  findings: readonly Finding[],
  suppressions: Suppressions,
  now: Date,
  keyId: string,
  context: OldContext = NOTHING_KNOWN,
): SuppressionOutcome {
  const entries = suppressions.entries ?? [];
  const baseline = suppressions.baseline ?? [];
  const sources = [
    { by: 'ignore-file', index: indexed(entries, keyId) },
    { by: 'baseline', index: indexed(baseline, keyId) },
  ] as const;
  const used = new Set<TriageEntry>();
  const [places, hashes] = [suppressions.places ?? [], suppressions.hashes ?? []];
  const oldMatch = oldEntryMatcher({ places, hashes }, context);
  const usedPlaces = new Set<OldEntry>();
  const byOldEntries = new Map<string, OldMatch>();
  const expired = new Set<TriageEntry>();
  const expiredRules = new Set<AllowRule>();

  const marked = findings.map((finding) => {
    let suppressed = finding.suppressed;
    for (const rule of suppressions.rules ?? []) {
      if (!covers(rule, finding)) continue;
      if (holds(rule.expires, now)) suppressed ??= suppression('config', rule);
      else expiredRules.add(rule);
    }
    for (const { by, index } of sources) {
      for (const entry of index.get(finding.fingerprint) ?? []) {
        used.add(entry);
        if (holds(entry.expires, now)) suppressed ??= suppression(by, entry);
        else expired.add(entry);
      }
    }
    const match = oldMatch(finding);
    if (match.entries.length > 0) byOldEntries.set(finding.fingerprint, match);
    if (match.whole) {
      for (const entry of [...match.entries, ...match.shadowed]) usedPlaces.add(entry);
      const file = fileOf(match.entries);
      suppressed ??= { by: 'ignore-file', reason: `in ${file}`, file };
    }
    return suppressed === finding.suppressed ? finding : { ...finding, suppressed };
  });

  const all = [...entries, ...baseline];
  return {
    findings: marked,
    unused: all.filter((entry) => entry.key === keyId && !used.has(entry)),
    unusedPlaces: [...places, ...hashes].filter((entry) => !usedPlaces.has(entry)),
    byOldEntries,
    expired: [...expired],
    expiredRules: [...expiredRules],
    otherKey: all.filter((entry) => entry.key !== keyId),
  };
}

function fileOf([entry]: readonly OldEntry[]): string {
  return entry?.origin.replace(/(?:, record |:).*$/s, '') ?? '';
}

function indexed(entries: readonly TriageEntry[], keyId: string): Map<string, TriageEntry[]> {
  const index = new Map<string, TriageEntry[]>();
  for (const entry of entries) {
    if (entry.key !== keyId) continue;
    const same = index.get(entry.fingerprint);
    if (same) same.push(entry);
    else index.set(entry.fingerprint, [entry]);
  }
  return index;
}

/** A permission for paths covers a secret only if every copy of it lies there. */
function covers(rule: AllowRule, finding: Finding): boolean {
  if (rule.rules !== null && !rule.rules.includes(finding.rule) && !rule.rules.includes(finding.provider)) return false;
  const { matchesPath } = rule;
  if (matchesPath === null) return true;
  return finding.occurrences.length > 0 && finding.occurrences.every(({ path }) => path !== null && matchesPath(path));
}

const WITHOUT_REASON: Record<'baseline' | 'config' | 'ignore-file', string> = {
  baseline: 'in the baseline',
  config: 'allowed by the configuration',
  'ignore-file': 'allowed without a reason',
};

function suppression(
  by: 'baseline' | 'config' | 'ignore-file',
  { reason, expires }: { readonly reason: string; readonly expires?: string },
): Suppression {
  return { by, reason: reason === '' ? WITHOUT_REASON[by] : reason, ...(expires !== undefined && { expires }) };
}
