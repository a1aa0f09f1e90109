import { utf16Units } from '../bytes/utf16-units.ts';
import type { ByteStream } from '../core/blob.ts';
import type { Located, Span } from '../core/span.ts';
import { type Facts, factsOf } from './facts.ts';

const LINE_FEED = 10;
/** Bytes of the line kept on either side of a span. */
const EXCERPT = 1024;

interface Point {
  readonly offset: number;
  line: number;
  column: number;
}

/**
 * Lines and columns of spans, from 1, columns in UTF-16 code units. Reads the
 * content once, in whatever pieces it comes.
 *
 * @param content - the blob; a byte-order mark counts as a code unit of the first line
 * @returns one per span, in their order; null for spans past the content's end
 */
export async function locate(content: Uint8Array | ByteStream, spans: readonly Span[]): Promise<(Located | null)[]> {
  if (content instanceof Uint8Array) return locateIn(content, spans);
  const locating = new Locating(spans);
  for await (const chunk of content.chunks) locating.take(chunk, content.size ?? Number.POSITIVE_INFINITY);
  return locating.end();
}

/** How many line feeds there are from one place of a content to another. */
export type CountLineFeeds = (from: number, to: number) => number;

/**
 * The same where all of a blob is at hand.
 *
 * @param count - for this content; default: a plain loop
 */
export function locateIn(
  content: Uint8Array,
  spans: readonly Span[],
  count: CountLineFeeds = (from, to) => lineFeedsIn(content, from, to),
): (Located | null)[] {
  const locating = new Locating(spans);
  locating.takeWhole(content, count);
  return locating.end();
}

function lineFeedsIn(content: Uint8Array, from: number, to: number): number {
  const part = content.subarray(from, to);
  let feeds = 0;
  for (let at = part.indexOf(LINE_FEED); at >= 0; at = part.indexOf(LINE_FEED, at + 1)) feeds++;
  return feeds;
}

class Locating {
  readonly #spans: readonly Span[];
  readonly #points: readonly Point[];
  readonly #tracker: LineTracker;
  readonly #excerpts = new Map<number, { readonly bytes: Uint8Array; readonly start: number }>();
  #facts: Facts | undefined;

