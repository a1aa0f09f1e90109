import type { BlobFinding, BlobPart } from '../core/detector.ts';
import type { Finding, FindingPart, Occurrence, Place } from '../core/finding.ts';
import type { PolicyCode } from '../core/policy.ts';
import type { Confidence } from '../core/rule.ts';
import type { Secret } from '../core/secret.ts';
import type { Attribution, Source } from '../core/source.ts';
import { shannonEntropy } from '../detect/checks/entropy.ts';
import { inlineSuppression } from '../triage/inline.ts';
import { redact } from '../triage/redact.ts';
import type { Collected } from './collect.ts';
import { type MaskLine, type Seen, lookAgain } from './look-again.ts';

export type { MaskLine } from './look-again.ts';

/** How secrets appear in the report. */
export interface ReportedSecrets {
  readonly keyId: string;
  readonly show: boolean;
  readonly maskLine: MaskLine | undefined;
  readonly admits: Admits;
  readonly habitsOf?: HabitsOf | undefined;
}

/** What is wrong with how a key is written at a place; `policy/habits.ts` implements it. */
export type HabitsOf = (content: Uint8Array, finding: BlobFinding, place: Place) => readonly PolicyCode[];

/** Whether a finding counts at a place. */
export type Admits = (finding: BlobFinding, place: Place) => boolean;

/** One place of one secret, with what stands there. */
interface Sighting {
  readonly occurrence: Occurrence;
  readonly finding: BlobFinding;
  readonly blob: string;
  /** Of its place among all that were attributed: oldest first. */
  readonly order: number;
}

function byOrder(a: Sighting, b: Sighting): number {
  return a.order - b.order || a.finding.span.start - b.finding.span.start;
}

const CONFIDENCES: readonly Confidence[] = ['low', 'medium', 'high'];

/** Joins what was found with where it occurs: one finding per fingerprint. */
export async function assemble(
  source: Source,
  collected: Collected,
  attribution: Attribution,
  reported: ReportedSecrets,
  signal: AbortSignal,
): Promise<Finding[]> {
  const placesByBlob = groupBy(
    attribution.places.map((one, order) => ({ ...one, order })),
    ({ blob }) => blob,
  );
  const sightings = new Map<string, Sighting[]>();
  const partPlaces = new Map<BlobPart, Occurrence[]>();
  for (const [blob, places] of placesByBlob) {
    const held = collected.findings.get(blob);
    if (!held) continue;
    const content = await source.read(blob, signal);
    const seen = await lookAgain(content, held, reported.maskLine);
    const heldBy = groupBy(held, ({ fingerprint }) => fingerprint);
    for (const { fingerprint, place, order } of places) {
      for (const one of heldBy.get(fingerprint) ?? []) {
        if (!reported.admits(one.finding, place)) continue;
        const habits = content instanceof Uint8Array ? reported.habitsOf?.(content, one.finding, place) : undefined;
        const occurrence = occurrenceOf(one.finding, place, seen);
        push(sightings, fingerprint, {
          occurrence: habits === undefined ? occurrence : { ...occurrence, habits },
          finding: one.finding,
          blob,
          order,
        });
        for (const part of one.finding.parts) push(partPlaces, part, occurrenceOf(part, place, seen));
      }
    }
  }
  const elsewhere = new PartsElsewhere(collected, placesByBlob);
  return [...withoutOutdone(sightings)].map(([fingerprint, list]) =>
    toFinding(fingerprint, list.toSorted(byOrder), partPlaces, attribution, reported, elsewhere),
  );
}

/** What a more specific rule reports of the same text goes to that one: where it counts at some places alone, this is known only now. */
function withoutOutdone(sightings: ReadonlyMap<string, readonly Sighting[]>): ReadonlyMap<string, readonly Sighting[]> {
  const byPlace = [...sightings.values()].flat().filter(({ finding }) => finding.rule.byPlace === true);
  if (byPlace.length === 0) return sightings;
  const there = groupBy(byPlace, spotOf);
  const left = new Map<string, readonly Sighting[]>();
  for (const [fingerprint, list] of sightings) {
    const rest = list.filter((one) => !(there.get(spotOf(one)) ?? []).some((other) => outdoes(other, one)));
    if (rest.length > 0) left.set(fingerprint, rest);
  }
  return left;
}

/** The same bytes at the same path of the same commit. */
function spotOf({ blob, occurrence: { commit, path } }: Sighting): string {
  return `${blob}\0${commit ?? ''}\0${path ?? ''}`;
}

function outdoes({ finding: a }: Sighting, { finding: b }: Sighting): boolean {
  return a.rule.specificity > b.rule.specificity && a.span.start < b.span.end && b.span.start < a.span.end;
}

