import { KernelError } from '../errors/kernel.ts';

import { KERNEL_BASE64 } from './kernel.generated.ts';

/** Functions and numbers of the compiled kernel; `wasm/` documents each. Addresses and sizes are bytes. */
export interface KernelExports {
  init(context: number): void;
  adler32(at: number, length: number): number;
  countLineFeeds(at: number, end: number): number;
  inflate(from: number, end: number, to: number, size: number): number;
  readonly inflateConsumed: { readonly value: number };
  parseDelta(delta: number, length: number, baseSize: number, segments: number, capacity: number): number;
  readonly segmentCount: { readonly value: number };
  readonly resultSize: { readonly value: number };
  deltaResultSize(delta: number, length: number): number;
  applySegments(segments: number, count: number, base: number, delta: number, to: number): void;
  gather(first: number, start: number, end: number, base: number, delta: number, to: number): number;
  setAutomaton(
    classTable: number,
    root: number,
    accepting: number,
    classCount: number,
    literals: number,
    longest: number,
    most: number,
    scratch: number,
  ): void;
  markUsed(text: number, end: number, used: number): void;
  buildAutomaton(
    literals: number,
    count: number,
    classTable: number,
    classCount: number,
    rows: number,
    rowsEnd: number,
    lists: number,
    scratch: number,
    out: number,
  ): void;
  scan(text: number, length: number, from: number, hits: number, capacity: number): number;
  readonly scanned: { readonly value: number };
  setEntryJob(job: number): void;
  findTargets(): void;
  readCommit(at: number, size: number, out: number, most: number): number;
  isPlainMessage(at: number, size: number): number;
  beginSweep(job: number): void;
  sweepOn(order: number): number;
  sweepAmong(first: number, end: number): void;
  emptyRecords(): void;
  setForestJob(job: number): void;
  makePairs(first: number, end: number): void;
  sortPairs(turn: number): void;
  placeEntries(first: number, end: number): number;
  divide(): void;
  readHeaders(first: number, end: number): number;
  countChildren(first: number, end: number): void;
  startChildren(): number;
  linkChildren(first: number, end: number): void;
  listRoots(thin: number, list: number): number;
  spreadTypes(list: number, first: number, end: number, filled: number): number;
  startWeights(): void;
  putHeaviestLast(first: number, end: number): void;
  swapWords(from: number, count: number, to: number): number;
  findDescent(ids: number, idBytes: number, first: number, end: number, strict: number): number;
  startBuckets(ids: number, idBytes: number, count: number, shift: number, starts: number, buckets: number): void;
  countUp(at: number, count: number): void;
  spreadToRows(types: number, rows: number, count: number, out: number): void;
  listBytes(at: number, count: number, byte: number, out: number): number;
  countBits(at: number, count: number, bits: number): number;
  markEntries(types: number, rows: number, count: number, type: number, wanted: number, flags: number): number;
  markNeeded(order: number, bases: number, first: number, end: number, flags: number): void;
  addWeights(
    order: number,
    bases: number,
    sizes: number,
    first: number,
    end: number,
    flags: number,
    weights: number,
  ): void;
  cutBatches(
    bases: number,
    count: number,
    flags: number,
    weights: number,
    least: number,
    part: number,
    roots: number,
    batches: number,
  ): number;
  readonly rootCount: { readonly value: number };
  setReachJob(job: number): void;
  followTrees(first: number, end: number): void;
  follow(tree: number): void;
  findOrphan(first: number): number;
  setHitJob(job: number): void;
  spreadMarks(first: number, end: number, isBackward: number): number;
  listMarked(first: number, end: number): number;
  spreadHolds(first: number, end: number, isBackward: number): number;
  numberHolding(first: number, end: number): void;
  packHolding(first: number, end: number): void;
  setParents(starts: number, numbers: number): void;
  setHitTrees(starts: number, keys: number, targets: number): void;
  findSameParents(first: number, end: number, roots: number, most: number, same: number): void;
  handDown(order: number, first: number, end: number, marks: number): void;
  setStageJob(job: number): void;
  stageTree(root: number): void;
  stageFrom(first: number, limit: number): number;
  readonly stagedBytes: { readonly value: number };
  countStored(offsets: number, flags: number, count: number, entriesEnd: number): number;
  beginReads(): number;
  listReads(): number;
  clearStage(): void;
  setJob(job: number): void;
  setReaches(traits: number, byteClasses: number): void;
  decodedRun(at: number, length: number, start: number, end: number, encoding: number, to: number): number;
  undoEscapes(form: number, from: number, end: number, to: number): number;
  openScreens(screens: number, own: number): void;
  mayMatch(at: number, length: number, hasHeaders: number, hits: number, count: number, record: number): number;
  emptyBuffers(): void;
  forgetDecisions(): void;
  scanTree(root: number): number;
  goOn(plain: number): number;
}

