const FIRST_CAPACITY = 1024;

/** A list of 32-bit signed numbers that grows: four bytes each. */
export class Numbers {
  #numbers = new Int32Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#numbers[index] ?? 0;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Int32Array(2 * this.#length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length++] = number;
  }

  set(index: number, number: number): void {
    this.#numbers[index] = number;
  }
}
