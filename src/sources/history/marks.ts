/** What follows from facts, refs and what was found: kept too, and worked out anew where these have changed. */
import type { Column, Facts, KeptFacts } from '../../core/facts.ts';
import { Columns } from './facts.ts';
import { HIT_BLOB, HIT_NAME, HIT_TREE, type HitTrees, positionsOf } from './hit-trees.ts';
import type { Hits } from './hits.ts';

/** Trees that hold hits, by what does not change from run to run. */
export interface KnownHits {
  /** Positions, ascending. */
  readonly blobs: Int32Array;
  /** Numbers of entries' names, ascending. */
  readonly names: Int32Array;
  /** Position of each tree. */
  readonly trees: Int32Array;
  /** As `HitTrees` has them; a hit is its place in `blobs`, or in `names`. */
  readonly starts: Int32Array;
  readonly keys: Float64Array;
  readonly targets: Int32Array;
}

export interface Marks {
  /** Ids of what refs, reflogs and indexes named, raw, one after the other; of the latter, trees alone. */
  readonly starts: Uint8Array;
  /** By position: 1 for what these lead to. */
  readonly reached: Uint8Array;
  /** Numbers of the absent ids that known trees among it name. */
  readonly absent: Int32Array;
  readonly hits: KnownHits | null;
}

/** @param facts - id of the facts that positions are those of */
export function makeMarks(facts: string, { starts, reached, absent, hits }: Marks): Facts {
  const columns: Record<string, Column> = { starts, reached, absent };
  if (hits) for (const [name, column] of Object.entries({ ...hits })) columns[`hit ${name}`] = column;
  return { about: JSON.stringify({ facts, hasHits: hits !== null }), columns };
}

/** Null if they are not of these facts. */
export function readMarks(kept: KeptFacts, facts: string): Marks | null {
  const about: { facts: string; hasHits: boolean } = JSON.parse(kept.about);
  const from = new Columns(kept);
  const marks: Marks = {
    starts: from.bytes('starts'),
    reached: from.bytes('reached'),
    absent: from.numbers('absent'),
    hits: about.hasHits
      ? {
          blobs: from.numbers('hit blobs'),
          names: from.numbers('hit names'),
          trees: from.numbers('hit trees'),
          starts: from.numbers('hit starts'),
          keys: from.doubles('hit keys'),
          targets: from.numbers('hit targets'),
        }
      : null,
  };
  kept.close();
  return about.facts === facts && from.isWhole ? marks : null;
}

/** What counts as known: positions and numbers of names below, and of trees those that are asked about. */
export interface KnownPart {
  readonly positions: number;
  readonly names: number;
  isKnown(position: number): boolean;
}

/** Hits that known trees can hold, ascending. */
function hitsIn({ positions, names }: KnownPart, hits: Hits): { blobs: Int32Array; names: Int32Array } {
  const blobs = hits.blobs.map(({ position }) => position).filter((position) => position < positions);
  const named = [...hits.names.keys()].filter((name) => name < names);
  return { blobs: Int32Array.from(blobs).sort(), names: Int32Array.from(named).sort() };
}

/** Whether these are the hits that known trees can hold. */
export function isOfHits(known: KnownHits, part: KnownPart, hits: Hits): boolean {
  const { blobs, names } = hitsIn(part, hits);
  return isEqual(blobs, known.blobs) && isEqual(names, known.names);
}

function isEqual(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

/** Null where known trees lead to others. */
export function keepHits(trees: HitTrees, hits: Hits, part: KnownPart): KnownHits | null {
  const { blobs, names } = hitsIn(part, hits);
  const placeOfBlob = new Map([...blobs.entries()].map(([place, position]) => [position, place]));
  const placeOfName = new Map([...names.entries()].map(([place, name]) => [name, place]));
  const positionOf = new Map(hits.blobs.map(({ hit, position }) => [hit, position]));
  const positions = positionsOf(trees);
  const kept: number[] = [];
  const numbers = new Int32Array(trees.count).fill(-1);
  for (const [tree, position] of positions.entries()) if (part.isKnown(position)) numbers[tree] = kept.push(tree) - 1;
  const placeOf = (key: number, target: number): number => {
    if (key % 4 === HIT_TREE) return numbers[target] ?? -1;
    if (key % 4 === HIT_NAME) return placeOfName.get(Math.floor(key / 4)) ?? -1;
    return placeOfBlob.get(positionOf.get(target) ?? -1) ?? -1;
  };
  const starts = new Int32Array(kept.length + 1);
  const keys = new Float64Array(trees.keys.length);
  const targets = new Int32Array(trees.keys.length);
  let length = 0;
  for (const [number, tree] of kept.entries()) {
    for (let i = trees.starts[tree] ?? 0; i < (trees.starts[tree + 1] ?? 0); i++) {
      const key = trees.keys[i] ?? 0;
      const place = placeOf(key, trees.targets[i] ?? -1);
      if (place < 0) return null;
      keys[length] = key;
      targets[length++] = place;
    }
    starts[number + 1] = length;
  }
  const treePositions = Int32Array.from(kept, (tree) => positions[tree] ?? -1);
  return { blobs, names, trees: treePositions, starts, keys: keys.slice(0, length), targets: targets.slice(0, length) };
}

/** The same trees for this run's hits, which must be those of `known`. @param length - of the table */
export function takeHits(
  { blobs, names, trees, starts, keys, targets }: KnownHits,
  hits: Hits,
  length: number,
): HitTrees {
  const numbers = new Int32Array(length);
  for (const [number, position] of trees.entries()) numbers[position] = number + 1;
  const own = new Int32Array(targets.length);
  for (let i = 0; i < own.length; i++) {
    const target = targets[i] ?? 0;
    const kind = (keys[i] ?? 0) % 4;
    if (kind === HIT_BLOB) own[i] = hits.at(blobs[target] ?? -1);
    else own[i] = kind === HIT_NAME ? (hits.names.get(names[target] ?? -1) ?? -1) : target;
  }
  return { count: trees.length, numbers, starts, keys, targets: own };
}
