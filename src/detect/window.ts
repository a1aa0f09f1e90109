import { latin1 } from '../bytes/latin1.ts';
import { ENOUGH, letterEvidence } from '../bytes/letters.ts';
import type { AssignedFind, PatternFind } from '../core/rule.ts';
import type { Span } from '../core/span.ts';
import type { Decoded } from './decode/decoded.ts';
import { type Escaping, unescapeBytes } from './decode/escapes.ts';
import { joinedViews } from './known.ts';
import { leadOf, mayLead } from './lead.ts';

/** Least bytes on either side, so that a boundary written as an escape is seen whole. */
const EDGE = 8;

/** One way to read a window: as it stands, or with a layer of escapes undone. */
export interface View {
  /** latin1: one code unit a byte. */
  readonly text: string;
  /** The same. */
  readonly bytes: Uint8Array;
  /** Index in `text` of the hit's first byte, or −1 if the escapes swallow it. */
  readonly hit: number;
  /** Encodings undone to get here, outermost first. */
  readonly decoded: readonly string[];
  /** The blob's bytes that a range of `text` stands for. */
  locate(span: Span): Span;
  /** Where in `text` stands what begins at an index of the raw window's text; −1 if nothing does. */
  indexOf(raw: number): number;
  /** The characters of the blob next to the window, '' at the blob's own ends: they tell whether a match at the window's edge goes on. */
  readonly beside: { readonly before: string; readonly after: string };
}

/** Indexes of a view's text, both included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The bytes around a hit that a decision may see, and nothing else.
 * `[hit.start − before, hit.end + after)`, cut by the blob's ends.
 */
export class Window {
  readonly #bytes: Uint8Array;
  readonly #span: Span;
  readonly #hit: Span;
  readonly #before: number;
  readonly #after: number;
  #raw: View | undefined;
  #lower: string | undefined;
  #views: readonly View[] | undefined;
  #joined: readonly View[] | undefined;
  /** The last answer of `stretch`: matchers of one rule mostly share their literals. */
  #stretch: { readonly view: View; readonly literals: readonly string[]; readonly found: Stretch } | undefined;

