import type { Kernel } from '../../kernel/instance.ts';
import { NEEDED, WANTED } from '../../kernel/tree-job.ts';

import { type DeltaForest, neededEntries } from './delta-tree.ts';
import { NOT_TAKEN } from './object-store.ts';

/** Which entries of a pack are wanted, and which are needed to build these. */
export interface EntryFlags {
  /** By entry: `WANTED`, `NEEDED`, both, or 0. */
  readonly flags: Uint8Array;
  /** Where they lie in the kernel's memory. */
  readonly address: number;
  /** How many are wanted. */
  readonly wanted: number;
}

/** What flags are made of. */
export interface FlaggedPack {
  readonly forest: Pick<DeltaForest, 'count' | 'types' | 'bases' | 'order' | 'places'>;
  /** By entry: its row, or `NOT_TAKEN`. */
  readonly rows: Uint32Array;
  /** Where these lie in the kernel's memory; null if they do not. */
  readonly rowsAddress: number | null;
}

/** Rows that are meant, in the kernel's memory: 1 for each. */
export interface MeantRows {
  readonly rows: Uint8Array;
  readonly address: number;
}

/** Places of the order that a call of the kernel goes through: the engine makes a function quick between two calls. */
const PIECE = 1 << 16;

/**
 * Flags the entries of a type that are the copies to use, and what they are built from.
 *
 * @param type - as packs number them
 * @param meant - only these; null for all
 * @throws KernelError `KERNEL_MEMORY`
 */
export function flagEntries(kernel: Kernel, pack: FlaggedPack, type: number, meant: MeantRows | null): EntryFlags {
  const { memory, run } = kernel;
  const { count, places, order } = pack.forest;
  const address = memory.reserve(count);
  const flags = memory.bytes.subarray(address, address + count);
  if (places === null || pack.rowsAddress === null)
    return { address, flags, wanted: flagPlainly(flags, pack, type, meant) };
  const wanted = run.markEntries(places.types, pack.rowsAddress, count, type, meant?.address ?? 0, address);
  for (const [first, end] of piecesFromBehind(order.length))
    run.markNeeded(places.order, places.bases, first, end, address);
  return { address, flags, wanted };
}

/** The same without the kernel. */
function flagPlainly(flags: Uint8Array, { forest, rows }: FlaggedPack, type: number, meant: MeantRows | null): number {
  let count = 0;
  const wanted = new Uint8Array(forest.count);
  for (let entry = 0; entry < forest.count; entry++) {
    const row = rows[entry] ?? NOT_TAKEN;
    if (row === NOT_TAKEN || forest.types[entry] !== type || (meant !== null && meant.rows[row] !== 1)) continue;
    wanted[entry] = 1;
    count++;
  }
  const needed = neededEntries(forest, wanted);
  for (let entry = 0; entry < forest.count; entry++)
    flags[entry] = (wanted[entry] === 1 ? WANTED : 0) | (needed[entry] === 1 ? NEEDED : 0);
  return count;
}

/** [0, count) in pieces, the last one first. */
export function piecesFromBehind(count: number): (readonly [first: number, end: number])[] {
  const pieces = Array.from({ length: Math.ceil(count / PIECE) }, (_, i) => {
    const first = i * PIECE;
    return [first, Math.min(count, first + PIECE)] as const;
  });
  return pieces.toReversed();
}
