import type { CoverageLog } from '../../core/coverage.ts';
import type { Verdicts } from '../../core/verdicts.ts';
import type { ObjectTable } from '../../git/object-table.ts';

const NO_IDS = new Uint8Array(0);

/** Blobs that an earlier run found nothing in, and those that this one adds to them. */
export class Remembered {
  /** Positions of the blobs that nothing is remembered of. */
  fresh: Uint32Array = new Uint32Array(0);
  readonly #table: ObjectTable;
  readonly #verdicts: Verdicts | null;
  /** By position: size plus one of a blob that holds nothing; 0 for all others. */
  readonly #clean: Float64Array;
  #known = 0;
  #bytes = 0;
  #added = 0;

  constructor(table: ObjectTable, verdicts: Verdicts | null) {
    this.#table = table;
    this.#verdicts = verdicts;
    this.#clean = new Float64Array(verdicts === null ? 0 : table.length);
    const known = verdicts?.load(table.idBytes) ?? null;
    for (let i = 0; i < (known?.count ?? 0); i++) {
      const position = table.find(known?.ids ?? NO_IDS, i * table.idBytes);
      if (position >= 0) this.#clean[position] = (known?.sizes[i] ?? 0) + 1;
    }
  }

  /** Whether anything is remembered of this run. */
  get isKept(): boolean {
    return this.#verdicts !== null;
  }

  isClean(position: number): boolean {
    return (this.#clean[position] ?? 0) > 0;
  }

  /** @param positions - of the blobs to be decided: of these, some need not be looked at */
  choose(positions: Uint32Array): void {
    this.fresh = positions.filter((position) => {
      const size = (this.#clean[position] ?? 0) - 1;
      if (size < 0) return true;
      this.#known++;
      this.#bytes += size;
      return false;
    });
  }

  cover(coverage: CoverageLog): void {
    coverage.add('blobs', this.#known);
    coverage.add('bytesCovered', this.#bytes);
    coverage.add('fromCache', this.#known);
  }

  /** How many blobs are remembered. */
  get known(): number {
    return this.#known;
  }

  /** A blob was decided, nothing was found in it, and nothing kept it from being seen whole. */
  add(position: number, size: number): void {
    if (this.#clean.length === 0) return;
    this.#clean[position] = size + 1;
    this.#added++;
  }

  /** Only after a run that came to its end. */
  save(): void {
    if (this.#verdicts === null || this.#added === 0) return;
    const table = this.#table;
    const positions = table.byId(positionsOf(this.#clean));
    const ids = new Uint8Array(positions.length * table.idBytes);
    const sizes = new Float64Array(positions.length);
    for (const [i, position] of positions.entries()) {
      table.copyId(position, ids.subarray(i * table.idBytes));
      sizes[i] = (this.#clean[position] ?? 1) - 1;
    }
    this.#verdicts.save(table.idBytes, { count: positions.length, ids, sizes });
  }
}

/** Positions of the blobs that hold nothing. */
function positionsOf(clean: Float64Array): Uint32Array {
  let count = 0;
  for (const size of clean) if (size > 0) count++;
  const positions = new Uint32Array(count);
  for (let position = 0, i = 0; position < clean.length; position++)
    if ((clean[position] ?? 0) > 0) positions[i++] = position;
  return positions;
}
