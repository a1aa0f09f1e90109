/** Has the kernel build a pack's forest (`wasm/forest.ts`): git/git in 0.11 s, where `delta-tree.ts` takes 0.26. */
import { countBelow } from '../../bytes/count-below.ts';
import { KernelError } from '../../errors/kernel.ts';
import { INPUT_SLACK, type Kernel, type KernelMemory, bareKernel } from '../../kernel/instance.ts';

import type { DeltaForest } from './delta-tree.ts';
import { isReadByParts, readFully } from './pack-bytes.ts';
import type { Pack } from './pack.ts';

const PACK_WORD = 1;
const PART_SHIFT = 21;
const JOB_WORDS = 23;
const RADIX = 2 ** 11;
/** Digits of 11 bits in 32 bits. An odd number: pairs end in the other list. */
const TURNS = 3;
/** Entries of a call: the first call of all is slow. */
const PIECE = 1 << 14;
/** Part of what is left of the kernel's memory that a forest may take. */
const SHARE = 1 / 8;

/** Where columns lie: those of a `DeltaForest`, and two lists of pairs of words. */
interface Places {
  readonly offsets: number;
  readonly positions: number;
  readonly entries: number;
  readonly headerSizes: number;
  readonly sizes: number;
  readonly types: number;
  readonly children: number;
  readonly pairs: number;
  readonly otherPairs: number;
  readonly digits: number;
  readonly fanOut: number;
  readonly job: number;
}

/** Bytes of a pack in a file that are read at a time for its entries' headers. */
const CHUNK = 1 << 20;

/**
 * The forest of a pack that the kernel can look at, with its index, and in which every entry is as git writes it.
 *
 * @returns null for any other pack, and where there is no room: `buildForest` says what is the matter
 */
