import type { CoverageLog } from '../../core/coverage.ts';
import type { Verdicts } from '../../core/verdicts.ts';
import type { HistoryStore } from './store.ts';

/** Blobs that an earlier run found nothing in, and those that this one adds to them. */
export class Remembered {
  /** Positions of the blobs that nothing is remembered of. */
  readonly fresh: Uint32Array;
  readonly #store: HistoryStore;
  readonly #verdicts: Verdicts | null;
  /** By position: size plus one of a blob that holds nothing; 0 for all others. */
  readonly #clean: Float64Array;
  #known = 0;
  #bytes = 0;
  #added = 0;

  /** @param positions - of the blobs to be decided */
  constructor(store: HistoryStore, verdicts: Verdicts | null, positions: Uint32Array) {
    this.#store = store;
    this.#verdicts = verdicts;
    this.#clean = new Float64Array(verdicts === null ? 0 : store.table.length);
    this.fresh = verdicts === null ? positions : this.#recall(verdicts, positions);
  }

  #recall(verdicts: Verdicts, positions: Uint32Array): Uint32Array {
    const { table } = this.#store;
    const known = verdicts.load(table.idBytes);
    if (known === null) return positions;
    const { count, ids, sizes } = known;
    for (let i = 0; i < count; i++) {
      const position = table.find(ids, i * table.idBytes);
      if (position >= 0) this.#clean[position] = (sizes[i] ?? 0) + 1;
    }
    return positions.filter((position) => {
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
    const { table } = this.#store;
    const positions = inOrder(this.#store, this.#clean);
    const ids = new Uint8Array(positions.length * table.idBytes);
    const sizes = new Float64Array(positions.length);
    for (const [i, position] of positions.entries()) {
      table.copyId(position, ids.subarray(i * table.idBytes));
      sizes[i] = (this.#clean[position] ?? 1) - 1;
    }
    this.#verdicts.save(table.idBytes, { count: positions.length, ids, sizes });
  }
}

/** Positions of the blobs that hold nothing, by rising id. */
function inOrder({ table, packs }: HistoryStore, clean: Float64Array): Uint32Array {
  const positions: number[] = [];
  for (let position = 0; position < clean.length; position++) if ((clean[position] ?? 0) > 0) positions.push(position);
  // Rows of a store are in order already.
  if (packs !== null) return Uint32Array.from(positions);
  const ids = new Map(positions.map((position) => [position, table.hex(position)]));
  return Uint32Array.from(positions).sort((a, b) => ((ids.get(a) ?? '') < (ids.get(b) ?? '') ? -1 : 1));
}
