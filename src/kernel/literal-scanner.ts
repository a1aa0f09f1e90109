import { type LoadedAutomaton, useAutomaton } from './automaton.ts';
import type { Kernel } from './instance.ts';

/** Bytes copied into the kernel at a time: few enough to stay in the processor's cache. */
const PIECE = 256 * 1024;
const FIRST_HITS = 16 * 1024;
/** Copying to shared memory goes byte by byte, at a quarter of the speed, unless both sides begin at the same place of a word. */
const WORD = 8;
/** Bytes of a hit: end and literal, 32 bits each. */
const HIT = 8;

/** Receives occurrences in pairs: the offset just behind one, from `base` on, and the literal's index. */
export type OnHits = (pairs: Uint32Array, base: number) => void;

/** Finds every occurrence of every literal with the kernel, overlapping ones too. */
export class LiteralScanner {
  readonly #kernel: Kernel;
  readonly #automaton: LoadedAutomaton;
  readonly #text: number;
  #hits: number;
  #capacity = FIRST_HITS;

  /**
   * @param automaton - in the kernel's memory; others may use it too
   * @throws KernelError `KERNEL_MEMORY`
   */
  constructor(kernel: Kernel, automaton: LoadedAutomaton) {
    this.#kernel = kernel;
    this.#automaton = automaton;
    useAutomaton(kernel, this.#automaton);
    this.#text = kernel.memory.reserve(PIECE + this.#automaton.longest + WORD);
    this.#hits = kernel.memory.reserve(this.#capacity * HIT);
  }

  /**
   * Reports the occurrences that lie wholly inside `bytes[start, end)`, by rising
   * end; at one end, longer literals first.
   */
  find(bytes: Uint8Array, start: number, end: number, onHits: OnHits): void {
    const overlap = this.#automaton.longest - 1;
    for (let at = start; at < end; at += PIECE) {
      const context = Math.min(overlap, at - start);
      const stop = Math.min(at + PIECE, end);
      const piece = bytes.subarray(at - context, stop);
      const text = this.#text + (piece.byteOffset % WORD);
      this.#kernel.memory.bytes.set(piece, text);
      this.#piece(text, at - context, context, piece.length, onHits);
    }
  }

  /** @param base - offset in the caller's bytes of the piece's first byte */
  #piece(text: number, base: number, from: number, length: number, onHits: OnHits): void {
    const { run, memory } = this.#kernel;
    while (from < length) {
      const count = run.scan(text, length, from, this.#hits, this.#capacity);
      if (count > 0) onHits(memory.words(this.#hits, count * 2), base);
      if (run.scanned.value === from) this.#moreHits();
      from = run.scanned.value;
    }
  }

  /** One stretch alone can have more hits than there was room for. */
  #moreHits(): void {
    this.#capacity *= 2;
    this.#hits = this.#kernel.memory.reserve(this.#capacity * HIT);
  }
}
