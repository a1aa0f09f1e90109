/** Makes automata deterministic by the subset construction, for the tables that are built of expressions. */

/** A state of an automaton that may be in several at once. */
export interface LooseState {
  /** States that are reached without a symbol. */
  readonly free: readonly number[];
  readonly steps: readonly { readonly set: Iterable<number>; readonly to: number }[];
}

/** Rows of successors by symbol. Row 0 is the dead one, row 1 the start. */
export interface Dfa {
  readonly rows: readonly (readonly number[])[];
  readonly accepting: readonly boolean[];
}

/** All states that are reached from these without a symbol, themselves included, ascending. */
export function closureOf(states: readonly LooseState[], from: Iterable<number>): number[] {
  const seen = new Set(from);
  for (const state of seen) for (const next of states[state]?.free ?? []) seen.add(next);
  return [...seen].toSorted((a, b) => a - b);
}

/** By symbol: the states that a set of states steps to. */
export function targetsOf(states: readonly LooseState[], from: readonly number[], symbols: number): Set<number>[] {
  const targets = Array.from({ length: symbols }, () => new Set<number>());
  for (const state of from)
    for (const { set, to } of states[state]?.steps ?? []) for (const symbol of set) targets[symbol]?.add(to);
  return targets;
}

/** Which states an automaton starts and ends in, and how many symbols there are, numbered from 0 on. */
interface Frame {
  readonly start: number;
  readonly accept: number;
  readonly symbols: number;
}

/**
 * The same language, one state at a time.
 *
 * @param mostRows - null if there would be more
 */
export function determine(states: readonly LooseState[], frame: Frame): Dfa;
export function determine(states: readonly LooseState[], frame: Frame, mostRows: number): Dfa | null;
export function determine(
  states: readonly LooseState[],
  { start, accept, symbols }: Frame,
  mostRows = Infinity,
): Dfa | null {
  const sets: number[][] = [[], closureOf(states, [start])];
  const index = new Map(sets.map((set, i) => [set.join(), i]));
  const numberOf = (targets: Iterable<number>): number => {
    const set = closureOf(states, targets);
    const key = set.join();
    const known = index.get(key);
    if (known !== undefined) return known;
    index.set(key, sets.length);
    return sets.push(set) - 1;
  };
  const rows: number[][] = [];
  for (let row = 0; row < sets.length; row++) {
    const targets = targetsOf(states, sets[row] ?? [], symbols);
    rows.push(targets.map((target) => (target.size === 0 ? 0 : numberOf(target))));
    if (sets.length > mostRows) return null;
  }
  return { rows, accepting: sets.map((set) => set.includes(accept)) };
}

/** Merges rows that no text tells apart (Moore). */
export function minimal({ rows, accepting }: Dfa): Dfa {
  let group = accepting.map(Number);
  for (let count = 0; ;) {
    const keys = rows.map((row, i) => `${group[i] ?? 0}:${row.map((to) => group[to] ?? 0).join()}`);
    // In order of first sight, so that row 0 stays first and the start second.
    const numbers = new Map([...new Set(keys)].map((key, i) => [key, i]));
    group = keys.map((key) => numbers.get(key) ?? 0);
    if (numbers.size === count) break;
    count = numbers.size;
  }
  const first = [...new Set(group)].map((number) => group.indexOf(number));
  return {
    rows: first.map((row) => (rows[row] ?? []).map((to) => group[to] ?? 0)),
    accepting: first.map((row) => accepting[row] ?? false),
  };
}
