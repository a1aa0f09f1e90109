import type { Kernel, KernelMemory } from '../../kernel/instance.ts';
import { INPUT_SLACK, OUTPUT_SLACK } from '../../kernel/instance.ts';

import { NEEDED, WANTED } from '../../kernel/tree-job.ts';
import { type DeltaForest, WHOLE } from './delta-tree.ts';
import { type MeantRows, flagEntries } from './entry-flags.ts';
import type { StoredPack } from './object-store.ts';

/** What a walk is asked to show. */
export interface KernelWalkRequest {
  /** Of the objects to be shown, as packs number them. All others are at most used to build these. */
  readonly type: number;
  /** Only these of them; all without. */
  readonly meant?: MeantRows;
  readonly visitor: KernelVisitor;
  /** Told of every wanted entry that could not be built. */
  readonly failed: (entry: number) => void;
}

/** A pack in the kernel's memory. Plain data, on shared memory: can be posted to another thread. */
export interface WalkedPack {
  /** Of the pack's first byte. */
  readonly address: number;
  readonly entriesEnd: number;
  readonly forest: Omit<DeltaForest, 'faults' | 'positions' | 'entries'>;
  /** By entry: its row, or `NOT_TAKEN`. */
  readonly rows: Uint32Array;
  /** Where these lie in the kernel's memory; null if they do not. */
  readonly rowsAddress: number | null;
}

/** The packs of a store that lie in the kernel's memory. */
export function walkedPacks({ packs }: { readonly packs: readonly StoredPack[] }): WalkedPack[] {
  return packs.flatMap(({ pack, forest, rows, rowsAddress }) => {
    const { address } = pack.bytes;
    const { faults: _, positions: __, entries: ___, ...columns } = forest;
    return address === null ? [] : [{ address, entriesEnd: pack.entriesEnd, forest: columns, rows, rowsAddress }];
  });
}

/** Is shown every wanted entry, each once, a parent always before its children. */
export interface KernelVisitor {
  enter(object: KernelObject): void;
  /** No further child of this entry will be shown. Not called for leaves. */
  leave(entry: number): void;
}

/** Room of what a walk builds, if not said otherwise. */
const ARENA_BYTES = 64 << 20;
/** Of a segment: three words, where it starts in the object, its source, its length. */
const SEGMENT_BYTES = 12;
const SLACK = OUTPUT_SLACK + INPUT_SLACK;

/** An object with children still to come. */
interface Frame {
  readonly entry: number;
  readonly block: number;
  readonly blockEnd: number;
  readonly size: number;
  readonly side: 0 | 1;
  readonly wasShown: boolean;
  next: number;
  readonly last: number;
}

/** The object at hand. One for a whole walk, so that none is made for an entry. */
export class KernelObject {
  entry = 0;
  /** Entry that it is a delta on, if that was shown and not left yet; else −1. */
  parent = -1;
  /** Bytes. */
  size = 0;
  /** Nothing is built from it. */
  isLeaf = false;
  /** Address of its bytes, or 0 while it is not built as a whole. */
  text = 0;
  /** Address of what it is made of, see `SEGMENT_BYTES`. Only where there is a parent. */
  segments = 0;
  segmentCount = 0;
  /** Addresses of its parent and its delta. */
  base = 0;
  delta = 0;
  /** Unused memory. */
  gap = 0;
  gapEnd = 0;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get memory(): KernelMemory {
    return this.#kernel.memory;
  }

  /** Address of its bytes, all of them; −1 if there is no room for them. */
  build(): number {
    if (this.text !== 0) return this.text;
    if (this.gap + this.size + SLACK > this.gapEnd) return -1;
    const { run } = this.#kernel;
    run.applySegments(this.segments, this.segmentCount, this.base, this.delta, this.gap);
    this.text = this.gap;
    this.gap = aligned(this.gap + this.size + SLACK);
    return this.text;
  }
}

/**
 * Walks delta trees of packs that lie in the kernel's memory, and builds
 * objects with it. As `DeltaWalk`, but several times as fast; what it cannot
 * build it leaves to others.
 */
export class KernelWalk {
  readonly #kernel: Kernel;
  readonly #start: number;
  readonly #end: number;
  readonly #object: KernelObject;
  readonly #stack: Frame[] = [];
  #left = 0;
  #right = 0;

  /**
   * @param arena - bytes
   * @throws KernelError `KERNEL_MEMORY`
   */
  constructor(kernel: Kernel, arena = ARENA_BYTES) {
    this.#kernel = kernel;
    this.#object = new KernelObject(kernel);
    this.#start = kernel.memory.reserve(arena);
    this.#end = this.#start + arena;
  }

