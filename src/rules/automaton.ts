/**
 * A small nondeterministic automaton over a pattern, used when rules are
 * compiled to prove that every match contains one of its literals.
 */
import type { CharSet, Node } from './pattern.ts';

interface State {
  /** Without reading anything. */
  readonly free: number[];
  /** By reading one character of the set. */
  readonly steps: { readonly set: CharSet; readonly to: number }[];
}

export interface Automaton {
  readonly states: readonly State[];
  readonly start: number;
  readonly accept: number;
}

/** Repeats beyond this many are not unrolled: literals are shorter. */
const UNROLLED = 80;
/** Nested repeats multiply; a pattern that needs more is refused. */
const MOST_STATES = 200_000;

/**
 * Anchors are taken as always true; repeats are cut at 80, which is longer than any literal.
 *
 * @returns null if the pattern needs more than 200,000 states
 */
export function automatonOf(node: Node): Automaton | null {
  const states: State[] = [];
  const add = (): number => states.push({ free: [], steps: [] }) - 1;
  const link = (from: number, to: number): void => void states[from]?.free.push(to);

  /** Adds the part for `part` after state `from` and returns its last state. */
  const build = (part: Node, from: number): number => {
    if (states.length > MOST_STATES) return from;
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
        const ends = part.options.map((option) => {
          const start = add();
          link(from, start);
          return build(option, start);
        });
        const end = add();
        for (const last of ends) link(last, end);
        return end;
      }
      case 'repeat': {
        const end = add();
        let last = from;
        for (let i = 0; i < Math.min(part.max, UNROLLED); i++) {
          if (i >= part.min) link(last, end);
          last = build(part.item, last);
        }
        link(last, end);
        return end;
      }
    }
  };
  const start = add();
  const accept = build(node, start);
  return states.length > MOST_STATES ? null : { states, start, accept };
}

/** All states reachable without reading. */
export function closure({ states }: Automaton, from: Iterable<number>): Set<number> {
  const seen = new Set(from);
  for (const state of seen) for (const next of states[state]?.free ?? []) seen.add(next);
  return seen;
}

/** The states after reading one character. */
export function step(automaton: Automaton, from: ReadonlySet<number>, char: number): Set<number> {
  const to = new Set<number>();
  for (const state of from) {
    for (const edge of automaton.states[state]?.steps ?? []) if (edge.set.has(char)) to.add(edge.to);
  }
  return closure(automaton, to);
}

/** True if reading `text` from one of the states is possible. */
export function reads(automaton: Automaton, from: Iterable<number>, text: string): boolean {
  let states = closure(automaton, from);
  for (let i = 0; i < text.length && states.size > 0; i++) states = step(automaton, states, text.charCodeAt(i));
  return states.size > 0;
}

/** True if some word of the language has `text` in it. Needs every state to lead on to acceptance, as ours do. */
export function canContain(automaton: Automaton, text: string): boolean {
  return reads(automaton, automaton.states.keys(), text);
}

const UPPER_A = 65;
const UPPER_Z = 90;
const lower = (char: number): number => (char >= UPPER_A && char <= UPPER_Z ? char + 32 : char);

/**
 * A beginning that a word of the language can have without one of `literals`
 * being complete, or null if every word begins with one of them.
 *
 * @param literals - in lower case if `ignoreCase`
 */
export function strayBeginning(automaton: Automaton, literals: readonly string[], ignoreCase: boolean): string | null {
  const fold = ignoreCase ? lower : (char: number): number => char;
  const walk = (states: ReadonlySet<number>, read: string): string | null => {
    if (literals.includes(read)) return null;
    if (states.has(automaton.accept)) return read;
    const wanted = new Set(literals.filter((l) => l.startsWith(read)).map((l) => l.charCodeAt(read.length)));
    const continues = new Map<number, Set<number>>();
    for (const state of states) {
      for (const edge of automaton.states[state]?.steps ?? []) {
        for (const char of edge.set) {
          const next = fold(char);
          if (!wanted.has(next)) return read + String.fromCharCode(char);
          continues.set(next, (continues.get(next) ?? new Set()).add(edge.to));
        }
      }
    }
    for (const [char, to] of continues) {
      const stray = walk(closure(automaton, to), read + String.fromCharCode(char));
      if (stray !== null) return stray;
    }
    return null;
  };
  return walk(closure(automaton, [automaton.start]), '');
}
