import { compareBytes } from '../../bytes/compare.ts';
import { toHex } from '../../bytes/hex.ts';
import { type BlobVisitor, NO_RUNS, type ReadRange, type Runs, type WalkedBlob } from '../../core/visitor.ts';
import { PackError } from '../../errors/pack.ts';

import { segmentAt } from './delta.ts';
import { type DeltaForest, WHOLE } from './delta-tree.ts';
import { typeName } from './entry.ts';
import { objectId } from './hash-format.ts';
import { type Held, ObjectBuilder, type Workspace } from './object-builder.ts';
import type { Pack } from './pack.ts';

export interface WalkOptions {
  readonly workspace: Workspace;
  /** By entry: 1 for those to be shown. All others are at most used to build these. */
  readonly wanted: Uint8Array;
  /** Also compute each shown object's id from its bytes. */
  readonly verifyObjects: boolean;
  /** `WalkedBlob.index` of an entry. */
  readonly indexOf: (entry: number) => number;
  /** Told of every wanted entry that cannot be shown, and why. */
  readonly failed: (entry: number, error: PackError) => void;
}

class WalkedEntry implements WalkedBlob {
  readonly index: number;
  readonly size: number;
  readonly #pack: Pack;
  readonly #position: number;

  constructor(index: number, size: number, pack: Pack, position: number) {
    this.index = index;
    this.size = size;
    this.#pack = pack;
    this.#position = position;
  }

  get id(): string {
    const { ids, idSize } = this.#pack.index;
    return toHex(ids, this.#position * idSize, (this.#position + 1) * idSize);
  }
}

/** An object with children still to come. */
interface Frame extends Held {
  /** What the visitor knows it as; null if it was not shown. */
  readonly blob: WalkedBlob | null;
  /** Place in `children` of the next child to look at, and of the last one that is needed. */
  next: number;
  readonly last: number;
}

/**
 * Which entries must be built: the wanted ones and their ancestors.
 *
 * @returns 1 for each such entry
 */
function neededEntries(forest: DeltaForest, wanted: Uint8Array): Uint8Array {
  const needed = wanted.slice();
  for (let i = forest.order.length - 1; i >= 0; i--) {
    const entry = forest.order[i] ?? 0;
    const base = forest.bases[entry] ?? WHOLE;
    if (base >= 0 && needed[entry] === 1) needed[base] = 1;
  }
  return needed;
}

/**
 * Walks delta trees depth-first. A root is inflated; a child is built from its
 * parent's bytes; a child that nothing else is built from is never built at
 * all: what is read of it is put together from parent and delta.
 *
 * A parent's bytes are let go once its last child is built. As the child with
 * the most descendants comes last, few ancestors are held at any time.
 */
export class DeltaWalk {
  readonly #pack: Pack;
  readonly #forest: DeltaForest;
  readonly #options: WalkOptions;
  readonly #visitor: BlobVisitor;
  readonly #needed: Uint8Array;
  readonly #builder: ObjectBuilder;
  readonly #stack: Frame[] = [];

  constructor(pack: Pack, forest: DeltaForest, visitor: BlobVisitor, options: WalkOptions) {
    this.#pack = pack;
    this.#forest = forest;
    this.#visitor = visitor;
    this.#options = options;
    this.#needed = neededEntries(forest, options.wanted);
    this.#builder = new ObjectBuilder(pack, forest, options.workspace);
  }

  /**
   * Begins a tree, showing its root if that is wanted. The one before must be done.
   *
   * @param root - an entry that is a whole object
   */
  begin(root: number): void {
    if (this.#needed[root] === 1) this.#keep(this.#enterRoot(root));
  }

  /** Goes on to one more object. @returns false if the tree was done already */
  step(): boolean {
    const frame = this.#stack.at(-1);
    if (!frame) return false;
    const child = this.#nextChild(frame);
    const entered = this.#enterChild(frame, child);
    if (frame.next > frame.last) this.#release(frame);
    this.#keep(entered);
    return true;
  }

  #keep(frame: Frame | null): void {
    if (!frame) return;
    this.#stack.push(frame);
    this.#builder.held.push(frame);
  }

  /** Drops the innermost frame, whose last child has been entered. */
  #release(frame: Frame): void {
    this.#stack.pop();
    this.#builder.held.pop();
    if (frame.handle >= 0) this.#builder.arena.free(frame.handle);
    if (frame.blob) this.#visitor.leave(frame.blob);
  }

  #nextChild(frame: Frame): number {
    const { children } = this.#forest;
    while (this.#needed[children[frame.next] ?? 0] !== 1) frame.next++;
    return children[frame.next++] ?? 0;
  }

