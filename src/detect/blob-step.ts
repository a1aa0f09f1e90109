import type { BlobFinding, BlobPart } from '../core/detector.ts';
import type { Confidence, PartSpec } from '../core/rule.ts';
import { Secret } from '../core/secret.ts';
import type { Span } from '../core/span.ts';
import type { AllowMark, Item } from './item.ts';

const STEPS: readonly Confidence[] = ['low', 'medium', 'high'];

/** What a blob's items come to. A pure function of the list, whatever its order. */
export function blobStep(
  items: readonly Item[],
  allowMarks: readonly AllowMark[],
): { readonly findings: BlobFinding[]; readonly loose: BlobPart[] } {
  const distinct = dropOuterCopies(dropDuplicates(items));
  const evidence = new Set(distinct.filter(({ rule }) => rule.role === 'evidence').map(({ rule }) => rule.id));
  const identifiers = distinct.filter(({ rule }) => rule.role === 'identifier');
  const named = distinct.filter(({ rule }) => rule.role === 'secret');
  const secrets = dropOverlaps(withoutIdentifiers(named, identifiers));

  const candidates = byRule([...identifiers, ...secrets].toSorted(byPlace));
  const claimed = new Set<Item>();
  const findings: BlobFinding[] = [];
  for (const item of secrets) {
    const parts = partsOf(item, candidates);
    if (parts === null) continue;
    for (const part of parts.found) claimed.add(part);
    const steps = (item.rule.raisedBy?.some((id) => evidence.has(id)) ? 1 : 0) - (parts.missing ? 1 : 0);
    findings.push({
      rule: item.rule,
      span: item.span,
      secret: new Secret(item.secret),
      confidence: shift(item.confidence, steps),
      decoded: item.decoded,
      ...(item.inner === undefined ? {} : { inner: item.inner }),
      parts: parts.found.map(toPart),
      allowedBy: allowedBy(item, allowMarks),
    });
  }
  return { findings, loose: identifiers.filter((item) => !claimed.has(item)).map(toPart) };
}

/**
 * A comment stands on the line where the secret begins or ends: a key block ends with the line before its last.
 *
 * @param allowMarks - in the order of their lines' ends
 */
function allowedBy({ span, inner }: Item, allowMarks: readonly AllowMark[]): string | null {
  if (inner !== undefined) return null;
  return markAt(span.start, allowMarks) ?? markAt(span.end, allowMarks);
}

