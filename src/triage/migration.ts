import type { Finding } from '../core/finding.ts';
import type { SuppressionOutcome } from './apply.ts';
import type { TriageEntry } from './entry.ts';
import type { OldEntry } from './old-entries.ts';

/** One scan over something that suppressions were written for. */
export interface Sweep extends Pick<SuppressionOutcome, 'byOldEntries'> {
  readonly findings: readonly Finding[];
  /** Every entry of other tools that was in force. */
  readonly entries: readonly OldEntry[];
}

/** What becomes of the entries of other tools. */
export interface Migration {
  /** For `.unleak-allow`. */
  readonly allow: readonly TriageEntry[];
  /** For `.unleak-baseline`. */
  readonly baseline: readonly TriageEntry[];
  /** Entries whose secret is open in another place: an id would let that pass too. */
  readonly left: readonly OldEntry[];
  /** Entries that say what another one before them says. */
  readonly shadowed: readonly OldEntry[];
  /** Entries that meet nothing any more. */
  readonly dead: readonly OldEntry[];
}

interface Standing {
  readonly finding: Finding;
  readonly entries: Map<string, OldEntry>;
  whole: boolean;
  open: boolean;
}

/**
 * Turns entries that name places or bare hashes into ids of secrets. Only where
 * every sweep lets the finding stay, so that none is open before and not after.
 */
export function planMigration(sweeps: readonly Sweep[]): Migration {
  const standings = standingsOf(sweeps);
  const met = [...standings.values()].filter(({ entries }) => entries.size > 0);
  const carried = met.filter(({ whole, open }) => whole && !open);
  const safe = new Set(carried.flatMap(({ entries }) => [...entries.keys()]));
  const seen = new Map(met.flatMap(({ entries }) => [...entries]));
  const shadowed = new Map(
    sweeps.flatMap(({ byOldEntries }) =>
      [...byOldEntries.values()].flatMap((match) => match.shadowed.map((entry) => [entry.origin, entry] as const)),
    ),
  );
  const all = new Map(sweeps.flatMap(({ entries }) => entries.map((entry) => [entry.origin, entry] as const)));
  const made = carried.map(toEntry);
  return {
    allow: made.filter(({ baseline }) => !baseline).map(({ entry }) => entry),
    baseline: made.filter(({ baseline }) => baseline).map(({ entry }) => entry),
    left: [...seen].filter(([origin]) => !safe.has(origin)).map(([, entry]) => entry),
    shadowed: [...shadowed].filter(([origin]) => !seen.has(origin)).map(([, entry]) => entry),
    dead: [...all].filter(([origin]) => !seen.has(origin) && !shadowed.has(origin)).map(([, entry]) => entry),
  };
}

function standingsOf(sweeps: readonly Sweep[]): Map<string, Standing> {
  const standings = new Map<string, Standing>();
  for (const { findings, byOldEntries } of sweeps) {
    for (const finding of findings) {
      const known = standings.get(finding.fingerprint);
      const standing: Standing = known ?? { finding, entries: new Map(), whole: false, open: false };
      standings.set(finding.fingerprint, standing);
      const match = byOldEntries.get(finding.fingerprint);
      for (const entry of match?.entries ?? []) standing.entries.set(entry.origin, entry);
      standing.whole ||= match?.whole === true;
      standing.open ||= finding.suppressed === null;
    }
  }
  return standings;
}

/** Lists of single decisions go to `.unleak-allow`, what was there before scanning began to the baseline. */
function toEntry({ finding, entries }: Standing): { readonly entry: TriageEntry; readonly baseline: boolean } {
  const { fingerprint, fingerprintKey: key, rule } = finding;
  const [origin = ''] = entries.keys();
  const entry = { fingerprint, key, rule, reason: `carried over from ${origin}` };
  return { entry, baseline: !/ignore:\d+$/.test(origin) };
}
