import { compareBytes } from '../bytes/compare.ts';
import { countBelow } from '../bytes/count-below.ts';

import { fromHex } from './object-id.ts';
import { UNKNOWN } from './object/type.ts';

const FIRST_CAPACITY = 1024;

/** An `ObjectTable` without its sizes, as plain data. */
export interface SharedTable {
  readonly idLength: number;
  readonly length: number;
  readonly ids: Uint8Array;
  readonly types: Uint8Array;
  readonly cells: Int32Array;
  readonly starts: Uint32Array | null;
  readonly sorted: number;
}

/** Columns of a table in the kernel's memory, and their addresses. */
export interface TablePlaces {
  /** By ids' first bits, the first position that has these or more: `bucketCount` numbers. */
  readonly starts: Uint32Array;
  readonly buckets: number;
  /** By position. */
  readonly typeColumn: Uint8Array;
  readonly types: number;
  /** Positions of a type in that column, ascending. */
  readonly list: (type: number) => Uint32Array;
  /** How many these are. */
  readonly count: (type: number) => number;
}

/**
 * Every object of a repository: id, type and size, in the order of arrival,
 * found again by id. Typed arrays only, about 40 bytes an object: a repository
 * may have millions.
 */
export class ObjectTable {
  /** Bytes of a raw id: 20 or 32. */
  readonly idBytes: number;
  readonly idLength: number;
  #length = 0;
  #ids: Buffer;
  #types: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #sizes = new Float64Array(FIRST_CAPACITY);
  /** Open addressing; a cell holds a position plus one. Ids are hashes already. */
  #cells: Int32Array = new Int32Array(2 * FIRST_CAPACITY);
  /** Instead of cells, for the first ones, whose ids ascend: by their first bits, the position of the first one that has these or more. */
  #starts: Uint32Array | null = null;
  #places: TablePlaces | null = null;
  /** How many of them there are. What was added later is in cells. */
  #sorted = 0;
  readonly #probe: Uint8Array;
  readonly #hexProbe: Buffer;

  /** @param idLength - hexadecimal characters of an id: 40 or 64 */
  constructor(idLength: number) {
    this.idLength = idLength;
    this.idBytes = idLength / 2;
    this.#ids = Buffer.alloc(FIRST_CAPACITY * this.idBytes);
    this.#probe = new Uint8Array(this.idBytes);
    this.#hexProbe = Buffer.alloc(idLength);
  }

