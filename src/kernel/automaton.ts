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

/** The bytes of literals one after the other, and where those of each begin, and behind the last. */
export interface LiteralBytes {
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
}

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
 * @param laid - the first of the literals, if their bytes lie together: there are thousands, at the start of every scan
 * @throws KernelError `KERNEL_LITERAL_INVALID` for a literal that is empty or longer than 256 bytes
 */
export function loadAutomaton(
  memory: KernelMemory,
  literals: readonly ScanLiteral[],
  laid: LiteralBytes | null = null,
): LoadedAutomaton {
  const { order, size, longest } = listingOrder(literals);
  const { run } = bareKernel(memory);
  const classTable = memory.reserve(256);
  const table = memory.reserve(literals.length * 8 + size + 64);
  const text = table + literals.length * 8;
  writeLiterals(memory, table, literals, laid);
  run.markUsed(text, text + size, classTable);
  const count = numberClasses(memory.bytes.subarray(classTable, classTable + 256));
  const rowsEnd = (size + 1) * (count + 1) * 4;
  const rows = memory.reserve(rowsEnd);
  const lists = memory.reserve(literals.length * 16);
  const scratch = memory.reserve(literals.length * 8 + 1024 + (size + 1) * 16);
  const out = memory.reserve(12);
  memory.words(scratch, literals.length).set(order);
  run.buildAutomaton(table, literals.length, classTable, count, rows, rows + rowsEnd, lists, scratch, out);
  const [root = 0, accepting = 0, most = 0] = memory.words(out, 3);
  return { classTable, root, accepting, classCount: count, literals: table, longest, most: Math.max(1, most) };
}

/** Makes a kernel run an automaton that lies in its memory. */
export function useAutomaton({ memory, run }: Kernel, automaton: LoadedAutomaton): void {
  const { classTable, root, accepting, classCount, literals, longest, most } = automaton;
  run.setAutomaton(classTable, root, accepting, classCount, literals, longest, most, memory.reserve(MARKS_BYTES));
}

/** Address of each literal, its length and whether case counts; then their bytes. */
function writeLiterals(
  memory: KernelMemory,
  at: number,
  literals: readonly ScanLiteral[],
  laid: LiteralBytes | null,
): void {
  const table = memory.words(at, literals.length * 2);
  const target = memory.bytes;
  const first = at + literals.length * 8;
  const together = laid === null ? 0 : laid.starts.length - 1;
  if (laid !== null) target.set(laid.bytes, first);
  let next = first + (laid?.bytes.length ?? 0);
  for (let i = 0; i < literals.length; i++) {
    const { bytes, exact } = literals[i]!;
    table[2 * i] = i < together ? first + (laid?.starts[i] ?? 0) : next;
    table[2 * i + 1] = exact ? bytes.length + EXACT : bytes.length;
    if (i < together) continue;
    target.set(bytes, next);
    next += bytes.length;
  }
}

/**
 * At one end, longer literals are listed first, where their pieces are the same too.
 * @throws KernelError `KERNEL_LITERAL_INVALID`
 */
function listingOrder(literals: readonly ScanLiteral[]): { order: Uint32Array; size: number; longest: number } {
  const ofLength = new Uint32Array(LONGEST + 1);
  let size = 0;
  let longest = 1;
  for (const { bytes } of literals) {
    const { length } = bytes;
    if (length === 0 || length > LONGEST)
      throw new KernelError('KERNEL_LITERAL_INVALID', 'A literal of no bytes, or of more than 256, cannot be searched');
    ofLength[rank(length)]!++;
    size += length;
    longest = Math.max(longest, length);
  }
  // Sorted by counting: the place of the first literal of each length, longest first.
  for (let length = LONGEST, before = 0; length >= 0; length--) {
    const here = ofLength[length]!;
    ofLength[length] = before;
    before += here;
  }
  const order = new Uint32Array(literals.length);
  for (let i = 0; i < literals.length; i++) order[ofLength[rank(literals[i]!.bytes.length)]!++] = i;
  return { order, size, longest };
}

/** Literals that are no longer than a piece keep their order. */
function rank(length: number): number {
  return length > PIECE ? length : 0;
}

/** Class 0 is every byte that no literal has; upper-case letters share the class of the lower-case ones. Answers how many there are. */
function numberClasses(classes: Uint8Array): number {
  let count = 1;
  for (let byte = 0; byte < 256; byte++) if (classes[byte] === 1) classes[byte] = count++;
  for (let upper = 0x41; upper <= 0x5a; upper++) classes[upper] = classes[upper + 32]!;
  return count;
}