const FUNCTIONS = [
  'init',
  'adler32',
  'countLineFeeds',
  'inflate',
  'parseDelta',
  'deltaResultSize',
  'applySegments',
  'gather',
  'setAutomaton',
  'markUsed',
  'buildAutomaton',
  'scan',
  'setEntryJob',
  'findTargets',
  'readCommit',
  'isPlainMessage',
  'beginSweep',
  'sweepOn',
  'sweepAmong',
  'emptyRecords',
  'setForestJob',
  'makePairs',
  'sortPairs',
  'placeEntries',
  'divide',
  'readHeaders',
  'countChildren',
  'startChildren',
  'linkChildren',
  'listRoots',
  'spreadTypes',
  'startWeights',
  'putHeaviestLast',
  'swapWords',
  'findDescent',
  'startBuckets',
  'countUp',
  'spreadToRows',
  'listBytes',
  'countBits',
  'markEntries',
  'markNeeded',
  'addWeights',
  'cutBatches',
  'setReachJob',
  'followTrees',
  'follow',
  'findOrphan',
  'setHitJob',
  'spreadMarks',
  'listMarked',
  'spreadHolds',
  'numberHolding',
  'packHolding',
  'setParents',
  'setHitTrees',
  'findSameParents',
  'handDown',
  'setStageJob',
  'stageTree',
  'stageFrom',
  'countStored',
  'beginReads',
  'listReads',
  'clearStage',
  'setJob',
  'setReaches',
  'decodedRun',
  'undoEscapes',
  'openScreens',
  'mayMatch',
  'emptyBuffers',
  'forgetDecisions',
  'scanTree',
  'goOn',
] as const satisfies readonly (keyof KernelExports)[];

const PAGE = 65_536;
/** 4 GiB: all that 32-bit addresses reach. */
const MOST_PAGES = 65_536;
/** Kept free at the bottom, so that no address is 0. */
const FIRST_ADDRESS = 64;
/** `CONTEXT_BYTES` in `wasm/context.ts`. */
const CONTEXT_BYTES = 65_536;

/** Written behind an inflated object's or a delta result's end, at most. */
export const OUTPUT_SLACK = 32;
/** Readable bytes that must follow compressed input. */
export const INPUT_SLACK = 64;
/** Bytes of scratch that the literal scan needs (`MARKS_BYTES` in `wasm/scan.ts`). */
export const MARKS_BYTES = 8 * 2112 * 9 + 32;

let compiled: WebAssembly.Module | undefined;

/** The kernel as it was built. */
export function kernelBytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(KERNEL_BASE64, 'base64'));
}

/** Compiles the kernel, once a thread. */
function kernelCode(): WebAssembly.Module {
  try {
    compiled ??= new WebAssembly.Module(kernelBytes());
    return compiled;
  } catch (cause) {
    throw new KernelError('KERNEL_UNAVAILABLE', 'The WebAssembly kernel cannot be compiled here', { cause });
  }
}

function isKernelExports(exports: unknown): exports is KernelExports {
  if (typeof exports !== 'object' || exports === null) return false;
  const all: Record<string, unknown> = { ...exports };
  return FUNCTIONS.every((name) => typeof all[name] === 'function');
}

/** A part of a kernel memory that another thread may use as its own; can be posted to it. */
export interface MemoryRegion {
  readonly memory: WebAssembly.Memory;
  readonly start: number;
  readonly end: number;
}

/**
 * Memory that any number of kernels can share, given out from the bottom up and
 * never taken back, but for regions that are to be written again (pages are dear the first time): whoever is done with it
 * drops the whole.
 */
