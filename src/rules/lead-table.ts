/**
 * Turns an expression into a small table that tells, from the first bytes at a
 * hit, that it cannot match there: not as they stand, nor with escapes undone.
 */
import type { CharSet, Node } from './pattern.ts';
import { closureOf, targetsOf } from './subsets.ts';

interface State {
  readonly free: number[];
  readonly steps: { readonly set: CharSet; readonly to: number }[];
}

/** States of the expression that are followed; the rest is taken to match. */
const BUDGETS = [48, 24, 12];
const MOST_ROWS = 255;
/** `\s` stands for these besides in JavaScript, and not in the reader of patterns. */
const SPACES = [9, 10, 12, 13, 32];
const MORE_SPACES = [11, 160];

export const DEAD = 0;
export const OPEN = 1;

/**
 * An automaton over bytes from the hit's first on. It ends in row 1, *a match is possible*, when all that is followed of
 * the expression has matched; in row 0, *no match*, at a byte that nothing goes on with. What escapes begin with are bytes
 * like others to it: whoever reads it has to know that past one of them anything may be meant.
 *
 * @param node - of an expression that matches at the hit
 * @returns base64 of: rows and columns (8 bits each), count of ranges (8), for each range of bytes its last one and its
 *   column (8 each), then for each row from the third on (row 2, the start) its successors (8 each). `detect/lead.ts`
 *   reads it. Null if it would tell nothing or be too large.
 */
export function leadTable(node: Node): string | null {
  for (const budget of BUDGETS) {
    const rows = determine(statesOf(node, budget));
    if (rows !== null) return rows.length === 0 ? null : encode(rows);
  }
  return null;
}

interface Automaton {
  readonly states: readonly State[];
  readonly start: number;
  readonly accept: number;
}

function statesOf(node: Node, budget: number): Automaton {
  const states: State[] = [];
  const add = (): number => states.push({ free: [], steps: [] }) - 1;
  const link = (from: number, to: number): void => void states[from]?.free.push(to);
  const accept = add();
  const build = (part: Node, from: number): number => {
    if (states.length > budget) {
      link(from, accept);
      return from;
    }
    switch (part.kind) {
      case 'edge':
        return from;
      case 'set': {
        const to = add();
        states[from]?.steps.push({ set: withMoreSpaces(part.set), to });
        return to;
      }
      case 'group':
        return build(part.item, from);
      case 'sequence':
        return part.items.reduce((last, item) => build(item, last), from);
      case 'choice': {
        const end = add();
        for (const option of part.options) {
          const begin = add();
          link(from, begin);
          link(build(option, begin), end);
        }
        return end;
      }
      case 'repeat': {
        let last = from;
        for (let i = 0; i < part.min && states.length <= budget; i++) last = build(part.item, last);
        return part.max > part.min ? loop(part.item, last) : last;
      }
    }
  };
  /** Any number of times. */
  const loop = (item: Node, from: number): number => {
    const begin = add();
    link(from, begin);
    link(build(item, begin), begin);
    return begin;
  };
  const start = add();
  link(build(node, start), accept);
  return { states, start, accept };
}

function withMoreSpaces(set: CharSet): CharSet {
  return SPACES.every((space) => set.has(space)) ? new Set([...set, ...MORE_SPACES]) : set;
}

/** Rows of successors by byte, from the start's, which is row 2, on; none if nothing is ruled out. Null if there are too many. */
function determine({ states, start, accept }: Automaton): number[][] | null {
  const closure = (from: Iterable<number>): number[] => closureOf(states, from);
  const first = closure([start]);
  if (first.includes(accept)) return [];
  const sets = [first];
  const index = new Map([[first.join(), 2]]);
  const rows: number[][] = [];
  for (let row = 0; row < sets.length; row++) {
    const targets = targetsOf(states, sets[row] ?? [], 256);
    rows.push(
      targets.map((target) => {
        if (target.size === 0) return DEAD;
        const set = closure(target);
        if (set.includes(accept)) return OPEN;
        const key = set.join();
        const known = index.get(key);
        if (known !== undefined) return known;
        index.set(key, sets.length + 2);
        return sets.push(set) + 1;
      }),
    );
    if (sets.length + 2 > MOST_ROWS) return null;
  }
  return rows;
}

function encode(rows: readonly (readonly number[])[]): string {
  const columns = Array.from({ length: 256 }, (_, byte) => rows.map((row) => row[byte] ?? DEAD).join());
  const distinct = [...new Set(columns)];
  const columnOf = columns.map((column) => distinct.indexOf(column));
  const lasts = columnOf.flatMap((column, byte) => (column === columnOf[byte + 1] ? [] : [byte]));
  const bytes = [rows.length + 2, distinct.length, lasts.length & 255];
  for (const byte of lasts) bytes.push(byte, columnOf[byte] ?? 0);
  const representatives = distinct.map((column) => columns.indexOf(column));
  for (const row of rows) for (const byte of representatives) bytes.push(row[byte] ?? DEAD);
  return Buffer.from(bytes).toString('base64');
}