function toFinding(
  fingerprint: string,
  sightings: readonly Sighting[],
  partPlaces: ReadonlyMap<BlobPart, readonly Occurrence[]>,
  attribution: Attribution,
  reported: ReportedSecrets,
  elsewhere: PartsElsewhere,
): Finding {
  const best = sightings.reduce((a, b) => (rank(b.finding) > rank(a.finding) ? b : a)).finding;
  const { rule, secret } = best;
  const parts = uniqueParts(sightings.flatMap(({ finding }) => finding.parts));
  const missing = rule.parts.filter((spec) => !parts.some((part) => part.rule.id === spec.rule));
  const far = missing.flatMap(
    (spec) => elsewhere.find(spec.rule, spec.sameLength ? secret.reveal().length : null, sightings) ?? [],
  );
  return {
    rule: rule.id,
    provider: rule.provider,
    title: rule.title,
    severity: rule.severity,
    confidence: best.confidence,
    fingerprint,
    fingerprintKey: reported.keyId,
    ...redact(secret),
    entropy: Math.round(shannonEntropy(secret.reveal()) * 100) / 100,
    exposure: attribution.exposure.get(fingerprint) ?? 'unknown',
    ...(reported.show ? { secret: secret.reveal() } : {}),
    ...(rule.tags === undefined ? {} : { tags: rule.tags }),
    parts: [...parts.map((part) => toPart(part, partPlaces)), ...far],
    suppressed: inlineSuppression(sightings.map(({ finding }) => finding.allowedBy)),
    verification: null,
    firstSeen: attribution.firstSeen.get(fingerprint) ?? null,
    occurrences: sightings.map(({ occurrence }) => occurrence),
  };
}

function rank({ rule, confidence }: BlobFinding): number {
  return rule.specificity * 10 + CONFIDENCES.indexOf(confidence);
}

function uniqueParts(parts: readonly BlobPart[]): BlobPart[] {
  return [...new Map(parts.map((part) => [`${part.rule.id}\0${part.secret.reveal()}`, part])).values()];
}

function toPart(part: BlobPart, places: ReadonlyMap<BlobPart, readonly Occurrence[]>): FindingPart {
  return { rule: part.rule.id, redacted: redact(part.secret).redacted, occurrences: places.get(part) ?? [] };
}

interface Spot {
  readonly span: { readonly start: number; readonly end: number };
  readonly decoded: readonly string[];
  readonly inner?: string;
  readonly secret: Secret;
}

/** What could not be read a second time has a place in bytes only. */
const UNLOCATED = { line: 1, column: 1, endLine: 1, endColumn: 1, located: false } as const;

function occurrenceOf(spot: Spot, place: Place, seen: Seen): Occurrence {
  const located = seen.at(spot.span, spot.inner);
  return {
    ...place,
    path: spot.inner === undefined || place.path === null ? place.path : `${place.path}!${spot.inner}`,
    ...(located?.range ?? UNLOCATED),
    offset: spot.span.start,
    length: spot.span.end - spot.span.start,
    decoded: spot.decoded,
    ...(located?.snippet ? { snippet: located.snippet } : {}),
  };
}

/**
 * The other half of a pair in another file: only between blobs that lie in one
 * folder of one tree, so that it is never a product over history.
 */
class PartsElsewhere {
  /** Folder, rule and length → the first such part, in the order of scanning; also under no length. */
  readonly #first = new Map<string, { readonly part: BlobPart; readonly order: number }>();

  constructor(collected: Collected, places: ReadonlyMap<string, readonly { readonly place: Place }[]>) {
    let order = 0;
    for (const [blob, parts] of collected.loose) {
      const folders = new Set((places.get(blob) ?? []).map(({ place }) => folderOf(place)));
      for (const part of parts) {
        order++;
        for (const folder of folders)
          for (const length of [null, part.secret.reveal().length]) this.#keep(folder, length, part, order);
      }
    }
  }

  #keep(folder: string, length: number | null, part: BlobPart, order: number): void {
    const key = pairKey(folder, part.rule.id, length);
    if (!this.#first.has(key)) this.#first.set(key, { part, order });
  }

  find(rule: string, length: number | null, sightings: readonly Sighting[]): FindingPart | null {
    let best: { readonly part: BlobPart; readonly order: number } | undefined;
    for (const folder of new Set(sightings.map(({ occurrence }) => folderOf(occurrence)))) {
      const found = this.#first.get(pairKey(folder, rule, length));
      if (found && found.order < (best?.order ?? Infinity)) best = found;
    }
    return best ? { rule, redacted: redact(best.part.secret).redacted, occurrences: [] } : null;
  }
}

function pairKey(folder: string, rule: string, length: number | null): string {
  return `${rule}\0${length ?? ''}\0${folder}`;
}

function folderOf({ path, commit }: Place): string {
  return `${commit ?? ''}:${(path ?? '').replace(/[^/]*$/, '')}`;
}

function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) push(groups, keyOf(value), value);
  return groups;
}

function push<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const list = groups.get(key);
  if (list) list.push(value);
  else groups.set(key, [value]);
}
