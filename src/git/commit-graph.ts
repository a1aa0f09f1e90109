import { grown, type ObjectTable } from './object-table.ts';
import { COMMIT } from './object/type.ts';

const FIRST_CAPACITY = 1024;
const NONE = new Int32Array(0);
/** So many commits' numbers, and dates below this, fit into one number together. */
const PACKED_COUNT = 2 ** 20;
const PACKED_DATE = 2 ** 33;

/** A `CommitGraph` as plain data; see there. */
export interface CommitColumns {
  readonly positions: Int32Array;
  readonly trees: Int32Array;
  readonly seconds: Float64Array;
  readonly starts: Int32Array;
  readonly parents: Int32Array;
}

/** Room for commits. @param expected - how many there will be, about; most have one parent */
function roomFor(expected: number): CommitColumns {
  const capacity = Math.max(FIRST_CAPACITY, expected);
  return {
    positions: new Int32Array(capacity),
    trees: new Int32Array(capacity),
    seconds: new Float64Array(capacity),
    starts: new Int32Array(capacity + 1),
    parents: new Int32Array(Math.ceil(1.25 * capacity)),
  };
}

/**
 * Who is whose parent, for every commit object of a store, reachable or not.
 * A commit is a number here, in order of arrival. Grafts and replacements
 * are not looked at, as the commits themselves don't.
 */
export class CommitGraph {
  readonly #table: ObjectTable;
  #length = 0;
  #positions: Int32Array;
  #trees: Int32Array;
  #seconds: Float64Array;
  /** Where the parents of a commit start in `#parents`; one more cell than commits. */
  #starts: Int32Array;
  /** Table positions; below 0 for a commit that is not in the store. */
  #parents: Int32Array;
  /** By table position; 0, or a commit's number plus one. */
  readonly #numbers: Int32Array;
  /** As `#parents`, their numbers; made when somebody asks, once commits are all there. */
  #parentNumbers: Int32Array | null = null;

