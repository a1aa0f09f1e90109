/**
 * Turns the expression for an assigned name into a small table that most names
 * can be turned down with, so that a hook compiles no expression for them.
 */
import type { Node } from './pattern.ts';
import { type Dfa, determine, minimal } from './subsets.ts';

interface State {
  readonly free: number[];
  readonly steps: { readonly set: readonly number[]; readonly to: number }[];
}

/** What a normalised name is made of (`detect/identifier.ts`). */
const NAME_SYMBOLS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A table with more rows is not worth its bytes. */
const MOST_ROWS = 1500;

/**
 * A deterministic automaton that accepts every name the expression matches,
 * and few others: how often a part repeats is not counted.
 *
 * @param name - the parsed expression; matched against the whole name, without case
 * @returns base64 of: rows (16 bits), columns (8), the column of each of the 36 symbols (8 each), then for each row
 *   whether it accepts (8) and its successors (8 each, 16 if there are more than 256 rows; row 0 is the dead one, row 1
 *   the start). `detect/name-table.ts` reads it. Null if it would be too large.
 */
export function nameFilter(name: Node): string | null {
  const { states, start, accept } = relaxed(name);
  const dfa = determine(states, { start, accept, symbols: NAME_SYMBOLS.length }, 20 * MOST_ROWS);
  return dfa === null ? null : encode(minimal(dfa));
}

/** The expression's automaton, every repeat without an upper bound. */
function relaxed(name: Node): { states: readonly State[]; start: number; accept: number } {
  const states: State[] = [];
  const add = (): number => states.push({ free: [], steps: [] }) - 1;
  const link = (from: number, to: number): void => void states[from]?.free.push(to);
  const build = (part: Node, from: number): number => {
    switch (part.kind) {
      case 'edge':
        return from;
      case 'set': {
        const to = add();
        const set = [...NAME_SYMBOLS].flatMap((symbol, i) => (hasEither(part.set, symbol) ? [i] : []));
        states[from]?.steps.push({ set, to });
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
        const begin = add();
        link(from, begin);
        const end = build(part.item, begin);
        link(end, begin);
        if (part.min > 0) return end;
        const after = add();
        link(begin, after);
        link(end, after);
        return after;
      }
    }
  };
  const start = add();
  return { states, start, accept: build(name, start) };
}

function hasEither(set: ReadonlySet<number>, symbol: string): boolean {
  return set.has(symbol.charCodeAt(0)) || set.has(symbol.toUpperCase().charCodeAt(0));
}

function encode({ rows, accepting }: Dfa): string | null {
  if (rows.length > MOST_ROWS) return null;
  const columns = Array.from(NAME_SYMBOLS, (_, symbol) => rows.map((row) => row[symbol] ?? 0).join());
  const distinct = [...new Set(columns)];
  const representatives = distinct.map((column) => columns.indexOf(column));
  const wide = rows.length > 256;
  const bytes: number[] = [rows.length >> 8, rows.length & 255, distinct.length];
  for (const column of columns) bytes.push(distinct.indexOf(column));
  for (const [i, row] of rows.entries()) {
    bytes.push(accepting[i] === true ? 1 : 0);
    for (const symbol of representatives) {
      const to = row[symbol] ?? 0;
      bytes.push(...(wide ? [to >> 8, to & 255] : [to]));
    }
  }
  return Buffer.from(bytes).toString('base64');
}