  /**
   * A table of ids that are distinct and ascend, at their places in that order.
   *
   * @param ids - raw, one after the other
   * @param types - of each; default: not known yet
   * @param places - columns of it that are filled already
   * @param types - by position; default: unknown
   */
  static of(
    idLength: number,
    ids: Uint8Array,
    count: number,
    { types, places }: { readonly types?: Uint8Array; readonly places?: TablePlaces } = {},
  ): ObjectTable {
    const table = new ObjectTable(idLength);
    const { idBytes } = table;
    table.#length = table.#sorted = count;
    table.#ids = Buffer.from(ids.buffer, ids.byteOffset, count * idBytes);
    table.#sizes = new Float64Array(count);
    if (places) {
      table.#places = places;
      table.#starts = places.starts;
      table.#types = places.typeColumn;
      return table;
    }
    table.#types = new Uint8Array(new SharedArrayBuffer(count));
    if (types) table.#types.set(types);
    else table.#types.fill(UNKNOWN);
    table.#starts = new Uint32Array(new SharedArrayBuffer(4 * bucketCount(count)));
    startBuckets(table.#starts, table.#ids, count, idBytes);
    return table;
  }

  /** The same table in another thread, made of what `share` told. */
  static shared({ idLength, length, ids, types, cells, starts, sorted }: SharedTable): ObjectTable {
    const table = new ObjectTable(idLength);
    table.#length = length;
    table.#ids = Buffer.from(ids.buffer, ids.byteOffset, ids.length);
    table.#types = types;
    table.#sizes = new Float64Array(0);
    table.#cells = cells;
    table.#starts = starts;
    table.#sorted = sorted;
    return table;
  }

  /** What another thread needs to look objects up; of a table made by `of`, nothing is copied to be posted. */
  share(): SharedTable {
    const ids = this.#ids.subarray(0, this.#length * this.idBytes);
    return {
      idLength: this.idLength,
      length: this.#length,
      ids,
      types: this.#types,
      cells: this.#cells,
      starts: this.#starts,
      sorted: this.#sorted,
    };
  }

  get length(): number {
    return this.#length;
  }

  /** Raw ids, one after the other, and types: views, as they are now. */
  get columns(): { readonly ids: Uint8Array; readonly types: Uint8Array } {
    return { ids: this.#ids.subarray(0, this.#length * this.idBytes), types: this.#types.subarray(0, this.#length) };
  }

  /** Adds an object, or gives a known one its type and size. Returns its position. */
  add(id: Uint8Array, at: number, type = UNKNOWN, size = 0): number {
    let position = this.find(id, at);
    if (position < 0) {
      position = this.#length;
      if (position === this.#types.length || 2 * (position - this.#sorted) >= this.#cells.length) this.#grow();
      this.#length++;
      for (let i = 0; i < this.idBytes; i++) this.#ids[position * this.idBytes + i] = id[at + i] ?? 0;
      this.#cells[this.#cellOf(id, at)] = position + 1;
    }
    this.#types[position] = type;
    this.#sizes[position] = size;
    return position;
  }

  /** The position of a raw id, or -1. */
  find(id: Uint8Array, at = 0): number {
    const position = this.#starts ? this.#search(this.#starts, id, at) : -1;
    return position >= 0 || this.#length === this.#sorted ? position : (this.#cells[this.#cellOf(id, at)] ?? 0) - 1;
  }

  /** Its columns in the kernel's memory, of the positions that it began with; types are kept elsewhere once there are more. Null if they are not there. */
  get places(): TablePlaces | null {
    return this.#places;
  }

  /** Where its types lie in the kernel's memory; null if they do not, as once there are more than it began with. */
  get typesAddress(): number | null {
    return this.#places !== null && this.#types === this.#places.typeColumn ? this.#places.types : null;
  }

  /** Whether positions below `count` are the rows of these ids. */
  isOf(ids: Uint8Array, count: number): boolean {
    return this.#ids.buffer === ids.buffer && this.#ids.byteOffset === ids.byteOffset && this.#length >= count;
  }

  #search(starts: Uint32Array, id: Uint8Array, at: number): number {
    const bucket = hash(id, at) >>> bucketShift(starts.length);
    let low = starts[bucket] ?? 0;
    let high = starts[bucket + 1] ?? 0;
    // Ids are hashes, so a bucket holds one or two; unless somebody has made them.
    while (high - low > 4) {
      const middle = (low + high) >>> 1;
      if (compareBytes(this.#ids, middle * this.idBytes, id, at, this.idBytes) <= 0) low = middle;
      else high = middle;
    }
    for (let position = low; position < high; position++) if (this.#equals(position, id, at)) return position;
    return -1;
  }

  /** The position of a hexadecimal id, or -1; also for what is no id. */
  findHex(id: string): number {
    if (id.length !== this.idLength) return -1;
    this.#hexProbe.write(id, 'latin1');
    return this.findHexAt(this.#hexProbe, 0);
  }

  /** The position of an id that stands in lower-case hexadecimal at `at`, or -1; also for what is no id. */
  findHexAt(text: Uint8Array, at: number): number {
    return fromHex(text, at, this.#probe, 0, this.idBytes) ? this.find(this.#probe) : -1;
  }

  hex(position: number): string {
    return this.#ids.toString('hex', position * this.idBytes, (position + 1) * this.idBytes);
  }

  /** Below 0 if the id at the first position comes before that at the second one; 0 if they are the same. */
  compareIds(a: number, b: number): number {
    const ids = this.#ids;
    const [atA, atB] = [a * this.idBytes, b * this.idBytes];
    for (let i = 0; i < this.idBytes; i++) {
      const difference = (ids[atA + i] ?? 0) - (ids[atB + i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Copies the raw id at a position to the start of `into`. */
  copyId(position: number, into: Uint8Array): void {
    this.#ids.copy(into, 0, position * this.idBytes, (position + 1) * this.idBytes);
  }

  type(position: number): number {
    return this.#types[position] ?? UNKNOWN;
  }

  size(position: number): number {
    return this.#sizes[position] ?? 0;
  }

  setType(position: number, type: number, size: number): void {
    this.#types[position] = type;
    // Where no size is known, the column stays as it was made and takes no memory.
    if (this.#sizes[position] !== size) this.#sizes[position] = size;
  }

  /** Positions of one type, in order. */
  ofType(type: number): Uint32Array {
    if (this.#places && this.#length === this.#sorted) return this.#places.list(type);
    const positions = new Uint32Array(this.countOfType(type));
    for (let i = 0, k = 0; i < this.#length; i++) if (this.#types[i] === type) positions[k++] = i;
    return positions;
  }

  /** How many there are of one type. */
  countOfType(type: number): number {
    if (this.#places && this.#length === this.#sorted) return this.#places.count(type);
    let count = 0;
    for (let i = 0; i < this.#length; i++) if (this.#types[i] === type) count++;
    return count;
  }

  /** Puts positions in the order of their ids. @param positions - ascending */
  byId(positions: Uint32Array): Uint32Array {
    const isLess = (a: number, b: number): boolean =>
      compareBytes(this.#ids, a * this.idBytes, this.#ids, b * this.idBytes, this.idBytes) < 0;
    const cut = countBelow(positions, this.#sorted);
    const others = positions.slice(cut).sort((a, b) => (isLess(a, b) ? -1 : 1));
    const ordered = new Uint32Array(positions.length);
    for (let i = 0, own = 0, other = 0; i < ordered.length; i++) {
      const isOwn = own < cut && (other === others.length || isLess(positions[own] ?? 0, others[other] ?? 0));
      ordered[i] = (isOwn ? positions[own++] : others[other++]) ?? 0;
    }
    return ordered;
  }

  /** The cell that holds the id, or the empty one where it would go. */
  #cellOf(id: Uint8Array, at: number): number {
    const mask = this.#cells.length - 1;
    let cell = hash(id, at) & mask;
    for (;;) {
      const position = (this.#cells[cell] ?? 0) - 1;
      if (position < 0 || this.#equals(position, id, at)) return cell;
      cell = (cell + 1) & mask;
    }
  }

  #equals(position: number, id: Uint8Array, at: number): boolean {
    const start = position * this.idBytes;
    for (let i = 0; i < this.idBytes; i++) if (this.#ids[start + i] !== id[at + i]) return false;
    return true;
  }

  #grow(): void {
    const added = Math.max(FIRST_CAPACITY, 2 * (this.#length - this.#sorted));
    const capacity = this.#sorted + added;
    this.#ids = grown(this.#ids, Buffer.alloc(capacity * this.idBytes));
    this.#types = grown(this.#types, new Uint8Array(capacity));
    this.#sizes = grown(this.#sizes, new Float64Array(capacity));
    this.#cells = new Int32Array(2 ** Math.ceil(Math.log2(2 * added)));
    this.#fillCells();
  }

  #fillCells(): void {
    const mask = this.#cells.length - 1;
    for (let i = this.#sorted; i < this.#length; i++) {
      let cell = hash(this.#ids, i * this.idBytes) & mask;
      while (this.#cells[cell] !== 0) cell = (cell + 1) & mask;
      this.#cells[cell] = i + 1;
    }
  }
}

/** Buckets for about one id each, and one more: 2^n + 1. */
export function bucketCount(ids: number): number {
  return 1 + 2 ** Math.min(24, Math.max(1, Math.ceil(Math.log2(ids + 1))));
}

function startBuckets(starts: Uint32Array, ids: Uint8Array, count: number, idBytes: number): void {
  const shift = bucketShift(starts.length);
  let bucket = 0;
  for (let position = 0; position < count; position++) {
    const own = hash(ids, position * idBytes) >>> shift;
    while (bucket <= own) starts[bucket++] = position;
  }
  starts.fill(count, bucket);
}

/** Bits of an id's first 32 that do not tell its bucket. */
export function bucketShift(buckets: number): number {
  return 1 + Math.clz32(buckets - 1);
}

function hash(id: Uint8Array, at: number): number {
  return ((id[at] ?? 0) << 24) | ((id[at + 1] ?? 0) << 16) | ((id[at + 2] ?? 0) << 8) | (id[at + 3] ?? 0);
}

/** `larger` with what `array` held at its start. */
export function grown<T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(array: T, larger: T): T {
  larger.set(array);
  return larger;
}
