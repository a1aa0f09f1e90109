import type { Blob } from '../../core/blob.ts';
import type { PathChange } from '../../git/commit-diff.ts';

/** What the id of a name begins with: no object id does. */
const ENTRY = '\0name:';
const REF = '\0ref:';

/** A shorter name has no room for a key. */
const SHORTEST = 12;

/** Where a name was first met. */
export interface NamePlace {
  readonly path: string;
  /** Position of the commit; −1 without one. */
  readonly commit: number;
}

/** The names of new files and folders, each distinct one once, and of refs that are pushed. */
export class CommitNames {
  readonly #places = new Map<string, NamePlace>();

  *of({ path, commit }: PathChange): Generator<Blob> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    yield* this.#add(ENTRY + name, name, { path, commit });
  }

  *ofRef(name: string): Generator<Blob> {
    yield* this.#add(REF + name, name, { path: name, commit: -1 });
  }

  *#add(id: string, name: string, place: NamePlace): Generator<Blob> {
    if (name.length < SHORTEST || this.#places.has(id)) return;
    this.#places.set(id, place);
    yield { id, kind: 'path', content: Buffer.from(name) };
  }

  /** Null if the id is no name's. */
  read(id: string): Uint8Array | null {
    return this.#places.has(id) ? Buffer.from(id.slice(id.indexOf(':') + 1)) : null;
  }

  placeOf(id: string): NamePlace | null {
    return this.#places.get(id) ?? null;
  }
}
