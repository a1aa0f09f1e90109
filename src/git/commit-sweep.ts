/** Reads all commits, or tags, of packs that the kernel can walk. */
import { KernelError } from '../errors/kernel.ts';
import { type Kernel, type KernelMemory, createKernel } from '../kernel/instance.ts';
import type { LoadedReaches } from '../kernel/tree-job.ts';
import { type CommitPlace, CommitReader, type IdPlace } from './entry-reader.ts';
import type { ObjectTable } from './object-table.ts';
import { COMMIT as COMMIT_CODE, TAG as TAG_CODE } from './object/type.ts';
import { COMMIT, TAG } from './pack/entry.ts';
import {
  AGAIN,
  FULL,
  GO_ON,
  KernelSweep,
  OTHER,
  READ_COMMITS,
  SETTLED,
  SHOW_ALL,
  SWEPT,
  type SweepLists,
  walkedPacks,
} from './pack/kernel-sweep.ts';
import type { ObjectStore } from './pack/object-store.ts';

/** A commit or a tag that was read. One object for a whole sweep. */
export interface SweptText {
  position: number;
  /** Valid during the call. */
  bytes: Uint8Array;
  /** Its message is made of its own lines, as they are: there is no zero byte in it, and it names no encoding. */
  isPlain: boolean;
}

/** A commit that must be looked at as a whole. */
export interface SweptCommit extends SweptText {
  /** Null if it is of another form than the ordinary one, or names an object that is not there: `parseCommitLinks` then tells more. */
  place: CommitPlace | null;
}

/** A commit of the ordinary form. One object for a whole sweep. */
export interface ReadCommit {
  position: number;
  /** Bytes of the commit. */
  size: number;
  place: CommitPlace;
  /** Its `messageText`, if something may come of it; valid during the call. */
  text: Uint8Array | null;
}

/** Who is told of commits. */
export interface CommitVisitor {
  read(commit: ReadCommit): void;
  other(commit: SweptCommit): void;
}

/** Has a kernel know what is searched for; null if there is no way to tell texts of which nothing comes. */
export type Equip = (kernel: Kernel) => LoadedReaches | null;

/** Room for tags being built: larger ones are read in another way. */
const TAG_ARENA = 16 << 20;
/** Between two looks at the clock. */
const RECORD_BYTES = 64 << 10;
const TEXT_BYTES = 256 << 10;
const HITS = 1 << 15;
/** Read from behind the last record, and written behind the last text, at most. */
const SLACK = 64;

// Of a record, see `wasm/objects.ts`.
const RECORD_HEAD = 36;
const RECORD_WORDS = 9;

/**
 * Shows all commits of a store that lie in packs that the kernel can walk.
 *
 * @param ids - the store's
 * @param table - of the store's rows
 * @returns after yielding, now and then, how many were shown since: positions of the others, ascending
 * @throws KernelError `KERNEL_UNAVAILABLE`
 */
export function* sweepCommits(
  store: ObjectStore,
  ids: IdPlace,
  { memory, equip }: { readonly memory: KernelMemory; readonly equip: Equip },
  table: ObjectTable,
  visitor: CommitVisitor,
): Generator<number, Uint32Array, undefined> {
  const made = withRoom(() => {
    const kernel = createKernel(memory);
    const reader = new CommitReader(kernel, ids);
    const records = new CommitRecords(memory, visitor);
    const reaches = equip(kernel);
    const lists = records.lists(reaches?.separator ?? 0);
    const sweep = new KernelSweep(kernel, { kind: reaches === null ? SHOW_ALL : READ_COMMITS, lists, reaches });
    return { kernel, reader, records, sweep };
  });
  if (made === null) return table.ofType(COMMIT_CODE);
  const { kernel, reader, records, sweep } = made;
  const place: CommitPlace = { tree: -1, parents: [], seconds: 0 };
  const swept: SweptCommit = { position: 0, bytes: new Uint8Array(0), place, isPlain: false };
  return yield* sweepTexts(
    store,
    sweep,
    table,
    { pack: COMMIT, table: COMMIT_CODE },
    (position, at, size) => {
      swept.position = position;
      swept.bytes = memory.bytes.subarray(at, at + size);
      swept.place = reader.readPlace(at, size, place) ? place : null;
      swept.isPlain = reader.isPlain(at, size);
      visitor.other(swept);
    },
    (isRead) => {
      const read = records.read(sweep.recordsEnd, isRead);
      kernel.run.emptyRecords();
      return read;
    },
  );
}

