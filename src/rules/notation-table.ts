/**
 * Turns the expressions for what may stand between a name and its value into one table, which tells from the bytes
 * behind a name where a value may begin, so that most text around names needs no expression at all.
 */
import { type CharSet, type Node, readPattern } from './pattern.ts';
import { determine, minimal } from './subsets.ts';

/** Rows of successors by byte. Row 0 is the dead one, row 1 the start. */
export interface NotationTable {
  readonly rows: readonly (readonly number[])[];
  /** Whether a value may begin where a row is reached. */
  readonly begins: readonly boolean[];
}

interface State {
  readonly free: number[];
  readonly steps: { readonly set: CharSet; readonly to: number }[];
}

const BYTES = 256;

/**
 * An automaton that reaches a row with `begins` at every place at which a value may begin, and at few others: it does
 * not look around, nor count how often a part repeats.
 *
 * @param notations - expressions for what follows a name
 * @param opener - for what may stand directly before the value then; matched without case
 */
export function notationTable(notations: readonly string[], opener: string): NotationTable {
  const states: State[] = [];
  const add = (): number => states.push({ free: [], steps: [] }) - 1;
  const link = (from: number, to: number): void => void states[from]?.free.push(to);
  /** @returns the state behind the part */
  const build = (part: Node, from: number): number => {
    switch (part.kind) {
      case 'edge':
        return from;
      case 'set': {
        const to = add();
        states[from]?.steps.push({ set: part.set, to });
        return to;
      }
      case 'group':
        return build(part.item, from);
      case 'sequence':
        return part.items.reduce((last, item) => build(item, last), from);
      case 'choice': {
        const end = add();
        for (const option of part.options) link(build(option, branch(from)), end);
        return end;
      }
      case 'repeat': {
        let last = from;
        for (let i = 0; i < part.min; i++) last = build(part.item, last);
        if (part.max === part.min) return last;
        const again = branch(last);
        const end = build(part.item, again);
        if (part.max > 1) link(end, again);
        const after = branch(again);
        link(end, after);
        return after;
      }
    }
  };
  const branch = (from: number): number => {
    const begin = add();
    link(from, begin);
    return begin;
  };
  const start = add();
  const crossed = add();
  for (const source of notations) {
    const { node } = readPattern(withoutLookAround(source), 'a notation');
    link(build(node, branch(start)), crossed);
  }
  const accept = build(readPattern(withoutLookAround(opener), 'an opener', true).node, crossed);
  const { rows, accepting } = minimal(determine(states, { start, accept, symbols: BYTES }));
  return { rows, begins: accepting };
}

/** Leaves look-around out, and lets groups capture nothing. */
export function withoutLookAround(source: string): string {
  let left = '';
  for (let at = 0; at < source.length;) {
    const atom = atomAt(source, at);
    if (/^\(\?<?[=!]/.test(source.slice(at, at + 4))) at = pastGroup(source, at);
    else {
      left += atom === '(' && source[at + 1] !== '?' ? '(?:' : atom;
      at += atom.length;
    }
  }
  return left;
}

/** A character, an escape or a class. */
function atomAt(source: string, at: number): string {
  const [atom = ''] = /^(?:\\.|\[(?:\\.|[^\]\\])*\]|.)/s.exec(source.slice(at)) ?? [];
  return atom;
}

function pastGroup(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length;) {
    const atom = atomAt(source, at);
    at += atom.length;
    if (atom === '(') depth++;
    if (atom === ')' && --depth === 0) return at;
  }
  return source.length;
}
