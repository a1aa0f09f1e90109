/** Has the kernel mark what trees lead to (`wasm/passes.ts`). */
import { KernelError } from '../errors/kernel.ts';
import { type Kernel, type KernelMemory, bareKernel } from '../kernel/instance.ts';
import type { KernelTrees } from './trees-with.ts';

const JOB_WORDS = 11;
/** Trees of a call: the engine makes a function quick between two calls. */
const PIECE = 1 << 12;

/** Where states of objects lie, by position; bit 1 says that something leads there. */
export interface StatesPlace {
  readonly address: number;
  /** How many objects have one. */
  readonly length: number;
}

/** States that the kernel can look at, and this thread too. */
export interface KernelStates extends StatesPlace {
  readonly states: Uint8Array;
  /** How many have one of these bits. */
  readonly count: (bits: number) => number;
}

/** Room for states of so many objects, all 0; null if there is none. */
export function statesIn(memory: KernelMemory, length: number): KernelStates | null {
  try {
    const { run } = bareKernel(memory);
    const address = memory.reserve(length);
    const states = memory.bytes.subarray(address, address + length);
    return { address, length, states, count: (bits) => run.countBits(address, length, bits) };
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

/** Marks what reached trees lead to, as `Following` does. */
export class KernelFollowing {
  readonly #kernel: Kernel;
  readonly #trees: number;
  readonly #order: Uint32Array;
  readonly #absent: Uint8Array;

  private constructor(kernel: Kernel, { place }: KernelTrees, absent: Uint8Array) {
    this.#kernel = kernel;
    this.#trees = place.order.length;
    this.#order = kernel.memory.words(place.order.address, place.order.length);
    this.#absent = absent;
  }

  /**
   * @param absent - how many absent ids trees name
   * @returns null where there is no room, or types lie elsewhere
   */
  static of(trees: KernelTrees, states: StatesPlace, absent: number): KernelFollowing | null {
    const { memory, table } = trees;
    const { places } = table;
    if (places === null || places.typeColumn.length !== table.length || states.length !== table.length) return null;
    try {
      const kernel = bareKernel(memory);
      const [stack, named] = [memory.reserve(4 * (table.length + 1)), memory.reserve(absent + 1)];
      const job = memory.reserve(4 * JOB_WORDS);
      memory.words(job, JOB_WORDS).set([...columnsOf(trees), places.types, states.address, stack, named]);
      kernel.run.setReachJob(job);
      return new KernelFollowing(kernel, trees, memory.bytes.subarray(named, named + absent));
    } catch (error) {
      if (error instanceof KernelError) return null;
      throw error;
    }
  }

  /** Marks all that reached trees lead to by entries of their own. */
  run(): void {
    for (let first = 0; first < this.#trees; first += PIECE)
      this.#kernel.run.followTrees(first, Math.min(this.#trees, first + PIECE));
  }

  /** The same for one tree, that is reached now. */
  follow(tree: number): void {
    this.#kernel.run.follow(tree);
  }

  /** Trees that are reached while what they are a delta on is not, as they are when it comes to them. */
  *orphans(): Generator<number, void, undefined> {
    for (let at = this.#kernel.run.findOrphan(0); at < this.#trees; at = this.#kernel.run.findOrphan(at + 1))
      yield this.#order[at] ?? 0;
  }

  /** Numbers of the absent ids that something reached names. */
  absent(): number[] {
    return Array.from(this.#absent.keys()).filter((number) => this.#absent[number] === 1);
  }
}

/** In the order of the job's words. */
function columnsOf({ place: { order, bases, firstStep, stepEnd, steps, targets } }: KernelTrees): number[] {
  const { address } = order;
  return [address, order.length, bases.address, firstStep.address, stepEnd.address, steps.address, targets.address];
}
