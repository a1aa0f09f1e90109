import type { Span } from '../core/span.ts';

/** 1 for the characters of an identifier. */
const PART = new Uint8Array(256);
for (const one of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$-') PART[one.charCodeAt(0)] = 1;

function isPart(text: string, at: number): boolean {
  return PART[text.charCodeAt(at)] === 1;
}

const NEXT_WORD = /[ \t][A-Za-z0-9_.-]{1,24}/y;
const IDENTIFIER = /[A-Za-z_$][A-Za-z0-9_.$-]{1,63}/g;
/** Longest identifier that is considered, and most words of a name in prose. */
const LONGEST = 96;
const WORDS = 3;

/** A name without the marks that languages differ in: `MIGOSMTP_API_KEY` and `migosmtp.apiKey` become one. */
export function normalise(name: string): string {
  return name.replaceAll(/[_.$ \t-]/g, '').toLowerCase();
}

/**
 * The identifier around `[start, end)`, then the same with one to three words after it (`MigoSMTP API key`).
 * The literal `token="` ends with what is no part of a name; then the name ends before that.
 */
export function* identifiersAround(text: string, start: number, hitEnd: number): Generator<Span> {
  let end = hitEnd;
  while (end > start && !isPart(text, end - 1)) end--;
  let from = start;
  while (from > 0 && start - from < LONGEST && isPart(text, from - 1)) from--;
  let to = end;
  while (to < text.length && to - end < LONGEST && isPart(text, to)) to++;
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

/** Every identifier of a text that begins in `[from, to]`, or goes on there. */
export function* identifiersIn(text: string, from = 0, to = text.length): Generator<Span> {
  IDENTIFIER.lastIndex = identifierStart(text, from);
  for (let at = IDENTIFIER.lastIndex; at <= to;) {
    IDENTIFIER.lastIndex = at;
    const match = IDENTIFIER.exec(text);
    if (!match || match.index > to) return;
    at = match.index + match[0].length;
    yield { start: match.index, end: match.index + match[0].replace(/[.$-]+$/, '').length };
  }
}

function identifierStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < LONGEST && isPart(text, start - 1)) start--;
  return start;
}
