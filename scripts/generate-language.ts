/**
 * Counts how characters follow each other in what programs call things, for the check `random` and for gates.
 *
 *     npx tsx scripts/generate-language.ts node_modules
 *
 * Reads `.js`, `.ts`, `.json`, `.md` and `.css` below the folders and writes src/bytes/language.ts. Not part of
 * `npm run generate`: the counts hang on which packages are installed, and a table that is a little older is as good.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = /\.(?:[cm]?[jt]s|json|md|css)$/;
/** Lists of hashes and of machine-made names. */
const NOT_READ = /(?:lock|\.min\.|\.map$|\.generated\.)/;
const LONGEST_LINE = 300;
/** What could be given to a name and pass for a value. */
const TOKEN = /[A-Za-z0-9][A-Za-z0-9._~+/-]{11,79}/g;
/** Data within sources: hashes, encoded bytes. */
const DATA = /^[0-9a-f-]{12,}$|[0-9a-f]{16}|[A-Za-z0-9+/]{60}|(?:[A-Z]?[0-9][a-zA-Z]?){8}/;
/** A name counts so often at most. */
const MOST_OF_ONE = 8;

const BOUNDARY = 26;
const LETTERS = 27;
const KINDS = 4;

const letters = Array.from({ length: LETTERS * LETTERS }, () => 1);
const kinds = Array.from({ length: KINDS * KINDS }, () => 1);
const times = new Map<string, number>();

for (const folder of process.argv.slice(2)) for (const file of sourcesBelow(folder)) countFile(file);
const output = fileURLToPath(new URL('../src/bytes/language.ts', import.meta.url));
writeFileSync(output, written());
process.stdout.write(`generate-language: ${times.size} tokens\n`);

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name) && !NOT_READ.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

function countFile(file: string): void {
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    if (line.length > LONGEST_LINE) continue;
    for (const [token] of line.matchAll(TOKEN)) {
      const seen = times.get(token) ?? 0;
      times.set(token, seen + 1);
      if (seen < MOST_OF_ONE && !DATA.test(token)) countToken(token);
    }
  }
}

function countToken(token: string): void {
  for (let i = 1; i < token.length; i++) {
    const [before, after] = [kindOf(token, i - 1), kindOf(token, i)];
    kinds[before * KINDS + after] = (kinds[before * KINDS + after] ?? 0) + 1;
    if (after > 1) continue;
    const row = before > 1 || (before === 0 && after === 1) ? BOUNDARY : letterOf(token, i - 1);
    const cell = row * LETTERS + letterOf(token, i);
    letters[cell] = (letters[cell] ?? 0) + 1;
  }
}

/** 0: small letter, 1: capital, 2: digit, 3: anything else. */
function kindOf(text: string, at: number): number {
  const char = text.charAt(at);
  return /[a-z]/.test(char) ? 0 : /[A-Z]/.test(char) ? 1 : /[0-9]/.test(char) ? 2 : 3;
}

function letterOf(text: string, at: number): number {
  return text.charAt(at).toLowerCase().charCodeAt(0) - 97;
}

/** The shares of a row, as log2 in thirds of a bit below 0, one base-36 digit each. */
function cellsOf(counts: readonly number[], from: number, width: number): string {
  const cells = counts.slice(from, from + width);
  const sum = cells.reduce((all, count) => all + count, 0);
  return cells.map((count) => Math.min(35, Math.round(-3 * Math.log2(count / sum))).toString(36)).join('');
}

function written(): string {
  const rows = Array.from({ length: LETTERS }, (_, i) => `  '${cellsOf(letters, i * LETTERS, BOUNDARY)}'`);
  const kindRows = Array.from({ length: KINDS }, (_, i) => `  '${cellsOf(kinds, i * KINDS, KINDS)}'`);
  return `/**
 * Written by scripts/generate-language.ts: what follows what in names, paths and words of sources.
 * A cell is a base-36 digit d for a share of 2^(−d/3) of its row.
 */

/** Row: the letter before, a to z, then the beginning of a word. Column: the letter, case folded. */
// oxfmt-ignore
export const LETTER_AFTER =
${rows.join(' +\n')};

/** Row and column: small letter, capital, digit, anything else. */
// oxfmt-ignore
export const KIND_AFTER =
${kindRows.join(' +\n')};
`;
}