  constructor(spans: readonly Span[]) {
    const offsets = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].toSorted((a, b) => a - b);
    this.#spans = spans;
    this.#points = offsets.map((offset): Point => ({ offset, line: 0, column: 0 }));
    this.#tracker = new LineTracker(this.#points);
  }

  /** @param size - of all of the blob */
  take(chunk: Uint8Array, size: number): void {
    this.#facts ??= factsOf(chunk, size);
    const unit = unitOf(this.#facts);
    const base = this.#tracker.seen;
    this.#tracker.feed(chunk, unit);
    for (const span of this.#spans)
      if (span.start >= base && span.start < base + chunk.length)
        this.#excerpts.set(span.start, excerptOf(chunk, base, span, unit));
  }

  /** Instead of `take`, where there is but one piece. */
  takeWhole(content: Uint8Array, count: CountLineFeeds): void {
    this.#facts = factsOf(content, content.length);
    const unit = unitOf(this.#facts);
    if (unit.size > 1) {
      this.take(content, content.length);
      return;
    }
    /** Where the line goes on that is told already, and how many code units of it. */
    let [line, at, from, told] = [1, 0, 0, 0];
    for (const point of this.#points) {
      if (point.offset > content.length) break;
      const feeds = count(at, point.offset);
      at = point.offset;
      line += feeds;
      if (feeds > 0) [from, told] = [content.lastIndexOf(LINE_FEED, at - 1) + 1, 0];
      const more = utf16Units(content, from, at);
      point.line = line;
      point.column = told + more.units + more.rest + 1;
      // A character that the point cuts is read again.
      if (more.rest === 0) [from, told] = [at, told + more.units];
    }
    for (const span of this.#spans)
      if (span.start < content.length) this.#excerpts.set(span.start, excerptOf(content, 0, span, unit));
  }

  end(): (Located | null)[] {
    this.#tracker.end();
    const byOffset = new Map(this.#points.map((point) => [point.offset, point]));
    const encoding = encodingOf(this.#facts);
    return this.#spans.map((span) => {
      const start = byOffset.get(span.start);
      const end = byOffset.get(span.end);
      const excerpt = this.#excerpts.get(span.start) ?? { bytes: new Uint8Array(), start: span.start };
      if (!start || !end || start.line === 0 || end.line === 0) return null;
      return {
        range: { line: start.line, column: start.column, endLine: end.line, endColumn: end.column },
        excerpt: excerpt.bytes,
        excerptStart: excerpt.start,
        encoding,
      };
    });
  }
}

function encodingOf(facts: Facts | undefined): Located['encoding'] {
  if (facts?.kind !== 'wide' || !facts.encoding.startsWith('utf-16')) return 'utf-8';
  return facts.encoding === 'utf-16le' ? 'utf-16le' : 'utf-16be';
}

/** Bytes a code unit takes, and which of them holds a line feed. */
interface Unit {
  readonly size: 1 | 2 | 4;
  readonly low: number;
}

function unitOf(facts: Facts): Unit {
  if (facts.kind !== 'wide') return { size: 1, low: 0 };
  const size = facts.encoding.startsWith('utf-16') ? 2 : 4;
  return { size, low: facts.encoding.endsWith('le') ? 0 : size - 1 };
}

/** Walks content chunk by chunk and fills in the points it passes. */
class LineTracker {
  seen = 0;
  readonly #points: readonly Point[];
  #next = 0;
  #line = 1;
  /** Code units of the current line before `#from`. */
  #units = 0;
  /** Bytes of a character that a chunk's end cut. */
  #held: Uint8Array = new Uint8Array();

  constructor(points: readonly Point[]) {
    this.#points = points;
  }

  feed(chunk: Uint8Array, unit: Unit): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const base = this.seen - this.#held.length;
    this.seen += chunk.length;
    if (this.#isDone) return;
    let from = 0;
    // Whole code units only; the rest is held.
    const usable = bytes.length - (unit.size === 1 ? 0 : bytes.length % unit.size);
    while (from < usable) {
      const feed = lineFeed(bytes, from, usable, unit);
      const lineEnd = feed < 0 ? usable : feed;
      this.#mark(bytes, base, from, lineEnd, unit);
      // Most of a large file lies behind what is asked about.
      if (this.#isDone) return;
      if (feed < 0) break;
      from = feed + unit.size;
      this.#line++;
      this.#units = 0;
    }
    const tail = this.#advance(bytes, from, usable, unit);
    this.#held = bytes.slice(tail);
  }

  get #isDone(): boolean {
    return this.#next >= this.#points.length;
  }

  end(): void {
    // A point at the very end lies behind the last character.
    for (let point = this.#points[this.#next]; point && point.offset <= this.seen; point = this.#points[++this.#next]) {
      point.line = this.#line;
      point.column = this.#units + this.#held.length + 1;
    }
  }

  #mark(bytes: Uint8Array, base: number, from: number, lineEnd: number, unit: Unit): void {
    for (
      let point = this.#points[this.#next];
      point && point.offset - base <= lineEnd && point.offset - base < bytes.length;
      point = this.#points[++this.#next]
    ) {
      point.line = this.#line;
      point.column = this.#units + units(bytes, from, Math.max(from, point.offset - base), unit) + 1;
    }
  }

  /** Counts what is left of the chunk; returns where the cut character begins. */
  #advance(bytes: Uint8Array, from: number, usable: number, unit: Unit): number {
    if (unit.size > 1) {
      this.#units += units(bytes, from, usable, unit);
      return usable;
    }
    const counted = utf16Units(bytes, from, usable);
    this.#units += counted.units;
    return usable - counted.rest;
  }
}

function units(bytes: Uint8Array, from: number, to: number, unit: Unit): number {
  if (unit.size === 2) return Math.floor((to - from) / 2);
  if (unit.size === 1) {
    const counted = utf16Units(bytes, from, to);
    return counted.units + counted.rest;
  }
  let count = 0;
  for (let at = from; at + 4 <= to; at += 4) {
    const high = unit.low === 0 ? (bytes[at + 2] ?? 0) | (bytes[at + 3] ?? 0) : (bytes[at] ?? 0) | (bytes[at + 1] ?? 0);
    count += high === 0 ? 1 : 2;
  }
  return count;
}

function lineFeed(bytes: Uint8Array, from: number, to: number, unit: Unit): number {
  if (unit.size === 1) {
    const at = bytes.indexOf(10, from);
    return at < to ? at : -1;
  }
  for (let at = from; at + unit.size <= to; at += unit.size) if (isLineFeed(bytes, at, unit)) return at;
  return -1;
}

function isLineFeed(bytes: Uint8Array, at: number, unit: Unit): boolean {
  for (let k = 0; k < unit.size; k++) if (bytes[at + k] !== (k === unit.low ? 10 : 0)) return false;
  return true;
}

function excerptOf(
  chunk: Uint8Array,
  base: number,
  span: Span,
  unit: Unit,
): { readonly bytes: Uint8Array; readonly start: number } {
  const at = span.start - base;
  const lowest = Math.max(0, at - EXCERPT);
  let start = at;
  while (
    start > lowest &&
    !(start % unit.size === 0 && start >= unit.size && isLineFeed(chunk, start - unit.size, unit))
  )
    start--;
  const highest = Math.min(chunk.length, span.end - base + EXCERPT);
  let end = at;
  while (end < highest && !(end % unit.size === 0 && isLineFeed(chunk, end, unit))) end++;
  if (unit.size === 1 && end > start && chunk[end - 1] === 13) end--;
  return { bytes: chunk.slice(start, end), start: base + start };
}