/** What the kernel writes of commits. */
class CommitRecords {
  readonly #memory: KernelMemory;
  readonly #visitor: CommitVisitor;
  readonly #start: number;
  readonly #texts: number;
  readonly #hits: number;
  readonly #commit: ReadCommit = {
    position: 0,
    size: 0,
    place: { tree: -1, parents: [], seconds: 0 },
    text: null,
  };

  constructor(memory: KernelMemory, visitor: CommitVisitor) {
    this.#memory = memory;
    this.#visitor = visitor;
    this.#start = memory.reserve(RECORD_BYTES + SLACK);
    this.#texts = memory.reserve(TEXT_BYTES + SLACK);
    this.#hits = memory.reserve(HITS * 8);
  }

  lists(separator: number): SweepLists {
    const records = [this.#start, this.#start + RECORD_BYTES];
    return [...records, this.#texts, this.#texts + TEXT_BYTES, this.#hits, HITS, separator];
  }

  /** @param isRead - by position: those that were read are marked @returns how many were read */
  read(end: number, isRead: Uint8Array): number {
    const { bytes, memory } = this.#memory;
    const words = new Uint32Array(memory.buffer, this.#start, RECORD_BYTES / 4);
    const times = new Float64Array(memory.buffer, this.#start, RECORD_BYTES / 8);
    const commit = this.#commit;
    const { place } = commit;
    let count = 0;
    for (let at = 0; 4 * at < end - this.#start;) {
      const parents = words[at + 1] ?? 0;
      const text = words[at + 3] ?? 0;
      const length = words[at + 4] ?? 0;
      commit.position = words[at] ?? 0;
      commit.size = words[at + 2] ?? 0;
      commit.text = length === 0 ? null : bytes.subarray(text, text + length);
      place.seconds = times[at / 2 + 3] ?? 0;
      place.tree = words[at + 8] ?? 0;
      // Most have one, as the one before.
      if (place.parents.length !== parents) place.parents.length = parents;
      for (let i = 0; i < parents; i++) place.parents[i] = words[at + RECORD_WORDS + i] ?? 0;
      isRead[commit.position] = 1;
      count++;
      this.#visitor.read(commit);
      at += 2 * Math.ceil((RECORD_HEAD / 4 + parents) / 2);
    }
    return count;
  }
}

/**
 * The same with tags.
 *
 * @throws as `sweepCommits`
 */
export function* sweepTags(
  store: ObjectStore,
  memory: KernelMemory,
  table: ObjectTable,
  visit: (tag: SweptText) => void,
): Generator<number, Uint32Array, undefined> {
  const made = withRoom(() => {
    const kernel = createKernel(memory);
    return { kernel, sweep: new KernelSweep(kernel, { kind: SHOW_ALL, arena: TAG_ARENA }) };
  });
  if (made === null) return table.ofType(TAG_CODE);
  const { kernel, sweep } = made;
  const swept: SweptText = { position: 0, bytes: new Uint8Array(0), isPlain: false };
  return yield* sweepTexts(
    store,
    sweep,
    table,
    { pack: TAG, table: TAG_CODE },
    (position, at, size) => {
      swept.position = position;
      swept.bytes = memory.bytes.subarray(at, at + size);
      swept.isPlain = kernel.run.isPlainMessage(at, size) === 1;
      visit(swept);
    },
    () => 0,
  );
}

/** @returns null where the kernel's memory does not suffice */
function withRoom<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof KernelError && error.code === 'KERNEL_MEMORY') return null;
    throw error;
  }
}

/** Objects of the caller's between two looks at the clock. */
const TURN = 256;

/**
 * @param type - as packs and tables number it
 * @param visit - told where the bytes lie while the call lasts
 * @param drain - takes over what the kernel has written before; how many objects that were
 */
function* sweepTexts(
  store: ObjectStore,
  sweep: KernelSweep,
  table: ObjectTable,
  type: { readonly pack: number; readonly table: number },
  visit: (position: number, at: number, size: number) => void,
  drain: (isRead: Uint8Array) => number,
): Generator<number, Uint32Array, undefined> {
  const isRead = new Uint8Array(table.length);
  let read = 0;
  let shown = 0;
  for (const from of walkedPacks(store)) {
    // What is in the others is left.
    if (withRoom(() => sweep.begin(from, type.pack)) === null) break;
    for (let order = GO_ON; ;) {
      const event = sweep.next(order);
      // In the order in which they were met.
      read += drain(isRead);
      if (event === SWEPT) break;
      order = event === FULL ? AGAIN : event === OTHER ? SETTLED : GO_ON;
      if (event === OTHER) {
        const { entry, at, size } = sweep.object;
        const position = from.rows[entry] ?? 0;
        isRead[position] = 1;
        read++;
        visit(position, at, size);
      }
      if (event === OTHER && read - shown < TURN) continue;
      yield read - shown;
      shown = read;
    }
    yield read - shown;
    shown = read;
  }
  if (read === table.countOfType(type.table)) return new Uint32Array(0);
  return table.ofType(type.table).filter((position) => isRead[position] === 0);
}
