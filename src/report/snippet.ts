import { latin1 } from '../bytes/latin1.ts';

/** A secret, or its encoded characters, as bytes of one line; it may begin before the line or end after it. */
export interface MaskSpan {
  readonly start: number;
  readonly end: number;
  /** The one the line is shown for. */
  readonly focus?: boolean;
  /** `Finding.lastFour`, for secrets that stand there unencoded. */
  readonly lastFour?: string;
}

export interface SnippetOptions {
  /** Of the blob, as far as it is text; UTF-8 by default. */
  readonly encoding?: 'utf-8' | 'utf-16le' | 'utf-16be';
  /** Most characters of the result; 160 by default. */
  readonly width?: number;
}

/** Stands for the secret that a line is shown for, whatever its length. */
export const FOCUS_MASK = '••••••••';
/** Stands for every other secret on the line. */
export const OTHER_MASK = '********';

/** Bytes of a long line that are looked at, before and after the secret. */
const REACH = 4096;
/** Shorter secrets are masked where they were found, but not searched for elsewhere on the line. */
const SHORTEST_COPY = 4;

interface Cover {
  readonly start: number;
  end: number;
  focus: boolean;
  tail: string;
}

/**
 * One line for people, with every secret on it masked, every further copy of
 * one too, and cut around the one that matters. Not escaped: that is for the
 * format it goes into.
 *
 * @param line - bytes of one line, without its line break
 * @param spans - of all findings and parts of the blob that touch the line
 * @returns empty if no span touches the line: an unmasked line is never shown
 */
export function maskLine(line: Uint8Array, spans: readonly MaskSpan[], options: SnippetOptions = {}): string {
  const present = spans.filter((span) => span.end > span.start && span.start < line.length && span.end > 0);
  const focus = present.find((span) => span.focus) ?? present[0];
  if (focus === undefined) return '';
  const { encoding = 'utf-8', width = 160 } = options;
  const [from, to] = reach(line, focus, encoding);
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  let text = '';
  let at = from;
  let center = 0;
  for (const cover of covers(line, present, from, to)) {
    text += decoder.decode(line.subarray(at, Math.max(at, cover.start)));
    if (cover.focus) center = text.length;
    text += cover.focus ? FOCUS_MASK + cover.tail : OTHER_MASK;
    at = cover.end;
  }
  text += decoder.decode(line.subarray(at, Math.max(at, to)));
  return cut(text, center, width, from > 0, to < line.length);
}

/** The bytes to look at, begun and ended between characters. */
function reach(line: Uint8Array, focus: MaskSpan, encoding: string): [number, number] {
  let from = Math.max(0, focus.start - REACH);
  let to = Math.min(line.length, focus.end + REACH);
  if (encoding !== 'utf-8') return [from - (from % 2), to - (to % 2)];
  while (from > 0 && isContinuation(line[from])) from++;
  while (to < line.length && isContinuation(line[to])) to--;
  return [from, to];
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/**
 * Disjoint covers in order, of the spans and of all copies of their bytes. A line can hold thousands of secrets, and each is
 * shown with its line: so what lies too far away to touch the window is passed over, and all copies are looked for at once.
 */
function covers(line: Uint8Array, spans: readonly MaskSpan[], from: number, to: number): Cover[] {
  const longest = spans.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  const near = spans.filter(({ start, end }) => end > from - longest && start < to + longest);
  const found = near.map((span): Cover => {
    const [start, end] = [Math.max(0, span.start), Math.min(line.length, span.end)];
    const whole = start === span.start && end === span.end;
    return { start, end, focus: span.focus === true, tail: whole ? (span.lastFour ?? '') : '' };
  });
  if (!found.some(({ focus }) => focus) && found[0]) found[0].focus = true;
  // After the spans, whose tails are those of what was found there.
  found.push(...copies(line, spans, Math.max(0, from - longest), to));
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  return merged(found).filter((cover) => cover.end > from && cover.start < to);
}

function merged(sorted: readonly Cover[]): Cover[] {
  const result: Cover[] = [];
  for (const cover of sorted) {
    const last = result.at(-1);
    if (last === undefined || cover.start >= last.end) {
      result.push(cover);
      continue;
    }
    // Two secrets that overlap: no tail, for it might be the middle of the other one.
    if (cover.end !== last.end || cover.start !== last.start) last.tail = '';
    last.end = Math.max(last.end, cover.end);
    last.focus ||= cover.focus;
  }
  return result;
}

/** Everything that begins in `[from, to)` and has the bytes of a span, the spans themselves among it. */
function copies(line: Uint8Array, spans: readonly MaskSpan[], from: number, to: number): Cover[] {
  const secrets = new Secrets();
  for (const { start, end } of spans) secrets.add(latin1(line, Math.max(0, start), Math.min(line.length, end)));
  const text = latin1(line, from, Math.min(line.length, to + secrets.longest));
  const found: Cover[] = [];
  for (let at = 0; at < to - from; at++)
    for (const length of secrets.lengthsAt(text, at))
      found.push({ start: from + at, end: from + at + length, focus: false, tail: '' });
  return found;
}

/** Texts, by what they begin with. */
class Secrets {
  readonly #byHead = new Map<string, Map<number, Set<string>>>();
  longest = 0;

  add(text: string): void {
    if (text.length < SHORTEST_COPY) return;
    const head = text.slice(0, SHORTEST_COPY);
    const byLength = this.#byHead.get(head) ?? new Map<number, Set<string>>();
    this.#byHead.set(head, byLength.set(text.length, (byLength.get(text.length) ?? new Set()).add(text)));
    this.longest = Math.max(this.longest, text.length);
  }

  /** How long those are that stand there. */
  lengthsAt(text: string, at: number): readonly number[] {
    const byLength = this.#byHead.get(text.slice(at, at + SHORTEST_COPY));
    if (byLength === undefined) return [];
    return [...byLength].flatMap(([length, texts]) => (texts.has(text.slice(at, at + length)) ? length : []));
  }
}

/** At most `width` characters around `center`, with `…` where something is left out. */
function cut(text: string, center: number, width: number, cutBefore: boolean, cutAfter: boolean): string {
  const lead = text.length - text.trimStart().length;
  const trimmed = text.trim();
  const middle = center - lead;
  const start =
    trimmed.length <= width ? 0 : Math.max(0, Math.min(middle - Math.floor(width / 3), trimmed.length - width));
  const end = Math.min(trimmed.length, start + width);
  const before = start > 0 || cutBefore ? '…' : '';
  const after = end < trimmed.length || cutAfter ? '…' : '';
  const [first, last] = [start + (before ? 1 : 0), end - (after ? 1 : 0)];
  return before + withoutHalves(trimmed.slice(first, last)) + after;
}

/** A cut may have parted a surrogate pair. */
function withoutHalves(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, '').replace(/[\ud800-\udbff]$/, '');
}