export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  readonly #end: number;
  /** What may have been written before, and is nobody's now. */
  readonly #used: { start: number; readonly end: number }[] = [];
  #next: number;
  #bytes: Uint8Array<SharedArrayBuffer>;

  /**
   * @param room - bytes it may grow to, at most 4 GiB; or a region of another thread's memory
   * @param used - regions of that memory that are given back to this one
   * @throws KernelError `KERNEL_MEMORY` if the address space is not to be had
   */
  constructor(room: number | MemoryRegion = MOST_PAGES * PAGE, used: readonly MemoryRegion[] = []) {
    if (typeof room === 'number') {
      const maximum = Math.max(1, Math.min(MOST_PAGES, Math.ceil(room / PAGE)));
      this.memory = newMemory(maximum);
      this.#next = FIRST_ADDRESS;
      this.#end = maximum * PAGE;
    } else {
      this.memory = room.memory;
      this.#next = room.start;
      this.#end = room.end;
    }
    this.#bytes = new Uint8Array(this.memory.buffer);
    for (const region of used) this.giveBack(region);
  }

  /** All of it. Taken anew after `reserve`, which may make it longer. */
  get bytes(): Uint8Array<SharedArrayBuffer> {
    return this.#bytes;
  }

  /** Bytes that can still be set aside, if the machine has them. */
  get left(): number {
    return this.#end - this.#next;
  }

  /**
   * Sets a region aside. It holds zeros.
   * @param size - bytes
   * @returns its address, a multiple of 64
   * @throws KernelError `KERNEL_MEMORY` if the limit is passed
   */
  reserve(size: number): number {
    const at = this.#next;
    const end = at + size;
    if (end > this.#end) throw noMemory(size);
    const missing = Math.ceil(end / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing > 0) this.#grow(missing);
    this.#next = Math.ceil(end / 64) * 64;
    return at;
  }

  /** The same, for what is written before it is read: it may hold anything, for it is of what was given back if that has room. */
  room(size: number): number {
    const fitting = this.#used.filter(({ start, end }) => end - start >= size);
    const [place] = fitting.sort((a, b) => a.end - a.start - (b.end - b.start));
    if (!place) return this.reserve(size);
    const at = place.start;
    place.start = Math.ceil((at + size) / 64) * 64;
    return at;
  }

  /** Nobody uses the region any more. */
  giveBack({ start, end }: MemoryRegion): void {
    this.#used.push({ start, end });
  }

  /** Sets a region aside for another thread. */
  region(size: number): MemoryRegion {
    const start = this.reserve(size);
    return { memory: this.memory, start, end: start + size };
  }

  /** A region as 32-bit numbers. */
  words(at: number, count: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.memory.buffer, at, count);
  }

  #grow(pages: number): void {
    try {
      this.memory.grow(pages);
    } catch (cause) {
      throw noMemory(pages * PAGE, cause);
    }
    this.#bytes = new Uint8Array(this.memory.buffer);
  }
}

function newMemory(maximum: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
  } catch (cause) {
    throw noMemory(maximum * PAGE, cause);
  }
}

function noMemory(size: number, cause?: unknown): KernelError {
  return new KernelError('KERNEL_MEMORY', `${size} more bytes of kernel memory are not to be had`, { cause });
}

/** An instance of the kernel with tables of its own in a memory it may share. */
export interface Kernel {
  readonly memory: KernelMemory;
  readonly run: KernelExports;
}

/**
 * Makes an instance.
 * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`
 */
export function createKernel(memory: KernelMemory): Kernel {
  const kernel = instantiate(memory);
  kernel.run.init(memory.reserve(CONTEXT_BYTES));
  return kernel;
}

/** Instances without tables, by the memory that they work in. */
const bare = new WeakMap<KernelMemory, Kernel>();

/**
 * An instance without tables, for what needs none, or is over when the call is: one for a memory.
 * @throws KernelError `KERNEL_UNAVAILABLE`
 */
export function bareKernel(memory: KernelMemory): Kernel {
  const known = bare.get(memory);
  if (known) return known;
  const kernel = instantiate(memory);
  bare.set(memory, kernel);
  return kernel;
}

function instantiate(memory: KernelMemory): Kernel {
  const { exports } = new WebAssembly.Instance(kernelCode(), { env: { memory: memory.memory } });
  if (!isKernelExports(exports)) throw new KernelError('KERNEL_UNAVAILABLE', 'The kernel lacks functions');
  return { memory, run: exports };
}
