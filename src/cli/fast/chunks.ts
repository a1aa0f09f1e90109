import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

/** What a chunk exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/** Asks for what is no chunk. */
type Require = (name: string) => unknown;

/** What `scripts/cli-chunks.ts` makes of a module. */
type ChunkFunction = (
  load: (specifier: string) => Exports,
  later: (specifier: string) => Promise<Exports>,
  require: Require,
  meta: { readonly url: string },
) => Exports;

/** Where the compiled form of a chunk lies in a cache: its first byte, and how many. */
type Places = Readonly<Record<string, readonly [number, number]>>;

/** Marks a cache and the form it has; then its length, that of its table of contents, and how often it was written, four bytes each. */
const MAGIC = Buffer.from('ulk1');
const HEADER = 16;
/** V8 copies what lies otherwise. */
const ALIGNMENT = 8;

/**
 * The chunks of the full command line, each of them a script that is a function: unlike a module's, V8's compiled form of
 * it can be kept. They are loaded when they are asked for, once, in the order in which modules would be.
 */
export class Chunks {
  readonly #folder: string;
  readonly #require: Require;
  readonly #cache: Buffer;
  readonly #places: Places;
  readonly #scripts = new Map<string, Script>();
  readonly #exports = new Map<string, Exports>();
  /** How often the cache was written: each time with what had been compiled by then. None that is usable: 0. */
  readonly written: number;

  /**
   * @param folder - absolute; holds the chunks
   * @param cache - as `compiled` gave it, undamaged; what is of another engine, V8 passes over
   */
  constructor(folder: string, outside: Require, cache: Buffer = Buffer.alloc(0)) {
    this.#folder = folder;
    this.#require = outside;
    this.#cache = cache;
    const places = placesIn(cache);
    this.#places = places ?? {};
    this.written = places === null ? 0 : cache.readUInt32LE(12);
  }

  /** @throws Error if there is no such chunk */
  load(specifier: string): Exports {
    const name = path.basename(specifier);
    const loaded = this.#exports.get(name);
    if (loaded !== undefined) return loaded;
    const filename = path.join(this.#folder, name);
    const script = this.#script(name, filename);
    this.#scripts.set(name, script);
    const run: ChunkFunction = script.runInThisContext();
    const meta = { url: pathToFileURL(filename).href };
    const made = run(
      (other) => this.load(other),
      (other) => this.#later(other),
      this.#require,
      meta,
    );
    this.#exports.set(name, made);
    return made;
  }

  /** The compiled form of all that was loaded, with the functions that have run. */
  compiled(): Buffer {
    const data = [...this.#scripts].map(([name, script]) => ({ name, bytes: script.createCachedData() }));
    let places: Record<string, readonly [number, number]> = {};
    let text = '';
    // The table says where chunks begin, which is after it: as often as it takes for its length to stay.
    for (let before = -1; before !== text.length;) {
      before = text.length;
      let start = aligned(HEADER + before);
      places = {};
      for (const { name, bytes } of data) {
        places[name] = [start, bytes.length];
        start += aligned(bytes.length);
      }
      text = JSON.stringify(places);
    }
    const last = Object.values(places).at(-1) ?? [aligned(HEADER + text.length), 0];
    const cache = Buffer.alloc(last[0] + last[1]);
    MAGIC.copy(cache);
    cache.writeUInt32LE(cache.length, 4);
    cache.writeUInt32LE(text.length, 8);
    cache.writeUInt32LE(this.written + 1, 12);
    cache.write(text, HEADER, 'latin1');
    for (const { name, bytes } of data) bytes.copy(cache, places[name]?.[0] ?? cache.length);
    return cache;
  }

  /** Chunks whose compiled form lies in the cache and is of another engine, or damaged. */
  rejected(): readonly string[] {
    return [...this.#scripts].filter(([, script]) => script.cachedDataRejected === true).map(([name]) => name);
  }

  #script(name: string, filename: string): Script {
    const source = readFileSync(filename, 'latin1');
    const place = this.#places[name];
    if (place === undefined) return new Script(source, { filename });
    return new Script(source, { filename, cachedData: this.#cache.subarray(place[0], place[0] + place[1]) });
  }

  async #later(specifier: string): Promise<Exports> {
    return specifier.startsWith('./') ? this.load(specifier) : import(specifier);
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Null if it is no cache or not whole. V8 looks whether it is of this engine, and believes the rest. */
function placesIn(cache: Buffer): Places | null {
  if (cache.length < HEADER || !cache.subarray(0, 4).equals(MAGIC) || cache.readUInt32LE(4) !== cache.length)
    return null;
  try {
    const places: unknown = JSON.parse(cache.toString('latin1', HEADER, HEADER + cache.readUInt32LE(8)));
    return isPlaces(places) ? places : null;
  } catch {
    return null;
  }
}

function isPlaces(value: unknown): value is Places {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((place) => Array.isArray(place) && place.length === 2 && place.every(Number.isInteger))
  );
}
