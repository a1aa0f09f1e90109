import { PackError, toPackError } from '../../errors/pack.ts';
import type { KernelMemory } from '../../kernel/instance.ts';
import type { ColumnPlaces } from '../../kernel/tree-job.ts';

import { ENTRY_HEADER_LIMIT, OFS_DELTA, readEntryHeader, REF_DELTA } from './entry.ts';
import { HEADER_SIZE } from './header.ts';
import { findId, type OffsetColumn } from './index-file.ts';
import { forestInKernel } from './kernel-forest.ts';
import { hasStatedCrc, type Pack } from './pack.ts';
import { sortedPositions } from './sort-offsets.ts';

/** In `bases`: the entry is a whole object. */
export const WHOLE = -1;
/** In `bases`: the base is not in this pack. */
export const OUTSIDE = -2;
/** In `bases`: the entry's header, or what it says of its base, is damaged. */
export const BROKEN = -3;

/** In `types`: the root is a delta on an object outside of this pack, which has the type. */
export const THIN = 8;

/** Where columns lie in the kernel's memory. */
export interface ForestPlaces extends ColumnPlaces {
  readonly positions: number;
  readonly types: number;
  readonly bases: number;
  readonly order: number;
}

/**
 * Which entry of a pack is a delta on which. Entries are numbered in the order
 * of their offsets. Typed arrays on shared memory, and no object for an entry:
 * a pack may have millions, and other threads read the same forest. Offsets and
 * sizes have 32 bits each unless one of them needs more.
 */
export interface DeltaForest {
  readonly count: number;
  /** `count + 1` byte offsets, ascending: entry `i` is `[offsets[i], offsets[i + 1])`. */
  readonly offsets: OffsetColumn;
  /** Position in the index of each entry's id. */
  readonly positions: Uint32Array;
  /** Entry of each position in the index. */
  readonly entries: Uint32Array;
  /** Type of the object (1 to 4): the root's; `THIN` if that is not in this pack; 0 where no root was reached. */
  readonly types: Uint8Array;
  /** Bytes from the entry's start to its compressed data. */
  readonly headerSizes: Uint8Array;
  /** Inflated bytes of the object or of the delta, as the header states them. */
  readonly sizes: OffsetColumn;
  /** Entry of the base, or `WHOLE`, `OUTSIDE`, `BROKEN`. */
  readonly bases: Int32Array;
  /** Children of entry `i` are `children[firstChild[i] … firstChild[i + 1])`, that with the most descendants last. */
  readonly firstChild: Uint32Array;
  readonly children: Uint32Array;
  /** Entries of the types 1 to 4, each after its base. */
  readonly order: Uint32Array;
  /** Why entries are broken; of very many, not all. */
  readonly faults: ReadonlyMap<number, PackError>;
  /** Where the kernel finds columns; null if they do not lie in its memory. */
  readonly places: ForestPlaces | null;
}

const FAULTS_KEPT = 1000;

/** Columns that every thread may look at. */
const shared = {
  u8: (length: number) => new Uint8Array(new SharedArrayBuffer(length)),
  i32: (length: number) => new Int32Array(new SharedArrayBuffer(length * 4)),
  u32: (length: number) => new Uint32Array(new SharedArrayBuffer(length * 4)),
  f64: (length: number) => new Float64Array(new SharedArrayBuffer(length * 8)),
};

/** Sizes as they come in: of 32 bits until one needs more. */
class Sizes {
  column: OffsetColumn;

  constructor(column: Uint32Array) {
    this.column = column;
  }

  set(entry: number, size: number): void {
    if (size > LARGEST && this.column instanceof Uint32Array) {
      const wide = shared.f64(this.column.length);
      wide.set(this.column);
      this.column = wide;
    }
    this.column[entry] = size;
  }
}

/** Largest number of 32 bits. */
const LARGEST = 2 ** 32 - 1;

/**
 * Puts entries in the order of the pack.
 *
 * @throws PackError `PACK_INDEX_INVALID` if two entries start at one offset or one lies outside the pack
 */
