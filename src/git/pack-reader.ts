import type { BlobVisitor, ReadRange, Runs, WalkedBlob } from '../core/visitor.ts';
import { PackError, type PackErrorCode } from '../errors/pack.ts';
import type { BatchItem } from './cat-file.ts';
import type { ObjectReader } from './object-reader.ts';
import type { ObjectTable } from './object-table.ts';
import { type ObjectType, typeName } from './object/type.ts';
import { NOT_TAKEN, type ObjectStore } from './pack/object-store.ts';
import { StoreReader } from './pack/store-reader.ts';
import { walkSteps } from './pack/store-walk.ts';

/** A list is handed over when it has so many objects or bytes. */
const LIST_LENGTH = 1000;
const LIST_BYTES = 4 * 1024 * 1024;
/** Fewer objects than this part of all are read one by one; for more, walking everything is quicker. */
const FEW = 1 / 16;

/** What git may still be able to read: it streams what is large, and finds what has moved. Damage it would not mend. */
const FOR_GIT: ReadonlySet<PackErrorCode> = new Set([
  'PACK_OBJECT_TOO_LARGE',
  'PACK_VANISHED',
  'LOOSE_VANISHED',
  'OBJECT_MISSING',
]);

/**
 * The reader that reads packs itself. What its arena has no room for, and what
 * is no longer where it was, it asks of `fallback`.
 *
 * @param table - what positions count in; objects of it that the store does not have are asked of `fallback` too
 */
