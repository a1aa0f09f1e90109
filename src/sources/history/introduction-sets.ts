/** Members of all unions together. Histories can be made in which every commit joins more introductions than the one before. */
const MOST_MEMBERS = 4_000_000;

/**
 * Sets of small numbers, each set a number itself: equal sets are one. 0 is the
 * empty one, a number's own set is that number plus one.
 */
export class IntroductionSets {
  readonly #singles: number;
  readonly #unions: (readonly number[])[] = [];
  /** By their members. */
  readonly #numbers = new Map<string, number>();
  /** By both sets. */
  readonly #joined = new Map<number, number>();
  #left: number;

  /** @param bound - members are below it */
  constructor(bound: number, most = MOST_MEMBERS) {
    this.#singles = bound;
    this.#left = most;
  }

  /** False if there was no room for some. */
  get complete(): boolean {
    return this.#left >= 0;
  }

  single(member: number): number {
    return member + 1;
  }

  /** Ascending. */
  members(set: number): readonly number[] {
    if (set === 0) return [];
    return set <= this.#singles ? [set - 1] : (this.#unions[set - this.#singles - 1] ?? []);
  }

  /** Where there is no room for another set, the first one. */
  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const pair = a * 2 ** 26 + b;
    const known = this.#joined.get(pair);
    if (known !== undefined) return known;
    if (!this.complete) return a;
    const union = this.#number([...new Set([...this.members(a), ...this.members(b)])].sort((x, y) => x - y));
    this.#joined.set(pair, union);
    return union;
  }

  #number(members: readonly number[]): number {
    this.#left -= members.length;
    const key = members.join();
    const number = this.#numbers.get(key) ?? this.#singles + this.#unions.push(members);
    this.#numbers.set(key, number);
    return number;
  }
}
