import type { Literal } from './literal.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Shorter base64 pieces would be found everywhere. */
const BASE64_MIN = 4;
/** Long literals need no more bytes than this to be rare in encoded form: states are what the prefilter costs. */
const ENCODED_MAX = 6;
/** Every character of UTF-16 is two bytes, one of them zero. */
const WIDE_MAX = 4;
/** Escape sequences are three to six times as long as what they stand for. */
const ESCAPED_MAX = 3;

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
      ...base64Spellings(spelling).flatMap(({ spelled }) => [
        ...base64Forms(spelled, text),
        make(hex(spelled), 'hex', text),
      ]),
      ...base64Forms(hex(spelling), text),
      make(hex(spelling), 'hex', text),
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
      // In either byte order: which of both zeros belongs to a character, only its ends tell.
      make([...whole.slice(0, WIDE_MAX).toLowerCase()].join('\0'), 'wide', text),
    ];
  });
  return distinct(forms);
}

function distinct(forms: readonly Literal[]): Literal[] {
  return [
    ...new Map(forms.map((form) => [`${form.form}${form.phase}${String.fromCharCode(...form.bytes)}`, form])).values(),
  ];
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
}

function make(spelled: string, form: 'hex' | 'percent' | 'escape' | 'wide', text: number): Literal {
  return { bytes: ascii.encode(spelled), exact: false, form, text, phase: 0 };
}

function each(text: string, spell: (code: string) => string): string {
  return [...text].map((character) => spell(hex(character))).join('');
}

function hex(text: string): string {
  return [...ascii.encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function base64Forms(spelling: string, text: number): Literal[] {
  return base64Spellings(spelling).flatMap(({ spelled, phase }) =>
    [...new Set([spelled, spelled.replaceAll('+', '-').replaceAll('/', '_')])].map((variant): Literal => ({
      bytes: ascii.encode(variant),
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
