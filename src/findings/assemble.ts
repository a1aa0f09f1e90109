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
import { chooseListed } from './listed.ts';
import { type MaskLine, type Seen, lookAgain, seenBefore } from './look-again.ts';

export type { MaskLine } from './look-again.ts';

/** How secrets appear in the report. */
export interface ReportedSecrets {
  readonly keyId: string;
  readonly show: boolean;
  readonly maskLine: MaskLine | undefined;
  readonly admits: Admits;
  readonly habitsOf?: HabitsOf | undefined;
  readonly listing: Listing;
}

/** What is wrong with how a key is written at a place; `policy/habits.ts` implements it. */
export type HabitsOf = (content: Uint8Array, finding: BlobFinding, place: Place) => readonly PolicyCode[];

/** Whether a finding counts at a place. */
export type Admits = (finding: BlobFinding, place: Place) => boolean;

/** Which places are looked at again, and reported. */
export interface Listing {
  /** Of one finding. */
  readonly most: number;
  /** All are looked at again, because something else depends on it. */
  readonly locatesAll: boolean;
  /** Whoever asked that a path be left out; its places are dropped afterwards. */
  readonly excluded?: ((path: string) => string | null) | undefined;
}

/** One place of one secret. */
interface Sighting {
  readonly place: Place;
  readonly finding: BlobFinding;
  readonly blob: string;
  /** Of its place among all that were attributed: oldest first. */
  readonly order: number;
  isListed: boolean;
  /** With line and column, where it was looked at again. */
  occurrence: Occurrence | null;
}

function byOrder(a: Sighting, b: Sighting): number {
  return a.order - b.order || a.finding.span.start - b.finding.span.start;
}

const CONFIDENCES: readonly Confidence[] = ['low', 'medium', 'high'];

/** Joins what was found with where it occurs: one finding per fingerprint. */
export async function assemble(
  source: Pick<Source, 'read' | 'located'>,
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
  for (const [blob, places] of placesByBlob) {
    const heldBy = groupBy(collected.findings.get(blob) ?? [], ({ fingerprint }) => fingerprint);
    for (const { fingerprint, place, order } of places) {
      for (const { finding } of heldBy.get(fingerprint) ?? []) {
        if (!reported.admits(finding, place)) continue;
        push(sightings, fingerprint, { place, finding, blob, order, isListed: true, occurrence: null });
      }
    }
  }
  const left = [...withoutOutdone(sightings)].map(
    ([fingerprint, list]) => [fingerprint, list.toSorted(byOrder)] as const,
  );
  for (const [, list] of left) leaveOut(list, reported.listing);
  const partPlaces = await lookAtListed(
    source,
    collected,
    left.flatMap(([, list]) => list),
    reported,
    signal,
  );
  if (reported.habitsOf !== undefined) for (const list of cutShort(left)) for (const one of list) sayCutShort(one);
  const elsewhere = new PartsElsewhere(collected, placesByBlob);
  return left.map(([fingerprint, list]) => toFinding(fingerprint, list, partPlaces, attribution, reported, elsewhere));
}

/** Findings with which a longer secret of the same rule begins: what was left when somebody copied it. */
function cutShort(findings: readonly (readonly [string, readonly Sighting[]])[]): (readonly Sighting[])[] {
  const all = findings.flatMap(([, list]) =>
    list.slice(0, 1).map(({ finding }) => ({ list, rule: finding.rule.id, text: finding.secret.reveal() })),
  );
  return [...groupBy(all, ({ rule }) => rule).values()].flatMap((some) => {
    // In this order a beginning stands right before what it begins.
    const sorted = some.toSorted((a, b) => (a.text < b.text ? -1 : 1));
    return sorted.flatMap(({ list, text }, i) => (sorted[i + 1]?.text.startsWith(text) === true ? [list] : []));
  });
}

function sayCutShort(sighting: Sighting): void {
  const { occurrence } = sighting;
  if (occurrence === null) return;
  const habits = new Set<PolicyCode>([...(occurrence.habits ?? []), 'POLICY_CUT_SHORT']);
  sighting.occurrence = { ...occurrence, habits: [...habits] };
}

