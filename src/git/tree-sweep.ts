/** Reads all trees of a pack in the form in which they are stored. */
import { ByteSet, type ByteSetParts } from '../bytes/byte-set.ts';
import { type KernelMemory, createKernel } from '../kernel/instance.ts';
import { type NumbersPlace, numbersAt } from '../kernel/kernel-numbers.ts';
import { EntryReader, type EntryRoom, type IdPlace } from './entry-reader.ts';
import { type ObjectTable, bucketShift } from './object-table.ts';
import { TREE as TREE_CODE } from './object/type.ts';
import { TREE } from './pack/entry.ts';
import {
  AGAIN,
  FULL,
  GO_ON,
  KernelSweep,
  MALFORMED,
  NAMES,
  READ_TREES,
  SETTLED,
  SWEPT,
  type SweepLists,
  type WalkedPack,
  sweepBytes,
  sweptPacksBytes,
} from './pack/kernel-sweep.ts';
import type { ObjectStore } from './pack/object-store.ts';
import { TreeDeltas } from './tree-deltas.ts';

/** What a sweep needs besides what it writes: that, and tables. */
const SWEEP_BYTES = sweepBytes() + (160 << 20);
/** Lists that are too short are made anew, twice as long. */
const GROWTH = 3;
const LEAST_ROOM = 1 << 14;

/** Of larger trees, and of more bytes than that, no room is made beforehand. */
const MOST_TREE_BYTES = 1 << 20;
const MOST_ROOM_BYTES = 1 << 30;

/** Where what was read of all trees lies in the kernel's memory: the lists of a `TreeDeltas`. */
export interface TreesPlace {
  readonly targets: NumbersPlace;
  readonly entries: NumbersPlace;
  readonly steps: NumbersPlace;
  readonly order: NumbersPlace;
  readonly bases: NumbersPlace;
  readonly firstStep: NumbersPlace;
  readonly stepEnd: NumbersPlace;
  /** By place in `order`: where the tree's own edges end. They lie in that order. */
  readonly edgeEnds: NumbersPlace;
}

/** What was read of all trees. Plain data. */
export interface SweptTrees {
  readonly place: TreesPlace;
  /** Raw ids that entries name and that are not in the table, one after the other. */
  readonly absent: Uint8Array;
  readonly names: ByteSetParts;
  /** Positions of trees that break off. */
  readonly malformed: readonly number[];
}

/** The lists that have as many numbers as there are objects, or trees. The kernel writes them. */
class TreeColumns {
  readonly bases: NumbersPlace;
  readonly firstStep: NumbersPlace;
  readonly stepEnd: NumbersPlace;
  readonly #order: NumbersPlace;
  readonly #edgeEnds: NumbersPlace;
  /** Trees so far. */
  count = 0;

  /** @param trees - at most so many */
  constructor(memory: KernelMemory, objects: number, trees: number) {
    const column = (length: number): NumbersPlace => ({ address: memory.reserve(length * 4), length });
    this.bases = column(objects);
    this.firstStep = column(objects);
    this.stepEnd = column(objects);
    this.#order = column(trees);
    this.#edgeEnds = column(trees);
    numbersAt(memory, this.bases).fill(-1);
  }

