/** How far a source has come. `total` objects, where it knows. */
export interface Progress {
  readonly objects: number;
  readonly bytes: number;
  readonly total?: number;
}

export type OnProgress = (progress: Progress) => void;

const INTERVAL_MS = 100;

/** Counts, and tells at most every 100 ms. */
export class ProgressMeter {
  readonly #tell: OnProgress | undefined;
  #total: number | undefined;
  #objects = 0;
  #bytes = 0;
  #toldAt = 0;

  constructor(tell: OnProgress | undefined, total?: number) {
    this.#tell = tell;
    this.#total = total;
  }

  /** So many of the total need not be looked at. */
  skip(objects: number): void {
    if (this.#total !== undefined) this.#total -= objects;
  }

  add(objects: number, bytes: number): void {
    this.#objects += objects;
    this.#bytes += bytes;
    if (this.#tell === undefined) return;
    const now = performance.now();
    if (now - this.#toldAt < INTERVAL_MS) return;
    this.#toldAt = now;
    const counts = { objects: this.#objects, bytes: this.#bytes };
    this.#tell(this.#total === undefined ? counts : { ...counts, total: this.#total });
  }
}
