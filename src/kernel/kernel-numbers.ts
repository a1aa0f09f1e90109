import type { KernelMemory } from './instance.ts';

/** Where 32-bit numbers lie in a kernel's memory. */
export interface NumbersPlace {
  readonly address: number;
  /** How many. */
  readonly length: number;
}

/** The numbers at a place, as signed ones; a view. */
export function numbersAt({ memory }: KernelMemory, { address, length }: NumbersPlace): Int32Array<SharedArrayBuffer> {
  return new Int32Array(memory.buffer, address, length);
}

/** A list of 32-bit numbers in a kernel's memory, which the kernel writes itself. */
export class KernelNumbers implements NumbersPlace {
  address: number;
  length = 0;
  readonly #memory: KernelMemory;
  #capacity: number;

  /**
   * @param capacity - how many there will be, about; room that is not used costs nothing but addresses
   * @throws KernelError `KERNEL_MEMORY`
   */
  constructor(memory: KernelMemory, capacity: number) {
    this.#memory = memory;
    this.#capacity = capacity;
    this.address = memory.reserve(capacity * 4);
  }

  /** Address behind the last one. */
  get end(): number {
    return this.address + 4 * this.length;
  }

  /** For how many more there is room. */
  get room(): number {
    return this.#capacity - this.length;
  }

  /** Makes room for more, elsewhere if need be. @throws KernelError `KERNEL_MEMORY` */
  makeRoomFor(more: number): void {
    if (more <= this.room) return;
    const capacity = Math.max(2 * this.#capacity, this.length + more);
    const address = this.#memory.reserve(capacity * 4);
    this.#memory.bytes.copyWithin(address, this.address, this.end);
    this.address = address;
    this.#capacity = capacity;
  }
}
