import type { Kernel } from '../../kernel/instance.ts';
import { INPUT_SLACK } from '../../kernel/instance.ts';

import { readFully } from './pack-bytes.ts';

/** A pack of which the kernel is given parts. Addresses of its columns, as in a `LoadedEntries`. */
export interface StagedPack {
  readonly fd: number;
  readonly count: number;
  /** Offset in the pack behind the last entry. */
  readonly entriesEnd: number;
  readonly offsets: number;
  readonly firstChild: number;
  readonly children: number;
  /** By entry: `NEEDED` or not. */
  readonly flags: number;
  /** By entry: where it lies, written here; 0 if it is not at hand. */
  readonly staged: number;
  /** By entry: its base. Asked for by `markFrom` alone. */
  readonly bases?: number;
}

const JOB_WORDS = 14;
/** Reads that the kernel lists at a time, and words of one: offset in the pack, bytes, address. */
const READS = 4096;
const READ_WORDS = 3;

/** Kernel memory that a stage uses, for packs of at most so many entries. What it does not touch costs nothing. */
export function stageBytes(entries: number, buffer: number): number {
  return 4 * entries + Math.ceil(entries / 8) + buffer + INPUT_SLACK + READS * READ_WORDS * 4 + 1024;
}

/**
 * Reads what of a pack some of its delta trees are built from, to memory that is used again for the next ones
 * (`wasm/stage.ts`). The entries of a tree are scattered over the pack, so first trees are marked,
 * then what is marked is read, in the order it lies in.
 */
export class PackStage {
  readonly #kernel: Kernel;
  readonly #at: number;
  readonly #room: { readonly bits: number; readonly stack: number; readonly buffer: number; readonly reads: number };
  readonly #buffer: number;
  #fd = -1;

  /**
   * @param entries - a pack's, at most
   * @param buffer - bytes of entries that can be at hand at a time
   * @throws KernelError `KERNEL_MEMORY`
   */
  constructor(kernel: Kernel, entries: number, buffer: number) {
    const { memory } = kernel;
    this.#kernel = kernel;
    this.#buffer = buffer;
    this.#at = memory.reserve(JOB_WORDS * 4);
    this.#room = {
      bits: memory.reserve(8 * Math.ceil(entries / 64)),
      stack: memory.reserve(4 * entries),
      buffer: memory.room(buffer + INPUT_SLACK),
      reads: memory.reserve(READS * READ_WORDS * 4),
    };
  }

  /** Says of which pack the next trees are. */
  use({ fd, count, offsets, firstChild, children, bases = 0, flags, entriesEnd, staged }: StagedPack): void {
    const { memory, run } = this.#kernel;
    const { bits, stack, buffer, reads } = this.#room;
    this.#fd = fd;
    const columns = [count, offsets, firstChild, children, bases, flags, entriesEnd, bits, stack, staged];
    const room = [buffer, buffer + this.#buffer, reads, reads + READS * READ_WORDS * 4];
    memory.words(this.#at, JOB_WORDS).set([...columns, ...room]);
    run.setStageJob(this.#at);
  }

  /** Lets go of the room for entries: none will be read any more. */
  end(): void {
    const { memory } = this.#kernel;
    const { buffer } = this.#room;
    memory.giveBack({ memory: memory.memory, start: buffer, end: buffer + this.#buffer + INPUT_SLACK });
  }

  /** Marks what is needed of a root's tree. */
  mark(root: number): void {
    this.#kernel.run.stageTree(root);
  }

  /** Marks needed trees from an entry on until they have so many bytes. @returns the entry behind their last root */
  markFrom(entry: number, bytes: number): number {
    return this.#kernel.run.stageFrom(entry, bytes) >>> 0;
  }

  /** Bytes of what is marked. */
  get marked(): number {
    return this.#kernel.run.stagedBytes.value >>> 0;
  }

  /** Marks nothing. */
  clear(): void {
    this.#kernel.run.clearStage();
  }

  /**
   * Reads what is marked, instead of what was read before. If that is more than there is room for, no entry of it is at hand; what the file does
   * not have any more, or cannot be read, is zeros, which are no entry.
   */
  read(): void {
    const { memory, run } = this.#kernel;
    if (run.beginReads() === 0) return;
    for (let count = run.listReads(); count > 0; count = run.listReads()) {
      const reads = memory.words(this.#room.reads, count * READ_WORDS);
      for (let i = 0; i < reads.length; i += READ_WORDS)
        this.#readOne(reads[i] ?? 0, reads[i + 1] ?? 0, reads[i + 2] ?? 0);
    }
  }

  #readOne(position: number, length: number, to: number): void {
    const { bytes } = this.#kernel.memory;
    let done = 0;
    try {
      done = readFully(this.#fd, bytes, to, length, position);
    } catch {
      // Whoever reads these entries in another way is told.
    }
    if (done < length) bytes.fill(0, to + done, to + length);
  }
}