  /** @param columns - of commits that it begins with; its own from now on */
  constructor(table: ObjectTable, columns?: CommitColumns) {
    const { positions, trees, seconds, starts, parents } = columns ?? roomFor(table.countOfType(COMMIT));
    this.#table = table;
    this.#numbers = new Int32Array(table.length);
    this.#length = columns ? positions.length : 0;
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
    this.#parentNumbers = null;
    if (number === this.#positions.length) this.#grow();
    this.#numbers[position] = number + 1;
    this.#positions[number] = position;
    this.#trees[number] = tree;
    this.#seconds[number] = seconds;
    let end = this.#starts[number] ?? 0;
    for (let i = 0; i < parents.length; i++) {
      if (end === this.#parents.length)
        this.#parents = grown(this.#parents, new Int32Array(Math.max(FIRST_CAPACITY, 2 * end)));
      this.#parents[end++] = parents[i] ?? -1;
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
    return (this.#parentNumbers ?? this.#numberParents())[at] ?? -1;
  }

  /** Parents of all commits, by their numbers: those of a commit are `numbers[starts[commit]]` up to before `numbers[starts[commit + 1]]`. */
  get parentLists(): { readonly starts: Int32Array; readonly numbers: Int32Array } {
    return { starts: this.#starts, numbers: this.#parentNumbers ?? this.#numberParents() };
  }

  #numberParents(): Int32Array {
    const numbers = new Int32Array(this.#starts[this.#length] ?? 0);
    for (let at = 0; at < numbers.length; at++) numbers[at] = this.numberAt(this.#parents[at] ?? -1);
    return (this.#parentNumbers = numbers);
  }

  parents(number: number): number[] {
    const numbers: number[] = [];
    for (let at = this.firstParent(number); at < this.endOfParents(number); at++) numbers.push(this.parentAt(at));
    return numbers;
  }

  /** Marks commits and all their ancestors in `marks`, which has a cell for each commit. */
  flood(from: Iterable<number>, marks: Uint8Array): void {
    const { starts, numbers } = this.parentLists;
    const stack = [...from].filter((number) => number >= 0);
    for (let number = stack.pop(); number !== undefined; number = stack.pop()) {
      if (marks[number] === 1) continue;
      marks[number] = 1;
      for (let at = starts[number] ?? 0; at < (starts[number + 1] ?? 0); at++) {
        const parent = numbers[at] ?? -1;
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
    const { starts, numbers } = this.parentLists;
    const { ranks, byRank } = this.#rankByAge(first);
    const ready = new RankQueue(byRank.length);
    for (let number = first; number < this.#length; number++)
      if (children[number - first] === 0) ready.add(ranks[number - first] ?? 0);
    let at = this.#length;
    for (let rank = ready.takeHighest(); rank >= 0; rank = ready.takeHighest()) {
      const number = byRank[rank] ?? 0;
      order[--at] = number;
      for (let link = starts[number] ?? 0; link < (starts[number + 1] ?? 0); link++) {
        const parent = numbers[link] ?? -1;
        if (parent < first) continue;
        const left = (children[parent - first] ?? 0) - 1;
        children[parent - first] = left;
        if (left === 0) ready.add(ranks[parent - first] ?? 0);
      }
    }
    return order;
  }

  /** Commits from a number on by date, and by id where dates are equal, the oldest first; and by commit, less that number, where it stands there. */
  #rankByAge(first: number): { readonly ranks: Int32Array; readonly byRank: Int32Array } {
    const byRank = this.#byDate(first);
    for (let from = 0, to = 1; from < byRank.length; from = to++) {
      const date = this.#seconds[byRank[from] ?? 0];
      while (to < byRank.length && this.#seconds[byRank[to] ?? 0] === date) to++;
      if (to - from > 1) this.#sortById(byRank.subarray(from, to));
    }
    const ranks = new Int32Array(byRank.length);
    for (let rank = 0; rank < byRank.length; rank++) ranks[(byRank[rank] ?? 0) - first] = rank;
    return { ranks, byRank };
  }

  #byDate(first: number): Int32Array {
    const count = this.#length - first;
    const byDate = new Int32Array(count);
    const keys = new Float64Array(count);
    let isExact = count <= PACKED_COUNT;
    for (let i = 0; i < count; i++) {
      const date = this.#seconds[first + i] ?? 0;
      isExact &&= date >= 0 && date < PACKED_DATE && Math.floor(date) === date;
      keys[i] = date * PACKED_COUNT + i;
      byDate[i] = first + i;
    }
    if (!isExact) return byDate.sort((a, b) => (this.#seconds[a] ?? 0) - (this.#seconds[b] ?? 0));
    // As numbers alone they are sorted several times as fast.
    keys.sort();
    for (let i = 0; i < count; i++) {
      const key = keys[i] ?? 0;
      byDate[i] = first + key - Math.floor(key / PACKED_COUNT) * PACKED_COUNT;
    }
    return byDate;
  }

  #sortById(numbers: Int32Array): void {
    numbers.sort((a, b) => this.#table.compareIds(this.position(a), this.position(b)));
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

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, 2 * this.#positions.length);
    this.#positions = grown(this.#positions, new Int32Array(capacity));
    this.#trees = grown(this.#trees, new Int32Array(capacity));
    this.#seconds = grown(this.#seconds, new Float64Array(capacity));
    this.#starts = grown(this.#starts, new Int32Array(capacity + 1));
  }
}

/** Small whole numbers, of which the highest is taken out each time. */
class RankQueue {
  /** A bit each; then for each word of these whether it has any, and so on up to a single word. */
  readonly #levels: Int32Array[] = [];

  /** @param bound - numbers are below it */
  constructor(bound: number) {
    for (let words = bound; words > 1 || this.#levels.length === 0;) {
      words = Math.ceil(words / 32);
      this.#levels.push(new Int32Array(words));
    }
  }

  add(rank: number): void {
    let word = 0;
    for (let i = 0, at = rank; word === 0 && i < this.#levels.length; i++, at >>>= 5) {
      const level = this.#levels[i] ?? NONE;
      word = level[at >>> 5] ?? 0;
      level[at >>> 5] = word | (1 << (at & 31));
    }
  }

  /** The highest, or −1. */
  takeHighest(): number {
    if (this.#levels.at(-1)?.[0] === 0) return -1;
    let rank = 0;
    for (let i = this.#levels.length - 1; i >= 0; i--)
      rank = (rank << 5) | (31 - Math.clz32(this.#levels[i]?.[rank] ?? 0));
    let word = 0;
    for (let i = 0, at = rank; word === 0 && i < this.#levels.length; i++, at >>>= 5) {
      const level = this.#levels[i] ?? NONE;
      word = (level[at >>> 5] ?? 0) & ~(1 << (at & 31));
      level[at >>> 5] = word;
    }
    return rank;
  }
}
