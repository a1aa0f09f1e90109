/**
 * Reads single objects of packs whose entries are known from an earlier run:
 * nothing of a pack is read but the entries that make up the object. What was
 * read is compared with its id, so that neither damage since then nor a mistake
 * of what is remembered goes unnoticed.
 */
import { compareBytes } from '../../bytes/compare.ts';
import type { OffsetColumn } from './index-file.ts';
import { PackError, toPackError } from '../../errors/pack.ts';

import { Delta, LARGEST_WALKED, applyDelta, decodeDelta } from './delta.ts';
import { ENTRY_HEADER_LIMIT, OFS_DELTA, REF_DELTA, readEntryHeader, typeName } from './entry.ts';
import { type HashFormat, objectId } from './hash-format.ts';
import { inflate } from './inflate.ts';
import type { StoredObject } from './loose.ts';
import { BEST_RATIO } from './object-builder.ts';
import { NOT_TAKEN } from './object-store.ts';
import { type PackBytes, pagedFile } from './pack-bytes.ts';

/** A pack as it was when it was checked. */
export interface KnownPack {
  /** Path of the `.pack`. */
  readonly file: string;
  /** Where each entry starts, ascending, and where the last one ends. */
  readonly offsets: OffsetColumn;
  /** By entry: the object's position, or `NOT_TAKEN` where another copy of it is used. */
  readonly rows: Uint32Array;
}

/** Ids by position. */
export interface KnownIds {
  readonly idBytes: number;
  copyId(position: number, into: Uint8Array): void;
  find(id: Uint8Array, at: number): number;
}

/** An entry, and what stands before its data. */
interface Entry {
  readonly pack: number;
  readonly entry: number;
  readonly size: number;
  readonly start: number;
  readonly end: number;
}

/** Bytes of objects kept, about. */
const CACHE_BYTES = 64 << 20;
/** What an object costs besides its bytes. */
const OVERHEAD = 300;
/** Entries in one chain; git makes 50, at most 4,095. */
const LONGEST_CHAIN = 10_000;

/** Packs that are open at the same time: a process may not have many files open. */
const MOST_OPEN = 16;
/** Packs whose numbers fit into two bytes each. */
const MOST_SHORT = 2 ** 16 - 1;

export class KnownPacks {
  readonly #packs: readonly KnownPack[];
  readonly #ids: KnownIds;
  readonly #format: HashFormat;
  readonly #limit: number;
  /** By the pack's number, in the order in which they were opened. */
  readonly #files = new Map<number, PackBytes>();
  /** By position: the pack's number plus one, and the entry. */
  readonly #packOf: Uint16Array | Uint32Array;
  readonly #entryOf: Uint32Array;
  /** Objects in the packs. */
  readonly count: number;
  /** Objects that were built last, by pack and entry. */
  readonly #cache = new Map<number, StoredObject>();
  readonly #delta = new Delta();
  #cached = 0;
  #deltaBytes = new Uint8Array(1 << 10);

  /**
   * @param positions - all positions in `packs` are below
   * @param limit - most bytes of an object
   */
  constructor(packs: readonly KnownPack[], ids: KnownIds, format: HashFormat, positions: number, limit: number) {
    this.#packs = packs;
    this.#ids = ids;
    this.#format = format;
    this.#limit = Math.min(limit, LARGEST_WALKED);
    this.#packOf = packs.length <= MOST_SHORT ? new Uint16Array(positions) : new Uint32Array(positions);
    this.#entryOf = new Uint32Array(positions);
    let count = 0;
    for (const [number, { rows }] of packs.entries())
      for (let entry = 0; entry < rows.length; entry++) {
        const row = rows[entry] ?? NOT_TAKEN;
        if (row === NOT_TAKEN) continue;
        this.#packOf[row] = number + 1;
        this.#entryOf[row] = entry;
        count++;
      }
    this.count = count;
  }

