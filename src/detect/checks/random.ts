import { KIND_AFTER, LETTER_AFTER } from '../../bytes/language.ts';
import type { CheckFunction } from './check.ts';

const SMALL = 0;
const CAPITAL = 1;
const OTHER = 3;
const KINDS = 4;
const COLUMNS = 26;
/** The row of `LETTER_AFTER` for a letter that begins a word. */
const BEGINNING = 26;
const RANDOM_LETTER = Math.log2(26);

/** Bits a character above which a text is taken for language. Random keys of 16 characters lie below in 999 of 1,000 cases. */
const LANGUAGE = -0.5;

/**
 * How much better a text is explained by what sources are full of (words, identifiers, paths, versions) than by a draw
 * from its alphabet: log2 of the ratio of both likelihoods, by which letter follows which and by how small letters,
 * capitals, digits and signs take turns. Random keys of 20 characters lie around −55, identifiers far above 0. A text
 * without small letters is read as if it were written in them: `MAX_CONNECTIONS`.
 */
export function languageBits(written: string): number {
  const text = /[a-z]/.test(written) ? written : written.toLowerCase();
  const kinds = Array.from(text, kindOf);
  const drawn = kindShares(kinds);
  let bits = 0;
  for (let i = 1; i < kinds.length; i++) {
    const [before = OTHER, after = OTHER] = [kinds[i - 1], kinds[i]];
    bits += cell(KIND_AFTER, before * KINDS + after) - (drawn[after] ?? 0);
    if (after > CAPITAL) continue;
    const begins = before > CAPITAL || (before === SMALL && after === CAPITAL);
    const row = begins ? BEGINNING : letterAt(text, i - 1);
    bits += cell(LETTER_AFTER, row * COLUMNS + letterAt(text, i)) + RANDOM_LETTER;
  }
  return bits;
}

/** log2 of the share that each kind has in this very text: a draw may have any alphabet. */
function kindShares(kinds: readonly number[]): readonly number[] {
  const counts = [0, 0, 0, 0];
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts.map((count) => Math.log2(Math.max(1, count) / kinds.length));
}

function kindOf(char: string): number {
  if (char >= 'a' && char <= 'z') return SMALL;
  if (char >= 'A' && char <= 'Z') return CAPITAL;
  return char >= '0' && char <= '9' ? 2 : OTHER;
}

function letterAt(text: string, at: number): number {
  return (text.charCodeAt(at) | 32) - 97;
}

/** A share as log2. */
function cell(table: string, at: number): number {
  return Number.parseInt(table[at] ?? 'z', 36) / -3;
}

/**
 * Bits a character above which letters alone are taken for a word or an identifier. Stricter than where digits stand among
 * them, as names are many: of random texts of 12 letters one or two in 100 lie above, of 16 half a one, of 24 one in 1,000.
 */
const NAME = -0.75;

/** Letters alone, signs among them, that are no words and no identifier. */
export function areRandomLetters(text: string): boolean {
  return !/[0-9]/.test(text) && /[A-Za-z]/.test(text) && languageBits(text) <= NAME * text.length;
}

/** Is rather a random draw than words, an identifier or a path. Hexadecimal texts are not judged: six letters say too little. */
export const likeRandom: CheckFunction = ({ secret }, value = LANGUAGE) => {
  if (/^[0-9a-f]+$/i.test(secret)) return null;
  return languageBits(secret) > Number(value) * secret.length ? 'reads like words' : null;
};
