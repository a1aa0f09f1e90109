import type { Kernel } from '../../kernel/instance.ts';
import { type LoadedReaches, loadColumns } from '../../kernel/tree-job.ts';

import type { DeltaForest } from './delta-tree.ts';
import { type MeantRows, flagEntries } from './entry-flags.ts';
import type { StoredPack } from './object-store.ts';
import { isReadByParts } from './pack-bytes.ts';
import { PackStage, type StagedPack, stageBytes } from './stage.ts';

/** A pack whose columns are in the kernel's memory. Plain data, on shared memory: can be posted to another thread. */
export interface WalkedPack {
  /** Of the pack's first byte, if that is there too; 0 if it is read by parts. */
  readonly address: number;
  /** The open file it is read from then. */
  readonly fd: number | null;
  readonly entriesEnd: number;
  readonly forest: Omit<DeltaForest, 'faults' | 'positions' | 'entries'>;
  /** By entry: its row, or `NOT_TAKEN`. */
  readonly rows: Uint32Array;
  /** Where these lie in the kernel's memory; null if they do not. */
  readonly rowsAddress: number | null;
}

/** The packs of a store that the kernel can walk. */
export function walkedPacks({ packs }: { readonly packs: readonly StoredPack[] }): WalkedPack[] {
  return packs.flatMap(({ pack, forest, rows, rowsAddress }) => {
    const { address, fd } = pack.bytes;
    const { faults: _, positions: __, entries: ___, ...columns } = forest;
    const { entriesEnd } = pack;
    if (address === null && !isReadByParts(pack.bytes)) return [];
    return [{ address: address ?? 0, fd, entriesEnd, forest: columns, rows, rowsAddress }];
  });
}

/** What becomes of objects: commits and trees are read by the kernel, as far as they are of the ordinary form. */
export const SHOW_ALL = 0;
export const READ_COMMITS = 1;
export const READ_TREES = 2;

/** Why the kernel has stopped; `wasm/objects.ts` says what is to be done. */
export const SWEPT = 0;
export const FULL = 1;
export const OTHER = 2;
export const NAMES = 3;
export const MALFORMED = 4;
export const TURN = 5;

/** What it is told then. */
export const GO_ON = 0;
export const AGAIN = 1;
export const SETTLED = 2;

/** For objects being built, if not said otherwise. */
const ARENA_BYTES = 64 << 20;
/** For where the entries of trees start that have children still to come: numbers of four bytes. */
const LIST_BYTES = 16 << 20;
const FRAMES_BYTES = 1024 * 48;
/** For what is found in decoded texts. */
const HITS = 1 << 15;
/** Of the job: those that every walk has, those it writes, and a sweep's own. */
const OWN_WORD = 64;
const JOB_WORDS = OWN_WORD + 20;
const ROOM_WORD = 6;
const FAILURES_WORD = 20;
const REACH_WORD = 24;
const PACK_WORD = 30;
/** Where entries of a pack that is read by parts lie. */
const STAGED_WORD = 50;
const OBJECT_WORD = 32 + 4;
// Of the sweep's own.
const FIRST_LIST = 4;
const RECORDS_WRITTEN = 16;
const TREES = 17;
const NEEDED_ROOM = 18;

/** Where a sweep writes: addresses, in the order in which `wasm/objects.ts` lists them. */
export type SweepLists = readonly number[];

/** Kernel memory that a sweep uses besides what it writes, its tables included. */
export function sweepBytes(arena = ARENA_BYTES): number {
  return arena + LIST_BYTES + FRAMES_BYTES + HITS * 8 + (1 << 18);
}

/** What it takes besides for packs, at most; what it does not touch costs nothing. Room for entries is used for one after the other. */
export function sweptPacksBytes(packs: readonly WalkedPack[]): number {
  let buffer = 0;
  let columns = 0;
  for (const { fd, entriesEnd, forest } of packs) {
    const { count, places } = forest;
    columns += (places === null ? 32 : 1) * count + 1024;
    if (fd === null) continue;
    columns += 4 * count + stageBytes(count, 0);
    buffer = Math.max(buffer, bufferFor(entriesEnd, MOST_BUFFER));
  }
  return columns + buffer;
}

/** Bytes of a pack that are read at a time, and parts that it is read in at least; but a tree is read as a whole. */
const PART_BYTES = 4 << 20;
const PARTS = 8;
/** Room for what is read with them for nothing. */
const BUFFER_SLACK = 4 << 20;
const BUFFER_STEP = 1 << 20;
/** Larger trees are left to others. */
const MOST_BUFFER = 1 << 28;

/** Of few sizes, so that it serves another pack too. */
function bufferFor(needed: number, left: number): number {
  const size = Math.ceil((needed + BUFFER_SLACK) / BUFFER_STEP) * BUFFER_STEP;
  return Math.min(size, MOST_BUFFER, left);
}

export interface SweepOptions {
  readonly kind: number;
  readonly lists?: SweepLists;
  /** Of what is searched for in commits. */
  readonly reaches?: LoadedReaches | null;
  /** Bytes for objects being built. */
  readonly arena?: number;
}

/**
 * Has the kernel build all objects of a type that lie in packs. What it cannot build it
 * passes over: who reads the rest reads it too.
 */