  /** Whether the object at a position is in one of the packs. */
  has(position: number): boolean {
    return (this.#packOf[position] ?? 0) > 0;
  }

  /**
   * The object at a position. Do not write to its bytes.
   *
   * @throws PackError if it is not what it was, or larger than the limit
   */
  read(position: number): StoredObject {
    const object = this.#build(position);
    const id = new Uint8Array(this.#ids.idBytes);
    this.#ids.copyId(position, id);
    const own = objectId(this.#format, object.type, object.bytes);
    if (compareBytes(own, 0, id, 0, id.length) === 0) return object;
    throw new PackError('PACK_OBJECT_ID', `${Buffer.from(id).toString('hex')} names other bytes than its own`);
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  #build(position: number): StoredObject {
    const chain: Entry[] = [];
    let [pack, entry] = this.#placeOf(position);
    let object = this.#recall(pack, entry);
    while (!object) {
      const { type, base, ...rest } = this.#header(pack, entry);
      const name = typeName(type);
      if (name) object = this.#keep(rest, { type: name, bytes: this.#inflateWhole(rest) });
      else {
        chain.push(rest);
        if (chain.length > LONGEST_CHAIN) throw this.#damaged(rest.pack, rest.entry);
        [pack, entry] = base;
        object = this.#recall(pack, entry);
      }
    }
    for (let next = chain.pop(); next; next = chain.pop())
      object = this.#keep(next, { type: object.type, bytes: this.#applyEntry(next, object.bytes) });
    return object;
  }

  #placeOf(position: number): readonly [pack: number, entry: number] {
    const pack = (this.#packOf[position] ?? 0) - 1;
    if (pack < 0) throw new PackError('OBJECT_MISSING', `No object is known at position ${position}`);
    return [pack, this.#entryOf[position] ?? 0];
  }

  #header(pack: number, entry: number): Entry & { type: number; base: readonly [pack: number, entry: number] } {
    const { offsets } = this.#pack(pack);
    const [at, end] = [offsets[entry] ?? 0, offsets[entry + 1] ?? 0];
    const limit = Math.min(end, at + ENTRY_HEADER_LIMIT);
    const { bytes, base } = this.#file(pack).window(at, limit);
    const header = readEntryHeader(bytes, at - base, limit - base, this.#format.size);
    const found = { pack, entry, size: header.size, start: header.data + base, end, type: header.type };
    if (header.type === OFS_DELTA) return { ...found, base: [pack, this.#entryAt(pack, entry, at - header.distance)] };
    if (header.type === REF_DELTA) return { ...found, base: this.#placeOf(this.#ids.find(bytes, header.baseId)) };
    return { ...found, base: [pack, entry] };
  }

  /** The entry that starts at an offset. */
  #entryAt(pack: number, child: number, offset: number): number {
    const { offsets } = this.#pack(pack);
    let [low, high] = [0, child];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    if (low >= child || offsets[low] !== offset) throw this.#damaged(pack, child);
    return low;
  }

  #inflateWhole(entry: Entry): Uint8Array {
    this.#checkSize(entry, entry.size);
    const bytes = new Uint8Array(entry.size);
    this.#inflate(entry, bytes);
    return bytes;
  }

  #applyEntry(entry: Entry, parent: Uint8Array): Uint8Array {
    const { size } = entry;
    this.#checkSize(entry, size);
    if (size > this.#deltaBytes.length) this.#deltaBytes = new Uint8Array(size);
    this.#inflate(entry, this.#deltaBytes);
    decodeDelta(this.#deltaBytes, 0, size, parent.length, this.#delta);
    const { childSize } = this.#delta;
    if (childSize > this.#limit) throw tooLarge(childSize);
    const bytes = new Uint8Array(childSize);
    applyDelta(this.#delta, this.#deltaBytes, 0, parent, 0, 0, childSize, bytes, 0);
    return bytes;
  }

  #checkSize({ start, end }: Entry, size: number): void {
    if (size > Math.max(0, end - start) * BEST_RATIO)
      throw new PackError('PACK_SIZE_IMPOSSIBLE', `${end - start} compressed bytes cannot make ${size}`);
    if (size > this.#limit) throw tooLarge(size);
  }

  #inflate({ pack, size, start, end }: Entry, output: Uint8Array): void {
    const { bytes, view, base } = this.#file(pack).window(start, end);
    inflate({ input: bytes, view, start: start - base, end: end - base, output, outputStart: 0, outputEnd: size });
  }

  #pack(number: number): KnownPack {
    const pack = this.#packs[number];
    if (!pack) throw new RangeError(`there is no pack ${number}`);
    return pack;
  }

  #file(number: number): PackBytes {
    const known = this.#files.get(number);
    if (known !== undefined) return known;
    for (const [oldest, file] of this.#files) {
      if (this.#files.size < MOST_OPEN) break;
      file.close();
      this.#files.delete(oldest);
    }
    const opened = openPack(this.#pack(number).file);
    this.#files.set(number, opened);
    return opened;
  }

  #damaged(pack: number, entry: number): PackError {
    const { file, offsets } = this.#pack(pack);
    return new PackError('PACK_DELTA_UNRESOLVED', `The delta at byte ${offsets[entry] ?? 0} of ${file} leads nowhere`);
  }

  #recall(pack: number, entry: number): StoredObject | undefined {
    const key = keyOf(pack, entry);
    const object = this.#cache.get(key);
    if (!object) return undefined;
    // A map keeps the order of insertion: what was used last goes last.
    this.#cache.delete(key);
    this.#cache.set(key, object);
    return object;
  }

  #keep({ pack, entry }: Entry, object: StoredObject): StoredObject {
    if (object.bytes.length > CACHE_BYTES / 4) return object;
    this.#cache.set(keyOf(pack, entry), object);
    this.#cached += object.bytes.length + OVERHEAD;
    for (const [key, oldest] of this.#cache) {
      if (this.#cached <= CACHE_BYTES) break;
      this.#cache.delete(key);
      this.#cached -= oldest.bytes.length + OVERHEAD;
    }
    return object;
  }
}

/** @throws PackError `PACK_VANISHED`, `PACK_UNREADABLE` */
function openPack(file: string): PackBytes {
  try {
    return pagedFile(file);
  } catch (error) {
    if (isAbsent(error)) throw new PackError('PACK_VANISHED', `${file} is gone`, { cause: error });
    throw toPackError(error, file);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function keyOf(pack: number, entry: number): number {
  return pack * 2 ** 32 + entry;
}

function tooLarge(size: number): PackError {
  return new PackError('PACK_OBJECT_TOO_LARGE', `An object or delta of ${size} bytes does not fit`, {
    facts: { size },
  });
}
