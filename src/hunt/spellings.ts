import { withEntities } from '../bytes/markup-entities.ts';

/** A chunk is searched as a literal, so it must be rare; and short, so that little can tear it. */
const CHUNK = 8;
const MOST_CHUNKS = 8;
/** The chunk searched in encoded runs besides the first: wrapped lines cannot break both. */
const SECOND_ENCODED = 24;

/** Pieces of a key that its literals are made of. */
export interface Chunks {
  /** Searched in encoded runs too. */
  readonly encoded: readonly string[];
  readonly plain: readonly string[];
}

/**
 * Disjoint pieces of a key. Wherever it is torn once, one of them stays whole;
 * a key of 24 characters or more may be torn twice, longer ones more often.
 *
 * @param shared - pieces that many keys have, such as a provider's prefix; left out where others remain
 */
export function chunksOf(key: string, shared: ReadonlySet<string>): Chunks {
  const all = piecesOf(key);
  const own = all.filter(({ text }) => !shared.has(text));
  const used = own.length >= 2 ? own : all;
  const first = used[0];
  const second = used.find(({ at }) => first !== undefined && at - first.at >= SECOND_ENCODED) ?? used.at(-1);
  const encoded = [...new Set([first?.text ?? key, second?.text ?? key])];
  return { encoded, plain: [...new Set(used.map(({ text }) => text))].filter((text) => !encoded.includes(text)) };
}

/** The pieces that a key may be found by. */
export function piecesOf(key: string): { readonly at: number; readonly text: string }[] {
  const count = key.length < 12 ? 2 : Math.min(MOST_CHUNKS, Math.max(3, Math.floor(key.length / CHUNK)));
  const size = Math.min(CHUNK, Math.floor(key.length / count));
  return Array.from({ length: count }, (_, i) => {
    const at = Math.floor((i * (key.length - size)) / (count - 1));
    return { at, text: key.slice(at, at + size) };
  });
}

/**
 * Ways in which some characters of a piece are written differently where it is
 * part of a URL, of JSON or of HTML; without the piece itself.
 */
export function escapedSpellings(piece: string): string[] {
  const percent = [...piece].map((c) => (/[A-Za-z0-9._~-]/.test(c) ? c : `%${hex(c, 2)}`)).join('');
  const unicode = [...piece].map((c) => (/[A-Za-z0-9 _.-]/.test(c) ? c : `\\u${hex(c, 4)}`)).join('');
  const json = jsonSpelling(piece);
  const html = withEntities(piece);
  const all = [
    ...[percent, encodeURIComponent(piece), encodeURI(piece)].flatMap((one) => [one, lowerEscapes(one)]),
    unicode,
    lowerEscapes(unicode),
    json,
    json.replaceAll('/', String.raw`\/`),
    goJson(json),
    html,
    html.replaceAll('&#39;', '&apos;'),
  ];
  return [...new Set(all)].filter((one) => one !== piece);
}

export function jsonSpelling(piece: string): string {
  return JSON.stringify(piece).slice(1, -1);
}

/** As programs write JSON that may stand in HTML. */
function goJson(json: string): string {
  return json.replaceAll(/[<>&=']/g, (c) => `\\u${hex(c, 4).toLowerCase()}`);
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(digits, '0');
}

function lowerEscapes(text: string): string {
  return text.replaceAll(/(?:%|\\u00)[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}
