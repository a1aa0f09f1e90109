import type { Facts } from '../../core/facts.ts';
import { BLOB, COMMIT, TAG } from '../../git/object/type.ts';
import { type KnownHistory, makeFacts } from './facts.ts';
import type { PackedTrees } from './packed-trees.ts';
import type { Reach } from './reach.ts';
import type { Remembered } from './remembered.ts';
import type { HistoryStore } from './store.ts';

/** In which messages and names nothing was found, by this audit or the one whose facts are known. */
export class Quiet {
  /** By position: 1 for commits and tags. */
  readonly #messages: Uint8Array;
  /** By number of an entry's name: likewise. */
  #names: Uint8Array;
  readonly #refs: Set<string>;

  constructor(positions: number, known: KnownHistory | null) {
    this.#messages = new Uint8Array(positions);
    if (known) this.#messages.set(known.clean);
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

  hasRef(name: string): boolean {
    return this.#refs.has(name);
  }

  addRef(name: string): void {
    this.#refs.add(name);
  }

  /**
   * What the next audit need not learn again.
   *
   * @param commits - how many of the graph's commits, the first ones, are all that packs hold
   * @returns null where that is not sure, or would not help
   */
  facts(
    { store, reach, trees }: { readonly store: HistoryStore; readonly reach: Reach; readonly trees: PackedTrees },
    commits: number,
    blobs: Remembered,
  ): Facts | null {
    const { packs, table, seals, shallow } = store;
    const { packed } = trees;
    if (packs === null || seals === null || packed === null) return null;
    if (this.#unsure(store, blobs) > MOST_UNSURE) return null;
    return makeFacts({
      store: packs,
      table,
      seals,
      clean: this.#messages,
      cleanRefs: [...this.#refs],
      cleanNames: Uint8Array.from({ length: packed.names }, (_, number) => this.#names[number] ?? 0),
      shallow,
      links: reach.links(commits),
      trees: packed.trees,
    });
  }

  /** How many objects are to be looked at again. */
  #unsure({ table }: HistoryStore, blobs: Remembered): number {
    let count = 0;
    for (let position = 0; position < table.length; position++) {
      const type = table.type(position);
      if (type === BLOB ? !blobs.isClean(position) : (type === COMMIT || type === TAG) && !this.hasMessage(position))
        count++;
    }
    return count;
  }
}

/** What is known and has anything to tell is looked at again: so much of it at most. More is quicker found in the packs. */
export const MOST_UNSURE = 2000;
