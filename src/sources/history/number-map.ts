/** Maps from small numbers to numbers that share what they have in common, for thousands of them that differ little. */

const BITS = 3;
const WIDTH = 1 << BITS;

/** Part of a map: others, or on the lowest level values. Null has none but zeros. */
export interface MapNode {
  readonly parts: readonly (MapNode | null)[];
  readonly values: readonly number[];
}

const NO_PARTS: readonly null[] = [];
const NO_VALUES: readonly number[] = [];
const ZEROS: readonly number[] = Array.from({ length: WIDTH }, () => 0);
const NULLS: readonly null[] = Array.from({ length: WIDTH }, () => null);

/** How several maps become one. */
export interface Joining {
  /** Which of the maps says what stays: where it has 0 there is none. −1 if none does. */
  readonly keeper: number;
  /** The value of a key at which the maps differ. @param values - one of each map; valid until it returns */
  readonly join: (key: number, values: readonly number[]) => number;
}

/** Reads and makes maps of keys below a bound, which is below 2^30. None is ever changed. */
export class NumberMaps {
  /** Levels above the values. */
  readonly #levels: number;
  readonly #values: number[] = [];

  constructor(bound: number) {
    let levels = 0;
    while (WIDTH ** (levels + 1) < bound) levels++;
    this.#levels = levels;
  }

  /** 0 for what is not there. */
  get(map: MapNode | null, key: number): number {
    let node = map;
    for (let level = this.#levels; level > 0 && node !== null; level--) node = node.parts[digit(key, level)] ?? null;
    return node?.values[digit(key, 0)] ?? 0;
  }

  /** The same map with another value; 0 takes the key out. */
  set(map: MapNode | null, key: number, value: number): MapNode | null {
    return this.#set(map, key, value, this.#levels);
  }

  #set(node: MapNode | null, key: number, value: number, level: number): MapNode | null {
    const at = digit(key, level);
    if (level === 0) return leaf((node?.values ?? ZEROS).with(at, value));
    const parts = node?.parts ?? NULLS;
    return inner(parts.with(at, this.#set(parts[at] ?? null, key, value, level - 1)));
  }

  /** One map of several. What they have in common is not looked at. */
  merge(maps: readonly (MapNode | null)[], joining: Joining): MapNode | null {
    return this.#merge(maps, joining, this.#levels, 0);
  }

  #merge(maps: readonly (MapNode | null)[], joining: Joining, level: number, first: number): MapNode | null {
    const known = settled(maps, joining.keeper);
    if (known !== undefined) return known;
    if (level === 0) {
      const values = this.#join(maps, joining, first);
      return maps.find((map) => map !== null && isEqual(map.values, values)) ?? leaf(values);
    }
    const parts: (MapNode | null)[] = [];
    for (let at = 0; at < WIDTH; at++) {
      const below = maps.map((map) => map?.parts[at] ?? null);
      parts.push(this.#merge(below, joining, level - 1, first + (at << (BITS * level))));
    }
    return maps.find((map) => map !== null && isEqual(map.parts, parts)) ?? inner(parts);
  }

  #join(maps: readonly (MapNode | null)[], { keeper, join }: Joining, first: number): number[] {
    const joined: number[] = [];
    for (let at = 0; at < WIDTH; at++) {
      const values = this.#values;
      values.length = 0;
      for (const map of maps) values.push(map?.values[at] ?? 0);
      const one = values[0] ?? 0;
      if (values.every((value) => value === one)) joined.push(one);
      else joined.push(values[keeper] === 0 ? 0 : join(first + at, values));
    }
    return joined;
  }
}

/** What several parts become, if that can be told without looking into them. */
function settled(maps: readonly (MapNode | null)[], keeper: number): MapNode | null | undefined {
  const kept = maps[keeper];
  if (kept === null) return null;
  const [one = null] = maps;
  if (maps.every((map) => map === one)) return one;
  if (kept !== undefined && maps.every((map) => map === null || map === kept)) return kept;
  return undefined;
}

function digit(key: number, level: number): number {
  return (key >>> (BITS * level)) & (WIDTH - 1);
}

function leaf(values: readonly number[]): MapNode | null {
  return values.every((value) => value === 0) ? null : { parts: NO_PARTS, values };
}

function inner(parts: readonly (MapNode | null)[]): MapNode | null {
  return parts.every((part) => part === null) ? null : { parts, values: NO_VALUES };
}

function isEqual<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.every((one, i) => one === b[i]);
}
