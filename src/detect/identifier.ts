import type { Span } from '../core/span.ts';

const PART = /[A-Za-z0-9_.$-]/;
const NEXT_WORD = /[ \t][A-Za-z0-9_.-]{1,24}/y;
const IDENTIFIER = /[A-Za-z_$][A-Za-z0-9_.$-]{1,63}/g;
/** Longest identifier that is considered, and most words of a name in prose. */
const LONGEST = 96;
const WORDS = 3;

/** A name without the marks that languages differ in: `MIGOSMTP_API_KEY` and `migosmtp.apiKey` become one. */
export function normalise(name: string): string {
  return name.replaceAll(/[_.$ \t-]/g, '').toLowerCase();
}

/** The identifier around `[start, end)`, then the same with one to three words after it (`MigoSMTP API key`). */
export function* identifiersAround(text: string, start: number, end: number): Generator<Span> {
  let from = start;
  while (from > 0 && start - from < LONGEST && PART.test(text[from - 1] ?? '')) from--;
  let to = end;
  while (to < text.length && to - end < LONGEST && PART.test(text[to] ?? '')) to++;
  // A trailing dot or dash is punctuation: `the MigoSMTP key.`
  let trimmed = to;
  while (trimmed > end && /[.$-]/.test(text[trimmed - 1] ?? '')) trimmed--;
  yield { start: from, end: trimmed };
  for (let word = 0, at = trimmed; word < WORDS; word++) {
    NEXT_WORD.lastIndex = at;
    const next = NEXT_WORD.exec(text);
    if (!next) return;
    at += next[0].length;
    yield { start: from, end: at };
  }
}

/** Every identifier of a text. */
export function* identifiersIn(text: string): Generator<Span> {
  for (const match of text.matchAll(IDENTIFIER)) {
    const [name] = match;
    const trimmed = name.replace(/[.$-]+$/, '');
    yield { start: match.index, end: match.index + trimmed.length };
  }
}
