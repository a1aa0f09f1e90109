import type { ByteSet } from '../../bytes/byte-set.ts';

/** Numbers paths, each as the path above it and a name. */
export class Paths {
  readonly #names: ByteSet;
  readonly #parents: number[] = [-1];
  readonly #last: number[] = [-1];
  /** By parent, then name. */
  readonly #known: Map<number, number>[] = [new Map()];

  /** The top of a tree. */
  static readonly TOP = 0;

  constructor(names: ByteSet) {
    this.#names = names;
  }

  child(parent: number, name: number): number {
    const known = this.#known[parent]?.get(name);
    if (known !== undefined) return known;
    const number = this.#parents.length;
    this.#parents.push(parent);
    this.#last.push(name);
    this.#known.push(new Map());
    this.#known[parent]?.set(name, number);
    return number;
  }

  /** Names from the top down. */
  nameNumbers(path: number): number[] {
    const names: number[] = [];
    for (let at = path; at > Paths.TOP; at = this.#parents[at] ?? Paths.TOP) names.push(this.#last[at] ?? 0);
    return names.toReversed();
  }

  text(path: number): string {
    return this.nameNumbers(path)
      .map((name) => this.#names.get(name)?.toString('utf8') ?? '')
      .join('/');
  }
}
