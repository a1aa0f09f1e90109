import type { TreeDeltas } from '../../git/tree-deltas.ts';
import { TREE } from '../../git/object/type.ts';
import type { KernelFollowing } from '../../git/follow-trees.ts';
import type { Reach } from './reach.ts';

/** Marks what reached trees lead to. */
export class Following {
  readonly #deltas: TreeDeltas;
  readonly #reach: Reach;
  /** Reached trees whose entries were not followed yet. */
  readonly #pending: number[] = [];

  readonly #kernel: KernelFollowing | null;

  /** @param kernel - does it where it can */
  constructor(deltas: TreeDeltas, reach: Reach, kernel: KernelFollowing | null = null) {
    this.#deltas = deltas;
    this.#reach = reach;
    this.#kernel = kernel;
  }

  run(): void {
    const { order } = this.#deltas;
    if (this.#kernel) this.#kernel.run();
    else for (let i = 0; i < order.length; i++) if (this.#reach.isReached(order.at(i))) this.#pending.push(order.at(i));
    this.#drain();
    // What a tree has from its base was followed there, unless nothing leads to the base.
    const expanded = new Set<number>();
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (const tree of this.#kernel?.orphans() ?? this.#orphans()) {
        if (expanded.has(tree)) continue;
        expanded.add(tree);
        for (const edge of this.#deltas.edgesOf(tree)) this.#follow(edge);
        this.#drain();
        isDone = false;
      }
    }
    for (const number of this.#kernel?.absent() ?? []) this.#addAbsent(number);
  }

  /** As `KernelFollowing` has them. */
  *#orphans(): Generator<number, void, undefined> {
    const { order, bases } = this.#deltas;
    for (let i = 0; i < order.length; i++) {
      const tree = order.at(i);
      const base = bases[tree] ?? -1;
      if (base >= 0 && !this.#reach.isReached(base) && this.#reach.isReached(tree)) yield tree;
    }
  }

  #drain(): void {
    if (this.#kernel) {
      for (let tree = this.#pending.pop(); tree !== undefined; tree = this.#pending.pop()) this.#kernel.follow(tree);
      return;
    }
    const { firstStep, stepEnd } = this.#deltas;
    const [steps, targets] = [this.#deltas.steps.values, this.#deltas.targets.values];
    for (let tree = this.#pending.pop(); tree !== undefined; tree = this.#pending.pop()) {
      const stop = stepEnd[tree] ?? 0;
      for (let at = firstStep[tree] ?? 0; at < stop; at += 2) {
        const first = ~(steps[at] ?? 0);
        if (first < 0) continue;
        const end = first + (steps[at + 1] ?? 0);
        // Most are reached already: millions of calls are saved.
        for (let edge = first; edge < end; edge++) {
          const target = targets[edge] ?? -1;
          if (target < -1 || (target >= 0 && !this.#reach.isReached(target))) this.#follow(edge);
        }
      }
    }
  }

  #follow(edge: number): void {
    const { targets, table } = this.#deltas;
    const target = targets.at(edge);
    if (target < -1) this.#addAbsent(~(target + 1));
    if (target < 0 || this.#reach.isReached(target)) return;
    this.#reach.mark(target);
    if (table.type(target) === TREE) this.#pending.push(target);
  }

  #addAbsent(number: number): void {
    this.#reach.absent.add(Buffer.from(this.#deltas.absent.hex(number), 'hex'), 0);
  }
}

/**
 * Which absent ids the reached ones among the first trees name, as numbers in `absent`.
 *
 * @param trees - how many, in the order of reading
 */
export function absentReached(deltas: TreeDeltas, trees: number, reach: Reach): Int32Array {
  const found = new Set<number>();
  if (deltas.absent.length === 0) return new Int32Array(0);
  for (let i = 0; i < trees; i++) {
    const tree = deltas.order.at(i);
    if (!reach.isReached(tree)) continue;
    const note = (edge: number): void => {
      const target = deltas.targets.at(edge);
      if (target < -1) found.add(~(target + 1));
    };
    const base = deltas.bases[tree] ?? -1;
    if (base < 0 || reach.isReached(base)) deltas.eachOwn(tree, note);
    else deltas.edgesOf(tree).forEach(note);
  }
  return Int32Array.from(found);
}