function markAt(place: number, allowMarks: readonly AllowMark[]): string | null {
  let low = 0;
  let high = allowMarks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((allowMarks[middle]?.line.end ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  const mark = allowMarks[low];
  return mark && place >= mark.line.start ? mark.marker : null;
}

function toPart({ rule, span, secret, decoded, inner }: Item): BlobPart {
  return { rule, span, secret: new Secret(secret), decoded, ...(inner === undefined ? {} : { inner }) };
}

function shift(confidence: Confidence, steps: number): Confidence {
  const at = Math.min(STEPS.length - 1, Math.max(0, STEPS.indexOf(confidence) + steps));
  return STEPS[at] ?? confidence;
}

/** Several hits can decide one and the same item; the surest stays, with the nearest context. Sorted by place. */
function dropDuplicates(items: readonly Item[]): Item[] {
  const kept = new Map<string, Item>();
  for (const item of items) {
    const key = itemKey(item);
    const known = kept.get(key);
    kept.set(key, known ? nearer(known, item) : item);
  }
  return [...kept.values()].toSorted(byPlace);
}

/** Two items with one key are sightings of the same thing. */
export function itemKey({ rule, span, inner, secret }: Item): string {
  return `${rule.id}\0${span.start}\0${span.end}\0${inner ?? ''}\0${secret}`;
}

/** The surer of two sightings of one item, else the one that is less encoded, with the smaller distance of both. */
export function nearer(a: Item, b: Item): Item {
  const surer = (rank(b) - rank(a) || compareDecoding(a.decoded, b.decoded)) > 0 ? b : a;
  const distance = Math.min(a.distance ?? 0, b.distance ?? 0);
  return (surer.distance ?? 0) === distance ? surer : { ...surer, distance };
}

/** What stands unpacked in an archive's own bytes too (tar) is reported under its inner path only. */
function dropOuterCopies(items: readonly Item[]): Item[] {
  const key = ({ rule, secret }: Item, inner: string | undefined): string => `${rule.id}\0${inner ?? '!'}\0${secret}`;
  const enclosing = new Set<string>();
  for (const item of items) {
    if (item.inner === undefined) continue;
    enclosing.add(key(item, undefined));
    for (let at = item.inner.indexOf('!'); at >= 0; at = item.inner.indexOf('!', at + 1))
      enclosing.add(key(item, item.inner.slice(0, at)));
  }
  return items.filter((item) => !enclosing.has(key(item, item.inner)));
}

function rank({ rule, confidence }: Item): number {
  return rule.specificity * 10 + STEPS.indexOf(confidence);
}

function byPlace(a: Item, b: Item): number {
  return (
    a.span.start - b.span.start ||
    a.span.end - b.span.end ||
    compare(a.rule.id, b.rule.id) ||
    compare(a.inner ?? '', b.inner ?? '') ||
    compareDecoding(a.decoded, b.decoded) ||
    compare(a.secret, b.secret)
  );
}

/** Fewer layers first. */
function compareDecoding(a: readonly string[], b: readonly string[]): number {
  return a.length - b.length || compare(a.join(), b.join());
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What only its name makes a secret is none where another rule knows it as an identifier. */
function withoutIdentifiers(items: readonly Item[], identifiers: readonly Item[]): readonly Item[] {
  const key = ({ span, inner }: Item): string => `${span.start}\0${inner ?? ''}`;
  const known = new Set(identifiers.map(key));
  return items.filter((item) => item.rule.specificity > 0 || !known.has(key(item)));
}

/** Where spans overlap, the more specific rule wins, then the one whose context is nearer, then the surer, then the longer match. */
function dropOverlaps(items: readonly Item[]): Item[] {
  const kept: Item[] = [];
  for (const item of items) {
    if (item.rule.overlaps === true) {
      kept.push(item);
      continue;
    }
    let beaten = false;
    // Sorted by start: only the tail can overlap.
    for (let i = kept.length - 1; i >= 0 && !beaten; i--) {
      const other = kept[i];
      if (other?.rule.overlaps === true) continue;
      if (!other || !overlap(item.span, other.span)) {
        if (other && other.span.end <= item.span.start - LONGEST_SECRET) break;
        continue;
      }
      if ((other.inner ?? '') !== (item.inner ?? '')) continue;
      if (beats(item, other)) kept.splice(i, 1);
      else beaten = true;
    }
    if (!beaten) kept.push(item);
  }
  return kept;
}

/** No secret is longer, so older items need no look. */
const LONGEST_SECRET = 65_536;

function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

function beats(a: Item, b: Item): boolean {
  const difference =
    a.rule.specificity - b.rule.specificity ||
    (b.distance ?? 0) - (a.distance ?? 0) ||
    rank(a) - rank(b) ||
    a.span.end - a.span.start - (b.span.end - b.span.start);
  return difference > 0;
}

/** The other halves of an item, nearest first; null if a required one is missing. */
function partsOf(item: Item, candidates: PartIndex): { readonly found: Item[]; readonly missing: boolean } | null {
  const found: Item[] = [];
  let missing = false;
  for (const spec of item.rule.parts) {
    const part =
      nearest(item, spec, candidates.get(textKey(spec.rule, item)) ?? []) ?? elsewhere(item, spec, candidates);
    if (part) found.push(part);
    else if (spec.absence === 'required') return null;
    else if (spec.absence === 'lowers') missing = true;
  }
  return { found, missing };
}

/** Items by rule and by text, each list by place: distances mean something within one text only. */
type PartIndex = ReadonlyMap<string, readonly Item[]>;

/** A text is the blob itself, or an entry of the archive that it is. */
function textKey(rule: string, { inner }: Item): string {
  return `${rule}\0${inner ?? ''}`;
}

/** The other half may be in another entry of the same archive. */
function elsewhere(item: Item, spec: PartSpec, candidates: PartIndex): Item | null {
  if (item.inner === undefined) return null;
  const inArchive = candidates.get(spec.rule) ?? [];
  return inArchive.find(({ secret }) => !spec.sameLength || secret.length === item.secret.length) ?? null;
}

/** Neighbours looked at on each side; more unfitting ones in between and it is no pair. */
const NEIGHBOURS = 64;

/** The nearest fitting candidate of a list sorted by place. */
function nearest(item: Item, spec: PartSpec, candidates: readonly Item[]): Item | null {
  const middle = firstAfter(candidates, item.span.start);
  let best: Item | null = null;
  let bestDistance = spec.within + 1;
  for (let i = Math.max(0, middle - NEIGHBOURS); i < Math.min(candidates.length, middle + NEIGHBOURS); i++) {
    const candidate = candidates[i];
    if (!candidate || candidate === item || (spec.sameLength && candidate.secret.length !== item.secret.length))
      continue;
    const distance = gap(item.span, candidate.span);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function firstAfter(items: readonly Item[], start: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.span.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byRule(items: readonly Item[]): PartIndex {
  const index = new Map<string, Item[]>();
  const add = (key: string, item: Item): void => {
    const list = index.get(key);
    if (list) list.push(item);
    else index.set(key, [item]);
  };
  for (const item of items) {
    add(textKey(item.rule.id, item), item);
    if (item.inner !== undefined) add(item.rule.id, item);
  }
  return index;
}

function gap(a: Span, b: Span): number {
  return Math.max(0, a.start - b.end, b.start - a.end);
}
