import { grown, type ObjectTable } from './object-table.ts';

const FIRST_CAPACITY = 1024;
const NONE = new Int32Array(0);

/** A `CommitGraph` as plain data; see there. */
export interface CommitColumns {
  readonly positions: Int32Array;
  readonly trees: Int32Array;
  readonly seconds: Float64Array;
  readonly starts: Int32Array;
  readonly parents: Int32Array;
}

/**
 * Who is whose parent, for every commit object of a store, reachable or not.
 * A commit is a number here, in order of arrival. Grafts and replacements
 * are not looked at, as the commits themselves don't.
 */
export class CommitGraph {
  readonly #table: ObjectTable;
  #length = 0;
  #positions: Int32Array = new Int32Array(FIRST_CAPACITY);
  #trees: Int32Array = new Int32Array(FIRST_CAPACITY);
  #seconds: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** Where the parents of a commit start in `#parents`; one more cell than commits. */
  #starts: Int32Array = new Int32Array(FIRST_CAPACITY + 1);
  /** Table positions; below 0 for a commit that is not in the store. */
  #parents: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** By table position; 0, or a commit's number plus one. */
  readonly #numbers: Int32Array;

  /** @param columns - of commits that it begins with; its own from now on */
  constructor(table: ObjectTable, columns?: CommitColumns) {
    this.#table = table;
    this.#numbers = new Int32Array(table.length);
    if (!columns) return;
    const { positions, trees, seconds, starts, parents } = columns;
    this.#length = positions.length;
    this.#positions = positions;
    this.#trees = trees;
    this.#seconds = seconds;
    this.#starts = starts;
    this.#parents = parents;
    for (let number = 0; number < this.#length; number++) this.#numbers[positions[number] ?? 0] = number + 1;
  }

  /** The first so many commits as plain data, without a copy. */
  columns(length: number): CommitColumns {
    return {
      positions: this.#positions.subarray(0, length),
      trees: this.#trees.subarray(0, length),
      seconds: this.#seconds.subarray(0, length),
      starts: this.#starts.subarray(0, length + 1),
      parents: this.#parents.subarray(0, this.#starts[length]),
    };
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a commit. @param links - as table positions; below 0 for what is not in the store */
  add(
    position: number,
    {
      tree,
      parents,
      seconds,
    }: { readonly tree: number; readonly parents: readonly number[]; readonly seconds: number },
  ): void {
    const number = this.#length++;
    if (number === this.#positions.length) this.#grow();
    this.#numbers[position] = number + 1;
    this.#positions[number] = position;
    this.#trees[number] = tree;
    this.#seconds[number] = seconds;
    let end = this.#starts[number] ?? 0;
    for (const parent of parents) {
      if (end === this.#parents.length)
        this.#parents = grown(this.#parents, new Int32Array(Math.max(FIRST_CAPACITY, 2 * end)));
      this.#parents[end++] = parent;
    }
    this.#starts[number + 1] = end;
  }

  /** The number of the commit at a table position, or -1. */
  numberAt(position: number): number {
    return (this.#numbers[position] ?? 0) - 1;
  }

  position(number: number): number {
    return this.#positions[number] ?? -1;
  }

  /** Table position of a commit's root tree; below 0 if it is not in the store. */
  tree(number: number): number {
    return this.#trees[number] ?? -1;
  }

  /** The parents of a commit are those from here … */
  firstParent(number: number): number {
    return this.#starts[number] ?? 0;
  }

  /** … to before here, for `parentAt`. */
  endOfParents(number: number): number {
    return this.#starts[number + 1] ?? 0;
  }

  /** A parent's number; -1 for one that is not in the store, or was not readable. */
  parentAt(at: number): number {
    return this.numberAt(this.#parents[at] ?? -1);
  }

  parents(number: number): number[] {
    const numbers: number[] = [];
    for (let at = this.firstParent(number); at < this.endOfParents(number); at++) numbers.push(this.parentAt(at));
    return numbers;
  }

  /** Marks commits and all their ancestors in `marks`, which has a cell for each commit. */
  flood(from: Iterable<number>, marks: Uint8Array): void {
    const stack = [...from].filter((number) => number >= 0);
    for (let number = stack.pop(); number !== undefined; number = stack.pop()) {
      if (marks[number] === 1) continue;
      marks[number] = 1;
      for (let at = this.firstParent(number); at < this.endOfParents(number); at++) {
        const parent = this.parentAt(at);
        if (parent >= 0 && marks[parent] !== 1) stack.push(parent);
      }
    }
  }

  /**
   * All commits as `git rev-list --date-order --reverse` has them: parents
   * first, otherwise by commit date; equal dates by id.
   *
   * @param known - the order of the first commits alone, of which none has another one as a parent; or nothing
   */
  dateOrder(known: Int32Array = NONE): Int32Array {
    // If all others are newer, all of them come after: nothing of the order of the first ones depends on them.
    const first = this.#newestOf(known.length) < this.#oldestFrom(known.length) ? known.length : 0;
    const order = new Int32Array(this.#length);
    order.set(known.subarray(0, first));
    const children = this.#childCounts(first);
    const queue = new CommitQueue((a, b) => this.#isNewer(a, b));
    for (let number = first; number < this.#length; number++) if (children[number - first] === 0) queue.push(number);
    let at = this.#length;
    for (let number = queue.pop(); number >= 0; number = queue.pop()) {
      order[--at] = number;
      for (const parent of this.parents(number)) {
        if (parent < first) continue;
        const left = (children[parent - first] ?? 0) - 1;
        children[parent - first] = left;
        if (left === 0) queue.push(parent);
      }
    }
    return order;
  }

  #newestOf(count: number): number {
    let newest = -Infinity;
    for (let number = 0; number < count; number++) newest = Math.max(newest, this.#seconds[number] ?? 0);
    return newest;
  }

  #oldestFrom(first: number): number {
    let oldest = Infinity;
    for (let number = first; number < this.#length; number++) oldest = Math.min(oldest, this.#seconds[number] ?? 0);
    return oldest;
  }

  /** How many children each commit from `first` on has. */
  #childCounts(first: number): Int32Array {
    const counts = new Int32Array(this.#length - first);
    for (let at = this.#starts[first] ?? 0; at < (this.#starts[this.#length] ?? 0); at++) {
      const parent = this.parentAt(at);
      if (parent >= first) counts[parent - first] = (counts[parent - first] ?? 0) + 1;
    }
    return counts;
  }

  #isNewer(a: number, b: number): boolean {
    const difference = (this.#seconds[a] ?? 0) - (this.#seconds[b] ?? 0);
    if (difference !== 0) return difference > 0;
    return this.#table.hex(this.position(a)) > this.#table.hex(this.position(b));
  }

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, 2 * this.#positions.length);
    this.#positions = grown(this.#positions, new Int32Array(capacity));
    this.#trees = grown(this.#trees, new Int32Array(capacity));
    this.#seconds = grown(this.#seconds, new Float64Array(capacity));
    this.#starts = grown(this.#starts, new Int32Array(capacity + 1));
  }
}

/** A binary heap of commit numbers, the newest on top. */
class CommitQueue {
  readonly #heap: number[] = [];
  readonly #isNewer: (a: number, b: number) => boolean;

  constructor(isNewer: (a: number, b: number) => boolean) {
    this.#isNewer = isNewer;
  }

  push(number: number): void {
    let at = this.#heap.push(number) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = this.#heap[above] ?? 0;
      if (!this.#isNewer(number, other)) break;
      this.#heap[at] = other;
      at = above;
    }
    this.#heap[at] = number;
  }

  /** The newest, or -1. */
  pop(): number {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top === undefined || last === undefined) return -1;
    if (this.#heap.length > 0) this.#sink(last);
    return top;
  }

  #sink(number: number): void {
    let at = 0;
    for (;;) {
      const child = this.#newerChild(at);
      const other = this.#heap[child];
      if (other === undefined || !this.#isNewer(other, number)) break;
      this.#heap[at] = other;
      at = child;
    }
    this.#heap[at] = number;
  }

  #newerChild(at: number): number {
    const left = 2 * at + 1;
    const [a, b] = [this.#heap[left], this.#heap[left + 1]];
    return a !== undefined && b !== undefined && this.#isNewer(b, a) ? left + 1 : left;
  }
}
