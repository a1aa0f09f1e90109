const FIRST_CAPACITY = 1024;
const FIRST_BYTES = 16 * 1024;

/** A `ByteSet` as plain data. */
export interface ByteSetParts {
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly starts: Float64Array<ArrayBuffer>;
  readonly hashes: Int32Array;
  readonly cells: Int32Array;
}

/**
 * Distinct byte strings, each numbered in order of arrival. Looking one up
 * allocates nothing: the names in a repository's trees are looked up millions
 * of times.
 */
export class ByteSet {
  #length = 0;
  #bytes: Buffer = Buffer.alloc(FIRST_BYTES);
  /** Where each starts in `#bytes`, and after the last one the end. */
  #starts = new Float64Array(FIRST_CAPACITY + 1);
  #hashes: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** Open addressing; a cell holds a number plus one. */
  #cells: Int32Array = new Int32Array(2 * FIRST_CAPACITY);

  /** A set made of what another one's `parts` told. @param parts - the set's own from now on */
  static of({ length, bytes, starts, hashes, cells }: ByteSetParts): ByteSet {
    const set = new ByteSet();
    set.#length = length;
    set.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    set.#starts = starts;
    set.#hashes = hashes;
    set.#cells = cells;
    return set;
  }

  /** All of it as plain data, without a copy. */
  get parts(): ByteSetParts {
    return {
      length: this.#length,
      bytes: this.#bytes,
      starts: this.#starts,
      hashes: this.#hashes,
      cells: this.#cells,
    };
  }

  get length(): number {
    return this.#length;
  }

  /** The number of `bytes[start, end)`, added if it is new. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    let cell = this.#cellOf(hash, bytes, start, end);
    const known = this.#cells[cell] ?? 0;
    if (known > 0) return known - 1;
    if (this.#length === this.#hashes.length) {
      this.#grow();
      cell = this.#cellOf(hash, bytes, start, end);
    }
    const number = this.#length++;
    this.#cells[cell] = number + 1;
    this.#hashes[number] = hash;
    this.#append(bytes.subarray(start, end));
    return number;
  }

  /** The number of `bytes[start, end)`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return (this.#cells[this.#cellOf(hashOf(bytes, start, end), bytes, start, end)] ?? 0) - 1;
  }

  /** A copy of what has this number; undefined if nothing has. */
  get(number: number): Buffer | undefined {
    if (!Number.isInteger(number) || number < 0 || number >= this.#length) return undefined;
    return Buffer.from(this.#bytes.subarray(this.#starts[number], this.#starts[number + 1]));
  }

  /** What has this number, until something is added; no bytes if nothing has. */
  view(number: number): Uint8Array {
    const start = this.#starts[number] ?? 0;
    const end = number < this.#length ? (this.#starts[number + 1] ?? start) : start;
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start);
  }

  #cellOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#cells.length - 1;
    for (let cell = mix(hash) & mask; ; cell = (cell + 1) & mask) {
      const number = (this.#cells[cell] ?? 0) - 1;
      if (number < 0 || (this.#hashes[number] === hash && this.#equals(number, bytes, start, end))) return cell;
    }
  }

  #equals(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[number] ?? 0;
    if ((this.#starts[number + 1] ?? 0) - from !== end - start) return false;
    for (let i = start; i < end; i++) if (this.#bytes[from + i - start] !== bytes[i]) return false;
    return true;
  }

  /** The last one's bytes. */
  #append(bytes: Uint8Array): void {
    const used = this.#starts[this.#length - 1] ?? 0;
    if (used + bytes.length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(used + bytes.length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, used);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, used);
    this.#starts[this.#length] = used + bytes.length;
  }

  #grow(): void {
    const capacity = 2 * this.#hashes.length;
    const [starts, hashes] = [new Float64Array(capacity + 1), new Int32Array(capacity)];
    starts.set(this.#starts);
    hashes.set(this.#hashes);
    this.#starts = starts;
    this.#hashes = hashes;
    this.#cells = new Int32Array(2 * capacity);
    const mask = this.#cells.length - 1;
    for (let number = 0; number < this.#length; number++) {
      let cell = mix(hashes[number] ?? 0) & mask;
      while (this.#cells[cell] !== 0) cell = (cell + 1) & mask;
      this.#cells[cell] = number + 1;
    }
  }
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = -2_128_831_035;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 16_777_619);
  return hash;
}

function mix(hash: number): number {
  return hash ^ (hash >>> 15);
}
