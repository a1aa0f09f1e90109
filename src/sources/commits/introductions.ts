import type { Holdings } from '../../core/source.ts';
import type { PathChange } from '../../git/commit-diff.ts';
import type { ChangeList } from './changes.ts';

/** A commit has the fingerprint at a path where no parent has it. */
export interface Introduction {
  readonly change: PathChange;
  readonly fingerprint: string;
  /** The same commit took it from another path. */
  readonly moved: boolean;
  /** Ids of commits of the range. */
  readonly removedIn: readonly string[];
  /** Distinct contents of the path in the range that carry it, from here on. */
  readonly blobs: number;
}

type Found = Pick<Introduction, 'change' | 'fingerprint'>;

/** What became of the found fingerprints at their paths, commit by commit, parents first. */
export class Introductions {
  /** Blobs that a parent outside the range has where the range has another one: what was there before it. */
  readonly standing = new Set<string>();
  readonly #changes: ChangeList;
  readonly #holdings: Holdings;
  readonly #found: Found[] = [];
  /** By path and fingerprint. */
  readonly #removals = new Map<string, number[]>();
  readonly #versions = new Map<string, { readonly commit: number; readonly id: string }[]>();
  /** By commit and fingerprint: paths that a parent has it at, and the commit has changed. */
  readonly #left = new Map<string, Set<string>>();
  readonly #inRange: ReadonlyMap<string, number>;

  constructor(changes: ChangeList, holdings: Holdings) {
    this.#changes = changes;
    this.#holdings = holdings;
    this.#inRange = new Map(changes.commits.map(({ id }, i) => [id, i]));
  }

  add(changes: readonly PathChange[]): void {
    for (const change of changes) this.#add(change);
  }

  #add(change: PathChange): void {
    const { id, before, path, commit } = change;
    const has = this.#holds(id);
    const had = before.map((old) => this.#holds(old));
    this.#noteStanding(change);
    for (const fingerprint of has) {
      push(this.#versions, `${path}\0${fingerprint}`, { commit, id: id ?? '' });
      if (!had.some((set) => set.has(fingerprint))) this.#found.push({ change, fingerprint });
    }
    for (const fingerprint of new Set(had.flatMap((set) => [...set]))) {
      const key = `${commit}\0${fingerprint}`;
      this.#left.set(key, (this.#left.get(key) ?? new Set()).add(path));
      if (!has.has(fingerprint) && had.every((set) => set.has(fingerprint)))
        push(this.#removals, `${path}\0${fingerprint}`, commit);
    }
  }

  #noteStanding({ commit, before }: PathChange): void {
    const parents = this.#changes.commits[commit]?.parents ?? [];
    for (const [i, old] of before.entries())
      if (old !== null && this.#holdings.has(old) && !this.#inRange.has(parents[i] ?? '')) this.standing.add(old);
  }

  #holds(blob: string | null): ReadonlySet<string> {
    return (blob === null ? undefined : this.#holdings.get(blob)) ?? NONE;
  }

  all(): Introduction[] {
    return this.#found.map(({ change, fingerprint }) => {
      const { commit, path } = change;
      const key = `${path}\0${fingerprint}`;
      const elsewhere = this.#left.get(`${commit}\0${fingerprint}`) ?? NONE;
      const later = (this.#versions.get(key) ?? []).filter((version) => version.commit >= commit);
      return {
        change,
        fingerprint,
        moved: [...elsewhere].some((other) => other !== path),
        removedIn: this.#removedIn(commit, this.#removals.get(key) ?? []),
        blobs: new Set(later.map(({ id }) => id)).size,
      };
    });
  }

  /** The removals that descend from a commit, but for those behind another one. */
  #removedIn(commit: number, removals: readonly number[]): string[] {
    const after = removals.filter((removal) => this.#descends(removal, commit));
    return after
      .filter((removal) => !after.some((other) => other !== removal && this.#descends(removal, other)))
      .map((removal) => this.#changes.commits[removal]?.id ?? '');
  }

  #descends(commit: number, ancestor: number): boolean {
    const seen = new Set<number>();
    const queue = [commit];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (at === ancestor) return at !== commit;
      for (const parent of this.#changes.commits[at]?.parents ?? []) {
        const next = this.#inRange.get(parent) ?? -1;
        // Parents come first, so nothing before the ancestor leads to it.
        if (next < ancestor || seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
    return false;
  }
}

const NONE: ReadonlySet<string> = new Set();

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
