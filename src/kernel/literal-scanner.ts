import { type LoadedAutomaton, useAutomaton } from './automaton.ts';
import type { Kernel } from './instance.ts';

/** Bytes copied into the kernel at a time: few enough to stay in the processor's cache. */
const PIECE = 256 * 1024;
const FIRST_HITS = 16 * 1024;
/** Bytes of a hit: end and literal, 32 bits each. */
const HIT = 8;

/** Receives one occurrence: the literal's index and the offset just behind it. */
export type OnHit = (literal: number, end: number) => void;

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
    this.#text = kernel.memory.reserve(PIECE + this.#automaton.longest);
    this.#hits = kernel.memory.reserve(this.#capacity * HIT);
  }

  /**
   * Reports the occurrences that lie wholly inside `bytes[start, end)`, by rising
   * end; at one end, longer literals first.
   */
  find(bytes: Uint8Array, start: number, end: number, onHit: OnHit): void {
    const overlap = this.#automaton.longest - 1;
    for (let at = start; at < end; at += PIECE) {
      const context = Math.min(overlap, at - start);
      const stop = Math.min(at + PIECE, end);
      this.#kernel.memory.bytes.set(bytes.subarray(at - context, stop), this.#text);
      this.#piece(at - context, context, stop - at + context, onHit);
    }
  }

  /** @param base - offset in the caller's bytes of the piece's first byte */
  #piece(base: number, from: number, length: number, onHit: OnHit): void {
    const { run, memory } = this.#kernel;
    while (from < length) {
      const count = run.scan(this.#text, length, from, this.#hits, this.#capacity);
      const words = memory.words(this.#hits, count * 2);
      for (let i = 0; i < words.length; i += 2) onHit(words[i + 1] ?? 0, base + (words[i] ?? 0));
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
