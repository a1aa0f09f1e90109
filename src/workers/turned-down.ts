import { latin1 } from '../bytes/latin1.ts';
import type { Judge } from '../detect/judge.ts';

/** Characters kept, about: a window is a few hundred. */
const MOST_CHARACTERS = 4_000_000;
/** Wider windows are few and seldom seen twice. */
const WIDEST = 2048;

/**
 * Windows in which nothing was found. A decision is a function of its window, and
 * seven in ten windows of a history have been seen before: in another branch, in a
 * copy, in the version before the last. Compared in full, never by a hash.
 */
export class TurnedDown {
  readonly #judge: Judge;
  /** By literal: window → where in it the hit ends. */
  readonly #windows: (Map<string, number> | null | undefined)[] = [];
  #characters = 0;
  #text = '';
  #end = 0;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** Whether the hit's window is known. Of the one asked about last, `add` takes note. @param end - of the hit in `bytes` */
  has(bytes: Uint8Array, literal: number, end: number): boolean {
    const windows = this.#windowsOf(literal);
    if (windows === null) return false;
    const { before, after } = this.#judge.reach(literal);
    const length = this.#judge.literals[literal]?.bytes.length ?? 0;
    // A window that is cut is shorter, or its hit stands elsewhere.
    const from = Math.max(0, end - length - before);
    this.#text = latin1(bytes, from, Math.min(bytes.length, end + after));
    this.#end = end - from;
    return windows.get(this.#text) === this.#end;
  }

  add(literal: number): void {
    if (this.#characters > MOST_CHARACTERS) this.#forget();
    this.#windowsOf(literal)?.set(this.#text, this.#end);
    this.#characters += this.#text.length;
  }

  /** Null for literals whose windows are not kept: what they reach has no bound that is small. */
  #windowsOf(literal: number): Map<string, number> | null {
    const known = this.#windows[literal];
    if (known !== undefined) return known;
    const { before, after, encoded } = this.#judge.reach(literal);
    return (this.#windows[literal] = encoded || before + after > WIDEST ? null : new Map<string, number>());
  }

  #forget(): void {
    this.#windows.length = 0;
    this.#characters = 0;
  }
}
