/** Has the kernel read trees (`wasm/entries.ts`) and takes over what it writes. */
import { ByteSet } from '../bytes/byte-set.ts';
import type { Kernel, KernelMemory } from '../kernel/instance.ts';
import { KernelError } from '../errors/kernel.ts';
import { KernelNumbers, numbersAt } from '../kernel/kernel-numbers.ts';
import { ObjectTable } from './object-table.ts';

// Words of its job.
const NAME_WORDS = 4;
const NAME_COUNT = 11;
const TARGETS = 13;
const STEPS = 14;
const ABSENT = 15;
const EDGE_COUNT = 16;
const STEP_COUNT = 17;
const ABSENT_COUNT = 18;
const FIRST_EDGE = 19;
const EDGE_IDS = 21;
const ENTRIES = 22;
const EDGE_ROOM = 23;
const STEP_ROOM = 24;
const FIRST_STEP = 25;
const JOB_WORDS = 26;

const GLANCE_ROOM = (1 << 16) + 64;
const FIRST_NAMES = 1 << 14;
const FIRST_NAME_BYTES = 1 << 18;
/** Edges whose targets are looked up together. */
const FIRST_EDGES = 1 << 13;

/** Addresses of the tables that names are kept in, as `ByteSet` keeps them, and their sizes. */
interface NameTables {
  readonly cells: number;
  readonly mask: number;
  readonly hashes: number;
  readonly starts: number;
  readonly capacity: number;
  readonly bytes: number;
  readonly byteCapacity: number;
}

/** Ids to be found, in the kernel's memory, ascending. */
export interface IdPlace {
  readonly address: number;
  readonly count: number;
  readonly idBytes: number;
  /** By their first bits, the first one that has these or more; and which bits these are: all but so many of 32. */
  readonly buckets: number;
  readonly shift: number;
}

/** How many numbers there will be, about. */
export interface EntryRoom {
  readonly edges: number;
  readonly steps: number;
}

export class EntryReader {
  /** By edge and by step, see `TreeDeltas`. What is in hand is not counted yet. */
  readonly targets: KernelNumbers;
  readonly entries: KernelNumbers;
  readonly steps: KernelNumbers;
  /** Ids that entries name and that are not in the table. */
  readonly absent: ObjectTable;
  readonly #kernel: Kernel;
  readonly #table: ObjectTable;
  readonly #idBytes: number;
  readonly #job: Uint32Array;
  #names: NameTables;
  #absent = 0;
  #edgeIds = 0;
  #edgeRoom = 0;

  /** @throws KernelError `KERNEL_MEMORY` */
  constructor(kernel: Kernel, ids: IdPlace, table: ObjectTable, room: EntryRoom) {
    const { memory } = kernel;
    this.#kernel = kernel;
    this.#table = table;
    this.#idBytes = ids.idBytes;
    this.absent = new ObjectTable(table.idLength);
    const job = memory.reserve(JOB_WORDS * 4);
    this.#job = memory.words(job, JOB_WORDS);
    this.#job.set([ids.idBytes, ids.address, ids.buckets, ids.shift]);
    this.#job[NAME_COUNT + 1] = memory.reserve(GLANCE_ROOM);
    this.#names = nameTables(memory, FIRST_NAMES, FIRST_NAME_BYTES);
    this.#useNames();
    this.targets = new KernelNumbers(memory, room.edges);
    this.entries = new KernelNumbers(memory, room.edges);
    this.steps = new KernelNumbers(memory, room.steps);
    this.#growEdges(FIRST_EDGES);
    kernel.run.setEntryJob(job);
  }

  /** Names in the order in which they were met; only what is asked for when all is read. They stay in the kernel's memory. */
  get names(): ByteSet {
    const { cells, mask, hashes, starts, capacity, bytes } = this.#names;
    const { memory } = this.#kernel;
    const length = this.#job[NAME_COUNT] ?? 0;
    const ends = memory.words(starts, length + 1);
    const longStarts = new Float64Array(capacity + 1);
    longStarts.set(ends);
    return ByteSet.of({
      length,
      bytes: memory.bytes.subarray(bytes, bytes + (ends[length] ?? 0)),
      starts: longStarts,
      hashes: numbersAt(memory, { address: hashes, length: capacity }),
      cells: numbersAt(memory, { address: cells, length: mask + 1 }),
    });
  }

  /** Makes room for a tree of so many entries. A step takes one of them at least. @returns false if there is none */
  makeRoomFor(most: number): boolean {
    this.flush();
    try {
      if (most > this.#edgeRoom) this.#growEdges(2 * most);
      this.targets.makeRoomFor(most);
      this.entries.makeRoomFor(most);
      this.steps.makeRoomFor(2 * most);
    } catch (error) {
      if (error instanceof KernelError) return false;
      throw error;
    } finally {
      this.#useLists();
    }
    return true;
  }

  #count(word: number): number {
    return this.#job[word] ?? 0;
  }

  /** Looks up what is in hand, and counts it to the rest. */
  flush(): void {
    this.#kernel.run.findTargets();
    const first = this.targets.length;
    this.targets.length = this.entries.length = first + this.#count(EDGE_COUNT);
    this.steps.length += 2 * this.#count(STEP_COUNT);
    this.#findAbsent(first);
    this.#job.fill(0, EDGE_COUNT, ABSENT_COUNT + 1);
    this.#useLists();
  }

