import { KernelError } from '../errors/kernel.ts';
import type { KernelMemory } from './instance.ts';

/** Addresses of a pack's columns, see `EntryColumns`. */
export interface ColumnPlaces {
  readonly offsets: number;
  readonly headerSizes: number;
  readonly sizes: number;
  readonly firstChild: number;
  readonly children: number;
}

/** Columns that the kernel reads where they are made. */
export class KernelColumns {
  readonly #buffer: SharedArrayBuffer;
  readonly #end: number;
  #next: number;

  private constructor(buffer: SharedArrayBuffer, start: number, end: number) {
    this.#buffer = buffer;
    this.#next = start;
    this.#end = end;
  }

  /** Room for the columns of a pack; null if there is none. @param count - entries */
  static of(memory: KernelMemory, count: number): KernelColumns | null {
    // Offsets, sizes, first children, children and header sizes; headers may be read a second time.
    const size = 4 * (4 * count + 2) + count + 4 * count + count + 8 * 64;
    if (size > memory.left / 8) return null;
    try {
      const start = memory.reserve(size);
      return new KernelColumns(memory.bytes.buffer, start, start + size);
    } catch (error) {
      if (error instanceof KernelError) return null;
      throw error;
    }
  }

  u8(length: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.#take(length), length);
  }

  u32(length: number): Uint32Array {
    return new Uint32Array(this.#buffer, this.#take(length * 4), length);
  }

  /** Where columns made here lie; null if one of them was made elsewhere. */
  places(columns: Record<keyof ColumnPlaces, ArrayBufferView>): ColumnPlaces | null {
    const { offsets, headerSizes, sizes, firstChild, children } = columns;
    const all = [offsets, headerSizes, sizes, firstChild, children];
    if (all.some((column) => column.buffer !== this.#buffer)) return null;
    return {
      offsets: offsets.byteOffset,
      headerSizes: headerSizes.byteOffset,
      sizes: sizes.byteOffset,
      firstChild: firstChild.byteOffset,
      children: children.byteOffset,
    };
  }

  #take(size: number): number {
    const at = this.#next;
    this.#next = Math.ceil((at + size) / 64) * 64;
    if (this.#next > this.#end)
      throw new KernelError('KERNEL_MEMORY', 'A pack has more columns than room was made for');
    return at;
  }
}
