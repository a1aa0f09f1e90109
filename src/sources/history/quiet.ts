import type { KnownHistory } from './facts.ts';

/** In which messages and names nothing was found, by this audit or the one whose facts are known. */
export class Quiet {
  /** By position: 1 for commits and tags. */
  readonly #messages: Uint8Array;
  /** By number of an entry's name: likewise. */
  #names: Uint8Array;
  readonly #refs: Set<string>;

  constructor(positions: number, known: KnownHistory | null) {
    this.#messages = new Uint8Array(positions);
    this.#names = known?.cleanNames ?? new Uint8Array(1024);
    this.#refs = new Set(known?.cleanRefs);
  }

  hasMessage(position: number): boolean {
    return this.#messages[position] === 1;
  }

  addMessage(position: number): void {
    this.#messages[position] = 1;
  }

  hasName(number: number): boolean {
    return this.#names[number] === 1;
  }

  addName(number: number): void {
    if (number >= this.#names.length) {
      const larger = new Uint8Array(2 * (number + 1));
      larger.set(this.#names);
      this.#names = larger;
    }
    this.#names[number] = 1;
  }

  /** Of the first so many names. */
  names(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, (_, number) => this.#names[number] ?? 0);
  }

  hasRef(name: string): boolean {
    return this.#refs.has(name);
  }

  addRef(name: string): void {
    this.#refs.add(name);
  }

  get refs(): readonly string[] {
    return [...this.#refs];
  }
}
