/** Which of the hit trees hold a hit, found from it upwards. */
import type { ObjectTable } from '../../git/object-table.ts';
import { HIT_TREE, type HitTrees, positionsOf } from './hit-trees.ts';
import type { Hits } from './hits.ts';

/** Entries turned round: from what is pointed at to the trees that point. */
interface Reverse {
  readonly starts: Int32Array;
  readonly trees: Int32Array;
}

export class Carriers {
  readonly #trees: HitTrees;
  readonly #fromTree: Reverse;
  readonly #fromHit: Reverse;
  /** By tree. */
  #positions: Int32Array | null = null;

  constructor(trees: HitTrees, hits: Hits) {
    this.#trees = trees;
    this.#fromTree = turnRound(trees, trees.count, true);
    this.#fromHit = turnRound(trees, hits.ids.length, false);
  }

  /**
   * A path to this hit from a tree that is in no other; names as numbers, the top
   * first. Of several trees, that of the smallest id. Null if no tree has it.
   */
  somePath(hit: number, table: ObjectTable): number[] | null {
    const names: number[] = [];
    let tree = this.#firstOf(pointers(this.#fromHit, hit), table);
    if (tree === undefined) return null;
    names.push(this.#nameIn(tree, hit, false));
    for (
      let parent = this.#firstOf(pointers(this.#fromTree, tree), table);
      parent !== undefined;
      parent = this.#firstOf(pointers(this.#fromTree, tree), table)
    ) {
      names.push(this.#nameIn(parent, tree, true));
      tree = parent;
    }
    return names.toReversed();
  }

  #firstOf(trees: readonly number[], table: ObjectTable): number | undefined {
    if (trees.length < 2) return trees[0];
    this.#positions ??= positionsOf(this.#trees);
    const ids = new Map(trees.map((tree) => [tree, table.hex(this.#positions?.[tree] ?? 0)]));
    return trees.reduce((a, b) => ((ids.get(b) ?? '') < (ids.get(a) ?? '') ? b : a));
  }

  #nameIn(tree: number, target: number, isTree: boolean): number {
    const { starts, keys, targets } = this.#trees;
    for (let i = starts[tree] ?? 0; i < (starts[tree + 1] ?? 0); i++) {
      const key = keys[i] ?? 0;
      if (targets[i] === target && (key % 4 === HIT_TREE) === isTree) return Math.floor(key / 4);
    }
    return -1;
  }
}

function pointers({ starts, trees }: Reverse, target: number): number[] {
  return [...trees.subarray(starts[target], starts[target + 1])];
}

/** @param ofTrees - of entries that lead to trees, or of those that lead to hits */
function turnRound({ count, starts, keys, targets }: HitTrees, size: number, ofTrees: boolean): Reverse {
  const wanted = (i: number): boolean => ((keys[i] ?? 0) % 4 === HIT_TREE) === ofTrees;
  const ends = new Int32Array(size + 1);
  for (let i = 0; i < targets.length; i++) {
    const end = (targets[i] ?? 0) + 1;
    if (wanted(i)) ends[end] = (ends[end] ?? 0) + 1;
  }
  for (let i = 0; i < size; i++) ends[i + 1] = (ends[i + 1] ?? 0) + (ends[i] ?? 0);
  const next = ends.slice();
  const trees = new Int32Array(ends[size] ?? 0);
  for (let tree = 0; tree < count; tree++) {
    for (let i = starts[tree] ?? 0; i < (starts[tree + 1] ?? 0); i++) {
      if (!wanted(i)) continue;
      const target = targets[i] ?? 0;
      const at = next[target] ?? 0;
      trees[at] = tree;
      next[target] = at + 1;
    }
  }
  return { starts: ends, trees };
}
