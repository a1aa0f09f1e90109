import { PackError } from '../../errors/pack.ts';

import { applyDelta, decodeDelta, Delta, LARGEST_WALKED } from './delta.ts';
import { type DeltaForest, OUTSIDE, WHOLE } from './delta-tree.ts';
import { ENTRY_HEADER_LIMIT, type ObjectType, readEntryHeader, typeName } from './entry.ts';
import { inflateOnce } from './native-inflate.ts';
import type { StoredObject } from './loose.ts';
import { BEST_RATIO } from './object-builder.ts';
import type { Pack } from './pack.ts';

/** A pack with its entries resolved. */
export interface ResolvedPack {
  readonly pack: Pack;
  readonly forest: DeltaForest;
}

/** Finds a base that its delta names by id, in another pack or loose. */
export type OutsideBase = (id: Uint8Array, depth: number) => StoredObject | null;

/** Bases that lie in yet another place may be nested this deep: a cycle across packs is one that is deeper. */
const OUTSIDE_DEPTH = 50;
/** What an object in the cache costs besides its bytes, about. */
const OVERHEAD = 300;

/**
 * Reads single objects by following their chain of deltas, and remembers what
 * it built on the way: versions of a file or a directory share their bases.
 */
export class EntryReader {
  readonly #cache = new Map<number, StoredObject>();
  readonly #numbers = new Map<ResolvedPack, number>();
  readonly #delta = new Delta();
  readonly #limit: number;
  readonly #cacheLimit: number;
  readonly #outsideBase: OutsideBase;
  #cached = 0;

  /**
   * @param limit - most bytes of one object
   * @param cacheLimit - most bytes of objects kept
   */
  constructor(limit: number, cacheLimit: number, outsideBase: OutsideBase) {
    this.#limit = Math.min(limit, LARGEST_WALKED);
    this.#cacheLimit = cacheLimit;
    this.#outsideBase = outsideBase;
  }

  /**
   * The object at an entry. Its bytes may be shared with the cache: do not
   * write to them.
   *
   * @param depth - how many bases in other places led here
   * @throws PackError if anything on its chain is damaged, missing, or larger than the limit
   */
  read(from: ResolvedPack, entry: number, depth: number = 0): StoredObject {
    const { bases, types, faults } = from.forest;
    // What has a type leads to a root: the loop below ends.
    if (types[entry] === 0) throw faults.get(entry) ?? unresolved(from, entry);
    const chain: number[] = [];
    let object: StoredObject | undefined;
    for (let at = entry; !object; at = bases[at] ?? WHOLE) {
      object = this.#recall(from, at);
      if (object) break;
      chain.push(at);
      const base = bases[at] ?? WHOLE;
      if (base === WHOLE) object = this.#keep(from, chain.pop() ?? at, this.#readWhole(from, at));
      else if (base === OUTSIDE) object = this.#readOutside(from, at, depth);
    }
    for (let at = chain.pop(); at !== undefined; at = chain.pop())
      object = this.#keep(from, at, this.#applyEntry(from, at, object));
    return object;
  }

  #readWhole(from: ResolvedPack, entry: number): StoredObject {
    const type: ObjectType | undefined = typeName(from.forest.types[entry] ?? 0);
    if (!type) throw unresolved(from, entry);
    return { type, bytes: this.#inflate(from, entry) };
  }

  #readOutside(from: ResolvedPack, entry: number, depth: number): StoredObject {
    const start = from.forest.offsets[entry] ?? 0;
    const { bytes, base } = from.pack.bytes.window(start, start + ENTRY_HEADER_LIMIT);
    const { baseId } = readEntryHeader(bytes, start - base, bytes.length, from.pack.format.size);
    const id = bytes.slice(baseId, baseId + from.pack.format.size);
    const object = depth < OUTSIDE_DEPTH ? this.#outsideBase(id, depth + 1) : null;
    if (!object) throw unresolved(from, entry);
    return object;
  }

  #applyEntry(from: ResolvedPack, entry: number, parent: StoredObject): StoredObject {
    const delta = this.#inflate(from, entry);
    decodeDelta(delta, 0, delta.length, parent.bytes.length, this.#delta);
    const { childSize } = this.#delta;
    if (childSize > this.#limit) throw tooLarge(childSize);
    const bytes = new Uint8Array(childSize);
    applyDelta(this.#delta, delta, 0, parent.bytes, 0, 0, childSize, bytes, 0);
    return { type: parent.type, bytes };
  }

  #checkedSize({ pack, forest }: ResolvedPack, entry: number): number {
    const size = forest.sizes[entry] ?? 0;
    const room = Math.min(forest.offsets[entry + 1] ?? 0, pack.entriesEnd) - (forest.offsets[entry] ?? 0);
    if (size > Math.max(0, room) * BEST_RATIO)
      throw new PackError('PACK_SIZE_IMPOSSIBLE', `${room} compressed bytes cannot make ${size}`, { facts: { size } });
    if (size > this.#limit) throw tooLarge(size);
    return size;
  }

  #inflate(from: ResolvedPack, entry: number): Uint8Array {
    const size = this.#checkedSize(from, entry);
    const { pack, forest } = from;
    const start = (forest.offsets[entry] ?? 0) + (forest.headerSizes[entry] ?? 0);
    const end = Math.min(forest.offsets[entry + 1] ?? 0, pack.entriesEnd);
    const { bytes, view, base } = pack.bytes.window(start, end);
    return inflateOnce({ input: bytes, view, start: start - base, end: end - base }, size);
  }

  #key(from: ResolvedPack, entry: number): number {
    let number = this.#numbers.get(from);
    if (number === undefined) this.#numbers.set(from, (number = this.#numbers.size));
    return number * 2 ** 32 + entry;
  }

  /** Only what others are built from is worth keeping. */
  #isBase({ forest }: ResolvedPack, entry: number): boolean {
    return forest.firstChild[entry] !== forest.firstChild[entry + 1];
  }

  #recall(from: ResolvedPack, entry: number): StoredObject | undefined {
    if (!this.#isBase(from, entry)) return undefined;
    const key = this.#key(from, entry);
    const object = this.#cache.get(key);
    if (!object) return undefined;
    // A map keeps the order of insertion: what was used last goes last.
    this.#cache.delete(key);
    this.#cache.set(key, object);
    return object;
  }

  #keep(from: ResolvedPack, entry: number, object: StoredObject): StoredObject {
    if (!this.#isBase(from, entry) || object.bytes.length > this.#cacheLimit / 4) return object;
    this.#cache.set(this.#key(from, entry), object);
    this.#cached += object.bytes.length + OVERHEAD;
    for (const [key, oldest] of this.#cache) {
      if (this.#cached <= this.#cacheLimit) break;
      this.#cache.delete(key);
      this.#cached -= oldest.bytes.length + OVERHEAD;
    }
    return object;
  }
}

function unresolved({ pack, forest }: ResolvedPack, entry: number): PackError {
  const offset = forest.offsets[entry] ?? 0;
  return new PackError(
    'PACK_DELTA_UNRESOLVED',
    `The delta at byte ${offset} of ${pack.name} leads to no whole object`,
    {
      facts: { offset },
    },
  );
}

function tooLarge(size: number): PackError {
  return new PackError('PACK_OBJECT_TOO_LARGE', `An object or delta of ${size} bytes does not fit`, {
    facts: { size },
  });
}
