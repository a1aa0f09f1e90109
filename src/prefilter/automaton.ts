import type { Literal } from './literal.ts';

/**
 * A dense Aho–Corasick automaton. Rows are states, columns byte classes; ASCII
 * case is folded into the classes. States that end a literal come last, so one
 * comparison tells whether anything was found.
 */
export interface Automaton {
  /** Byte → class. */
  readonly classes: Uint8Array;
  /** log2 of the row length. */
  readonly shift: number;
  /** `table[(state << shift) | class]` is the next state. State 0 is the start. */
  readonly table: Uint16Array;
  /** First state that ends a literal. */
  readonly accepting: number;
  /** For state s ≥ accepting: `outputs[outputStart[s − accepting] … outputStart[s − accepting + 1])` are literal indexes. */
  readonly outputStart: Uint32Array;
  readonly outputs: Uint32Array;
}

/** More states than a 16-bit table can number. */
export const MAX_STATES = 65_535;

interface Trie {
  readonly next: Map<number, number>[];
  readonly ends: number[][];
}

/**
 * Builds the automaton of all literals.
 * @throws RangeError if they need more than `MAX_STATES` states
 */
export function buildAutomaton(literals: readonly Literal[]): Automaton {
  const { classes, count } = byteClasses(literals);
  const trie = buildTrie(literals, classes);
  const states = trie.next.length;
  if (states > MAX_STATES) throw new RangeError(`${states} prefilter states; at most ${MAX_STATES}`);
  const shift = Math.max(1, Math.ceil(Math.log2(count)));
  const { table, ends } = complete(trie, shift, count);
  return { classes, shift, ...acceptingLast(table, ends, shift, states) };
}

/** Class 0 is every byte that no literal has. */
function byteClasses(literals: readonly Literal[]): { classes: Uint8Array; count: number } {
  const classes = new Uint8Array(256);
  let count = 1;
  for (const { bytes } of literals) {
    for (const byte of bytes) {
      const lower = fold(byte);
      if (classes[lower] === 0) {
        if (count > 255) throw new RangeError('more than 255 byte classes');
        classes[lower] = count++;
      }
    }
  }
  for (let upper = 0x41; upper <= 0x5a; upper++) classes[upper] = classes[upper + 32] ?? 0;
  return { classes, count };
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

function buildTrie(literals: readonly Literal[], classes: Uint8Array): Trie {
  const trie: Trie = { next: [new Map()], ends: [[]] };
  for (const [index, { bytes }] of literals.entries()) {
    let state = 0;
    for (const byte of bytes) {
      const symbol = classes[byte] ?? 0;
      const row = trie.next[state];
      let target = row?.get(symbol);
      if (target === undefined) {
        target = trie.next.push(new Map()) - 1;
        trie.ends.push([]);
        row?.set(symbol, target);
      }
      state = target;
    }
    trie.ends[state]?.push(index);
  }
  return trie;
}

/** Breadth first: a state's row is its failure state's row with its own edges over it. */
function complete(trie: Trie, shift: number, count: number): { table: Uint16Array; ends: number[][] } {
  const table = new Uint16Array(trie.next.length << shift);
  const fail = new Uint16Array(trie.next.length);
  const ends = trie.ends.map((own) => [...own]);
  const queue = [0];
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0;
    const failure = fail[state] ?? 0;
    if (state !== 0) {
      table.copyWithin(state << shift, failure << shift, (failure << shift) + count);
      ends[state]?.push(...(ends[failure] ?? []));
    }
    for (const [symbol, target] of trie.next[state] ?? []) {
      fail[target] = state === 0 ? 0 : (table[(failure << shift) | symbol] ?? 0);
      table[(state << shift) | symbol] = target;
      queue.push(target);
    }
  }
  return { table, ends };
}

/** Renumbers the states so that those with output are the last ones. */
function acceptingLast(
  table: Uint16Array,
  ends: readonly number[][],
  shift: number,
  states: number,
): Pick<Automaton, 'table' | 'accepting' | 'outputStart' | 'outputs'> {
  const silent: number[] = [];
  const loud: number[] = [];
  for (let state = 0; state < states; state++) (ends[state]?.length ? loud : silent).push(state);
  const order = [...silent, ...loud];
  const renamed = new Uint16Array(states);
  for (const [now, was] of order.entries()) renamed[was] = now;

  const renumbered = new Uint16Array(table.length);
  for (const [now, was] of order.entries()) {
    for (let symbol = 0; symbol < 1 << shift; symbol++) {
      renumbered[(now << shift) | symbol] = renamed[table[(was << shift) | symbol] ?? 0] ?? 0;
    }
  }
  const outputStart = new Uint32Array(loud.length + 1);
  const outputs: number[] = [];
  for (const [index, was] of loud.entries()) {
    outputs.push(...(ends[was] ?? []));
    outputStart[index + 1] = outputs.length;
  }
  return { table: renumbered, accepting: silent.length, outputStart, outputs: Uint32Array.from(outputs) };
}