  /** Ids that are no row: objects that were listed otherwise, or are not here. */
  #findAbsent(first: number): void {
    const { memory } = this.#kernel;
    const targets = numbersAt(memory, this.targets);
    for (const edge of memory.words(this.#absent, this.#count(ABSENT_COUNT))) {
      const at = this.#edgeIds + edge * this.#idBytes;
      const id = memory.bytes.slice(at, at + this.#idBytes);
      const known = this.#table.find(id);
      targets[first + edge] = known >= 0 ? known : ~this.absent.add(id, 0) - 1;
    }
  }

  #growEdges(room: number): void {
    const { memory } = this.#kernel;
    this.#absent = memory.reserve(room * 4);
    this.#edgeIds = memory.reserve(room * this.#idBytes + 32);
    this.#edgeRoom = room;
    this.#useLists();
  }

  #useLists(): void {
    this.#job[TARGETS] = this.targets.end;
    this.#job[ENTRIES] = this.entries.end;
    this.#job[STEPS] = this.steps.end;
    this.#job[ABSENT] = this.#absent;
    this.#job[EDGE_IDS] = this.#edgeIds;
    this.#job[FIRST_EDGE] = this.targets.length;
    this.#job[FIRST_STEP] = this.steps.length;
    this.#job[EDGE_ROOM] = Math.min(this.#edgeRoom, this.targets.room, this.entries.room);
    this.#job[STEP_ROOM] = Math.floor(this.steps.room / 2);
  }

  #useNames(): void {
    const { cells, mask, hashes, starts, capacity, bytes, byteCapacity } = this.#names;
    this.#job.set([cells, mask, hashes, starts, capacity, bytes, byteCapacity], NAME_WORDS);
  }

  /** Twice the room for names; their numbers stay. @throws KernelError `KERNEL_MEMORY` */
  growNames(): void {
    const { memory } = this.#kernel;
    const old = this.#names;
    const count = this.#job[NAME_COUNT] ?? 0;
    this.#names = nameTables(memory, 2 * old.capacity, 2 * old.byteCapacity);
    const { cells, mask, hashes, starts, bytes } = this.#names;
    const own = memory.words(hashes, count);
    own.set(memory.words(old.hashes, count));
    memory.words(starts, count + 1).set(memory.words(old.starts, count + 1));
    memory.bytes.copyWithin(bytes, old.bytes, old.bytes + old.byteCapacity);
    const table = memory.words(cells, mask + 1);
    for (let number = 0; number < count; number++) {
      const hash = own[number] ?? 0;
      let cell = (hash ^ (hash >>> 15)) & mask;
      while (table[cell] !== 0) cell = (cell + 1) & mask;
      table[cell] = number + 1;
    }
    this.#useNames();
  }
}

/** Most parents that are read so; there are octopuses with more. */
const MOST_PARENTS = 60;
/** For one of these ids, or that of the tree, while they are looked up. */
const ID_ROOM = 32;
/** Bytes before the parents in what is written of a commit. */
const COMMIT_HEAD = 12;

/** Has the kernel read commits: their links, and whether their text is plain. */
export class CommitReader {
  readonly #kernel: Kernel;
  readonly #out: number;
  readonly #seconds: Float64Array;
  readonly #rows: Uint32Array;

  /** @throws KernelError `KERNEL_MEMORY` */
  constructor(kernel: Kernel, ids: IdPlace) {
    const { memory, run } = kernel;
    this.#kernel = kernel;
    const at = memory.reserve(JOB_WORDS * 4);
    const job = memory.words(at, JOB_WORDS);
    job.set([ids.idBytes, ids.address, ids.buckets, ids.shift]);
    job[NAME_COUNT + 1] = memory.reserve((1 + MOST_PARENTS) * ID_ROOM);
    run.setEntryJob(at);
    this.#out = memory.reserve(COMMIT_HEAD + 4 * MOST_PARENTS);
    this.#seconds = new Float64Array(memory.memory.buffer, this.#out, 1);
    this.#rows = memory.words(this.#out + COMMIT_HEAD - 4, 1 + MOST_PARENTS);
  }

  /** @returns false if it is of another form than the ordinary one, or names an object that is no row */
  readPlace(at: number, size: number, place: CommitPlace): boolean {
    const parents = this.#kernel.run.readCommit(at, size, this.#out, MOST_PARENTS);
    if (parents < 0) return false;
    place.seconds = this.#seconds[0] ?? 0;
    place.tree = this.#rows[0] ?? 0;
    place.parents.length = 0;
    for (let i = 1; i <= parents; i++) place.parents.push(this.#rows[i] ?? 0);
    return true;
  }

  /** Whether the text has no zero byte and names no encoding. */
  isPlain(at: number, size: number): boolean {
    return this.#kernel.run.isPlainMessage(at, size) === 1;
  }
}

/** What places a commit in a history, as positions in a table. One object for a whole sweep. */
export interface CommitPlace {
  tree: number;
  readonly parents: number[];
  /** Seconds since 1970. */
  seconds: number;
}

function nameTables(memory: KernelMemory, capacity: number, byteCapacity: number): NameTables {
  return {
    cells: memory.reserve(capacity * 8),
    mask: 2 * capacity - 1,
    hashes: memory.reserve(capacity * 4),
    starts: memory.reserve((capacity + 1) * 4),
    capacity,
    bytes: memory.reserve(byteCapacity),
    byteCapacity,
  };
}
