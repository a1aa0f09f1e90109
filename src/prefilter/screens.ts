/**
 * What can be told about hits before anything is made of the text around them,
 * laid out for `wasm/quick.ts`: whether so many token characters follow, what
 * comes directly after, and whether a name that is looked for stands there with what may be its value behind it.
 */
import { ALL_SCREENS, SCREEN_BITS, type ScreenBit } from './literal.ts';
import { CAPITAL_WITHIN, ENOUGH, LETTER_STEPS, RANDOM_LETTER, letterStep } from '../bytes/letters.ts';

/** One matcher's view of a hit of its literals. A hit passes if it passes one of its literal's screens. */
export interface Screen {
  /** So many token characters in a row must follow; 0: none need to. */
  readonly gate: number;
  /** That row must hold a digit, or letters that no word has (`bytes/letters.ts`). */
  readonly gateDigit?: boolean;
  /** The window's bytes before the hit's start and after its end. */
  readonly before: number;
  readonly after: number;
  /** A table of the first bytes at the hit, of the names around it, or of those in its window; null if there is none. */
  readonly table: Table | null;
  /** What every match has within the window, from the hit on unless `around`. */
  readonly needs?: Needs | null;
  /** Of what is assigned to a name of the table; null if nothing is known. */
  readonly value?: Value | null;
  /** Characters of which none may stand before the hit, but as the end of an escape. Only where no name is looked for. */
  readonly notAfter?: ReadonlySet<number>;
}

/** What every value has, as `rules/value-form.ts` finds it. */
export interface Value {
  /** Code units below 256. */
  readonly characters: ReadonlySet<number>;
  readonly least: number;
  readonly most: number;
  /** It may stand there in base64. */
  readonly orBase64: boolean;
}

/** Where behind a name a value may begin, as `rules/notation-table.ts` finds it. */
export interface Notations {
  /** Successors by byte; row 0 is the dead one, row 1 the start. */
  readonly rows: readonly (readonly number[])[];
  readonly begins: readonly boolean[];
}

/** A row of characters, as `rules/needed-run.ts` finds it. */
export interface Needs {
  readonly kind: keyof typeof NEEDED_KINDS;
  /** 1 to 1,023. */
  readonly length: number;
  readonly around: boolean;
  /** It may stand there in base64. */
  readonly orBase64: boolean;
}

export interface Table {
  readonly kind: 'lead' | 'name' | 'name-near';
  /** Base64, as `rules/lead-table.ts` or `rules/name-filter.ts` write it. */
  readonly source: string;
}

/** Screens in one piece of memory. */
export interface PackedScreens {
  /**
   * Format, texts, the greatest `after`, words, where the letters and the notations lie; then a list's place for each text; the lists, each with
   * a byte for each matcher behind it; the letters;
   * the tables; the values; the notations; `namePlaces`.
   */
  readonly words: Uint32Array;
  /** Where each table lies, in bytes, by its source. */
  readonly places: ReadonlyMap<string, number>;
}

/** Name of the file that the build writes, beside the command's script. */
export const SCREENS_FILE = 'quick.screens';

const FORMAT = 0x554c_5307;
const HEADER = 6;
/** Words of a screen. */
const SCREEN = 5;
/** On top of a gate: see wasm/screen.ts. */
const WITH_DIGIT = 0x8000_0000;
/** On top of the bytes before a hit: see wasm/screen.ts. */
const NEEDS = 2 ** 17;
const NEEDED_KINDS = { hex: 0, alnum: 0x400, token: 0x800 } as const;
const OR_BASE64 = 0x1000;
const AROUND = 0x2000;
const KINDS = { lead: 1, name: 2, 'name-near': 3 } as const;
/** Columns that are none: see wasm/screen.ts. */
const SKIPPED = 254;
const FOREIGN = 255;
/** What names are written without (`normalise` in detect/identifier.ts). */
const SEPARATORS = '_.$ \t-';

