/** How little letters look like words: what stands where a gate asks for a digit and there is none. */
import { LETTER_AFTER } from './language.ts';

const LETTERS = 26;
/** The row of `LETTER_AFTER` for a letter that begins a word. */
const BEGINNING = 26;

/**
 * The share of a random letter, in thirds of a bit below 0 as in `LETTER_AFTER`: log2(26) × 3. What a step is
 * less likely than that speaks for a random draw, what it is likelier for a language.
 */
export const RANDOM_LETTER = 14;
/** What a capital after a small letter is less likely in a name than in a draw from letters of both cases, likewise. */
export const CAPITAL_WITHIN = 6;
/** So many thirds of a bit in favour of a random draw are as good as a digit: 12 bits. */
export const ENOUGH = 36;

/** Cells of `LETTER_AFTER`: 27 rows of 26. */
export const LETTER_STEPS = LETTER_AFTER.length;

/** A cell of `LETTER_AFTER`, read from the text itself: a table of numbers would take a hook longer to make than it is used. */
export function letterStep(index: number): number {
  const digit = LETTER_AFTER.charCodeAt(index);
  return digit < 0x3a ? digit - 0x30 : digit - 0x57;
}

/**
 * What a byte of a token, after the one before it, says for a random draw and against names and words. Only letters
 * say anything. `wasm/screen.ts` asks the same of the same table.
 *
 * @param before - the byte before; 0 where there is none
 * @returns thirds of a bit; negative for what sources are full of
 */
export function letterEvidence(before: number, byte: number): number {
  const letter = letterOf(byte);
  if (letter >= LETTERS) return 0;
  const last = letterOf(before);
  const capitalWithin = last < LETTERS && before >= 0x61 && byte < 0x61;
  const row = last >= LETTERS || capitalWithin ? BEGINNING : last;
  return letterStep(row * LETTERS + letter) - RANDOM_LETTER + (capitalWithin ? CAPITAL_WITHIN : 0);
}

/** 0 to 25 for letters of either case, more for anything else. */
function letterOf(byte: number): number {
  return byte < 0x41 ? LETTERS : ((byte | 0x20) - 0x61) >>> 0;
}
