import { PackError } from '../errors/pack.ts';

/**
 * A place in bytes that moves forward as fields are read. Every read is checked
 * against `end`, so a header cut short is an error and never a field of zeros.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at: number;

  /**
   * @param bytes - what is read
   * @param what - its name in errors, such as `pack-….idx`
   * @param at - where reading starts
   */
  constructor(bytes: Uint8Array, what: string, at: number = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.bytes.length - this.#at;
  }

  /** Moves to an absolute byte offset. */
  seek(at: number): void {
    if (!(at >= 0 && at <= this.bytes.length)) throw this.#truncated(at, 0);
    this.#at = at;
  }

  /** Unsigned byte. */
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** Unsigned 32 bits in network order. */
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /**
   * Unsigned 64 bits in network order.
   *
   * @throws PackError `PACK_NUMBER_TOO_LARGE` above 2^53 − 1
   */
  u64(): number {
    const at = this.#take(8);
    const value = this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    throw new PackError('PACK_NUMBER_TOO_LARGE', `${this.#what} holds a number above 2^53 at byte ${at}`, {
      facts: { at },
    });
  }

  /** The next `length` bytes, as a view of the same memory. */
  take(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  #take(length: number): number {
    const at = this.#at;
    if (!(length >= 0 && at + length <= this.bytes.length)) throw this.#truncated(at, length);
    this.#at = at + length;
    return at;
  }

  #truncated(at: number, length: number): PackError {
    return new PackError('PACK_TRUNCATED', `${this.#what} ends before byte ${at + length}`, { facts: { at } });
  }
}