/** @throws RangeError if the words are not what this version of `packScreens` writes */
export function checkScreens(words: Uint32Array): { readonly reach: number } {
  const [format, , reach = 0, length] = words;
  if (format !== FORMAT || length !== words.length) throw new RangeError('these are no screens of this version');
  return { reach };
}

/**
 * Where the list of a text's screens begins, if any of them looks at the name around a hit or for a row of characters.
 *
 * @returns a word's index; 0 where there is no such list
 */
export function nameScreensOf(words: Uint32Array, text: number): number {
  const list = text < (words[1] ?? 0) ? (words[HEADER + text] ?? 0) : 0;
  for (let i = 0; i < (words[list] ?? 0); i++) {
    const looksForRow = (words[list + 2 + SCREEN * i] ?? 0) >= NEEDS;
    if (looksForRow || ((words[list + 4 + SCREEN * i] ?? 0) & 3) >= KINDS.name) return list;
  }
  return 0;
}

/**
 * The bit of each matcher that a text wakes, in their order, in what a hit passed.
 *
 * @param matchers - how many there are
 */
export function screenBits(words: Uint32Array, text: number, matchers: number): readonly ScreenBit[] {
  const list = text < (words[1] ?? 0) ? (words[HEADER + text] ?? 0) : 0;
  if (list === 0) return Array.from({ length: matchers }, () => ALL_SCREENS);
  const first = 4 * (list + 1 + SCREEN * (words[list] ?? 0));
  const numbers = new Uint8Array(words.buffer, words.byteOffset + first, matchers);
  return [...numbers].map(bitOf);
}

function bitOf(screen: number): ScreenBit {
  return 1 << Math.min(screen, SCREEN_BITS - 1);
}

/** Where the table of each matcher's names lies, in the order of rules and their matchers; 0 for none. */
export function namePlaces(words: Uint32Array): Uint32Array {
  const last = words.length - 1;
  return words.subarray(last - (words[last] ?? 0), last);
}

/**
 * @param texts - the screens of each literal's text; none where nothing is ruled out
 * @param names - by matcher of all rules: the table of the names it looks for, or null
 * @param notations - null where nothing is said of values
 */
export function packScreens(
  texts: readonly (readonly Screen[])[],
  names: readonly (string | null)[],
  notations: Notations | null = null,
): PackedScreens {
  const tables = names.filter((source) => source !== null);
  const wanted = new Map<string, Table['kind']>(tables.map((source) => [source, 'name']));
  for (const { table } of texts.flat()) if (table) wanted.set(table.source, table.kind);
  const lists = texts.map(distinct);
  const listWords = lists.reduce((sum, list) => sum + wordsOfList(list), 0);
  const lettersAt = HEADER + texts.length + listWords;
  const letters = letterTable();
  const tablesAt = lettersAt + letters.length / 4;
  const { bytes, places } = layTables(wanted, tablesAt * 4);
  const valuesAt = tablesAt + bytes.length / 4;
  const values = layValues(
    lists.flatMap(({ screens }) => screens),
    valuesAt * 4,
  );
  const notationsAt = valuesAt + values.bytes.length / 4;
  const between = notations === null ? Buffer.alloc(0) : notationTable(notations);
  const placesAt = notationsAt + between.length / 4;
  const words = new Uint32Array(placesAt + names.length + 1);
  const reach = Math.max(0, ...texts.flat().map(({ after }) => after));
  words.set([FORMAT, texts.length, reach, words.length, lettersAt * 4, notationsAt * 4]);
  let at = HEADER + texts.length;
  for (const [text, list] of lists.entries()) {
    const { screens, numbers } = list;
    if (screens.length === 0) continue;
    words[HEADER + text] = at;
    words.set([screens.length, ...screens.flatMap((screen) => wordsOf(screen, places, values.places))], at);
    new Uint8Array(words.buffer).set(numbers, 4 * (at + 1 + SCREEN * screens.length));
    at += wordsOfList(list);
  }
  const all = Buffer.concat([letters, bytes, values.bytes, between]);
  new Uint8Array(words.buffer).set(all, lettersAt * 4);
  words.set([...names.map((source) => places.get(source ?? '') ?? 0), names.length], placesAt);
  return { words, places };
}

