import type { Blob } from '../core/blob.ts';

/** What the id of a name begins with, before its text: no path on disk begins so. */
const NAME = '\0name:';

/** A shorter name has no room for a key. */
const SHORTEST = 12;

/**
 * The names of files and folders, as texts to scan: each distinct one once,
 * wherever it occurs, just as git's trees hold it.
 */
export class Names {
  /** Name → the path that it was first met at. */
  readonly #paths = new Map<string, string>();

  /** The names in a path that were not met before. */
  *of(path: string): Generator<Blob & { readonly content: Uint8Array }> {
    const parts = path.split('/');
    for (const [index, name] of parts.entries()) {
      if (name.length < SHORTEST || this.#paths.has(name)) continue;
      this.#paths.set(name, parts.slice(0, index + 1).join('/'));
      yield { id: NAME + name, kind: 'path', content: Buffer.from(name) };
    }
  }

  /** Null if the id is no name's. */
  read(id: string): Uint8Array | null {
    return this.pathOf(id) === null ? null : Buffer.from(id.slice(NAME.length));
  }

  /** Where the name was first met; null if the id is no name's. */
  pathOf(id: string): string | null {
    return id.startsWith(NAME) ? (this.#paths.get(id.slice(NAME.length)) ?? null) : null;
  }
}
