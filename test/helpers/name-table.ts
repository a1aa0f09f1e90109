/** Reads the tables that `rules/name-filter.ts` writes, as `wasm/quick.ts` does. */

interface NameTable {
  /** Column of each ASCII character; 255 for one that no name has. */
  readonly columnOf: Uint8Array;
  readonly columns: number;
  /** For each row: whether it accepts, then its successors, low byte last. */
  readonly rows: Uint8Array;
  /** Bytes of a successor. */
  readonly width: number;
}

const SYMBOLS = 36;
const HEADER = 3;
const NO_COLUMN = 255;

const tables = new Map<string, NameTable>();

/** False if the expression that the table was made of surely does not match the normalised name. */
export function mayBe(encoded: string, name: string): boolean {
  let table = tables.get(encoded);
  if (!table) {
    table = read(Buffer.from(encoded, 'base64'));
    tables.set(encoded, table);
  }
  const { columnOf, columns, rows, width } = table;
  const rowLength = 1 + columns * width;
  let row = 1;
  for (let i = 0; i < name.length && row !== 0; i++) {
    const column = columnOf[name.charCodeAt(i)] ?? NO_COLUMN;
    // Not of this alphabet: the expression has to say.
    if (column === NO_COLUMN) return true;
    const at = row * rowLength + 1 + column * width;
    row = width === 1 ? (rows[at] ?? 0) : ((rows[at] ?? 0) << 8) | (rows[at + 1] ?? 0);
  }
  return rows[row * rowLength] === 1;
}

function read(bytes: Uint8Array): NameTable {
  const count = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const columnOf = new Uint8Array(128).fill(NO_COLUMN);
  const symbols = bytes.subarray(HEADER, HEADER + SYMBOLS);
  for (let i = 0; i < SYMBOLS; i++) columnOf[i < 26 ? 97 + i : 48 + i - 26] = symbols[i] ?? NO_COLUMN;
  return { columnOf, columns: bytes[2] ?? 0, rows: bytes.subarray(HEADER + SYMBOLS), width: count > 256 ? 2 : 1 };
}
