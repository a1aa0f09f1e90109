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

/** Disjoint covers in order, of the spans and of all copies of their bytes. */
function covers(line: Uint8Array, spans: readonly MaskSpan[], from: number, to: number): Cover[] {
  const found: Cover[] = [];
  for (const span of spans) {
    const [start, end] = [Math.max(0, span.start), Math.min(line.length, span.end)];
    const whole = start === span.start && end === span.end;
    found.push({ start, end, focus: span.focus === true, tail: whole ? (span.lastFour ?? '') : '' });
    for (const copy of copies(line, start, end, from, to)) found.push({ ...copy, focus: false, tail: '' });
  }
  if (!found.some(({ focus }) => focus) && found[0]) found[0].focus = true;
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

function copies(
  line: Uint8Array,
  start: number,
  end: number,
  from: number,
  to: number,
): { start: number; end: number }[] {
  const length = end - start;
  if (length < SHORTEST_COPY) return [];
  const secret = line.subarray(start, end);
  const [low, high] = [Math.max(0, from - length), Math.min(line.length, to + length)];
  const hay = Buffer.from(line.buffer, line.byteOffset + low, high - low);
  const places: { start: number; end: number }[] = [];
  for (let at = hay.indexOf(secret); at >= 0; at = hay.indexOf(secret, at + 1)) {
    if (at + low !== start) places.push({ start: at + low, end: at + low + length });
  }
  return places;
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
