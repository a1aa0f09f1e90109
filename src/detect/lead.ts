/** Reads the tables that `rules/lead-table.ts` writes. */

/** An automaton over the bytes from a hit's first on. */
export interface Lead {
  /** Column of each byte. */
  readonly columnOf: Uint8Array;
  readonly columns: number;
  /** Successors, row by row. Row 0: no match. Row 1: a match is possible. Row 2: the start. */
  readonly rows: Uint8Array;
}

const OPEN = 1;
const START = 2;
const HEADER = 3;
/** So many bytes are looked at; after them a match is possible. */
export const LEAD_REACH = 128;

/** What escapes begin with, of all kinds that the engine undoes. */
const SIGNS = new Uint8Array(256);
for (const sign of '\\%&') SIGNS[sign.charCodeAt(0)] = 1;

const leads = new Map<string, Lead>();

export function leadOf(table: string): Lead {
  let lead = leads.get(table);
  if (!lead) {
    lead = read(Buffer.from(table, 'base64'));
    leads.set(table, lead);
  }
  return lead;
}

/**
 * False if what the lead was made of matches at `at` in no reading of the bytes.
 *
 * @param end - of the text, or of the part of it that a match may lie in
 */
export function mayLead({ columnOf, columns, rows }: Lead, bytes: Uint8Array, at: number, end: number): boolean {
  const stop = Math.min(end, at + LEAD_REACH);
  let row = START;
  for (let i = at; i < stop; i++) {
    // Past an escape anything may be meant.
    if (SIGNS[bytes[i] ?? 0] === 1) return true;
    row = rows[row * columns + (columnOf[bytes[i] ?? 0] ?? 0)] ?? 0;
    if (row <= OPEN) return row === OPEN;
  }
  // Cut off by the text's end, nothing has matched.
  return stop < end;
}

function read(bytes: Uint8Array): Lead {
  const [rowCount = 0, columns = 0, ranges = 0] = bytes;
  const columnOf = new Uint8Array(256);
  const rowsAt = HEADER + 2 * (ranges === 0 ? 256 : ranges);
  let byte = 0;
  for (let at = HEADER; at < rowsAt; at += 2)
    for (const last = bytes[at] ?? 0; byte <= last; byte++) columnOf[byte] = bytes[at + 1] ?? 0;
  const rows = new Uint8Array(rowCount * columns);
  rows.fill(OPEN, columns, START * columns);
  rows.set(bytes.subarray(rowsAt, rowsAt + (rowCount - START) * columns), START * columns);
  return { columnOf, columns, rows };
}
