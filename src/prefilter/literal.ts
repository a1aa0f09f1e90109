/** How a literal is spelled in the text that is searched. */
export type LiteralForm = 'plain' | 'base64' | 'hex' | 'percent' | 'escape' | 'wide' | 'html';

/**
 * One byte string the prefilter looks for. ASCII case is always folded while
 * searching; `exact` literals are compared again where they were found.
 */
export interface Literal {
  readonly bytes: Uint8Array;
  readonly exact: boolean;
  readonly form: LiteralForm;
  /** Index of the searched text this literal stands for, in `LiteralSet.texts`. */
  readonly text: number;
  /** base64: characters of the encoded run before this literal, modulo 4. Otherwise 0. */
  readonly phase: number;
}

/** Finds every occurrence of every literal, overlapping ones too, by rising end offset. */
export interface Prefilter {
  readonly literals: readonly Literal[];
  /**
   * Appends the hits in `bytes[start, end)`. A hit's bytes lie wholly inside.
   * Order: by end offset; at one end, longer literals first.
   */
  find(bytes: Uint8Array, start: number, end: number, hits: HitBuffer): void;
}

/**
 * Which of its literal's screens a matcher has, as a bit of what a hit passed: the n-th has bit n, those from the twelfth on share one.
 * A hit whose bit is not set leads that matcher nowhere.
 */
export type ScreenBit = number;

/** Bits of screens; wasm/screen.ts says the same. */
export const SCREEN_BITS = 12;
export const ALL_SCREENS: ScreenBit = 2 ** SCREEN_BITS - 1;

/** Few: most texts have none, and there may be hundreds of thousands of texts. */
const INITIAL_HITS = 16;

/** Hits as two growing columns, so that a noisy blob allocates no objects. */
export class HitBuffer {
  count = 0;
  #literals = new Uint32Array(INITIAL_HITS);
  #ends = new Float64Array(INITIAL_HITS);
  #passed = new Uint16Array(INITIAL_HITS);

  clear(): void {
    this.count = 0;
  }

  /** @param passed - a bit for each of the literal's screens that lets the hit pass; see `ScreenBit` */
  push(literal: number, end: number, passed = ALL_SCREENS): void {
    if (this.count === this.#literals.length) this.#grow();
    this.#literals[this.count] = literal;
    this.#passed[this.count] = passed;
    this.#ends[this.count++] = end;
  }

  /** Index into `Prefilter.literals`. */
  literal(index: number): number {
    return this.#literals[index] ?? 0;
  }

  /** Whose screens let the hit pass: all, where nobody asked them. */
  passed(index: number): number {
    return this.#passed[index] ?? ALL_SCREENS;
  }

  /** Byte offset just past the hit's last byte. */
  end(index: number): number {
    return this.#ends[index] ?? 0;
  }

  #grow(): void {
    const literals = new Uint32Array(this.#literals.length * 2);
    literals.set(this.#literals);
    this.#literals = literals;
    const ends = new Float64Array(this.#ends.length * 2);
    ends.set(this.#ends);
    this.#ends = ends;
    const passed = new Uint16Array(this.#passed.length * 2);
    passed.set(this.#passed);
    this.#passed = passed;
  }
}
