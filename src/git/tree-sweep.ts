/** Reads all trees of a pack in the form in which they are stored. */
import { type KernelMemory, createKernel } from '../kernel/instance.ts';
import { EntryReader, type EntryStarts, type IdPlace } from './entry-reader.ts';
import { TREE as TREE_CODE } from './object/type.ts';
import { TREE } from './pack/entry.ts';
import { type KernelObject, type KernelVisitor, KernelWalk, type WalkedPack } from './pack/kernel-walk.ts';
import { type ObjectStore, entriesOfType } from './pack/object-store.ts';
import type { TreeDeltas, TreeRoom } from './tree-deltas.ts';

/** Room for trees being built. */
const TREE_ARENA = 64 << 20;
/** Kernel memory that a sweep may take; what it does not touch costs nothing. */
export const TREE_SWEEP_BYTES = TREE_ARENA + (192 << 20);

/** Of larger trees, and of more bytes than that, no room is made beforehand. */
const MOST_TREE_BYTES = 1 << 20;
const MOST_ROOM_BYTES = 1 << 30;

/** Writes what a walk shows to `TreeDeltas`. */
class TreeSweep implements KernelVisitor {
  /** Positions of trees that break off. */
  readonly malformed: number[] = [];
  readonly #deltas: TreeDeltas;
  readonly #reader: EntryReader;
  readonly #rows: Uint32Array;
  /** Of trees whose children are still to come, by entry. */
  readonly #open = new Map<number, EntryStarts>();

  /** @param rows - by entry: its position */
  constructor(deltas: TreeDeltas, reader: EntryReader, rows: Uint32Array) {
    this.#deltas = deltas;
    this.#reader = reader;
    this.#rows = rows;
  }

  enter(tree: KernelObject): void {
    const { steps, bases, firstStep, stepEnd, order } = this.#deltas;
    const position = this.#rows[tree.entry] ?? 0;
    const base = this.#open.get(tree.parent) ?? null;
    const starts = tree.isLeaf ? null : this.#reader.takeStarts(tree.size);
    const isSound = this.#reader.read(tree, base, starts);
    // No room for it: whoever reads the rest reads this one too.
    if (isSound === null) {
      if (starts) this.#reader.giveBack(starts);
      return;
    }
    bases[position] = base ? (this.#rows[tree.parent] ?? 0) : -1;
    firstStep[position] = steps.length + this.#reader.stepsBefore;
    stepEnd[position] = steps.length + this.#reader.steps;
    order.push(position);
    if (!isSound) this.malformed.push(position);
    if (!starts) return;
    // What is built on a malformed tree is read as a whole.
    if (isSound) this.#open.set(tree.entry, starts);
    else this.#reader.giveBack(starts);
  }

  leave(entry: number): void {
    const starts = this.#open.get(entry);
    if (!starts) return;
    this.#open.delete(entry);
    this.#reader.giveBack(starts);
  }
}

/** Inflated bytes of stored trees that an entry of their own takes beside its id, and those that a number of a step takes, at least: mostly. */
const EDGE_BYTES = 8;
const STEP_BYTES = 12;

/** Room for what a sweep of packs writes: enough for most repositories, not for all. */
export function treeRoom(packs: readonly WalkedPack[], idBytes: number): TreeRoom {
  let trees = 0;
  let bytes = 0;
  for (const { forest } of packs) {
    for (let entry = 0; entry < forest.count; entry++) {
      if (forest.types[entry] !== TREE) continue;
      trees++;
      // What a header states may be anything.
      bytes += Math.min(forest.sizes[entry] ?? 0, MOST_TREE_BYTES);
    }
  }
  const most = Math.min(bytes, MOST_ROOM_BYTES);
  return { trees, edges: Math.ceil(most / (idBytes + EDGE_BYTES)), steps: Math.ceil(most / STEP_BYTES) };
}

/** Where the kernel finds a store's ids; null if they are not in its memory. */
export function idPlace({ table: { address, count, idSize } }: ObjectStore): IdPlace | null {
  return address === null ? null : { address, count, idBytes: idSize };
}

/**
 * Reads all trees of packs that lie in the kernel's memory.
 *
 * @param ids - the store's
 * @param deltas - of the store's rows; nothing was read to it yet
 * @returns after yielding, now and then, how many were read since: positions of those that are malformed
 * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`
 */
export function* sweepTrees(
  packs: readonly WalkedPack[],
  ids: IdPlace,
  memory: KernelMemory,
  deltas: TreeDeltas,
): Generator<number, readonly number[], undefined> {
  const kernel = createKernel(memory);
  const walk = new KernelWalk(kernel, TREE_ARENA);
  const reader = new EntryReader(kernel, ids, deltas);
  const malformed: number[] = [];
  let told = 0;
  for (const from of packs) {
    const visitor = new TreeSweep(deltas, reader, from.rows);
    const wanted = entriesOfType(from, TREE);
    for (const _ of walk.walk(from, { wanted, visitor, failed: () => undefined })) {
      yield deltas.order.length - told;
      told = deltas.order.length;
    }
    malformed.push(...visitor.malformed);
  }
  reader.flush();
  deltas.names = reader.names;
  yield deltas.order.length - told;
  return malformed;
}

/** Trees that were not read: they are in no pack in memory, or could not be built. Positions, ascending. */
export function unreadTrees({ table, order }: TreeDeltas): Uint32Array {
  const isRead = new Uint8Array(table.length);
  for (let i = 0; i < order.length; i++) isRead[order.at(i)] = 1;
  return table.ofType(TREE_CODE).filter((position) => isRead[position] === 0);
}