export function packReader(store: ObjectStore, table: ObjectTable, fallback: ObjectReader): ObjectReader {
  const rowOf = rowsByPosition(store, table);
  return {
    async *read(positions, signal) {
      const read = new PackRead(store, table, rowOf, positions);
      for (const items of read.lists()) {
        signal.throwIfAborted();
        yield items;
        // A list is made without waiting for anything: others must have their turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (read.forGit.length === 0) return;
      const asked = Uint32Array.from(read.forGit, (at) => positions[at] ?? 0);
      for await (const items of fallback.read(asked, signal))
        yield items.map((item) => ({ ...item, at: read.forGit[item.at] ?? 0 }));
    },
  };
}

/** Row of the store for a position of the table, or `NOT_TAKEN`. */
type RowOf = (position: number) => number;

function rowsByPosition({ table: stored }: ObjectStore, table: ObjectTable): RowOf {
  if (table.isOf(stored.ids, stored.count)) return (position) => (position < stored.count ? position : NOT_TAKEN);
  const rows = new Uint32Array(table.length).fill(NOT_TAKEN);
  for (let row = 0; row < stored.count; row++) {
    const position = table.find(stored.ids, row * stored.idSize);
    if (position >= 0) rows[position] = row;
  }
  // Beyond the rows: added to the table since.
  return (position) => rows[position] ?? NOT_TAKEN;
}

/** One list of positions being read. */
class PackRead {
  /** Places in the list that git is to be asked about. */
  readonly forGit: number[] = [];
  readonly #store: ObjectStore;
  readonly #table: ObjectTable;
  readonly #rowAt: RowOf;
  readonly #positions: Uint32Array;
  readonly #reader: StoreReader;
  /** Places to be read one by one. */
  readonly #single: number[] = [];
  /** Damage, waiting to be told. */
  readonly #absent: BatchItem[] = [];

  constructor(store: ObjectStore, table: ObjectTable, rowOf: RowOf, positions: Uint32Array) {
    this.#store = store;
    this.#table = table;
    this.#rowAt = rowOf;
    this.#positions = positions;
    this.#reader = new StoreReader(store);
  }

  *lists(): Generator<readonly BatchItem[], void, undefined> {
    for (const [type, places] of this.#byType()) {
      if (type === undefined || places.length < this.#store.table.count * FEW)
        for (const place of places) this.#single.push(place);
      else yield* this.#walk(type, places);
    }
    yield* this.#readSingly();
    for (let at = 0; at < this.#absent.length; at += LIST_LENGTH) yield this.#absent.slice(at, at + LIST_LENGTH);
  }

  #byType(): Map<ObjectType | undefined, number[]> {
    const places = new Map<ObjectType | undefined, number[]>();
    for (let at = 0; at < this.#positions.length; at++) {
      const position = this.#positions[at] ?? 0;
      if (this.#rowAt(position) === NOT_TAKEN) {
        this.forGit.push(at);
        continue;
      }
      const type = typeName(this.#table.type(position));
      const list = places.get(type);
      if (list) list.push(at);
      else places.set(type, [at]);
    }
    return places;
  }

  *#walk(type: ObjectType, places: readonly number[]): Generator<readonly BatchItem[], void, undefined> {
    const waiting = new Int32Array(this.#store.table.count);
    for (const at of places) {
      const row = this.#rowOf(at);
      if (waiting[row] === 0) waiting[row] = at + 1;
      else this.#single.push(at);
    }
    const collector = new Collector(type, waiting);
    const wanted = (row: number): boolean => waiting[row] !== 0;
    const steps = walkSteps(this.#store, collector, { type, wanted, reader: this.#reader }, ({ row, error }) =>
      this.#give(collector.takePlace(row), error),
    );
    for (const _ of steps) if (collector.isFull) yield collector.take();
    if (collector.size > 0) yield collector.take();
    // What is still waiting has another type than the table says.
    for (const at of places) if (waiting[this.#rowOf(at)] === at + 1) this.#single.push(at);
  }

  #rowOf(at: number): number {
    return this.#rowAt(this.#positions[at] ?? 0);
  }

  *#readSingly(): Generator<readonly BatchItem[], void, undefined> {
    let items: BatchItem[] = [];
    let bytes = 0;
    for (const at of this.#single) {
      const item = this.#readOne(at);
      if (!item) continue;
      items.push(item);
      bytes += item.size;
      if (items.length < LIST_LENGTH && bytes < LIST_BYTES) continue;
      yield items;
      items = [];
      bytes = 0;
    }
    if (items.length > 0) yield items;
  }

  #readOne(at: number): Extract<BatchItem, { kind: 'object' }> | null {
    const { ids, idSize } = this.#store.table;
    const row = this.#rowOf(at);
    try {
      const object = this.#reader.readOther(ids.subarray(row * idSize, (row + 1) * idSize), null);
      if (object) return { kind: 'object', at, type: object.type, size: object.bytes.length, content: object.bytes };
      this.forGit.push(at);
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      this.#give(at, error);
    }
    return null;
  }

  /** Hands an object that could not be read to git, or gives it up. */
  #give(at: number, error: PackError): void {
    if (FOR_GIT.has(error.code)) this.forGit.push(at);
    else this.#absent.push({ kind: 'absent', at, why: 'unreadable' });
  }
}

/** Copies what a walk shows: it reuses its memory at the next step. */
class Collector implements BlobVisitor {
  readonly #type: ObjectType;
  readonly #waiting: Int32Array;
  readonly #buffer = new Uint8Array(LIST_BYTES);
  #items: BatchItem[] = [];
  #used = 0;
  #bytes = 0;

  /** @param waiting - by row: its place plus one; zeroed when it comes */
  constructor(type: ObjectType, waiting: Int32Array) {
    this.#type = type;
    this.#waiting = waiting;
  }

  get size(): number {
    return this.#items.length;
  }

  get isFull(): boolean {
    return this.#items.length >= LIST_LENGTH || this.#bytes >= LIST_BYTES;
  }

  /** The place a row was waiting for. */
  takePlace(row: number): number {
    const place = (this.#waiting[row] ?? 0) - 1;
    this.#waiting[row] = 0;
    return place;
  }

  /** What was collected; its memory is used again from the next object on. */
  take(): readonly BatchItem[] {
    const items = this.#items;
    this.#items = [];
    this.#used = this.#bytes = 0;
    return items;
  }

  enter(blob: WalkedBlob, _parent: WalkedBlob | null, _runs: Runs, read: ReadRange): void {
    const { index: row, size } = blob;
    const content = this.#copy(read(0, size));
    this.#bytes += size;
    this.#items.push({ kind: 'object', at: this.takePlace(row), type: this.#type, size, content });
  }

  leave(): void {}

  #copy(bytes: Uint8Array): Uint8Array {
    if (this.#used + bytes.length > this.#buffer.length) return bytes.slice();
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
    return this.#buffer.subarray(this.#used - bytes.length, this.#used);
  }
}