/** Decides which places of one finding are not listed. */
function leaveOut(sightings: readonly Sighting[], { most, excluded }: Listing): void {
  if (sightings.length <= most) return;
  const isExcluded = (one: Sighting): boolean => {
    const path = pathOf(one.place, one.finding);
    return path !== null && (excluded?.(path) ?? null) !== null;
  };
  const counting = excluded === undefined ? sightings : sightings.filter((one) => !isExcluded(one));
  const chosen = chooseListed(
    counting.map(({ place }) => place),
    most,
  );
  if (chosen === null) return;
  for (const [index, one] of counting.entries()) one.isListed = chosen.has(index);
}

/** Reads the blobs again that hold what is listed. @returns where parts stand */
async function lookAtListed(
  source: Pick<Source, 'read' | 'located'>,
  collected: Collected,
  sightings: readonly Sighting[],
  { listing, maskLine, habitsOf }: ReportedSecrets,
  signal: AbortSignal,
): Promise<ReadonlyMap<BlobPart, readonly Occurrence[]>> {
  const partPlaces = new Map<BlobPart, Occurrence[]>();
  const wanted = listing.locatesAll ? sightings : sightings.filter(({ isListed }) => isListed);
  for (const [blob, there] of groupBy(wanted, (one) => one.blob)) {
    const held = collected.findings.get(blob) ?? [];
    const located = habitsOf === undefined ? ((await source.located?.(blob)) ?? null) : null;
    const content = located === null ? await source.read(blob, signal) : null;
    const seen = located === null ? await lookAgain(content, held, maskLine) : seenBefore(located, held, maskLine);
    for (const one of there.toSorted(byOrder)) {
      const { finding, place } = one;
      const habits = content instanceof Uint8Array ? habitsOf?.(content, finding, place) : undefined;
      const occurrence = occurrenceOf(finding, place, seen);
      one.occurrence = habits === undefined ? occurrence : { ...occurrence, habits };
      if (one.isListed) for (const part of finding.parts) push(partPlaces, part, occurrenceOf(part, place, seen));
    }
  }
  return partPlaces;
}

/** The occurrence as it was looked at, or without a line. */
function occurrenceAt({ finding, place, isListed, occurrence }: Sighting): Occurrence {
  if (isListed) return occurrence ?? occurrenceOf(finding, place, NOT_LOOKED_AT);
  return occurrence === null ? unlistedAt(finding, place) : { ...occurrence, unlisted: true };
}

/** There may be very many of these: written out, because copying field by field takes several times as long. */
function unlistedAt(spot: Spot, place: Place): Occurrence {
  return {
    kind: place.kind,
    path: pathOf(place, spot),
    commit: place.commit,
    author: place.author,
    email: place.email,
    authorDate: place.authorDate,
    commitDate: place.commitDate,
    moved: place.moved,
    removedIn: place.removedIn,
    blob: place.blob,
    blobs: place.blobs,
    reach: place.reach,
    heldBy: place.heldBy,
    heldByCount: place.heldByCount,
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
    located: false,
    offset: spot.span.start,
    length: spot.span.end - spot.span.start,
    decoded: spot.decoded,
    unlisted: true,
  };
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
function spotOf({ blob, place, finding }: Sighting): string {
  return `${blob}\0${place.commit ?? ''}\0${pathOf(place, finding) ?? ''}`;
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
    occurrences: sightings.map(occurrenceAt),
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

const NOT_LOOKED_AT: Seen = { at: () => null };

/** With the way inside of an archive. */
function pathOf({ path }: Place, { inner }: Pick<Spot, 'inner'>): string | null {
  return inner === undefined || path === null ? path : `${path}!${inner}`;
}

function occurrenceOf(spot: Spot, place: Place, seen: Seen): Occurrence {
  const located = seen.at(spot.span, spot.inner);
  return {
    ...place,
    path: pathOf(place, spot),
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
    for (const folder of new Set(
      sightings.map(({ place, finding }) => folderOf({ commit: place.commit, path: pathOf(place, finding) })),
    )) {
      const found = this.#first.get(pairKey(folder, rule, length));
      if (found && found.order < (best?.order ?? Infinity)) best = found;
    }
    return best ? { rule, redacted: redact(best.part.secret).redacted, occurrences: [] } : null;
  }
}

function pairKey(folder: string, rule: string, length: number | null): string {
  return `${rule}\0${length ?? ''}\0${folder}`;
}

function folderOf({ path, commit }: Pick<Place, 'path' | 'commit'>): string {
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