  /** Goes through the trees of a pack's whole objects; yields now and then. */
  *walk(pack: WalkedPack, request: KernelWalkRequest): Generator<void, void, undefined> {
    const { forest, address, entriesEnd } = pack;
    const { flags } = flagEntries(this.#kernel, pack, request.type, request.meant ?? null);
    const tree = { forest, flags, request, address, entriesEnd };
    for (let entry = 0, steps = 0; entry < forest.count; entry++) {
      if (flags[entry] === 0 || forest.bases[entry] !== WHOLE) continue;
      this.#left = this.#start;
      this.#right = this.#end;
      if (!this.#root(tree, entry)) fail(tree, entry);
      for (let frame = this.#stack.at(-1); frame; frame = this.#stack.at(-1)) {
        if ((++steps & 255) === 0) yield;
        this.#next(tree, frame);
      }
      if ((++steps & 255) === 0) yield;
    }
  }

  #root(tree: Tree, entry: number): boolean {
    const object = this.#object;
    const size = tree.forest.sizes[entry] ?? 0;
    if (this.#left + size + SLACK > this.#right || !this.#inflate(tree, entry, this.#left, size)) return false;
    object.entry = entry;
    object.parent = -1;
    object.size = size;
    object.text = this.#left;
    object.segmentCount = 0;
    object.gap = aligned(this.#left + size + SLACK);
    object.gapEnd = this.#right;
    this.#show(tree, 0, this.#left, object.gap, null);
    return true;
  }

  /** The next child of the innermost frame. */
  #next(tree: Tree, frame: Frame): void {
    const { children } = tree.forest;
    while (((tree.flags[children[frame.next] ?? 0] ?? 0) & NEEDED) === 0) frame.next++;
    const child = children[frame.next++] ?? 0;
    if (this.#child(tree, frame, child)) return;
    fail(tree, child);
    if (frame.next > frame.last) this.#pop(tree);
  }

  #child(tree: Tree, parent: Frame, entry: number): boolean {
    const object = this.#object;
    const { run } = this.#kernel;
    const deltaSize = tree.forest.sizes[entry] ?? 0;
    const room = deltaSize + SLACK;
    const side = parent.side === 0 ? 1 : 0;
    if (room + 16 > this.#right - this.#left) return false;
    // The delta lies at the parent's end, out of the way of the child.
    const delta = side === 0 ? aligned(this.#right - room - 15) : this.#left;
    if (!this.#inflate(tree, entry, delta, deltaSize)) return false;
    const size = run.deltaResultSize(delta, deltaSize) >>> 0;
    if (size === 0xffffffff) return false;
    let gap = side === 0 ? this.#left : aligned(delta + room);
    let gapEnd = side === 0 ? delta : this.#right;
    let block = 0;
    let blockEnd = 0;
    object.isLeaf = lastNeeded(tree, entry) < 0;
    if (!object.isLeaf) {
      if (size + SLACK + 32 > gapEnd - gap) return false;
      block = side === 0 ? gap : aligned(gapEnd - size - SLACK - 15);
      blockEnd = side === 0 ? aligned(block + size + SLACK) : gapEnd;
      if (side === 0) gap = blockEnd;
      else gapEnd = block;
    }
    const capacity = Math.max(0, Math.floor((gapEnd - gap) / SEGMENT_BYTES));
    if (run.parseDelta(delta, deltaSize, parent.size, gap, capacity) !== 0) return false;
    object.entry = entry;
    object.parent = parent.wasShown ? parent.entry : -1;
    object.size = size;
    object.segments = gap;
    object.segmentCount = run.segmentCount.value;
    object.base = parent.block;
    object.delta = delta;
    object.gap = aligned(gap + object.segmentCount * SEGMENT_BYTES);
    object.gapEnd = gapEnd;
    object.text = block;
    if (!object.isLeaf) run.applySegments(gap, object.segmentCount, parent.block, delta, block);
    this.#show(tree, side, block, blockEnd, parent);
    return true;
  }

  /** Shows the object at hand, lets its parent go if it was the last child, and keeps it for its own. */
  #show(tree: Tree, side: 0 | 1, block: number, blockEnd: number, parent: Frame | null): void {
    const { entry, size } = this.#object;
    const wasShown = ((tree.flags[entry] ?? 0) & WANTED) !== 0;
    const last = lastNeeded(tree, entry);
    this.#object.isLeaf = last < 0;
    if (wasShown) tree.request.visitor.enter(this.#object);
    if (parent && parent.next > parent.last) this.#pop(tree);
    if (last < 0) return;
    this.#stack.push({ entry, block, blockEnd, size, side, wasShown, next: tree.forest.firstChild[entry] ?? 0, last });
    if (side === 0) this.#left = blockEnd;
    else this.#right = block;
  }

  #pop(tree: Tree): void {
    const frame = this.#stack.pop();
    if (!frame) return;
    if (frame.side === 0) this.#left = frame.block;
    else this.#right = frame.blockEnd;
    if (frame.wasShown) tree.request.visitor.leave(frame.entry);
  }

  /** @returns whether the entry's stream is sound and fills its place and the stated size exactly */
  #inflate({ forest, address, entriesEnd }: Tree, entry: number, to: number, size: number): boolean {
    const { run } = this.#kernel;
    const start = (forest.offsets[entry] ?? 0) + (forest.headerSizes[entry] ?? 0);
    const end = Math.min(forest.offsets[entry + 1] ?? 0, entriesEnd);
    if (run.inflate(address + start, address + end, to, size) !== 0) return false;
    return run.inflateConsumed.value >>> 0 === end - start;
  }
}

/** One pack being walked. */
interface Tree {
  readonly forest: WalkedPack['forest'];
  readonly flags: Uint8Array;
  readonly request: KernelWalkRequest;
  /** Of the pack. */
  readonly address: number;
  readonly entriesEnd: number;
}

/** Place in `children` of the last one that is needed, or −1. */
function lastNeeded({ forest: { firstChild, children }, flags }: Tree, entry: number): number {
  const first = firstChild[entry] ?? 0;
  for (let last = (firstChild[entry + 1] ?? 0) - 1; last >= first; last--)
    if (((flags[children[last] ?? 0] ?? 0) & NEEDED) !== 0) return last;
  return -1;
}

/** Gives up a subtree: nothing can be built from what cannot be had. */
function fail({ forest: { firstChild, children }, flags, request }: Tree, top: number): void {
  const pending = [top];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    if (((flags[entry] ?? 0) & WANTED) !== 0) request.failed(entry);
    for (let c = firstChild[entry] ?? 0; c < (firstChild[entry + 1] ?? 0); c++) pending.push(children[c] ?? 0);
  }
}

/** Up to a multiple of 16. Addresses may pass 2^31, so no bit operation will do. */
function aligned(at: number): number {
  return Math.ceil(at / 16) * 16;
}
