import { PackError } from '../../errors/pack.ts';

import { Arena } from './arena.ts';
import { applyDelta, decodeDelta, Delta } from './delta.ts';
import type { DeltaForest } from './delta-tree.ts';
import { inflate } from './inflate.ts';
import type { Pack } from './pack.ts';

/** No deflate stream makes more of one byte than this (RFC 1951: 258 bytes from two bits). */
export const BEST_RATIO = 1032;

/** Ranges up to this size are put together outside of the arena. */
const SCRATCH = 1 << 16;

/** What building objects needs; one for all packs that are walked one after another. */
export class Workspace {
  readonly arena: Arena;
  /** The delta that was decoded last. */
  readonly delta: Delta = new Delta();
  /** For short pieces of what is not built. */
  readonly scratch: Uint8Array = new Uint8Array(SCRATCH);

  /** @param arenaLimit - most bytes of objects and deltas at a time; below 2^31 */
  constructor(arenaLimit: number) {
    this.arena = new Arena(arenaLimit);
  }
}

/** An object that others are built from: its block may be dropped from the arena, and built again. */
export interface Held {
  readonly entry: number;
  readonly size: number;
  /** Block in the arena, or −1 after it was dropped. */
  handle: number;
}

/**
 * Builds objects of one pack in an arena. What is held for later is dropped
 * where there is no other room, and built again when it is needed.
 */
export class ObjectBuilder {
  readonly arena: Arena;
  readonly delta: Delta;
  /** Outermost first; each is an ancestor of the next, so the first ones are needed last. */
  readonly held: Held[] = [];
  readonly #pack: Pack;
  readonly #forest: DeltaForest;

  constructor(pack: Pack, forest: DeltaForest, { arena, delta }: Workspace) {
    this.#pack = pack;
    this.#forest = forest;
    this.arena = arena;
    this.delta = delta;
  }

  /**
   * A block of `size` bytes.
   *
   * @param pinned - held object that must stay
   * @throws PackError `PACK_OBJECT_TOO_LARGE` if there is no room for it beside what must stay
   */
  allocate(size: number, pinned: Held | null): number {
    let handle = this.arena.allocate(size);
    for (let i = 0; handle < 0 && i < this.held.length; i++) {
      const held = this.held[i];
      if (!held || held.handle < 0 || held === pinned) continue;
      this.arena.free(held.handle);
      held.handle = -1;
      handle = this.arena.allocate(size);
    }
    if (handle >= 0) return handle;
    throw new PackError('PACK_OBJECT_TOO_LARGE', `An object or delta of ${size} bytes does not fit`, {
      facts: { size },
    });
  }

  /**
   * Inflates an entry's data, be it an object or a delta, to a new block.
   *
   * @throws PackError if the data is damaged, or larger than such data can be
   */
  inflateEntry(entry: number, pinned: Held | null): number {
    const { offsets, headerSizes, sizes } = this.#forest;
    const start = (offsets[entry] ?? 0) + (headerSizes[entry] ?? 0);
    const end = Math.min(offsets[entry + 1] ?? 0, this.#pack.entriesEnd);
    const size = sizes[entry] ?? 0;
    if (size > Math.max(0, end - start) * BEST_RATIO)
      throw new PackError('PACK_SIZE_IMPOSSIBLE', `${end - start} compressed bytes cannot make ${size}`, {
        facts: { size },
      });
    const handle = this.allocate(size, pinned);
    try {
      const { bytes, view, base } = this.#pack.bytes.window(start, end);
      const at = this.arena.start(handle);
      inflate({
        input: bytes,
        view,
        start: start - base,
        end: end - base,
        output: this.arena.bytes,
        outputStart: at,
        outputEnd: at + size,
      });
      return handle;
    } catch (error) {
      this.arena.free(handle);
      throw error;
    }
  }

  /** Inflates a delta and decodes it to `delta`. The block must stay as long as `delta` is applied. */
  readDelta(entry: number, parentSize: number, pinned: Held | null): number {
    const handle = this.inflateEntry(entry, pinned);
    try {
      const start = this.arena.start(handle);
      decodeDelta(this.arena.bytes, start, start + (this.#forest.sizes[entry] ?? 0), parentSize, this.delta);
      return handle;
    } catch (error) {
      this.arena.free(handle);
      throw error;
    }
  }

  /** Builds a delta's object to a new block. @param parent - block of its base */
  buildChild(entry: number, parent: number, parentSize: number, pinned: Held | null): number {
    const deltaHandle = this.readDelta(entry, parentSize, pinned);
    try {
      const handle = this.allocate(this.delta.childSize, pinned);
      this.apply(deltaHandle, parent, 0, this.delta.childSize, this.arena.bytes, this.arena.start(handle));
      return handle;
    } finally {
      this.arena.free(deltaHandle);
    }
  }

  /** Applies part of `delta`, wherever its own and its parent's block are now. */
  apply(deltaHandle: number, parent: number, start: number, end: number, output: Uint8Array, outputAt: number): void {
    const { bytes } = this.arena;
    applyDelta(
      this.delta,
      bytes,
      this.arena.start(deltaHandle),
      bytes,
      this.arena.start(parent),
      start,
      end,
      output,
      outputAt,
    );
  }

  /** Makes sure that a held object is in the arena. */
  restore(held: Held): void {
    if (held.handle < 0) held.handle = this.#rebuild(held);
  }

  #rebuild(target: Held): number {
    const { bases, sizes } = this.#forest;
    const chain = [target.entry];
    let anchor: Held | undefined;
    for (let base = bases[target.entry] ?? -1; base >= 0 && !anchor; base = bases[base] ?? -1) {
      anchor = this.held.find((held) => held.entry === base && held.handle >= 0);
      if (!anchor) chain.push(base);
    }
    const pinned = anchor ?? null;
    const first = anchor ? undefined : chain.pop();
    let size = anchor ? anchor.size : (sizes[first ?? 0] ?? 0);
    let handle = anchor ? anchor.handle : this.inflateEntry(first ?? 0, null);
    for (let entry = chain.pop(); entry !== undefined; entry = chain.pop()) {
      const before = handle;
      try {
        handle = this.buildChild(entry, before, size, pinned);
        size = this.delta.childSize;
      } finally {
        if (before !== anchor?.handle) this.arena.free(before);
      }
    }
    return handle;
  }
}
