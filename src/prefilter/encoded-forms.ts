import type { Literal, LiteralForm } from './literal.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Shorter base64 pieces would be found everywhere. */
const BASE64_MIN = 4;
/** Long literals need no more bytes than this to be rare in encoded form: states are what the prefilter costs. */
const ENCODED_MAX = 6;
/** Nor more characters than this in base64 and hex: in 255 MB of source longer ones spared fifteen runs. */
const BASE64_MAX = 7;
const HEX_MAX = 8;
/** Every character of UTF-16 is two bytes, one of them zero. */
const WIDE_MAX = 4;
/** Escape sequences are three to six times as long as what they stand for. */
const ESCAPED_MAX = 2;

const ascii = new TextEncoder();

/**
 * The spellings under which a literal is searched inside encoded runs: three
 * base64 alignments, hex, percent and backslash escapes, UTF-16. They only say
 * where a run is worth decoding; the rule then looks for itself.
 */
export function encodedForms(literal: string, exact: boolean, text: number): Literal[] {
  const spellings = exact
    ? [literal]
    : [...new Set([literal.toLowerCase(), literal.toUpperCase(), capitalised(literal)])];
  const forms = spellings.flatMap((whole) => {
    const spelling = whole.slice(0, ENCODED_MAX);
    const start = whole.slice(0, ESCAPED_MAX);
    return [
      ...base64Forms(spelling, text),
      // Twice over: what base64 or hex makes of the literal, encoded once more.
      ...base64Spellings(spelling).flatMap(({ spelled }) => [...base64Forms(spelled, text), hexForm(spelled, text)]),
      ...base64Forms(hex(spelling), text),
      hexForm(spelling, text),
      make(
        each(start, (code) => `%${code}`),
        'percent',
        text,
      ),
      make(
        each(start, (code) => `\\u00${code}`),
        'escape',
        text,
      ),
      make(
        each(start, (code) => `\\x${code}`),
        'escape',
        text,
      ),
      ...withoutSigns(whole, text),
      // In either byte order: which of both zeros belongs to a character, only its ends tell.
      make([...whole.slice(0, WIDE_MAX).toLowerCase()].join('\0'), 'wide', text),
    ];
  });
  return distinct(forms);
}

/** Signs that encoders write as escapes and that keys' prefixes hold. */
const SIGN = /[/:=+@]/;
/** Characters of a literal that are kept before such a sign, and after it. */
const BESIDE = 3;

/** A literal whose letters stand as they are and whose signs do not, as far as its first sign and what is around it. */
function withoutSigns(whole: string, text: number): Literal[] {
  return [
    aroundSign(whole, /_/, (sign) => `\\${sign}`, 'escape', text),
    aroundSign(whole, /\//, (sign) => `\\${sign}`, 'escape', text),
    aroundSign(whole, SIGN, (sign) => `%${hex(sign)}`, 'percent', text),
    aroundSign(whole, SIGN, (sign) => `\\u00${hex(sign)}`, 'escape', text),
    aroundSign(whole, SIGN, (sign) => `\\x${hex(sign)}`, 'escape', text),
    aroundSign(whole, SIGN, (sign) => `&#x${hex(sign)};`, 'html', text),
    aroundSign(whole, SIGN, (sign) => `&#${sign.charCodeAt(0)};`, 'html', text),
  ].flat();
}

function aroundSign(
  whole: string,
  sign: RegExp,
  spell: (sign: string) => string,
  form: 'percent' | 'escape' | 'html',
  text: number,
): Literal[] {
  const at = whole.search(sign);
  if (at < 0) return [];
  const kept = whole.slice(Math.max(0, at - BESIDE), at + 1 + BESIDE).toLowerCase();
  return [make(kept.replaceAll(new RegExp(sign, 'g'), spell), form, text)];
}

/**
 * Dots, dashes and low lines need no escape anywhere, so who writes one hides
 * something: whatever word holds it is read, without any literal.
 */
export function needlessEscapes(text: number): Literal[] {
  return ['.', '-', '_'].flatMap((sign) => [
    make(`%${hex(sign)}`, 'percent', text),
    make(`\\u00${hex(sign)}`, 'escape', text),
    make(`\\u{${hex(sign)}}`, 'escape', text),
    make(`\\x${hex(sign)}`, 'escape', text),
    make(`&#x${hex(sign)};`, 'html', text),
    make(`&#${sign.charCodeAt(0)};`, 'html', text),
  ]);
}

function distinct(forms: readonly Literal[]): Literal[] {
  return [
    ...new Map(forms.map((form) => [`${form.form}${form.phase}${String.fromCharCode(...form.bytes)}`, form])).values(),
  ];
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
}

function make(spelled: string, form: Exclude<LiteralForm, 'plain' | 'base64'>, text: number): Literal {
  return { bytes: ascii.encode(spelled), exact: false, form, text, phase: 0 };
}

function each(text: string, spell: (code: string) => string): string {
  return [...text].map((character) => spell(hex(character))).join('');
}

function hex(text: string): string {
  return [...ascii.encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function hexForm(spelling: string, text: number): Literal {
  return make(hex(spelling).slice(0, HEX_MAX), 'hex', text);
}

function base64Forms(spelling: string, text: number): Literal[] {
  return base64Spellings(spelling).flatMap(({ spelled, phase }) =>
    [...new Set([spelled, spelled.replaceAll('+', '-').replaceAll('/', '_')])].map((variant): Literal => ({
      bytes: ascii.encode(variant.slice(0, BASE64_MAX)),
      exact: true,
      form: 'base64',
      text,
      phase,
    })),
  );
}

/** For each alignment, the characters that the literal alone decides, and where in their group they begin. */
function base64Spellings(spelling: string): { readonly spelled: string; readonly phase: number }[] {
  const bytes = ascii.encode(spelling);
  return [0, 1, 2].flatMap((alignment) => {
    const first = Math.ceil((alignment * 8) / 6);
    const end = Math.floor((alignment * 8 + bytes.length * 8) / 6);
    let spelled = '';
    for (let c = first; c < end; c++) spelled += BASE64[sextet(bytes, c * 6 - alignment * 8)] ?? '';
    return spelled.length < BASE64_MIN ? [] : [{ spelled, phase: first % 4 }];
  });
}

function sextet(bytes: Uint8Array, bit: number): number {
  const at = bit >> 3;
  const pair = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return (pair >> (10 - (bit & 7))) & 0x3f;
}
