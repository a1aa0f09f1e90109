import { KernelError } from '../errors/kernel.ts';

import { type Kernel, type KernelMemory, MARKS_BYTES, bareKernel } from './instance.ts';

/** A byte string to look for. ASCII case counts only if it is `exact`. */
export interface ScanLiteral {
  readonly bytes: Uint8Array;
  readonly exact: boolean;
}

const LONGEST = 256;
/** Longer literals are searched by this many of their last bytes; `wasm/scan.ts` says the same. */
const PIECE = 8;
/** Set in a literal's length if case counts; `wasm/scan.ts` says the same. */
const EXACT = 0x80000000;

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
  const longest = literals.reduce((most, { bytes }) => Math.max(most, bytes.length), 1);
  if (longest > LONGEST || literals.some(({ bytes }) => bytes.length === 0))
    throw new KernelError('KERNEL_LITERAL_INVALID', 'A literal of no bytes, or of more than 256, cannot be searched');
  const { classes, count } = byteClasses(literals);
  const size = bytesOf(literals);
  const classTable = memory.reserve(256);
  const table = memory.reserve(literals.length * 8 + size + 64);
  const rowsEnd = (size + 1) * (count + 1) * 4;
  const rows = memory.reserve(rowsEnd);
  const lists = memory.reserve(literals.length * 16);
  const scratch = memory.reserve(literals.length * 8 + 1024 + (size + 1) * 16);
  const out = memory.reserve(12);
  memory.bytes.set(classes, classTable);
  writeLiterals(memory, table, literals);
  memory.words(scratch, literals.length).set(listingOrder(literals));
  bareKernel(memory).run.buildAutomaton(
    table,
    literals.length,
    classTable,
    count,
    rows,
    rows + rowsEnd,
    lists,
    scratch,
    out,
  );
  const [root = 0, accepting = 0, most = 0] = memory.words(out, 3);
  return { classTable, root, accepting, classCount: count, literals: table, longest, most: Math.max(1, most) };
}

/** Makes a kernel run an automaton that lies in its memory. */
export function useAutomaton({ memory, run }: Kernel, automaton: LoadedAutomaton): void {
  const { classTable, root, accepting, classCount, literals, longest, most } = automaton;
  run.setAutomaton(classTable, root, accepting, classCount, literals, longest, most, memory.reserve(MARKS_BYTES));
}

function bytesOf(literals: readonly ScanLiteral[]): number {
  return literals.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Address of each literal, its length and whether case counts; then their bytes. */
function writeLiterals(memory: KernelMemory, at: number, literals: readonly ScanLiteral[]): void {
  const { bytes: target } = memory;
  const table = memory.words(at, literals.length * 2);
  let next = at + literals.length * 8;
  for (const [i, { bytes, exact }] of literals.entries()) {
    table[2 * i] = next;
    table[2 * i + 1] = exact ? bytes.length + EXACT : bytes.length;
    target.set(bytes, next);
    next += bytes.length;
  }
}

/** At one end, longer literals are listed first, where their pieces are the same too. */
function listingOrder(literals: readonly ScanLiteral[]): number[] {
  const all = [...literals.keys()];
  const length = (index: number): number => literals[index]?.bytes.length ?? 0;
  const long = all.filter((index) => length(index) > PIECE).toSorted((a, b) => length(b) - length(a) || a - b);
  return long.concat(all.filter((index) => length(index) <= PIECE));
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