  #enterRoot(root: number): Frame | null {
    try {
      const handle = this.#builder.inflateEntry(root, null);
      return this.#enterBuilt(root, this.#forest.sizes[root] ?? 0, handle, null, NO_RUNS);
    } catch (error) {
      return this.#failTree(root, error);
    }
  }

  #enterChild(parent: Frame, child: number): Frame | null {
    const { delta } = this.#builder;
    try {
      this.#builder.restore(parent);
      if (this.#lastNeeded(child) < 0) return this.#enterLeaf(parent, child);
      const handle = this.#builder.buildChild(child, parent.handle, parent.size, parent);
      return this.#enterBuilt(child, delta.childSize, handle, parent.blob, parent.blob ? delta.runs : NO_RUNS);
    } catch (error) {
      return this.#failTree(child, error);
    }
  }

  /** Shows an object that is in the arena. @returns the frame for its children, if there are any */
  #enterBuilt(entry: number, size: number, handle: number, parent: WalkedBlob | null, runs: Runs): Frame | null {
    const { arena } = this.#builder;
    const start = arena.start(handle);
    const blob = this.#show(entry, size, parent, runs, (from, to) => arena.bytes.subarray(start + from, start + to));
    const last = this.#lastNeeded(entry);
    if (last >= 0) return { entry, size, handle, blob, next: this.#forest.firstChild[entry] ?? 0, last };
    arena.free(handle);
    if (blob) this.#visitor.leave(blob);
    return null;
  }

  /** Shows an object that nothing else is built from. */
  #enterLeaf(parent: Frame, entry: number): null {
    const { arena, delta } = this.#builder;
    const deltaHandle = this.#builder.readDelta(entry, parent.size, parent);
    const composer = new Composer(this.#builder, parent, deltaHandle, this.#options.workspace.scratch);
    try {
      this.#checkRoom(parent.size + (this.#forest.sizes[entry] ?? 0) + delta.childSize);
      const runs = parent.blob ? delta.runs : NO_RUNS;
      const blob = this.#show(entry, delta.childSize, parent.blob, runs, (from, to) => composer.read(from, to));
      if (blob) this.#visitor.leave(blob);
    } finally {
      composer.close();
      arena.free(deltaHandle);
    }
    return null;
  }

  /** A visitor may ask for a leaf as a whole: where there is no room for that, the fallback must read it. */
  #checkRoom(size: number): void {
    if (size > this.#options.workspace.arena.limit)
      throw new PackError('PACK_OBJECT_TOO_LARGE', `${size} bytes do not fit the memory of a walk`, {
        facts: { size },
      });
  }

  /** Place in `children` of the last one that is needed, or −1. */
  #lastNeeded(entry: number): number {
    const { firstChild, children } = this.#forest;
    const first = firstChild[entry] ?? 0;
    for (let last = (firstChild[entry + 1] ?? 0) - 1; last >= first; last--)
      if (this.#needed[children[last] ?? 0] === 1) return last;
    return -1;
  }

  /** Shows one object, if it is wanted and has the id that the index states. */
  #show(entry: number, size: number, parent: WalkedBlob | null, runs: Runs, bytes: ReadRange): WalkedBlob | null {
    if (this.#options.wanted[entry] !== 1) return null;
    const position = this.#forest.positions[entry] ?? 0;
    const blob = new WalkedEntry(this.#options.indexOf(entry), size, this.#pack, position);
    if (this.#options.verifyObjects && !this.#hasStatedId(entry, position, bytes(0, size))) {
      this.#options.failed(entry, new PackError('PACK_OBJECT_ID', `${blob.id} names other bytes than its own`));
      return null;
    }
    this.#visitor.enter(blob, parent, runs, (start, end) => {
      if (start >= 0 && start <= end && end <= size) return bytes(start, end);
      throw new RangeError(`[${start}, ${end}) is not in a blob of ${size} bytes`);
    });
    return blob;
  }

  #hasStatedId(entry: number, position: number, bytes: Uint8Array): boolean {
    const { ids, idSize } = this.#pack.index;
    const id = objectId(this.#pack.format, typeName(this.#forest.types[entry] ?? 0) ?? '', bytes);
    return compareBytes(id, 0, ids, position * idSize, idSize) === 0;
  }

  /** Gives up a subtree: nothing can be built from what cannot be read. */
  #failTree(top: number, error: unknown): null {
    if (!(error instanceof PackError)) throw error;
    const { firstChild, children } = this.#forest;
    const pending = [top];
    for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
      if (this.#options.wanted[entry] === 1) this.#options.failed(entry, error);
      for (let c = firstChild[entry] ?? 0; c < (firstChild[entry + 1] ?? 0); c++) pending.push(children[c] ?? 0);
    }
    return null;
  }
}

/** Reads an object that is not built, out of its parent and its delta. */
class Composer {
  readonly #builder: ObjectBuilder;
  readonly #parent: Held;
  readonly #deltaHandle: number;
  readonly #scratch: Uint8Array;
  #block = -1;
  #blockSize = 0;

  constructor(builder: ObjectBuilder, parent: Held, deltaHandle: number, scratch: Uint8Array) {
    this.#builder = builder;
    this.#parent = parent;
    this.#deltaHandle = deltaHandle;
    this.#scratch = scratch;
  }

  read(start: number, end: number): Uint8Array {
    return this.#fromOneSegment(start, end) ?? this.#compose(start, end);
  }

  close(): void {
    if (this.#block >= 0) this.#builder.arena.free(this.#block);
  }

  /** A range that lies in one instruction is there already. */
  #fromOneSegment(start: number, end: number): Uint8Array | null {
    const { delta, arena } = this.#builder;
    if (start === end) return arena.bytes.subarray(0, 0);
    const segment = segmentAt(delta, start);
    const segmentStart = delta.childStart[segment] ?? 0;
    if ((delta.childStart[segment + 1] ?? 0) < end) return null;
    const source = delta.source[segment] ?? 0;
    const at = source < 0 ? arena.start(this.#deltaHandle) + ~source : arena.start(this.#parent.handle) + source;
    return arena.bytes.subarray(at + start - segmentStart, at + end - segmentStart);
  }

  #compose(start: number, end: number): Uint8Array {
    const length = end - start;
    const { arena } = this.#builder;
    if (length <= this.#scratch.length) {
      this.#builder.apply(this.#deltaHandle, this.#parent.handle, start, end, this.#scratch, 0);
      return this.#scratch.subarray(0, length);
    }
    if (this.#blockSize < length) {
      this.close();
      this.#block = -1;
      this.#block = this.#builder.allocate(length, this.#parent);
      this.#blockSize = length;
    }
    const at = arena.start(this.#block);
    this.#builder.apply(this.#deltaHandle, this.#parent.handle, start, end, arena.bytes, at);
    return arena.bytes.subarray(at, at + length);
  }
}