function placeEntries(pack: Pack): Pick<DeltaForest, 'offsets' | 'positions' | 'entries'> {
  const { offsets: unordered, count } = pack.index;
  const offsets = pack.bytes.length <= LARGEST ? shared.u32(count + 1) : shared.f64(count + 1);
  const entries = new Uint32Array(count);
  const positions = sortedPositions(unordered);
  let before = HEADER_SIZE - 1;
  for (let entry = 0; entry < count; entry++) {
    const offset = unordered[positions[entry] ?? 0] ?? 0;
    if (offset <= before || offset > pack.bytes.length)
      throw new PackError('PACK_INDEX_INVALID', `The index of ${pack.name} gives two objects one place, or one none`, {
        facts: { offset },
      });
    offsets[entry] = before = offset;
    entries[positions[entry] ?? 0] = entry;
  }
  // In a pack cut short, the last entries have no bytes left: reading them says so.
  offsets[count] = Math.max(pack.entriesEnd, before);
  return { offsets, positions, entries };
}

/** Finds entries by offset: a table of about one entry a bucket, then halving. */
class OffsetTable {
  readonly #offsets: OffsetColumn;
  readonly #width: number;
  readonly #starts: Uint32Array;

  constructor(offsets: OffsetColumn) {
    const count = offsets.length - 1;
    this.#offsets = offsets;
    this.#width = Math.max(1, Math.ceil((offsets[count] ?? 0) / Math.max(1, count)));
    this.#starts = new Uint32Array(count + 2);
    let bucket = 0;
    for (let entry = 0; entry < count; entry++) {
      const own = Math.floor((offsets[entry] ?? 0) / this.#width);
      while (bucket <= own) this.#starts[bucket++] = entry;
    }
    this.#starts.fill(count, bucket);
  }

  /** The entry that starts at `offset`, or −1. */
  find(offset: number): number {
    const bucket = Math.floor(offset / this.#width);
    let low = this.#starts[bucket] ?? 0;
    let high = this.#starts[bucket + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return this.#offsets[low] === offset ? low : -1;
  }
}

type Places = Pick<DeltaForest, 'offsets' | 'positions' | 'entries'>;
type Headers = Pick<DeltaForest, 'headerSizes' | 'sizes' | 'bases' | 'types' | 'faults'>;

/** Reads every entry's header and finds its base; in the mean time, another thread may find out whether the pack is intact. */
function readHeaders(pack: Pack, places: Places): Headers {
  const headers = readAllHeaders(pack, places, false);
  return pack.isIntact() ? headers : readAllHeaders(pack, places, true);
}

/** @param check - believe none whose CRC is not the stated one */
function readAllHeaders(pack: Pack, places: Places, check: boolean): Headers {
  const { offsets, entries, positions } = places;
  const count = entries.length;
  const byOffset = new OffsetTable(offsets);
  const types = shared.u8(count);
  const headerSizes = shared.u8(count);
  const sizes = new Sizes(shared.u32(count));
  const bases = shared.i32(count);
  const faults = new Map<number, PackError>();

  const readOne = (entry: number): void => {
    const start = offsets[entry] ?? 0;
    const end = offsets[entry + 1] ?? 0;
    if (check && !hasStatedCrc(pack, positions[entry] ?? 0, start, Math.min(end, pack.entriesEnd)))
      throw new PackError('PACK_ENTRY_CRC', `The entry at byte ${start} of ${pack.name} differs from its CRC`);
    const limit = Math.min(end, pack.entriesEnd, start + ENTRY_HEADER_LIMIT);
    const { bytes, base: windowBase } = pack.bytes.window(start, Math.max(start, limit));
    const header = readEntryHeader(bytes, start - windowBase, limit - windowBase, pack.format.size);
    headerSizes[entry] = header.data - (start - windowBase);
    sizes.set(entry, header.size);
    if (header.type === OFS_DELTA) {
      const base = byOffset.find(start - header.distance);
      bases[entry] = base >= 0 && base < entry ? base : BROKEN;
    } else if (header.type === REF_DELTA) {
      const position = findId(pack.index, bytes, header.baseId);
      bases[entry] = position < 0 ? OUTSIDE : (entries[position] ?? 0);
      if (position < 0) types[entry] = THIN;
    } else {
      bases[entry] = WHOLE;
      types[entry] = header.type;
    }
  };
  for (let entry = 0; entry < count; entry++) {
    try {
      readOne(entry);
    } catch (error) {
      bases[entry] = BROKEN;
      if (faults.size < FAULTS_KEPT) faults.set(entry, toPackError(error, pack.name));
    }
  }
  return { headerSizes, sizes: sizes.column, bases, types, faults };
}

/** Children of each entry, in the order of the pack. */
function linkChildren(bases: Int32Array): Pick<DeltaForest, 'firstChild' | 'children'> {
  const count = bases.length;
  const firstChild = shared.u32(count + 1);
  for (const base of bases) if (base >= 0) firstChild[base + 1]!++;
  for (let entry = 0; entry < count; entry++) firstChild[entry + 1]! += firstChild[entry] ?? 0;
  const children = shared.u32(firstChild[count] ?? 0);
  const next = firstChild.slice();
  for (let entry = 0; entry < count; entry++) {
    const base = bases[entry] ?? BROKEN;
    if (base >= 0) children[next[base]!++] = entry;
  }
  return { firstChild, children };
}

type Links = Pick<DeltaForest, 'types' | 'firstChild' | 'children'>;

/**
 * Walks from the roots outwards, giving each entry its root's type. What is on
 * a cycle, or below damage, is not met.
 *
 * @returns the entries met, each after its base
 */
function spreadTypes(isRoot: (entry: number) => boolean, { types, firstChild, children }: Links): Uint32Array {
  const order = shared.u32(types.length);
  let filled = 0;
  for (let entry = 0; entry < types.length; entry++) if (isRoot(entry)) order[filled++] = entry;
  for (let i = 0; i < filled; i++) {
    const entry = order[i] ?? 0;
    for (let c = firstChild[entry] ?? 0; c < (firstChild[entry + 1] ?? 0); c++) {
      const child = children[c] ?? 0;
      types[child] = types[entry] ?? 0;
      order[filled++] = child;
    }
  }
  return order.subarray(0, filled);
}

/**
 * Moves the child with the most descendants to the end of each list. A walk
 * that lets go of a parent on entering its last child then holds at most
 * log2(count) ancestors, however long the chains are.
 */
function putHeaviestLast(forest: Pick<DeltaForest, 'bases' | 'firstChild' | 'children' | 'order'>): void {
  const { bases, firstChild, children, order } = forest;
  const weights = new Uint32Array(bases.length).fill(1);
  for (let i = order.length - 1; i >= 0; i--) {
    const entry = order[i] ?? 0;
    const base = bases[entry] ?? WHOLE;
    if (base >= 0) weights[base]! += weights[entry] ?? 0;
    const last = (firstChild[entry + 1] ?? 0) - 1;
    let heaviest = last;
    for (let c = firstChild[entry] ?? 0; c < last; c++)
      if ((weights[children[c] ?? 0] ?? 0) > (weights[children[heaviest] ?? 0] ?? 0)) heaviest = c;
    if (heaviest < last) [children[heaviest], children[last]] = [children[last] ?? 0, children[heaviest] ?? 0];
  }
}

/**
 * Reads a pack's entry headers and resolves its deltas.
 *
 * @param kernel - the memory that the pack lies in, if it is a kernel's. Whether the pack is intact is then for the caller to
 * ask: another thread may still be finding out. If it is not, the forest is to be built without a kernel, which looks at each entry's CRC
 * @throws PackError `PACK_INDEX_INVALID` if the index and the pack cannot belong together
 */
export function buildForest(pack: Pack, kernel: KernelMemory | null = null): DeltaForest {
  const built = kernel && forestInKernel(pack, kernel);
  if (built) return built;
  const places = placeEntries(pack);
  const headers = readHeaders(pack, places);
  const links = linkChildren(headers.bases);
  const { types, bases } = headers;
  const order = spreadTypes((entry) => bases[entry] === WHOLE, { types, ...links });
  spreadTypes((entry) => types[entry] === THIN, { types, ...links });
  putHeaviestLast({ ...headers, ...links, order });
  return { count: pack.index.count, ...places, ...headers, ...links, order, places: null };
}

/**
 * The wanted entries and all that they are built from.
 * @param wanted - 1 for each entry of the pack that is wanted
 */
export function neededEntries({ order, bases }: Pick<DeltaForest, 'order' | 'bases'>, wanted: Uint8Array): Uint8Array {
  const needed = wanted.slice();
  for (let i = order.length - 1; i >= 0; i--) {
    const entry = order[i] ?? 0;
    const base = bases[entry] ?? WHOLE;
    if (base >= 0 && needed[entry] === 1) needed[base] = 1;
  }
  return needed;
}
