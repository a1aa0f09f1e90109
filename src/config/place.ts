/** Finds where a key of a TOML text stands, for error messages. The parser keeps no positions. */

export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

const KEY = /(?:[\w-]+|"[^"\n]*"|'[^'\n]*')/.source;
const DOTTED = `${KEY}(?:\\s*\\.\\s*${KEY})*`;
const HEADER = new RegExp(`^\\s*(\\[\\[?)\\s*(${DOTTED})\\s*\\]`);
const ASSIGNED = new RegExp(`^\\s*(${DOTTED})\\s*=`);

/**
 * The place of the key at `path`, or of the nearest table around it.
 *
 * @param path - keys and array indices, as a schema reports them
 */
export function placeOfKey(text: string, path: readonly PropertyKey[]): TextPlace {
  const places = keyPlaces(text);
  for (let length = path.length; length > 0; length--) {
    const place = places.get(joined(path.slice(0, length)));
    if (place !== undefined) return place;
  }
  return { line: 1, column: 1 };
}

function keyPlaces(text: string): Map<string, TextPlace> {
  const places = new Map<string, TextPlace>();
  const tables = new Map<string, number>();
  let table: readonly PropertyKey[] = [];
  let quote: string | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const wasQuoted: string | null = quote;
    quote = openQuote(line, quote);
    if (wasQuoted !== null) continue;
    const [, bracket, header] = HEADER.exec(line) ?? [];
    const [, key] = HEADER.test(line) ? [] : (ASSIGNED.exec(line) ?? []);
    const at = { line: index + 1, column: line.length - line.trimStart().length + 1 };
    if (header !== undefined) {
      table = bracket === '[[' ? nextOfArray(tables, keysOf(header)) : keysOf(header);
      note(places, table, at);
    } else if (key !== undefined) note(places, [...table, ...keysOf(key)], at);
  }
  return places;
}

function nextOfArray(tables: Map<string, number>, keys: readonly string[]): PropertyKey[] {
  const index = tables.get(joined(keys)) ?? 0;
  tables.set(joined(keys), index + 1);
  return [...keys, index];
}

function note(places: Map<string, TextPlace>, path: readonly PropertyKey[], place: TextPlace): void {
  if (!places.has(joined(path))) places.set(joined(path), place);
}

/** Lines within a multi-line string hold no keys. */
function openQuote(line: string, open: string | null): string | null {
  let quote = open;
  for (const [mark] of line.matchAll(/"""|'''/g)) {
    if (quote === null) quote = mark;
    else if (quote === mark) quote = null;
  }
  return quote;
}

function keysOf(dotted: string): string[] {
  return [...dotted.matchAll(new RegExp(KEY, 'g'))].map(([key]) => key.replace(/^(["'])(.*)\1$/, '$2'));
}

function joined(path: readonly PropertyKey[]): string {
  return path.map(String).join('\0');
}