export function forestInKernel(pack: Pack, memory: KernelMemory): DeltaForest | null {
  const { index, bytes } = pack;
  if (bytes.address === null && !isReadByParts(bytes)) return null;
  if (index.address === null || !(index.offsets instanceof Uint32Array)) return null;
  if (index.count === 0 || bytesOf(index.count) > memory.left * SHARE) return null;
  try {
    const places = reservePlaces(memory, index.count);
    memory.words(places.offsets, index.count).set(index.offsets);
    memory.words(places.fanOut, 256).set(index.fanOut);
    const kernel = bareKernel(memory);
    setJob(kernel, pack, places, bytes.address ?? 0, index.address);
    return buildIn(kernel, pack, places);
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

/** Of the columns: five of a word an entry, four for the pairs, two of a byte; and some to align them. */
function bytesOf(count: number): number {
  return (5 + 4) * 4 * (count + 2) + 2 * count + 4 * RADIX + 4096;
}

function reservePlaces(memory: KernelMemory, count: number): Places {
  const column = (words: number): number => memory.reserve(4 * words);
  return {
    offsets: column(count + 1),
    positions: column(count),
    entries: column(count),
    headerSizes: memory.reserve(count),
    sizes: column(count),
    types: memory.reserve(count),
    children: column(count),
    pairs: column(2 * count + 2),
    otherPairs: column(2 * count),
    digits: column(RADIX),
    fanOut: column(256),
    job: column(JOB_WORDS),
  };
}

/**
 * Once they are sorted, pairs are not needed: their places are those of what comes later. Nor are parts, once headers are read:
 * theirs is that of the first children.
 */
function laterPlaces(
  { pairs, otherPairs }: Places,
  count: number,
): Record<'parts' | 'firstChild' | 'spare' | 'bases' | 'order', number> {
  const spare = pairs + 4 * (count + 1);
  return { parts: pairs, firstChild: pairs, spare, bases: otherPairs, order: otherPairs + 4 * count };
}

/** Fills in the job, whose words are listed in `wasm/forest.ts`. */
function setJob({ memory, run }: Kernel, pack: Pack, places: Places, packAt: number, idsAt: number): void {
  const { count, idSize } = pack.index;
  const { parts, firstChild, spare, bases, order } = laterPlaces(places, count);
  const { pairs, otherPairs, digits, fanOut, positions, entries, headerSizes, sizes, types, children } = places;
  const input = [count, packAt, pack.bytes.length, pack.entriesEnd, idSize, idsAt, fanOut, pairs, otherPairs, digits];
  const columns = [places.offsets, positions, entries, headerSizes, sizes, types, bases, firstChild, children, order];
  memory.words(places.job, JOB_WORDS).set([...input, ...columns, parts, 0, spare]);
  run.setForestJob(places.job);
}

function buildIn({ memory, run }: Kernel, pack: Pack, places: Places): DeltaForest | null {
  const { count } = pack.index;
  const all = pieces(count);
  for (const piece of all) run.makePairs(...piece);
  for (let turn = 0; turn < TURNS; turn++) run.sortPairs(turn);
  if (!all.every((piece) => run.placeEntries(...piece) !== 0)) return null;
  const offsets = memory.words(places.offsets, count + 1);
  const last = offsets[count - 1] ?? 0;
  offsets[count] = Math.max(pack.entriesEnd, last);
  memory.words(places.job, JOB_WORDS)[PART_SHIFT] = Math.max(0, Math.ceil(Math.log2((last + 1) / count)));
  run.divide();
  if (!readHeaders({ memory, run }, pack, places, offsets)) return null;
  const later = laterPlaces(places, count);
  memory.words(later.firstChild, count + 1).fill(0);
  for (const piece of all) run.countChildren(...piece);
  const childCount = run.startChildren();
  for (const piece of all) run.linkChildren(...piece);
  const reached = spreadTypes(run, later.order, false);
  spreadTypes(run, later.spare, true);
  run.startWeights();
  for (const piece of pieces(reached).toReversed()) run.putHeaviestLast(...piece);
  memory.giveBack({ memory: memory.memory, start: later.spare, end: later.spare + 4 * (count + 1) });
  return {
    count,
    offsets,
    positions: memory.words(places.positions, count),
    entries: memory.words(places.entries, count),
    types: memory.bytes.subarray(places.types, places.types + count),
    headerSizes: memory.bytes.subarray(places.headerSizes, places.headerSizes + count),
    sizes: memory.words(places.sizes, count),
    bases: new Int32Array(memory.memory.buffer, later.bases, count),
    firstChild: memory.words(later.firstChild, count + 1),
    children: memory.words(places.children, childCount),
    order: memory.words(later.order, reached),
    faults: new Map(),
    places: { ...places, firstChild: later.firstChild, bases: later.bases, order: later.order },
  };
}

/** @returns false if one is odd, or cannot be read */
function readHeaders({ memory, run }: Kernel, { bytes, index }: Pack, places: Places, offsets: Uint32Array): boolean {
  const { fd, length } = bytes;
  if (fd === null) return pieces(index.count).every((piece) => run.readHeaders(...piece) !== 0);
  const buffer = memory.room(CHUNK + INPUT_SLACK);
  try {
    const job = memory.words(places.job, JOB_WORDS);
    let first = 0;
    // A header that begins in a chunk is whole in what is read for it.
    for (let at = 0; at < length && first < index.count; at += CHUNK) {
      const size = Math.min(CHUNK + INPUT_SLACK, length - at);
      if (readFully(fd, memory.bytes, buffer, size, at) !== size) return false;
      job[PACK_WORD] = buffer - at;
      const end = countBelow(offsets, at + CHUNK, index.count);
      if (run.readHeaders(first, end) === 0) return false;
      first = end;
    }
    return first === index.count;
  } finally {
    memory.giveBack({ memory: memory.memory, start: buffer, end: buffer + CHUNK + INPUT_SLACK });
  }
}

/** Walks from roots outwards. @returns how many entries are on the list then */
function spreadTypes(run: Kernel['run'], list: number, isThin: boolean): number {
  let filled = run.listRoots(Number(isThin), list);
  for (let first = 0; first < filled;) {
    const end = Math.min(filled, first + PIECE);
    filled = run.spreadTypes(list, first, end, filled);
    first = end;
  }
  return filled;
}

function pieces(count: number): (readonly [first: number, end: number])[] {
  return Array.from({ length: Math.ceil(count / PIECE) }, (_, i) => [i * PIECE, Math.min(count, (i + 1) * PIECE)]);
}
