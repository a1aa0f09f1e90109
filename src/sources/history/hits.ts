import type { Holdings } from '../../core/source.ts';
import { BLOB, COMMIT, TAG } from '../../git/object/type.ts';
import type { HistoryState } from './state.ts';
import { ENTRY_NAME, REF_NAME } from './names.ts';

/** Blobs with findings, numbered, and the fingerprints in each, numbered too. */
export class Hits {
  readonly fingerprints: readonly string[];
  /** By hit: the id under which it was scanned. */
  readonly ids: readonly string[];
  /** By hit: ascending numbers of its fingerprints. */
  readonly sets: readonly (readonly number[])[];
  /** Hits that are entry names, by the name's number. */
  readonly names = new Map<number, number>();
  readonly commits: readonly { readonly hit: number; readonly position: number }[];
  readonly tags: readonly { readonly hit: number; readonly position: number }[];
  readonly refs: readonly { readonly hit: number; readonly ref: number }[];
  readonly blobs: readonly { readonly hit: number; readonly position: number }[];
  /** By table position: 0, or the hit that this blob is plus one. */
  readonly #byPosition: Int32Array;

  constructor({ store }: { readonly store: Pick<HistoryState['store'], 'table'> }, holdings: Holdings) {
    const numbers = new Map<string, number>();
    const number = (fingerprint: string): number => {
      const known = numbers.get(fingerprint) ?? numbers.size;
      numbers.set(fingerprint, known);
      return known;
    };
    this.ids = [...holdings.keys()];
    this.sets = [...holdings.values()].map((held) => [...held].map(number).sort((a, b) => a - b));
    this.fingerprints = [...numbers.keys()];
    this.#byPosition = new Int32Array(store.table.length);
    for (const [hit, id] of this.ids.entries()) {
      if (id.startsWith(ENTRY_NAME)) this.names.set(Number(id.slice(ENTRY_NAME.length)), hit);
    }
    this.refs = this.ids.flatMap((id, hit) =>
      id.startsWith(REF_NAME) ? [{ hit, ref: Number(id.slice(REF_NAME.length)) }] : [],
    );
    const objects = this.ids.flatMap((id, hit) => {
      const position = store.table.findHex(id);
      return position < 0 ? [] : [{ hit, position, type: store.table.type(position) }];
    });
    this.blobs = objects.filter(({ type }) => type === BLOB);
    this.commits = objects.filter(({ type }) => type === COMMIT);
    this.tags = objects.filter(({ type }) => type === TAG);
    for (const { hit, position } of this.blobs) this.#byPosition[position] = hit + 1;
  }

  /** The hit that the blob at this table position is, or -1. */
  at(position: number): number {
    return (this.#byPosition[position] ?? 0) - 1;
  }

  holds(hit: number, fingerprint: number): boolean {
    return isIn(this.sets[hit] ?? [], fingerprint);
  }
}

/** @param numbers - ascending; thousands, where a file is full of keys */
function isIn(numbers: readonly number[], number: number): boolean {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return numbers[low] === number;
}
