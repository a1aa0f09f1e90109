/** Reads objects of a repository of which most is known: these out of their packs, one by one, and the others as they are stored. */
import { PackError, type PackErrorCode } from '../errors/pack.ts';
import type { BatchItem } from './cat-file.ts';
import type { KnownRepository } from './known-repository.ts';
import type { ObjectReader } from './object-reader.ts';
import { packReader } from './pack-reader.ts';
import type { StoredObject } from './pack/loose.ts';
import { StoreReader } from './pack/store-reader.ts';

/** What git can still read: it streams what is large, and finds what a `gc` has moved. */
const FOR_GIT: ReadonlySet<PackErrorCode> = new Set(['PACK_OBJECT_TOO_LARGE', 'PACK_VANISHED']);

const LIST_LENGTH = 1000;
const LIST_BYTES = 4 << 20;

export interface KnownReader extends ObjectReader {
  /**
   * Reads known objects ahead, and keeps them.
   *
   * @param limit - most bytes of all of them
   * @returns false if one cannot be read or they are too large
   */
  hold(positions: Uint32Array, limit: number): boolean;
  /** One object by its id in hexadecimal; null if there is none. @throws PackError if it cannot be read */
  readId(id: string): StoredObject | null;
}

/**
 * @param fallback - asked for what is too large to be read here, or no longer where it was
 * @param onDamage - told of known objects that cannot be read any more
 */
export function knownReader(
  repository: KnownRepository,
  fallback: ObjectReader,
  onDamage: (error: PackError) => void,
): KnownReader {
  const { table, known, others } = repository;
  const held = new Map<number, StoredObject>();
  const single = new StoreReader(others);
  const rest = packReader(others, table, fallback);
  const readKnown = (position: number): StoredObject => {
    try {
      return held.get(position) ?? known.read(position);
    } catch (error) {
      if (error instanceof PackError && !FOR_GIT.has(error.code)) onDamage(error);
      throw error;
    }
  };
  return {
    hold(positions, limit) {
      let bytes = 0;
      try {
        for (const position of positions) {
          const object = known.read(position);
          bytes += object.bytes.length;
          if (bytes > limit) return false;
          held.set(position, object);
        }
        return true;
      } catch (error) {
        if (error instanceof PackError) return false;
        throw error;
      }
    },
    readId(id) {
      const position = table.findHex(id);
      return known.has(position) ? readKnown(position) : single.read(id);
    },
    async *read(positions, signal) {
      const asked = [...positions.keys()];
      const ofKnown = asked.filter((at) => known.has(positions[at] ?? 0));
      const ofOthers = asked.filter((at) => !known.has(positions[at] ?? 0));
      const forGit: number[] = [];
      // In the order in which they come where all packs are read: loose ones first.
      yield* readThrough(rest, positions, ofOthers, signal);
      for (const items of knownItems(readKnown, positions, ofKnown, forGit)) {
        signal.throwIfAborted();
        yield items;
        await new Promise((resolve) => setImmediate(resolve));
      }
      yield* readThrough(fallback, positions, forGit, signal);
    },
  };
}

function* knownItems(
  read: (position: number) => StoredObject,
  positions: Uint32Array,
  places: readonly number[],
  forGit: number[],
): Generator<readonly BatchItem[], void, undefined> {
  let items: BatchItem[] = [];
  let bytes = 0;
  for (const at of places) {
    try {
      const { type, bytes: content } = read(positions[at] ?? 0);
      items.push({ kind: 'object', at, type, size: content.length, content });
      bytes += content.length;
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      if (FOR_GIT.has(error.code)) forGit.push(at);
      else items.push({ kind: 'absent', at, why: 'unreadable' });
    }
    if (items.length < LIST_LENGTH && bytes < LIST_BYTES) continue;
    yield items;
    items = [];
    bytes = 0;
  }
  if (items.length > 0) yield items;
}

/** Has another reader read some of the positions. */
async function* readThrough(
  reader: ObjectReader,
  positions: Uint32Array,
  places: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<readonly BatchItem[], void, undefined> {
  if (places.length === 0) return;
  const asked = Uint32Array.from(places, (at) => positions[at] ?? 0);
  for await (const items of reader.read(asked, signal))
    yield items.map((item) => ({ ...item, at: places[item.at] ?? 0 }));
}
