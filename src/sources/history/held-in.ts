import { HIT_TREE, type HitTrees } from './hit-trees.ts';
import type { Hits } from './hits.ts';

/** Fingerprints that are asked about together: the bits of a number. */
const BITS = 32;

/**
 * Which fingerprints a tree holds, however deep. A tree that is asked about is
 * gone through once for so many fingerprints, and so is what it shares with others.
 */
export class HeldIn {
  readonly #trees: HitTrees;
  readonly #hitsOf: number[][];
  /** Fingerprints asked about now are those from so many times `BITS` on. */
  #batch = -1;
  /** By hit and by tree: which of them it holds, a bit each; for trees if it was looked at for this batch. */
  readonly #ofHit: Int32Array;
  readonly #ofTree: Int32Array;
  readonly #batchOfTree: Int32Array;

  constructor(trees: HitTrees, hits: Pick<Hits, 'fingerprints' | 'sets'>) {
    this.#trees = trees;
    this.#hitsOf = hits.fingerprints.map(() => []);
    for (const [hit, set] of hits.sets.entries()) for (const one of set) this.#hitsOf[one]?.push(hit);
    this.#ofHit = new Int32Array(hits.sets.length);
    this.#ofTree = new Int32Array(trees.count);
    this.#batchOfTree = new Int32Array(trees.count).fill(-1);
  }

  /**
   * Quick for fingerprints whose numbers are near each other, one after the other.
   *
   * @param root - table position of the tree, or −1
   */
  isIn(root: number, fingerprint: number): boolean {
    const tree = root < 0 ? -1 : (this.#trees.numbers[root] ?? 0) - 1;
    if (tree < 0) return false;
    this.#choose(Math.floor(fingerprint / BITS));
    return ((this.#lookAt(tree) >>> (fingerprint % BITS)) & 1) === 1;
  }

  #choose(batch: number): void {
    if (batch === this.#batch) return;
    this.#eachHit((hit) => (this.#ofHit[hit] = 0));
    this.#batch = batch;
    this.#eachHit((hit, bit) => (this.#ofHit[hit] = (this.#ofHit[hit] ?? 0) | (1 << bit)));
  }

  /** The hits of this batch's fingerprints. */
  #eachHit(visit: (hit: number, bit: number) => void): void {
    for (let bit = 0; bit < BITS; bit++)
      for (const hit of this.#hitsOf[this.#batch * BITS + bit] ?? []) visit(hit, bit);
  }

  #lookAt(root: number): number {
    if (this.#batchOfTree[root] === this.#batch) return this.#ofTree[root] ?? 0;
    const { starts, keys, targets } = this.#trees;
    const stack: number[] = [root];
    for (let tree = stack.pop(); tree !== undefined; tree = stack.pop()) {
      if (this.#batchOfTree[tree] !== this.#batch) {
        // Met for the first time: once more when all below has been looked at.
        this.#batchOfTree[tree] = this.#batch;
        this.#ofTree[tree] = 0;
        const above = stack.push(tree);
        for (let at = starts[tree] ?? 0; at < (starts[tree + 1] ?? 0); at++) {
          const target = targets[at] ?? 0;
          if ((keys[at] ?? 0) % 4 === HIT_TREE && this.#batchOfTree[target] !== this.#batch) stack.push(target);
        }
        if (stack.length > above) continue;
        stack.pop();
      }
      let held = 0;
      for (let at = starts[tree] ?? 0; at < (starts[tree + 1] ?? 0); at++) {
        const target = targets[at] ?? 0;
        held |= ((keys[at] ?? 0) % 4 === HIT_TREE ? this.#ofTree[target] : this.#ofHit[target]) ?? 0;
      }
      this.#ofTree[tree] = held;
    }
    return this.#ofTree[root] ?? 0;
  }
}
