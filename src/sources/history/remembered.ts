import type { CoverageLog } from '../../core/coverage.ts';
import type { Verdicts } from '../../core/verdicts.ts';
import type { ObjectTable } from '../../git/object-table.ts';

const NO_IDS = new Uint8Array(0);

/** Blobs that need not be looked at, by their number and bytes. */
export interface CleanSum {
  readonly blobs: number;
  readonly bytes: number;
}

/** Blobs that an earlier run found nothing in, and those that this one adds to them. */
export class Remembered {
  /** Positions of the blobs that nothing is remembered of. */
  fresh: Uint32Array = new Uint32Array(0);
  readonly #table: ObjectTable;
  readonly #keep: Verdicts | null;
  /** By position: size plus one of a blob that holds nothing; 0 for all others. */
  readonly #clean: Float64Array;
  #known: number;
  #bytes: number;
  #added = 0;

  /**
   * @param read - verdicts on blobs, all of them true
   * @param keep - where those of this run go, in place of what is there
   * @param sum - of blobs that are not asked about, because facts say that they hold nothing
   */
  constructor(table: ObjectTable, read: readonly Verdicts[], keep: Verdicts | null, sum?: CleanSum) {
    this.#table = table;
    this.#keep = keep;
    this.#known = sum?.blobs ?? 0;
    this.#bytes = sum?.bytes ?? 0;
    this.#clean = new Float64Array(keep === null ? 0 : table.length);
    for (const verdicts of read) this.#recall(verdicts);
  }

  #recall(verdicts: Verdicts): void {
    const { idBytes } = this.#table;
    const { count, ids, sizes } = verdicts.load(idBytes) ?? { count: 0, ids: NO_IDS, sizes: [] };
    for (let i = 0; i < count; i++) {
      const position = this.#table.find(ids, i * idBytes);
      if (position >= 0) this.#clean[position] = (sizes[i] ?? 0) + 1;
    }
  }

  /** Whether anything is remembered of this run. */
  get isKept(): boolean {
    return this.#keep !== null;
  }

  isClean(position: number): boolean {
    return (this.#clean[position] ?? 0) > 0;
  }

  /** Bytes of a blob that holds nothing. */
  size(position: number): number {
    return Math.max(0, (this.#clean[position] ?? 0) - 1);
  }

  /** @param positions - of the blobs to be decided: of these, some need not be looked at */
  choose(positions: Uint32Array): void {
    this.fresh = positions;
    if (this.#clean.length === 0) return;
    this.fresh = positions.filter((position) => {
      if (!this.isClean(position)) return true;
      this.#known++;
      this.#bytes += this.size(position);
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
    if (this.#keep !== null && this.#added > 0) this.saveTo(this.#keep, () => true);
  }

  /** @param isMeant - which of those that hold nothing, by position */
  saveTo(verdicts: Verdicts, isMeant: (position: number) => boolean): void {
    const table = this.#table;
    const positions = table.byId(positionsOf(this.#clean, isMeant));
    const ids = new Uint8Array(positions.length * table.idBytes);
    const sizes = new Float64Array(positions.length);
    for (const [i, position] of positions.entries()) {
      table.copyId(position, ids.subarray(i * table.idBytes));
      sizes[i] = this.size(position);
    }
    verdicts.save(table.idBytes, { count: positions.length, ids, sizes });
  }
}

/** Positions of those blobs that hold nothing. */
function positionsOf(clean: Float64Array, isMeant: (position: number) => boolean): Uint32Array {
  const positions = new Uint32Array(clean.length);
  let count = 0;
  for (let position = 0; position < clean.length; position++)
    if ((clean[position] ?? 0) > 0 && isMeant(position)) positions[count++] = position;
  return positions.slice(0, count);
}