  get order(): NumbersPlace {
    return { address: this.#order.address, length: this.count };
  }

  get edgeEnds(): NumbersPlace {
    return { address: this.#edgeEnds.address, length: this.count };
  }

  get lists(): SweepLists {
    const commits = [0, 0, 0, 0, 0, 0, 0];
    const columns = [this.bases, this.firstStep, this.stepEnd, this.#order, this.#edgeEnds];
    return [...commits, ...columns.map(({ address }) => address)];
  }
}

/** Inflated bytes of stored trees that an entry of their own takes beside its id, and those that a number of a step takes, at least: mostly. */
const EDGE_BYTES = 8;
const STEP_BYTES = 12;

/** Room for what a sweep of packs writes: enough for most repositories, not for all. */
function roomFor(packs: readonly WalkedPack[], idBytes: number): EntryRoom & { readonly trees: number } {
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

/** Kernel memory that a sweep may use of so much; what it does not touch costs nothing. */
export function treeSweepBytes(packs: readonly WalkedPack[], { idBytes, count }: IdPlace, left: number): number {
  const room = roomFor(packs, idBytes);
  return Math.min(SWEEP_BYTES + columnBytes(count, room) + GROWTH * listBytes(room) + partBytes(packs), left / 2);
}

/** For packs that are read by parts. */
function partBytes(packs: readonly WalkedPack[]): number {
  return sweptPacksBytes(packs.filter(({ fd }) => fd !== null));
}

function columnBytes(objects: number, { trees }: { readonly trees: number }): number {
  return 4 * (3 * objects + 2 * trees);
}

function listBytes({ edges, steps }: EntryRoom): number {
  return 4 * (2 * edges + steps);
}

/** As much of the room as there is memory for, with some to spare for lists to grow. */
function fitting(room: EntryRoom, bytes: number): EntryRoom {
  const share = Math.min(1, Math.max(0, bytes - SWEEP_BYTES) / (GROWTH * Math.max(1, listBytes(room))));
  return { edges: LEAST_ROOM + Math.floor(share * room.edges), steps: LEAST_ROOM + Math.floor(share * room.steps) };
}

/** Where the kernel finds a store's ids; null if they are not in its memory. @param table - of the store's rows */
export function idPlace(
  { table: { address, count, idSize } }: ObjectStore,
  { places }: Pick<ObjectTable, 'places'>,
): IdPlace | null {
  if (address === null || places === null) return null;
  return { address, count, idBytes: idSize, buckets: places.buckets, shift: bucketShift(places.starts.length) };
}

/**
 * Reads all trees of packs that the kernel can walk.
 *
 * @param ids - the store's
 * @param table - of the store's rows
 * @returns after yielding, now and then, how many were read since
 * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`
 */
export function* sweepTrees(
  packs: readonly WalkedPack[],
  ids: IdPlace,
  memory: KernelMemory,
  table: ObjectTable,
): Generator<number, SweptTrees, undefined> {
  const room = roomFor(packs, ids.idBytes);
  const lists = fitting(room, memory.left - columnBytes(table.length, room) - partBytes(packs));
  const kernel = createKernel(memory);
  const columns = new TreeColumns(memory, table.length, room.trees);
  const reader = new EntryReader(kernel, ids, table, lists);
  const sweep = new KernelSweep(kernel, { kind: READ_TREES, lists: columns.lists });
  const malformed: number[] = [];
  let told = 0;
  for (const from of packs) {
    sweep.begin(from, TREE);
    for (let order = GO_ON; ;) {
      const event = sweep.next(order);
      if (event === SWEPT) break;
      order = GO_ON;
      if (event === NAMES) reader.growNames();
      if (event === NAMES) order = AGAIN;
      // No room for it: whoever reads the rest reads this one too.
      if (event === FULL) order = reader.makeRoomFor(sweep.neededRoom) ? AGAIN : SETTLED;
      if (event === MALFORMED) malformed.push(from.rows[sweep.object.entry] ?? 0);
      yield sweep.trees - told;
      told = sweep.trees;
    }
  }
  columns.count = sweep.trees;
  reader.flush();
  yield columns.count - told;
  return { place: placeOf(reader, columns), absent: reader.absent.columns.ids, names: reader.names.parts, malformed };
}

function placeOf({ targets, entries, steps }: EntryReader, columns: TreeColumns): TreesPlace {
  const listed = ({ address, length }: NumbersPlace): NumbersPlace => ({ address, length });
  const { order, bases, firstStep, stepEnd, edgeEnds } = columns;
  return {
    targets: listed(targets),
    entries: listed(entries),
    steps: listed(steps),
    order,
    bases,
    firstStep,
    stepEnd,
    edgeEnds,
  };
}

/** What a sweep has read, where it lies. */
export function treeDeltas(table: ObjectTable, memory: KernelMemory, { place, absent, names }: SweptTrees): TreeDeltas {
  const parts = {
    targets: numbersAt(memory, place.targets),
    entries: numbersAt(memory, place.entries),
    steps: numbersAt(memory, place.steps),
    order: numbersAt(memory, place.order),
    bases: numbersAt(memory, place.bases),
    firstStep: numbersAt(memory, place.firstStep),
    stepEnd: numbersAt(memory, place.stepEnd),
    absent,
  };
  return new TreeDeltas(table, ByteSet.of(names), parts);
}

/** Trees that were not read: they are in no such pack, or could not be built. Positions, ascending. */
export function unreadTrees({ table, order }: TreeDeltas): Uint32Array {
  // None is read twice.
  if (table.countOfType(TREE_CODE) === order.length) return new Uint32Array(0);
  const isRead = new Uint8Array(table.length);
  for (let i = 0; i < order.length; i++) isRead[order.at(i)] = 1;
  return table.ofType(TREE_CODE).filter((position) => isRead[position] === 0);
}