export class KernelSweep {
  readonly #kernel: Kernel;
  readonly #kind: number;
  readonly #at: number;
  readonly #job: Uint32Array;
  #stage: PackStage | null = null;
  /** Where roots that were not read for yet begin, and where entries end. */
  #from = 0;
  #end = 0;
  #partBytes = 0;

  /** @throws KernelError `KERNEL_MEMORY` */
  constructor(kernel: Kernel, { kind, lists = [], reaches = null, arena = ARENA_BYTES }: SweepOptions) {
    const { memory } = kernel;
    this.#kernel = kernel;
    this.#kind = kind;
    const span = (bytes: number): readonly [number, number] => {
      const start = memory.reserve(bytes);
      return [start, start + bytes];
    };
    const objects = memory.room(arena);
    const room = [objects, objects + arena, ...span(kind === READ_TREES ? LIST_BYTES : 0), ...span(FRAMES_BYTES)];
    this.#at = memory.reserve(JOB_WORDS * 4);
    this.#job = memory.words(this.#at, JOB_WORDS);
    this.#job.set(room, ROOM_WORD);
    // Of failures nothing is written, but room for one is asked for.
    this.#job.set([this.#at, this.#at + 8], FAILURES_WORD);
    if (reaches !== null) {
      const { traits, byteClasses, separator } = reaches;
      this.#job.set([traits, byteClasses, separator, memory.reserve(HITS * 8), HITS], REACH_WORD);
    }
    this.#job.set(lists, OWN_WORD + FIRST_LIST);
  }

  /**
   * Begins with a pack, and goes on with `next`.
   *
   * @param type - as packs number them
   * @param meant - only these; null for all
   * @throws KernelError `KERNEL_MEMORY`
   */
  begin(pack: WalkedPack, type: number, meant: MeantRows | null = null): void {
    const { memory, run } = this.#kernel;
    const { forest, address, fd, entriesEnd, rows, rowsAddress } = pack;
    const flags = flagEntries(this.#kernel, pack, type, meant);
    const { offsets, sizes, firstChild, children, headerSizes } = loadColumns(memory, forest);
    const bases = forest.places?.bases ?? this.#copy(forest.bases);
    const { count } = forest;
    const staged = fd === null ? 0 : memory.reserve(4 * count);
    this.#job.set([offsets, sizes, firstChild, children, flags.address, headerSizes]);
    this.#job.set([address, address + entriesEnd], PACK_WORD);
    this.#job[STAGED_WORD] = staged;
    this.#job.set([this.#kind, count, bases, rowsAddress ?? this.#copy(rows)], OWN_WORD);
    run.beginSweep(this.#at);
    if (fd === null) return;
    const columns = { count, offsets, firstChild, children, bases, flags: flags.address };
    this.#stage = this.#stageOf({ fd, entriesEnd, staged, ...columns });
    this.#from = 0;
    this.#end = count;
    this.#partBytes = Math.min(PART_BYTES, Math.ceil(entriesEnd / PARTS));
    run.sweepAmong(0, 0);
  }

  #stageOf(pack: StagedPack): PackStage {
    const kernel = this.#kernel;
    const needed = kernel.run.countStored(pack.offsets, pack.flags, pack.count, pack.entriesEnd) >>> 0;
    const left = kernel.memory.left - stageBytes(pack.count, 0);
    const stage = new PackStage(kernel, pack.count, bufferFor(needed, Math.max(0, left)));
    stage.use(pack);
    return stage;
  }

  /** Reads what the next trees are built from. @returns false if there are none */
  #readOn(): boolean {
    if (this.#stage === null || this.#from === this.#end) return false;
    const first = this.#from;
    this.#from = this.#stage.markFrom(first, this.#partBytes);
    this.#stage.read();
    this.#kernel.run.sweepAmong(first, this.#from);
    return true;
  }

  #copy(numbers: Int32Array | Uint32Array): number {
    const { memory } = this.#kernel;
    const at = memory.reserve(numbers.length * 4);
    memory.words(at, numbers.length).set(numbers);
    return at;
  }

  /** @param order - what is to become of the object at hand @returns why it stopped; `SWEPT` at the end */
  next(order: number): number {
    const event = this.#kernel.run.sweepOn(order);
    if (event !== SWEPT) return event;
    if (this.#readOn()) return TURN;
    this.#stage?.end();
    this.#stage = null;
    return SWEPT;
  }

  /** The object at hand: its entry, and where it lies. */
  get object(): { readonly entry: number; readonly at: number; readonly size: number } {
    const [entry = 0, at = 0, size = 0] = this.#job.subarray(OBJECT_WORD, OBJECT_WORD + 3);
    return { entry, at, size };
  }

  /** Address behind the last record. */
  get recordsEnd(): number {
    return this.#job[OWN_WORD + RECORDS_WRITTEN] ?? 0;
  }

  /** Trees so far, of all packs. */
  get trees(): number {
    return this.#job[OWN_WORD + TREES] ?? 0;
  }

  /** How many more entries there must be room for. */
  get neededRoom(): number {
    return this.#job[OWN_WORD + NEEDED_ROOM] ?? 0;
  }
}
