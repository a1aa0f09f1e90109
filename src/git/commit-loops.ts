import { KernelError } from '../errors/kernel.ts';
import { type Kernel, type KernelMemory, createKernel } from '../kernel/instance.ts';
import { numbersAt } from '../kernel/kernel-numbers.ts';
import type { CommitGraph } from './commit-graph.ts';

/** Where trees with hits lie in a kernel's memory: addresses of the lists of `HitTrees`. */
export interface HitTreesPlace {
  readonly starts: number;
  readonly keys: number;
  readonly targets: number;
}

/** Commits of a call: the first call of all is slow. */
const PIECE = 4096;

/** Has the kernel go through all commits (`wasm/commits.ts`). */
export class CommitLoops {
  readonly #kernel: Kernel;
  readonly #length: number;
  readonly #order: number;
  readonly #marks: number;

  /**
   * @param order - all commits, parents first
   * @throws KernelError `KERNEL_MEMORY`, `KERNEL_UNAVAILABLE`
   */
  constructor(memory: KernelMemory, { length, parentLists }: Lists, order: Int32Array) {
    this.#kernel = createKernel(memory);
    this.#length = length;
    const starts = this.#put(parentLists.starts.subarray(0, length + 1));
    this.#kernel.run.setParents(starts, this.#put(parentLists.numbers));
    this.#order = this.#put(order);
    this.#marks = memory.reserve(4 * length);
  }

  /** Null where there is no kernel, or no room. */
  static of(memory: KernelMemory | undefined, graph: Lists, order: Int32Array): CommitLoops | null {
    if (!memory) return null;
    try {
      return new CommitLoops(memory, graph, order);
    } catch (error) {
      if (error instanceof KernelError) return null;
      throw error;
    }
  }

  #put(numbers: Int32Array): number {
    const { memory } = this.#kernel;
    const address = memory.reserve(4 * numbers.length);
    numbersAt(memory, { address, length: numbers.length }).set(numbers);
    return address;
  }

  /** By commit, bits; a view. */
  get marks(): Int32Array {
    return numbersAt(this.#kernel.memory, { address: this.#marks, length: this.#length });
  }

  /** Gives each commit the marks of all its ancestors. */
  handDown(): void {
    for (let first = 0; first < this.#length; first += PIECE)
      this.#kernel.run.handDown(this.#order, first, Math.min(this.#length, first + PIECE), this.#marks);
  }

  /**
   * By commit: a parent that has the same hits at the same paths, or −1 if none has, or that takes too many glances.
   *
   * @param trees - in this memory
   * @param roots - by commit: the number of its tree, or −1
   * @param most - glances for each commit
   */
  sameParents({ starts, keys, targets }: HitTreesPlace, roots: Int32Array, most: number): Int32Array {
    const { run, memory } = this.#kernel;
    run.setHitTrees(starts, keys, targets);
    const rootsAt = this.#put(roots);
    const same = memory.reserve(4 * this.#length);
    for (let first = 0; first < this.#length; first += PIECE)
      run.findSameParents(first, Math.min(this.#length, first + PIECE), rootsAt, most, same);
    return numbersAt(memory, { address: same, length: this.#length });
  }
}

type Lists = Pick<CommitGraph, 'length' | 'parentLists'>;
