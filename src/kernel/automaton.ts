import { KernelError } from '../errors/kernel.ts';

import { type Kernel, type KernelMemory, MARKS_BYTES } from './instance.ts';

/** A byte string to look for. ASCII case counts only if it is `exact`. */
export interface ScanLiteral {
  readonly bytes: Uint8Array;
  readonly exact: boolean;
}

/** Set in a list of literals for one that is compared again with case; `wasm/scan.ts` says the same. */
const EXACT = 0x80000000;
const LONGEST = 256;

/** Where a set of literals lies in a kernel's memory, ready for `setAutomaton`. */
export interface LoadedAutomaton {
  readonly classTable: number;
  readonly root: number;
  readonly accepting: number;
  readonly classCount: number;
  readonly literals: number;
  readonly longest: number;
  readonly most: number;
}

/**
 * Builds the dense Aho–Corasick automaton of `literals` in a kernel's memory
 * (docs/PREFILTER.md). It is read only, so kernels that share the memory share it.
 *
 * @throws KernelError `KERNEL_LITERAL_INVALID` for a literal that is empty or longer than 256 bytes
 */
export function loadAutomaton(memory: KernelMemory, literals: readonly ScanLiteral[]): LoadedAutomaton {
  for (const { bytes } of literals) {
    if (bytes.length === 0 || bytes.length > LONGEST)
      throw new KernelError('KERNEL_LITERAL_INVALID', `A literal of ${bytes.length} bytes cannot be searched`);
  }
  const { classes, count } = byteClasses(literals);
  const trie = complete(buildTrie(literals, classes, count), count);
  const rows = placeRows(trie, count);
  const tables = memory.reserve(256 + literals.length * 8 + bytesOf(literals) + 64);
  memory.bytes.set(classes, tables);
  const at = memory.reserve(rows.bytes);
  writeRows(memory.words(at, rows.bytes / 4), at, trie, count, rows);
  return {
    classTable: tables,
    root: at + rows.offsets[0]!,
    accepting: at + rows.accepting,
    classCount: count,
    literals: writeLiterals(memory.bytes, memory.words(tables + 256, literals.length * 2), tables + 256, literals),
    longest: literals.reduce((most, { bytes }) => Math.max(most, bytes.length), 1),
    most: trie.ends.reduce((most, { length }) => Math.max(most, length), 1),
  };
}

/** Makes a kernel run an automaton that lies in its memory. */
export function useAutomaton({ memory, run }: Kernel, automaton: LoadedAutomaton): void {
  const { classTable, root, accepting, classCount, literals, longest, most } = automaton;
  run.setAutomaton(classTable, root, accepting, classCount, literals, longest, most, memory.reserve(MARKS_BYTES));
}

function bytesOf(literals: readonly ScanLiteral[]): number {
  return literals.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Address and length of each literal, then their bytes. */
function writeLiterals(memory: Uint8Array, table: Uint32Array, at: number, literals: readonly ScanLiteral[]): number {
  let next = at + literals.length * 8;
  for (const [i, { bytes }] of literals.entries()) {
    table[2 * i] = next;
    table[2 * i + 1] = bytes.length;
    memory.set(bytes, next);
    next += bytes.length;
  }
  return at;
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

/** Class 0 is every byte that no literal has; upper-case letters share the class of the lower-case ones. */
function byteClasses(literals: readonly ScanLiteral[]): { classes: Uint8Array; count: number } {
  const used = new Uint8Array(256);
  for (const { bytes } of literals) for (const byte of bytes) used[fold(byte)] = 1;
  const classes = new Uint8Array(256);
  let count = 1;
  for (let byte = 0; byte < 256; byte++) if (used[byte] === 1) classes[byte] = count++;
  for (let upper = 0x41; upper <= 0x5a; upper++) classes[upper] = classes[upper + 32]!;
  return { classes, count };
}

interface Trie {
  readonly states: number;
  /** `next[state * count + class]`; 0 is no edge at first, the start when complete. */
  readonly next: Int32Array;
  /** Literals that end in each state, longest first. */
  readonly ends: readonly number[][];
  /** By literal: whether it is compared again with case. */
  readonly exact: readonly boolean[];
  /** States by depth. */
  readonly order: readonly number[];
}

function buildTrie(literals: readonly ScanLiteral[], classes: Uint8Array, count: number): Trie {
  const next = new Int32Array((bytesOf(literals) + 1) * count);
  const ends: number[][] = [[]];
  for (const [index, { bytes }] of literals.entries()) {
    let state = 0;
    for (const byte of bytes) {
      const edge = state * count + classes[byte]!;
      if (next[edge] === 0) next[edge] = ends.push([]) - 1;
      state = next[edge]!;
    }
    ends[state]!.push(index);
  }
  return { states: ends.length, next, ends, exact: literals.map(({ exact }) => exact), order: [] };
}

/** Gives every state an edge for every class, and every state the ends of its longest proper suffix. */
function complete({ states, next, ends, exact }: Trie, count: number): Trie {
  const failure = new Int32Array(states);
  const order = [0];
  for (let head = 0; head < order.length; head++) {
    const state = order[head]!;
    const fallback = failure[state]! * count;
    for (let symbol = 0; symbol < count; symbol++) {
      const edge = state * count + symbol;
      const inherited = state === 0 ? 0 : next[fallback + symbol]!;
      const target = next[edge]!;
      if (target === 0) {
        next[edge] = inherited;
        continue;
      }
      failure[target] = inherited;
      ends[target]!.push(...ends[inherited]!);
      order.push(target);
    }
  }
  return { states, next, ends, exact, order };
}

interface Rows {
  /** Offset of each state's row. */
  readonly offsets: Uint32Array;
  /** Offset of the first row that has ends; all others lie below. */
  readonly accepting: number;
  /** Offset of the lists of ends. */
  readonly lists: number;
  readonly bytes: number;
}

/** Rows by depth, for the shallow ones are the ones that stay in the cache. */
function placeRows({ order, ends, states }: Trie, count: number): Rows {
  const offsets = new Uint32Array(states);
  let next = 0;
  for (const state of order) {
    if (ends[state]!.length > 0) continue;
    offsets[state] = next;
    next += count * 4;
  }
  const accepting = next;
  let listed = 0;
  for (const state of order) {
    if (ends[state]!.length === 0) continue;
    offsets[state] = next;
    next += (count + 1) * 4;
    listed += 1 + ends[state]!.length;
  }
  return { offsets, accepting, lists: next, bytes: next + listed * 4 };
}

function writeRows(words: Uint32Array, at: number, trie: Trie, count: number, rows: Rows): void {
  let list = rows.lists / 4;
  for (const state of trie.order) {
    const row = rows.offsets[state]! / 4;
    for (let symbol = 0; symbol < count; symbol++) {
      words[row + symbol] = at + rows.offsets[trie.next[state * count + symbol]!]!;
    }
    const ends = trie.ends[state]!;
    if (ends.length === 0) continue;
    words[row + count] = at + list * 4;
    words[list++] = ends.length;
    for (const literal of ends) words[list++] = trie.exact[literal] ? literal + EXACT : literal;
  }
}