  constructor(bytes: Uint8Array, hit: Span, before: number, after: number) {
    this.#bytes = bytes;
    this.#hit = hit;
    this.#before = before;
    this.#after = after;
    this.#span = {
      start: Math.max(0, hit.start - Math.max(before, EDGE)),
      end: Math.min(bytes.length, hit.end + Math.max(after, EDGE)),
    };
  }

  /** Whether it was made with these reaches. */
  is(before: number, after: number): boolean {
    return this.#before === before && this.#after === after;
  }

  get hitLength(): number {
    return this.#hit.end - this.#hit.start;
  }

  get raw(): View {
    const { start, end } = this.#span;
    this.#raw ??= {
      text: latin1(this.#bytes, start, end),
      bytes: this.#bytes.subarray(start, end),
      hit: this.#hit.start - start,
      decoded: [],
      locate: (span) => ({ start: start + span.start, end: start + span.end }),
      indexOf: (raw) => raw,
      beside: { before: latin1(this.#bytes, Math.max(0, start - 1), start), after: latin1(this.#bytes, end, end + 1) },
    };
    return this.#raw;
  }

  /**
   * Where candidates of a literal that may stand anywhere in the window begin:
   * from the literal's last occurrence before the hit to its next one after it.
   * What lies beyond is nearer to that one and in its window, so text full of
   * the literal is read twice and not a hundred times.
   *
   * @param literals - of the matcher, in small letters unless `caseSensitive`
   */
  stretch(view: View, literals: readonly string[], caseSensitive: boolean): Stretch {
    const asked = this.#stretch;
    if (asked?.view === view && asked.literals === literals) return asked.found;
    const found = this.#findStretch(view, literals, caseSensitive);
    this.#stretch = { view, literals, found };
    return found;
  }

  #findStretch(view: View, literals: readonly string[], caseSensitive: boolean): Stretch {
    if (!caseSensitive) this.#lower ??= this.raw.text.toLowerCase();
    const text = caseSensitive ? this.raw.text : (this.#lower ?? '');
    const hit = this.raw.hit;
    let previous = -1;
    let next = text.length;
    // The hit's own first: where it comes often, the others are looked for in little text.
    for (const literal of ownFirst(literals, text, hit)) {
      if (hit > 0) {
        const from = Math.max(0, previous);
        const before = text.slice(from, hit - 1 + literal.length).lastIndexOf(literal);
        if (before >= 0) previous = from + before;
      }
      const after = text.slice(hit + 1, next).indexOf(literal);
      if (after >= 0) next = Math.min(next, hit + 1 + after + literal.length);
    }
    const from = previous < 0 ? 0 : Math.max(0, view.indexOf(previous));
    const to = next >= text.length ? view.text.length : view.indexOf(next);
    return { from, to: to < 0 ? view.text.length : to };
  }

  /**
   * The window with escapes undone, for each kind that occurs in it; backslashes
   * up to three times over, as in JSON that was logged as JSON.
   */
  get unescaped(): readonly View[] {
    this.#views ??= ESCAPES.filter(({ sign, begins }) => hasEscape(this.raw.text, sign, begins)).flatMap(
      ({ escaping }) => {
        const views = [this.#unescape(escaping)];
        if (escaping !== 'json') return views;
        for (let view = views[0]; view && views.length < LAYERS && NESTED.test(view.text); view = views.at(-1)) {
          views.push(unescapeView(view, escaping));
        }
        return views;
      },
    );
    return this.#views;
  }

  /** All views so far, with torn text put together, where it looks torn. */
  get joined(): readonly View[] {
    this.#joined ??= [this.raw, ...this.unescaped].flatMap(joinedViews);
    return this.#joined;
  }

  /** At least `length` token characters in a row after the hit, and among them, if it is asked for, a digit or letters that no word has. */
  hasTokenAfter(length: number, withDigit: boolean): boolean {
    let run = 0;
    let evidence = withDigit ? 0 : ENOUGH;
    for (let at = this.#hit.end; at < this.#span.end; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (TOKEN_BYTES[byte] !== 1) {
        run = 0;
        evidence = withDigit ? 0 : ENOUGH;
        continue;
      }
      if (evidence < ENOUGH) {
        const isDigit = byte >= 0x30 && byte <= 0x39;
        evidence = isDigit ? ENOUGH : evidence + letterEvidence(run === 0 ? 0 : (this.#bytes[at - 1] ?? 0), byte);
      }
      run++;
      if (run >= length && evidence >= ENOUGH) return true;
    }
    return false;
  }

  /** False if a match that begins at the hit is out of the question, however the window is read. */
  mayLead(find: PatternFind | AssignedFind): boolean {
    if (find.kind !== 'pattern' || find.anchor === 'window' || find.lead === undefined) return true;
    return mayLead(leadOf(find.lead), this.#bytes, this.#hit.start, this.#span.end);
  }

  #unescape(escaping: Escaping): View {
    const decoded: Decoded = unescapeBytes(this.#bytes, this.#span, escaping);
    return {
      text: latin1(decoded.bytes),
      bytes: decoded.bytes,
      hit: decoded.indexOf(this.#hit.start),
      decoded: [escaping],
      locate: (span) => decoded.locate(span),
      indexOf: (raw) => decoded.indexOf(this.#span.start + raw),
      beside: this.raw.beside,
    };
  }
}

/** A kind of escapes, the character they start with, and what makes one of it. */
interface EscapeKind {
  readonly escaping: Escaping;
  readonly sign: string;
  /** By hand: three expressions take a hook longer to compile than to search with. */
  readonly begins: (text: string, at: number) => boolean;
}

const HEX_DIGITS = '0123456789abcdefABCDEF';
const isHex = (text: string, at: number): boolean => at < text.length && HEX_DIGITS.includes(text[at] ?? '-');
const ENTITIES = ['amp', 'quot', 'apos', 'lt', 'gt', '#'];

const ESCAPES: readonly EscapeKind[] = [
  { escaping: 'json', sign: '\\', begins: isBackslashEscape },
  { escaping: 'percent', sign: '%', begins: (text, at) => '234567'.includes(text[at] ?? '-') && isHex(text, at + 1) },
  { escaping: 'html', sign: '&', begins: (text, at) => ENTITIES.some((entity) => text.startsWith(entity, at)) },
];

/** `\"`, `\/`, `\u0041`, `\u{41}`, `\x41`, from the character after the backslash. */
function isBackslashEscape(text: string, at: number): boolean {
  const next = text[at] ?? '-';
  if (next === 'x') return isHex(text, at + 1);
  if (next === 'u') return isHex(text, text[at + 1] === '{' ? at + 2 : at + 1);
  return `"'/\\_`.includes(next);
}

function hasEscape(text: string, sign: string, begins: EscapeKind['begins']): boolean {
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) if (begins(text, at + 1)) return true;
  return false;
}

/** Most layers of backslashes that are undone. */
const LAYERS = 3;
const NESTED = /\\["'/\\]/;

function unescapeView(view: View, escaping: Escaping): View {
  const bytes = Buffer.from(view.text, 'latin1');
  const decoded = unescapeBytes(bytes, { start: 0, end: bytes.length }, escaping);
  return {
    text: latin1(decoded.bytes),
    bytes: decoded.bytes,
    hit: view.hit < 0 ? -1 : decoded.indexOf(view.hit),
    decoded: [...view.decoded, escaping],
    locate: (span) => view.locate(decoded.locate(span)),
    indexOf: (raw) => {
      const outer = view.indexOf(raw);
      return outer < 0 ? -1 : decoded.indexOf(outer);
    },
    beside: view.beside,
  };
}

function ownFirst(literals: readonly string[], text: string, hit: number): readonly string[] {
  const own = literals.findIndex((literal) => text.startsWith(literal, hit));
  return own <= 0 ? literals : [literals[own] ?? '', ...literals.filter((_, index) => index !== own)];
}

/** 1 for the characters that a gate counts. */
export const TOKEN_BYTES = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=.~-'))
  TOKEN_BYTES[byte] = 1;