function wordsOf(
  screen: Screen,
  places: ReadonlyMap<string, number>,
  values: ReadonlyMap<string, number>,
): readonly number[] {
  const { gate, gateDigit, before, after, table, needs = null } = screen;
  const record = recordOf(screen);
  const asked = gateDigit === true ? gate + WITH_DIGIT : gate;
  const sides = before + (needs === null ? 0 : needsOf(needs) * NEEDS);
  return [
    asked,
    sides,
    after,
    table === null ? 0 : (places.get(table.source) ?? 0) | KINDS[table.kind],
    record === null ? 0 : (values.get(record.toString('latin1')) ?? 0),
  ];
}

function needsOf({ length, kind, around, orBase64 }: Needs): number {
  return length + NEEDED_KINDS[kind] + (orBase64 ? OR_BASE64 : 0) + (around ? AROUND : 0);
}

/** A text's screens, and which of them each of its matchers has. */
interface ScreenList {
  readonly screens: readonly Screen[];
  /** Below 256: those from there on share a bit with others anyway. */
  readonly numbers: readonly number[];
}

/** How many there are, the screens, and a byte for each matcher. */
function wordsOfList({ screens, numbers }: ScreenList): number {
  return screens.length === 0 ? 0 : 1 + SCREEN * screens.length + Math.ceil(numbers.length / 4);
}

/** Each screen once. None at all if one of them passes everything. */
function distinct(screens: readonly Screen[]): ScreenList {
  const passesAll = ({ gate, table, needs = null, notAfter }: Screen): boolean =>
    gate === 0 && table === null && needs === null && notAfter === undefined;
  if (screens.some(passesAll)) return { screens: [], numbers: [] };
  const keys = screens.map((screen) => JSON.stringify(screen, spelledOut));
  const known = new Map(keys.map((key, i) => [key, screens[i]]));
  const order = [...known.keys()];
  return {
    screens: [...known.values()].filter((one) => one !== undefined),
    numbers: keys.map((key) => Math.min(order.indexOf(key), 255)),
  };
}

function spelledOut(_: string, part: unknown): unknown {
  return part instanceof Set ? [...part] : part;
}

/** What random letters, a capital within a word, and the whole have to reach (8 bits each, one unused); then the cells. */
function letterTable(): Buffer {
  const length = 4 + LETTER_STEPS;
  const table = Buffer.alloc(length + (-length & 3));
  table.set([RANDOM_LETTER, CAPITAL_WITHIN, ENOUGH]);
  for (let i = 0; i < LETTER_STEPS; i++) table[4 + i] = letterStep(i);
  return table;
}

/** Four bytes of sizes, a column for each of 256 bytes, then the rows; aligned to four. */
function layTables(
  tables: ReadonlyMap<string, Table['kind']>,
  first: number,
): { readonly bytes: Buffer; readonly places: Map<string, number> } {
  const places = new Map<string, number>();
  const parts: Buffer[] = [];
  let length = 0;
  for (const [source, kind] of tables) {
    places.set(source, first + length);
    const read = kind === 'lead' ? leadTable : nameTable;
    const table = read(Buffer.from(source, 'base64'));
    const padded = Buffer.concat([table, Buffer.alloc(-table.length & 3)]);
    parts.push(padded);
    length += padded.length;
  }
  return { bytes: Buffer.concat(parts), places };
}

/** From: rows, columns, ranges (8 bits each), ranges of bytes with their columns, rows from the third on. */
function leadTable(source: Buffer): Buffer {
  const [rows = 0, columns = 0, ranges = 0] = source;
  const columnOf = Buffer.alloc(256);
  const rowsAt = 3 + 2 * (ranges === 0 ? 256 : ranges);
  let byte = 0;
  for (let at = 3; at < rowsAt; at += 2)
    for (const last = source[at] ?? 0; byte <= last; byte++) columnOf[byte] = source[at + 1] ?? 0;
  const fixed = Buffer.concat([Buffer.alloc(columns, 0), Buffer.alloc(columns, 1)]);
  return Buffer.concat([word(columns), columnOf, fixed, source.subarray(rowsAt, rowsAt + (rows - 2) * columns)]);
}

