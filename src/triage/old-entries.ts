import type { Finding, Occurrence } from '../core/finding.ts';
import { type PlaceContext, type PlaceEntry, placeIndex, placesFor } from './gitleaks.ts';
import { type HashEntry, keyOfHash } from './hashed.ts';

/** An entry of another tool's file. */
export type OldEntry = PlaceEntry | HashEntry;

/** What entries of other tools say of one finding. */
export interface OldMatch {
  /** The first that names each of its places. */
  readonly entries: readonly OldEntry[];
  /** Others that name one of its places too. */
  readonly shadowed: readonly OldEntry[];
  /** Every place is named: the finding may stay. */
  readonly whole: boolean;
}

/** What is known of this run's rules and secrets, for entries of other tools. */
export interface OldContext extends PlaceContext {
  readonly hashesOf: (fingerprint: string) => ReadonlySet<string>;
}

/** Looks entries of other tools up for findings. */
export function oldEntryMatcher(
  { places, hashes }: { readonly places: readonly PlaceEntry[]; readonly hashes: readonly HashEntry[] },
  context: OldContext,
): (finding: Finding) => OldMatch {
  const index = placeIndex(places);
  const byHash = new Map<string, HashEntry[]>();
  for (const entry of hashes) byHash.set(keyOfHash(entry), [...(byHash.get(keyOfHash(entry)) ?? []), entry]);
  return (finding) => {
    const hashed = [...context.hashesOf(finding.fingerprint)].flatMap((key) => byHash.get(key) ?? []);
    const entriesAt = (occurrence: Occurrence): readonly OldEntry[] => [
      ...placesFor(finding, occurrence, index, context),
      ...hashed.filter(({ path }) => path === null || path === occurrence.path),
    ];
    const found = finding.occurrences.map(entriesAt);
    const entries = new Set(found.flatMap(([first]) => first ?? []));
    const shadowed = new Set(found.flat().filter((entry) => !entries.has(entry)));
    const whole = entries.size > 0 && found.every((list) => list.length > 0);
    return { entries: [...entries], shadowed: [...shadowed], whole };
  };
}
