import { compareBytes } from '../../bytes/compare.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { PackError } from '../../errors/pack.ts';

import { objectId } from './hash-format.ts';
import { buildForest } from './delta-tree.ts';
import { findId } from './index-file.ts';
import { readLoose, type StoredObject } from './loose.ts';
import { openPacks } from './object-directory.ts';
import { EntryReader, type ResolvedPack } from './object-reader.ts';
import { ARENA_LIMIT, laterPackOptions, type ObjectStore } from './object-store.ts';

const CACHE_LIMIT = 96 * 2 ** 20;
/** Places looked at for one object, bases in other packs included: damage can send a reader in circles. */
const MOST_PLACES = 500;
/** How often the directories are listed again because a file had gone. */
const MOST_REFRESHES = 3;

/** Reads objects of a store by id, from whichever copy is sound. */
export class StoreReader {
  readonly #store: ObjectStore;
  readonly #entries: EntryReader;
  readonly #limit: number;
  /** Packs that were written after the store was opened, by name. */
  readonly #later = new Map<string, ResolvedPack>();
  #refreshes = 0;
  #places = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#limit = store.options.arenaLimit ?? ARENA_LIMIT;
    this.#entries = new EntryReader(this.#limit, store.options.cacheLimit ?? CACHE_LIMIT, (id, depth) =>
      this.#readFrom(id, null, depth),
    );
  }

  /**
   * The object of that id, or null if no copy of it is stored. Its bytes may be
   * shared: do not write to them.
   *
   * @param id - in hexadecimal
   * @throws PackError why the first copy cannot be read, if none can
   */
  read(id: string): StoredObject | null {
    const bytes = fromHex(id);
    return bytes?.length === this.#store.format.size ? this.readOther(bytes, null) : null;
  }

  /**
   * As `read`, leaving out one copy that is known to be unreadable.
   *
   * @param except - the row of the store's table whose copy that is
   */
  readOther(id: Uint8Array, except: number | null): StoredObject | null {
    this.#places = 0;
    return this.#readFrom(id, except, 0);
  }

  /** Whether an id is stored, readable or not. */
  has(id: Uint8Array): boolean {
    return findId(this.#store.table, id) >= 0;
  }

  #readFrom(id: Uint8Array, except: number | null, depth: number): StoredObject | null {
    let firstError: PackError | null = null;
    for (const attempt of this.#copies(id, except, depth)) {
      try {
        const object = attempt();
        if (object && this.#hasId(object, id)) return object;
      } catch (error) {
        if (!(error instanceof PackError)) throw error;
        // A file that went away says less than damage in what is still there.
        if (!firstError || firstError.code === 'LOOSE_VANISHED') firstError = error;
      }
    }
    if (firstError) throw firstError;
    return null;
  }

  /** Ways to read an object, the preferred one first. */
  *#copies(id: Uint8Array, except: number | null, depth: number): Generator<() => StoredObject | null> {
    const { table, packs } = this.#store;
    const row = findId(table, id);
    const preferred = packs[table.listOf[row] ?? packs.length];
    const excluded = except === null ? -1 : (table.positionOf[except] ?? -1);
    if (preferred) yield* this.#packed(preferred, id, depth, excluded);
    for (const from of packs) if (from !== preferred) yield* this.#packed(from, id, depth, -1);
    let vanished = false;
    for (const { directory } of this.#store.loose.filter((objects) => findId(objects, id) >= 0)) {
      yield () => {
        this.#countPlace();
        try {
          return readLoose(directory, toHex(id), this.#limit);
        } catch (error) {
          vanished ||= error instanceof PackError && error.code === 'LOOSE_VANISHED';
          throw error;
        }
      };
    }
    if (vanished && !this.#isInLater(id)) this.#refresh();
    for (const from of this.#later.values()) yield* this.#packed(from, id, depth, -1);
  }

  /** All copies in one pack but that at one position. */
  *#packed(from: ResolvedPack, id: Uint8Array, depth: number, except: number): Generator<() => StoredObject> {
    const { ids, idSize, count } = from.pack.index;
    const first = findId(from.pack.index, id);
    if (first < 0) return;
    for (let at = first; at < count && compareBytes(ids, at * idSize, id, 0, idSize) === 0; at++) {
      if (at === except) continue;
      yield () => {
        this.#countPlace();
        return this.#entries.read(from, from.forest.entries[at] ?? 0, depth);
      };
    }
  }

  #countPlace(): void {
    if (++this.#places > MOST_PLACES)
      throw new PackError('PACK_DELTA_UNRESOLVED', 'Bases lead from pack to pack without end');
  }

  #hasId({ type, bytes }: StoredObject, id: Uint8Array): boolean {
    if (this.#store.options.verifyObjects !== true) return true;
    if (compareBytes(objectId(this.#store.format, type, bytes), 0, id, 0, id.length) === 0) return true;
    throw new PackError('PACK_OBJECT_ID', `${toHex(id)} names other bytes than its own`);
  }

  #isInLater(id: Uint8Array): boolean {
    return [...this.#later.values()].some(({ pack }) => findId(pack.index, id) >= 0);
  }

  /** Lists the directories again: a gc that deletes a loose object has written it to a pack before. */
  #refresh(): void {
    if (this.#refreshes++ >= MOST_REFRESHES) return;
    const known = new Set([...this.#store.packs.map(({ pack }) => pack.name), ...this.#later.keys()]);
    const silently = { ...laterPackOptions(this.#store), report: () => undefined };
    for (const directory of this.#store.directories)
      for (const pack of openPacks(directory, silently).packs) {
        if (known.has(pack.name)) pack.bytes.close();
        else this.#later.set(pack.name, { pack, forest: buildForest(pack) });
      }
  }
}
