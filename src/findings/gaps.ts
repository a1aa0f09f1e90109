import type { BlobKind } from '../core/blob.ts';
import type { CoverageLog, Problem } from '../core/coverage.ts';
import type { Attribution, AttributedPlace } from '../core/source.ts';
import type { Collected } from './collect.ts';

/** Who asked for a path to be left out, or null. */
type Excluded = (path: string) => string | null;

/**
 * Problems that blobs had. Where a source leaves out excluded paths only when it
 * knows where blobs stand, their problems wait until then: what stands at
 * excluded paths alone is left out, as a finding there is.
 */
export class Gaps {
  readonly #coverage: CoverageLog;
  readonly #excluded: Excluded | undefined;
  readonly #waiting = new Map<string, Problem[]>();

  constructor(coverage: CoverageLog, excluded: Excluded | undefined) {
    this.#coverage = coverage;
    this.#excluded = excluded;
  }

  add(id: string, kind: BlobKind, problems: readonly Problem[]): void {
    for (const problem of problems) {
      const told = { ...problem, message: `${problem.message} (${id})` };
      if (this.#excluded === undefined || kind !== 'blob') this.#coverage.problem(told);
      else this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), told]);
    }
  }

  /** Has attribution asked where the blobs stand. */
  askIn(collected: Collected): void {
    for (const id of this.#waiting.keys()) collected.ask(id, nameOf(id));
  }

  settle({ places }: Pick<Attribution, 'places'>): void {
    const placesOf = new Map<string, AttributedPlace[]>();
    for (const one of places)
      if (this.#waiting.has(one.blob) && one.fingerprint === nameOf(one.blob))
        placesOf.set(one.blob, [...(placesOf.get(one.blob) ?? []), one]);
    const left = new Map<string, string>();
    for (const [id, problems] of this.#waiting) {
      const found = this.#leftOut(placesOf.get(id) ?? []);
      for (const [path, setBy] of found ?? []) left.set(path, setBy);
      if (found === null) for (const problem of problems) this.#coverage.problem(problem);
    }
    this.#waiting.clear();
    for (const [path, setBy] of left) this.#coverage.skip('excluded', path, setBy);
  }

  /** Paths, and who asked for them to be left out; null if there is any other place, or none. */
  #leftOut(places: readonly AttributedPlace[]): [path: string, setBy: string][] | null {
    const left: [path: string, setBy: string][] = [];
    for (const { place } of places) {
      const setBy = place.path === null ? null : (this.#excluded?.(place.path) ?? null);
      if (place.path === null || setBy === null) return null;
      left.push([place.path, setBy]);
    }
    return left.length === 0 ? null : left;
  }
}

/** What stands for the fingerprint of a secret. Each blob's is its own, so that each version at a path is new there. */
function nameOf(id: string): string {
  return `gap ${id}`;
}
