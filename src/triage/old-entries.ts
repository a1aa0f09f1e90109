import type { Finding, Occurrence } from '../core/finding.ts';
import { type PlaceEntry, type PlaceIndex, placeFor, placeIndex } from './gitleaks.ts';
import { type HashEntry, keyOfHash } from './hashed.ts';

/** An entry of another tool's file. */
export type OldEntry = PlaceEntry | HashEntry;

/** What entries of other tools say of one finding. */
export interface OldMatch {
  /** Those that name one of its places. */
  readonly entries: readonly OldEntry[];
  /** Every place is named: the finding may stay. */
  readonly whole: boolean;
}

export interface OldEntriesAsked {
  readonly places: readonly PlaceEntry[];
  readonly hashes: readonly HashEntry[];
  /** Whether a rule of that id is in force: an entry of any other rule goes by its place alone. */
  readonly isRule: (id: string) => boolean;
  readonly hashesOf: (fingerprint: string) => ReadonlySet<string>;
}

/** Looks entries of other tools up for findings. */
export function oldEntryMatcher(asked: OldEntriesAsked): (finding: Finding) => OldMatch {
  const places = placeIndex(asked.places, asked.isRule);
  const byHash = new Map<string, HashEntry[]>();
  for (const entry of asked.hashes) byHash.set(keyOfHash(entry), [...(byHash.get(keyOfHash(entry)) ?? []), entry]);
  return (finding) => {
    const hashed = [...asked.hashesOf(finding.fingerprint)].flatMap((key) => byHash.get(key) ?? []);
    const found = finding.occurrences.map((occurrence) => entryFor(finding, occurrence, places, hashed));
    const entries = [...new Set(found.filter((entry) => entry !== undefined))];
    return { entries, whole: entries.length > 0 && !found.includes(undefined) };
  };
}

function entryFor(
  finding: Finding,
  occurrence: Occurrence,
  places: PlaceIndex,
  hashed: readonly HashEntry[],
): OldEntry | undefined {
  return placeFor(finding, occurrence, places) ?? hashed.find(({ path }) => path === null || path === occurrence.path);
}