/** From: rows (16 bits), columns (8), the columns of 36 symbols, rows with one byte or two for a successor. */
function nameTable(source: Buffer): Buffer {
  const rows = source.readUInt16BE(0);
  const columns = source[2] ?? 0;
  const columnOf = Buffer.alloc(256, FOREIGN);
  for (const separator of SEPARATORS) columnOf[separator.charCodeAt(0)] = SKIPPED;
  for (let i = 0; i < 36; i++) {
    const column = source[3 + i] ?? FOREIGN;
    columnOf[i < 26 ? 97 + i : 48 + i - 26] = column;
    if (i < 26) columnOf[65 + i] = column;
  }
  return Buffer.concat([word(columns | ((rows > 256 ? 2 : 1) << 16)), columnOf, source.subarray(39)]);
}

/** What ends a value, and what is left out at its end: wasm/screen.ts says the same. */
const ENDS = ' "\'`,;()[]{}<>&#|\\%.:!?*\u00a0';

/** Each kind of value once. */
function layValues(
  screens: readonly Screen[],
  first: number,
): { readonly bytes: Buffer; readonly places: ReadonlyMap<string, number> } {
  const records = screens.map(recordOf).filter((record) => record !== null);
  const distinctOnes = [...new Map(records.map((record) => [record.toString('latin1'), record]))];
  return {
    bytes: Buffer.concat(distinctOnes.map(([, record]) => record)),
    places: new Map(distinctOnes.map(([key], i) => [key, first + VALUE_BYTES * i])),
  };
}

const VALUE_BYTES = 40;

function recordOf({ value = null, notAfter }: Screen): Buffer | null {
  if (notAfter !== undefined) return valueRecord({ characters: notAfter, least: 0, most: 0, orBase64: false });
  return value === null ? null : valueRecord(value);
}

/** A bit for each character; at least and at most so many, at least so many in base64 (0: not at all), whether it goes on to what ends it (16 bits each). */
function valueRecord({ characters, least, most, orBase64 }: Value): Buffer {
  const record = Buffer.alloc(VALUE_BYTES);
  for (const character of characters) record[character >> 3] = (record[character >> 3] ?? 0) | (1 << (character & 7));
  const ends = [...characters].some((character) => character <= 0x20 || endsValue(character));
  const inBase64 = orBase64 ? Math.max(LEAST_BASE64, Math.floor((4 * least + 2) / 3)) : 0;
  for (const [i, number] of [least, most, inBase64, ends ? 0 : 1].entries()) record.writeUInt16LE(number, 32 + 2 * i);
  return record;
}

/** A dot only ends it with a sentence, and then no more than three do. */
function endsValue(character: number): boolean {
  return character !== DOT && ENDS.includes(String.fromCharCode(character));
}

const DOT = 0x2e;
/** Shorter ones are not decoded (`detect/value.ts`). */
const LEAST_BASE64 = 12;

/** Rows, columns (32 bits each), a column for each byte, whether a value may begin at each row (8 bits), successors (16 bits each). */
function notationTable({ rows, begins }: Notations): Buffer {
  const columns = Array.from({ length: 256 }, (_, byte) => rows.map((row) => row[byte] ?? 0).join());
  const found = [...new Set(columns)];
  const representatives = found.map((column) => columns.indexOf(column));
  const sizes = Buffer.concat([word(rows.length), word(found.length)]);
  const columnOf = Buffer.from(columns.map((column) => found.indexOf(column)));
  const starts = Buffer.from(begins.map(Number));
  const cells = Uint16Array.from(rows.flatMap((row) => representatives.map((byte) => row[byte] ?? 0)));
  const table = Buffer.from(cells.buffer, cells.byteOffset, cells.byteLength);
  const parts = [sizes, columnOf, starts, Buffer.alloc(-starts.length & 3), table];
  return Buffer.concat([...parts, Buffer.alloc(-table.length & 3)]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
