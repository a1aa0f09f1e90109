/** A store of many small packs should not pay for an arena of megabytes. */
const FIRST_SIZE = 1 << 16;

/**
 * Memory for the objects of a walk: one array, blocks cut from it, a limit that
 * is never passed. There are few blocks at a time (a walk holds about log2 of a
 * tree's size), so that lists need no cleverness.
 *
 * Blocks move when the arena is compacted or grows: keep the handle and ask
 * `start` again after every `allocate`.
 */
export class Arena {
  #bytes: Uint8Array;
  readonly #limit: number;
  /** Handles in the order of their blocks. */
  readonly #order: number[] = [];
  readonly #starts: number[] = [];
  readonly #sizes: number[] = [];
  readonly #unused: number[] = [];

  /** @param limit - most bytes it may hold; below 2^31 */
  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(Math.min(limit, FIRST_SIZE));
  }

  /** The whole array; another one after a growth. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get limit(): number {
    return this.#limit;
  }

  start(handle: number): number {
    return this.#starts[handle] ?? 0;
  }

  /** Number of blocks in use. */
  get blocks(): number {
    return this.#order.length;
  }

  /** Handle of a new block of `size` bytes of anything, or −1 if the limit leaves no room for it. */
  allocate(size: number): number {
    let slot = this.#findGap(size);
    if (slot < 0) {
      if (this.#used() + size > this.#limit) return -1;
      this.#makeRoom(size);
      slot = this.#order.length;
    }
    const before = this.#order[slot - 1];
    const start = before === undefined ? 0 : this.#end(before);
    const handle = this.#unused.pop() ?? this.#starts.length;
    this.#starts[handle] = start;
    this.#sizes[handle] = size;
    this.#order.splice(slot, 0, handle);
    return handle;
  }

  free(handle: number): void {
    this.#order.splice(this.#order.indexOf(handle), 1);
    this.#unused.push(handle);
  }

  #end(handle: number): number {
    return (this.#starts[handle] ?? 0) + (this.#sizes[handle] ?? 0);
  }

  #used(): number {
    return this.#order.reduce((sum, handle) => sum + (this.#sizes[handle] ?? 0), 0);
  }

  /** Where in `#order` a block of that size fits, or −1. */
  #findGap(size: number): number {
    let at = 0;
    for (let slot = 0; slot <= this.#order.length; slot++) {
      const next = this.#order[slot];
      const end = next === undefined ? this.#bytes.length : this.start(next);
      if (end - at >= size) return slot;
      if (next !== undefined) at = this.#end(next);
    }
    return -1;
  }

  /** Moves all blocks together, into a larger array if this one is too small. */
  #makeRoom(size: number): void {
    const needed = this.#used() + size;
    const target =
      needed <= this.#bytes.length
        ? this.#bytes
        : new Uint8Array(Math.min(this.#limit, Math.max(needed, this.#bytes.length * 2)));
    let at = 0;
    for (const handle of this.#order) {
      const start = this.start(handle);
      const length = this.#sizes[handle] ?? 0;
      // Blocks only move towards the start, in order: none is overwritten before it has moved.
      if (target === this.#bytes) target.copyWithin(at, start, start + length);
      else target.set(this.#bytes.subarray(start, start + length), at);
      this.#starts[handle] = at;
      at += length;
    }
    this.#bytes = target;
  }
}
