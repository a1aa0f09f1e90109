const FIRST_CAPACITY = 1024;

/** A list of 32-bit signed numbers that grows: four bytes each. */
export class Numbers {
  #numbers: Int32Array;
  #length = 0;

  /** @param capacity - how many there will be, about; room that is not used costs nothing but addresses */
  constructor(capacity = FIRST_CAPACITY) {
    this.#numbers = new Int32Array(capacity);
  }

  /** A list that goes on where `numbers` ends. @param numbers - the list's own from now on */
  static of(numbers: Int32Array): Numbers {
    const list = new Numbers(0);
    list.#numbers = numbers;
    list.#length = numbers.length;
    return list;
  }

  /** What is in it, without a copy. */
  get values(): Int32Array {
    return this.#numbers.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#numbers[index] ?? 0;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Int32Array(Math.max(FIRST_CAPACITY, 2 * this.#length));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length++] = number;
  }

  /** @param numbers - 32 bits each; those above 2^31 are taken as negative */
  append(numbers: Uint32Array): void {
    const needed = this.#length + numbers.length;
    if (needed > this.#numbers.length) {
      const larger = new Int32Array(Math.max(needed, 2 * this.#numbers.length));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.set(numbers, this.#length);
    this.#length = needed;
  }

  set(index: number, number: number): void {
    this.#numbers[index] = number;
  }
}
