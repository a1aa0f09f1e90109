/**
 * All trees of a repository, each as what it takes over from another one and
 * what it has of its own: a directory's versions differ in few entries, so
 * this is small, and what holds for a tree can be worked out from its base.
 */
import type { ByteSet } from '../bytes/byte-set.ts';
import { Numbers } from '../bytes/numbers.ts';
import { ObjectTable } from './object-table.ts';
import { EntryCursor } from './object/tree.ts';

/** What an entry's mode says. */
export const KIND_BLOB = 0;
export const KIND_TREE = 1;
export const KIND_GITLINK = 2;

/** In `targets`: a gitlink's, which is in another repository. */
export const NO_TARGET = -1;

/** `TreeDeltas` without names, as plain data. */
export interface TreeDeltasParts {
  readonly targets: Int32Array;
  readonly entries: Int32Array;
  readonly steps: Int32Array;
  readonly order: Int32Array;
  readonly bases: Int32Array;
  readonly firstStep: Int32Array;
  readonly stepEnd: Int32Array;
  /** Raw ids, one after the other. */
  readonly absent: Uint8Array;
}

/**
 * Trees by their position in a table. A tree is a list of steps, two numbers
 * each: `i, n` takes over `n` entries of the base from its `i`-th on; `~e, n` has `n`
 * entries of its own, the edges from `e` on.
 */
export class TreeDeltas {
  readonly table: ObjectTable;
  readonly names: ByteSet;
  /** By edge: the position of what the entry leads to; `NO_TARGET`; or `~k` − 1 for the `k`-th of `absent`. */
  readonly targets: Numbers;
  /** By edge: the number of the entry's name, times 4, and what its mode says. */
  readonly entries: Numbers;
  readonly steps: Numbers;
  /** Positions in the order in which trees were read: a base before what is built on it. */
  readonly order: Numbers;
  /** By position: the base, or −1. */
  readonly bases: Int32Array;
  /** By position: where its steps start and end in `steps`. */
  readonly firstStep: Int32Array;
  readonly stepEnd: Int32Array;
  /** Ids that entries name and that are not in the table. */
  readonly absent: ObjectTable;

  /** @param parts - of what was read before; its own from now on */
  constructor(table: ObjectTable, names: ByteSet, parts?: TreeDeltasParts) {
    this.table = table;
    this.names = names;
    this.targets = parts ? Numbers.of(parts.targets) : new Numbers();
    this.entries = parts ? Numbers.of(parts.entries) : new Numbers();
    this.steps = parts ? Numbers.of(parts.steps) : new Numbers();
    this.order = parts ? Numbers.of(parts.order) : new Numbers();
    this.bases = parts?.bases ?? new Int32Array(table.length).fill(-1);
    this.firstStep = parts?.firstStep ?? new Int32Array(table.length);
    this.stepEnd = parts?.stepEnd ?? new Int32Array(table.length);
    this.absent = new ObjectTable(table.idLength);
    const { idBytes } = table;
    const absent = parts?.absent ?? new Uint8Array(0);
    for (let at = 0; at < absent.length; at += idBytes) this.absent.add(absent, at);
  }

  /** All of it but the names, as plain data, without a copy. */
  get parts(): TreeDeltasParts {
    const { targets, entries, steps, order, bases, firstStep, stepEnd, absent } = this;
    return {
      targets: targets.values,
      entries: entries.values,
      steps: steps.values,
      order: order.values,
      bases,
      firstStep,
      stepEnd,
      absent: absent.share().ids,
    };
  }

  /** Calls back for each edge of a tree's own. */
  eachOwn(position: number, visit: (edge: number) => void): void {
    const { steps } = this;
    for (let at = this.firstStep[position] ?? 0; at < (this.stepEnd[position] ?? 0); at += 2) {
      const first = ~steps.at(at);
      if (first >= 0) for (let edge = first; edge < first + steps.at(at + 1); edge++) visit(edge);
    }
  }

  /** Edges of all entries of a tree, in order. */
  edgesOf(position: number): number[] {
    const chain = [position];
    for (let base = this.bases[position] ?? -1; base >= 0; base = this.bases[base] ?? -1) chain.push(base);
    let edges: number[] = [];
    for (let tree = chain.pop(); tree !== undefined; tree = chain.pop()) {
      const above = edges;
      edges = [];
      for (let at = this.firstStep[tree] ?? 0; at < (this.stepEnd[tree] ?? 0); at += 2) {
        const [first, count] = [this.steps.at(at), this.steps.at(at + 1)];
        for (let i = 0; i < count; i++) edges.push(first < 0 ? ~first + i : (above[first + i] ?? 0));
      }
    }
    return edges;
  }
}

/** Writes trees to a `TreeDeltas`, one after the other. */
export class TreeWriter {
  readonly #deltas: TreeDeltas;
  readonly #cursor: EntryCursor;
  #position = 0;
  /** The last step, if it is one of own edges. */
  #open = false;

  constructor(deltas: TreeDeltas) {
    this.#deltas = deltas;
    this.#cursor = new EntryCursor(deltas.table.idBytes);
  }

  /** Where the entry that was read last ends. */
  get end(): number {
    return this.#cursor.end;
  }

  /** Begins a tree. @param base - position of the one that it takes entries from, or −1 */
  begin(position: number, base: number): void {
    const { steps, bases, firstStep } = this.#deltas;
    this.#position = position;
    this.#open = false;
    bases[position] = base;
    firstStep[position] = steps.length;
  }

  take(first: number, count: number): void {
    this.#deltas.steps.push(first);
    this.#deltas.steps.push(count);
    this.#open = false;
  }

  /**
   * Reads an entry and adds it.
   *
   * @returns false if there is no whole one between `at` and `limit`
   */
  read(bytes: Uint8Array, at: number, limit: number): boolean {
    const cursor = this.#cursor;
    if (!cursor.read(bytes, at, limit)) return false;
    const { table, absent, names } = this.#deltas;
    const { isGitlink } = cursor;
    const child = isGitlink ? NO_TARGET : table.find(bytes, cursor.idStart);
    const kind = isGitlink ? KIND_GITLINK : cursor.isTree ? KIND_TREE : KIND_BLOB;
    this.add(
      child >= 0 || isGitlink ? child : ~absent.add(bytes, cursor.idStart) - 1,
      names.add(bytes, cursor.nameStart, cursor.nameEnd) * 4 + kind,
    );
    return true;
  }

  /** Adds an entry of the tree's own, by its numbers. */
  add(target: number, entry: number): void {
    const { steps, targets, entries } = this.#deltas;
    if (this.#open) steps.set(steps.length - 1, steps.at(steps.length - 1) + 1);
    else {
      steps.push(~targets.length);
      steps.push(1);
      this.#open = true;
    }
    targets.push(target);
    entries.push(entry);
  }

  /** Ends the tree. */
  finish(): void {
    const { steps, stepEnd, order } = this.#deltas;
    stepEnd[this.#position] = steps.length;
    order.push(this.#position);
  }

  /** Reads a tree that is there as a whole. @returns false if it is malformed; entries before the fault are added */
  readWhole(position: number, bytes: Uint8Array, start: number, end: number): boolean {
    this.begin(position, -1);
    let at = start;
    while (at < end && this.read(bytes, at, end)) at = this.end;
    this.finish();
    return at === end;
  }
}
