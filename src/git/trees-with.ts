/** Has the kernel find the trees that lead to something (`wasm/hit-trees.ts`) among those that it has read. */
import { pause } from '../core/pause.ts';
import { KernelError } from '../errors/kernel.ts';
import { type Kernel, type KernelMemory, createKernel } from '../kernel/instance.ts';
import { numbersAt } from '../kernel/kernel-numbers.ts';
import type { HitTreesPlace } from './commit-loops.ts';
import type { ObjectTable } from './object-table.ts';
import { TREE } from './object/type.ts';
import type { TreesPlace } from './tree-sweep.ts';

/** Trees in a kernel's memory. */
export interface KernelTrees {
  readonly memory: KernelMemory;
  readonly place: TreesPlace;
  readonly table: ObjectTable;
  /** How many names entries have. */
  readonly names: number;
}

/** Hits: blobs by their position, −1 for one that is in no table, and names by their number. */
export interface Sought {
  readonly blobs: readonly { readonly position: number; readonly hit: number }[];
  readonly names: ReadonlyMap<number, number>;
}

/** Trees that lead to a hit, as `HitTrees`. */
export interface FoundTrees {
  readonly count: number;
  readonly numbers: Int32Array;
  readonly starts: Int32Array;
  readonly keys: Float64Array;
  readonly targets: Int32Array;
  readonly place: HitTreesPlace;
}

// Words of the job, see `wasm/hit-trees.ts`.
const MARKS = 11;
const FIRSTS = 16;
const COUNT = 19;
const LISTED = 20;
const LEAD_COUNT = 21;
const LONGEST = 22;
const HALVES = 23;
const JOB_WORDS = 25;

/** Entries that lead to hits, at most. What is not touched costs nothing. */
const MOST_LISTED = 1 << 24;
/** After so many passes trees are nested deeper than people nest folders. */
const MOST_PASSES = 16;
/** Trees of a call: the first call of all is slow. */
const PIECE = 4096;
const PIECES_A_TURN = 16;

/** Finds all of them. Null if there is no room for that, or trees are nested too deep. */
export async function treesWith(trees: KernelTrees, hits: Sought): Promise<FoundTrees | null> {
  try {
    return await findTrees(createKernel(trees.memory), trees, hits);
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

async function findTrees(kernel: Kernel, trees: KernelTrees, hits: Sought): Promise<FoundTrees | null> {
  const { memory, run } = kernel;
  const { length: objects } = trees.table;
  const count = trees.place.order.length;
  const job = memory.reserve(4 * JOB_WORDS);
  const words = memory.words(job, JOB_WORDS);
  const numbers = emptyRoom(memory, 4 * objects);
  const marks = emptyRoom(memory, objects);
  words.set([...listsIn(trees), numbers, namesIn(trees, hits), marks, ...roomIn(trees), TREE]);
  setBlobs(trees, hits, numbers, words[MARKS] ?? 0);
  run.setHitJob(job);
  if (!(await spread(count, (...piece) => run.spreadMarks(...piece)))) return null;
  for await (const [first, end] of inTurn(piecesOf(count))) if (run.listMarked(first, end) === 0) return null;
  if (!(await spread(count, (...piece) => run.spreadHolds(...piece)))) return null;
  for await (const [first, end] of inTurn(piecesOf(objects))) run.numberHolding(first, end);
  const found = words[COUNT] ?? 0;
  const leads = 2 * (words[LISTED] ?? 0);
  const [firsts, keys, targets] = [emptyRoom(memory, 4 * found + 4), memory.room(8 * leads), memory.room(4 * leads)];
  words.set([firsts, keys, targets], FIRSTS);
  const longest = words[LONGEST] ?? 0;
  words.set([memory.room(8 * longest), memory.room(4 * longest)], HALVES);
  for await (const [first, end] of inTurn(piecesOf(objects))) run.packHolding(first, end);
  const byPosition = memory.words(numbers, objects);
  for (const { position } of hits.blobs) if (position >= 0) byPosition[position] = 0;
  const length = words[LEAD_COUNT] ?? 0;
  return {
    count: found,
    numbers: numbersAt(memory, { address: numbers, length: objects }),
    starts: numbersAt(memory, { address: firsts, length: found + 1 }),
    keys: new Float64Array(memory.memory.buffer, keys, length),
    targets: numbersAt(memory, { address: targets, length }),
    place: { starts: firsts, keys, targets },
  };
}

type Piece = readonly [first: number, end: number];

function piecesOf(count: number): Piece[] {
  return Array.from({ length: Math.ceil(count / PIECE) }, (_, i) => [i * PIECE, Math.min(count, (i + 1) * PIECE)]);
}

/** All of them, with a pause after some. */
async function* inTurn(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  for (const [i, piece] of pieces.entries()) {
    if (i % PIECES_A_TURN === 0) await pause();
    yield piece;
  }
}

/** Passes over all trees, backwards and forwards in turn, until one finds nothing. @returns false if that takes too many */
async function spread(
  count: number,
  run: (first: number, end: number, isBackward: number) => number,
): Promise<boolean> {
  const all = piecesOf(count);
  const back = all.toReversed();
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const isBackward = pass % 2 === 0;
    let found = 0;
    for await (const [first, end] of inTurn(isBackward ? back : all)) found |= run(first, end, Number(isBackward));
    if (found === 0) return true;
  }
  return false;
}

/** The first words of the job. */
function listsIn({ memory, place, table }: KernelTrees): number[] {
  const { order, bases, firstStep, stepEnd, steps, targets, entries, edgeEnds } = place;
  const lists = [order, edgeEnds, bases, firstStep, stepEnd, steps, targets, entries];
  return [...lists.map(({ address }) => address), typesIn(memory, table)];
}

function typesIn(memory: KernelMemory, table: ObjectTable): number {
  if (table.typesAddress !== null) return table.typesAddress;
  const at = memory.room(table.length);
  memory.bytes.set(table.columns.types, at);
  return at;
}

/** Marks blobs that are hits, and puts these where trees that hold some will be numbered: as negative numbers. */
function setBlobs({ memory, table }: KernelTrees, { blobs }: Sought, numbers: number, marks: number): void {
  const byPosition = memory.words(numbers, table.length);
  for (const { hit, position } of blobs) {
    if (position < 0) continue;
    byPosition[position] = ~hit;
    memory.bytes[marks + position] = 1;
  }
}

/** Address of hits by name, 0 if there is none. */
function namesIn({ memory, names }: KernelTrees, hits: Sought): number {
  if (hits.names.size === 0) return 0;
  const at = memory.reserve(4 * names);
  const byName = memory.words(at, names);
  for (const [name, hit] of hits.names) byName[name] = hit + 1;
  return at;
}

/** Room for lists of entries: where each tree's begins, the lists, and how many words these may have. */
function roomIn({ memory, table }: KernelTrees): number[] {
  const starts = memory.room(4 * table.length);
  const most = Math.min(MOST_LISTED, Math.floor(memory.left / 32));
  return [starts, memory.room(8 * most), most];
}

/** Room that holds zeros. */
function emptyRoom(memory: KernelMemory, size: number): number {
  const at = memory.room(size);
  memory.bytes.fill(0, at, at + size);
  return at;
}
