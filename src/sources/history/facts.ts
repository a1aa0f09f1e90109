/**
 * What an audit keeps of the packs it has read, so that the next one reads only
 * what has come since: which objects there are and where, what commits, tags and trees
 * lead to, and in which messages and names nothing was found. Whatever is loose is
 * left out, and so is everything that was found, names of entries among it.
 */
import { randomBytes } from 'node:crypto';

import type { ByteSet } from '../../bytes/byte-set.ts';
import type { Column, Facts, KeptFacts } from '../../core/facts.ts';
import type { CommitColumns } from '../../git/commit-graph.ts';
import type { KnownObjects } from '../../git/known-repository.ts';
import type { ObjectTable } from '../../git/object-table.ts';
import { BLOB, COMMIT, TAG, TREE } from '../../git/object/type.ts';
import type { ObjectStore } from '../../git/pack/object-store.ts';
import type { OffsetColumn } from '../../git/pack/index-file.ts';
import { type FileSeal, isSameFile, sealPacks } from '../../git/pack/pack-seals.ts';
import { KIND_GITLINK, TreeDeltas, type TreeDeltasParts } from '../../git/tree-deltas.ts';
import type { Links } from './reach.ts';
import type { CleanSum } from './remembered.ts';
import { type KeptNames, withholdNames } from './withheld.ts';

/** What was read of trees. */
export interface ReadTrees {
  readonly parts: TreeDeltasParts;
  readonly names: ByteSet;
}

/** How much is known. */
interface KnownCounts extends CleanSum {
  readonly commits: number;
  readonly tags: number;
}

/** Facts, understood. Positions count in `objects.ids`. */
export interface KnownHistory {
  /** Of these facts and of none made before or after. */
  readonly id: string;
  readonly objects: KnownObjects;
  readonly counts: KnownCounts;
  /** Positions of known blobs, commits and tags that may hold something, ascending. */
  readonly unsure: Uint32Array;
  readonly cleanRefs: ReadonlySet<string>;
  /** By number of an entry's name: 1 for those that hold nothing. */
  readonly cleanNames: Uint8Array;
  readonly shallow: readonly string[];
  readonly links: Links;
  /** The graph's commits, see `CommitGraph.dateOrder`; empty if that is not known. */
  readonly order: Int32Array;
  /** Of trees' entries. */
  readonly names: KeptNames;
  /** Numbers of the names of gitlinks. */
  readonly gitlinks: Int32Array;
  /** Ids that trees name and that are not here, raw, one after the other. */
  readonly absent: Uint8Array;
  /** All that trees lead to; null if it cannot be read any more. It is much, and mostly not needed. */
  readonly parts: () => TreeDeltasParts | null;
  readonly close: () => void;
}

/** What facts are made of. */
export interface FactsMaterial {
  readonly store: ObjectStore;
  readonly table: ObjectTable;
  /** As they were before packs were read. */
  readonly seals: ReadonlyMap<string, FileSeal>;
  /** Whether nothing was found in the message at a position, or in the blob. */
  readonly isClean: (position: number) => boolean;
  readonly blobSize: (position: number) => number;
  readonly cleanRefs: readonly string[];
  /** Of the names in packed trees. */
  readonly cleanNames: Uint8Array;
  readonly shallow: ReadonlySet<string>;
  readonly links: Links;
  readonly order: Int32Array;
  /** Of the trees in packs. */
  readonly trees: ReadTrees;
}

interface About {
  readonly id: string;
  readonly directories: readonly string[];
  readonly seals: readonly FileSeal[];
  readonly packs: readonly string[];
  readonly shallow: readonly string[];
  readonly counts: KnownCounts;
}

/** A file that was changed so shortly before it was looked at may be changed again without a trace. */
const SETTLED_MS = 50;

/** More that is to be looked at again is quicker found by reading all. */
const MOST_UNSURE = 2000;

/** @returns null where packs are not the files any more that were read, or too much is to be looked at again */
export function makeFacts(material: FactsMaterial): { readonly id: string; readonly facts: Facts } | null {
  const { store, table, seals, shallow, links, trees } = material;
  const packs = store.packs.map(({ pack }) => pack.name);
  const read = sealsOf(packs, seals);
  const now = sealPacks(store.directories);
  if (read === null || now === null || !read.every((seal) => isUntouched(seal, now.get(seal.file)))) return null;
  const { listOf, count } = store.table;
  const isPacked = (position: number): boolean => (listOf[position] ?? packs.length) < packs.length;
  const { counts, unsure } = countKnown(material, isPacked);
  const { names, parts } = trees;
  const kept = withholdNames(names, material.cleanNames, () => new TreeDeltas(table, names, parts));
  if (kept === null || unsure.length + kept.withheld.length / 3 > MOST_UNSURE) return null;
  const hasLoose = listOf.subarray(0, count).some((list) => list >= packs.length);
  const packedOnly = (column: Int32Array, other: number): Column =>
    hasLoose ? column.map((value, position) => (isPacked(position) ? value : other)) : column;
  const about: About = {
    id: randomBytes(16).toString('hex'),
    directories: store.directories,
    seals: read,
    packs,
    shallow: [...shallow].toSorted(),
    counts,
  };
  const columns: Record<string, Column> = {
    ...table.columns,
    unsure,
    refs: Buffer.from(material.cleanRefs.join('\n'), 'latin1'),
    cleanNames: material.cleanNames,
    ...prefixed('graph', { ...links.graph }),
    order: orderOfFirst(material.order, links.graph),
    ...linkColumns(links, isPacked),
    names: kept.bytes,
    nameStarts: kept.starts,
    withheld: kept.withheld,
    gitlinks: gitlinkNames(parts.entries),
    absent: parts.absent,
    ...prefixed('trees', {
      targets: parts.targets,
      entries: parts.entries,
      steps: parts.steps,
      order: parts.order,
      bases: packedOnly(parts.bases, -1),
      firstStep: packedOnly(parts.firstStep, 0),
      stepEnd: packedOnly(parts.stepEnd, 0),
    }),
  };
  for (const [number, { forest, rows }] of store.packs.entries()) {
    columns[`offsets ${number}`] = forest.offsets;
    columns[`rows ${number}`] = rows;
  }
  return { id: about.id, facts: { about: JSON.stringify(about), columns } };
}

function countKnown(
  { table, isClean, blobSize }: FactsMaterial,
  isPacked: (position: number) => boolean,
): { counts: KnownCounts; unsure: Uint32Array } {
  const counts = { blobs: 0, bytes: 0, commits: 0, tags: 0 };
  const unsure: number[] = [];
  for (let position = 0; position < table.length; position++) {
    const type = table.type(position);
    if (type === TREE || !isPacked(position)) continue;
    if (type === COMMIT) counts.commits++;
    else if (type === TAG) counts.tags++;
    if (!isClean(position)) unsure.push(position);
    else if (type === BLOB) {
      counts.blobs++;
      counts.bytes += blobSize(position);
    }
  }
  return { counts, unsure: Uint32Array.from(unsure) };
}

/** The order of a graph's first commits alone; empty where the others may stand between them. */
function orderOfFirst(order: Int32Array, { positions }: CommitColumns): Int32Array {
  const count = positions.length;
  const first = order.slice(0, count);
  return first.every((commit) => commit < count) ? first : new Int32Array(0);
}

function gitlinkNames(entries: Int32Array): Int32Array {
  const names = new Set<number>();
  for (const entry of entries) if ((entry & 3) === KIND_GITLINK) names.add(entry >> 2);
  return Int32Array.from(names);
}

/** Those of the packs that were read, of their indexes, and of multi-pack-indexes. */
function sealsOf(packs: readonly string[], seals: ReadonlyMap<string, FileSeal>): FileSeal[] | null {
  const files = packs.flatMap((pack) => [pack, pack.replace(/\.pack$/, '.idx')]);
  const found = files.flatMap((file) => seals.get(file) ?? []);
  const others = [...seals.values()].filter(({ file }) => file.endsWith('multi-pack-index'));
  // A pack without an index of its own would not be read as it was.
  return found.length < files.length ? null : [...found, ...others];
}

function isUntouched(then: FileSeal, now: FileSeal | undefined): boolean {
  return now !== undefined && isSameFile(then, now) && Date.now() - now.changed > SETTLED_MS;
}

function prefixed(prefix: string, columns: Readonly<Record<string, Column>>): Record<string, Column> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [`${prefix} ${name}`, column]));
}

/** Of tags and commits in packs. */
function linkColumns(
  { tags, tagged, unknown, namers, named }: Links,
  isPacked: (position: number) => boolean,
): Record<string, Column> {
  return {
    tags: tags.filter((tag) => isPacked(tag)),
    tagged: tagged.filter((_, i) => isPacked(tags[i] ?? -1)),
    unknown,
    namers: namers.filter((namer) => isPacked(namer)),
    named: named.filter((_, i) => isPacked(namers[i] ?? -1)),
  };
}

/** @returns null for facts of another form than `makeFacts` gives them, or damaged ones */
export function readFacts(facts: KeptFacts): KnownHistory | null {
  const { id, directories, seals, packs, shallow, counts } = aboutOf(facts.about);
  const from = new Columns(facts);
  const table = { ids: from.bytes('ids'), types: from.bytes('types') };
  const absent = from.bytes('absent');
  const known: KnownHistory = {
    id,
    objects: {
      directories,
      seals,
      ...table,
      packs: packs.map((file, i) => ({ file, offsets: from.offsets(`offsets ${i}`), rows: from.words(`rows ${i}`) })),
    },
    counts,
    unsure: from.words('unsure'),
    cleanRefs: new Set(Buffer.from(from.bytes('refs')).toString('latin1').split('\n')),
    cleanNames: from.bytes('cleanNames'),
    shallow,
    links: {
      graph: {
        positions: from.numbers('graph positions'),
        trees: from.numbers('graph trees'),
        seconds: from.doubles('graph seconds'),
        starts: from.numbers('graph starts'),
        parents: from.numbers('graph parents'),
      },
      tags: from.numbers('tags'),
      tagged: from.numbers('tagged'),
      unknown: from.bytes('unknown'),
      namers: from.numbers('namers'),
      named: from.numbers('named'),
    },
    order: from.numbers('order'),
    names: { bytes: from.bytes('names'), starts: from.words('nameStarts'), withheld: from.numbers('withheld') },
    gitlinks: from.numbers('gitlinks'),
    absent,
    parts: () => readParts(facts, absent),
    close: () => facts.close(),
  };
  if (from.isWhole) return known;
  facts.close();
  return null;
}

function readParts(facts: KeptFacts, absent: Uint8Array): TreeDeltasParts | null {
  const from = new Columns(facts);
  const parts = {
    targets: from.numbers('trees targets'),
    entries: from.numbers('trees entries'),
    steps: from.numbers('trees steps'),
    order: from.numbers('trees order'),
    bases: from.numbers('trees bases'),
    firstStep: from.numbers('trees firstStep'),
    stepEnd: from.numbers('trees stepEnd'),
    absent,
  };
  return from.isWhole ? parts : null;
}

function aboutOf(text: string): About {
  const about: About = JSON.parse(text);
  return about;
}

const NO_BYTES = new Uint8Array(0);
const NO_NUMBERS = new Int32Array(0);
const NO_WORDS = new Uint32Array(0);
const NO_DOUBLES = new Float64Array(0);

/** Finds columns by name and kind, and remembers whether one was missing. */
export class Columns {
  isWhole = true;
  readonly #facts: KeptFacts;

  constructor(facts: KeptFacts) {
    this.#facts = facts;
  }

  bytes(name: string): Uint8Array {
    const column = this.#facts.column(name);
    return column instanceof Uint8Array ? column : this.#none(NO_BYTES);
  }

  numbers(name: string): Int32Array {
    const column = this.#facts.column(name);
    return column instanceof Int32Array ? column : this.#none(NO_NUMBERS);
  }

  words(name: string): Uint32Array {
    const column = this.#facts.column(name);
    return column instanceof Uint32Array ? column : this.#none(NO_WORDS);
  }

  doubles(name: string): Float64Array {
    const column = this.#facts.column(name);
    return column instanceof Float64Array ? column : this.#none(NO_DOUBLES);
  }

  offsets(name: string): OffsetColumn {
    const column = this.#facts.column(name);
    return column instanceof Uint32Array ? column : this.doubles(name);
  }

  #none<T>(empty: T): T {
    this.isWhole = false;
    return empty;
  }
}

/**
 * Puts ids into links that were absent and are here now.
 *
 * @param table - begins with the objects that are known, at their positions
 * @returns the links, and whether there was anything to put in
 */
export function settleLinks(links: Links, table: ObjectTable): { readonly links: Links; readonly isSettled: boolean } {
  const found = foundAmong(links.unknown, table);
  if (found === null) return { links, isSettled: false };
  for (const column of [links.graph.trees, links.graph.parents, links.tagged]) fill(column, found);
  const isAbsent = (_: number, i: number): boolean => (found[links.named[i] ?? 0] ?? -1) < 0;
  return {
    links: { ...links, namers: links.namers.filter(isAbsent), named: links.named.filter(isAbsent) },
    isSettled: true,
  };
}

/** Whether any of the absent ids of trees is here now. */
export function isAnyFound(absent: Uint8Array, table: ObjectTable): boolean {
  return foundAmong(absent, table) !== null;
}

/** The same for trees; and makes their columns by position long enough. */
export function settleParts(parts: TreeDeltasParts, table: ObjectTable): TreeDeltasParts {
  const found = foundAmong(parts.absent, table);
  if (found !== null) fill(parts.targets, found);
  return {
    ...parts,
    bases: lengthened(parts.bases, table.length, -1),
    firstStep: lengthened(parts.firstStep, table.length, 0),
    stepEnd: lengthened(parts.stepEnd, table.length, 0),
  };
}

/** Positions of these ids, or −1; null if none is there. */
function foundAmong(ids: Uint8Array, table: ObjectTable): Int32Array | null {
  const positions = new Int32Array(ids.length / table.idBytes);
  for (let i = 0; i < positions.length; i++) positions[i] = table.find(ids, i * table.idBytes);
  return positions.some((position) => position >= 0) ? positions : null;
}

/** Replaces what stands for absent ids, see `Links`. */
function fill(column: Int32Array, found: Int32Array): void {
  for (let i = 0; i < column.length; i++) {
    const target = column[i] ?? 0;
    if (target >= -1) continue;
    const position = found[~(target + 1)] ?? -1;
    if (position >= 0) column[i] = position;
  }
}

function lengthened(column: Int32Array, length: number, filling: number): Int32Array {
  if (column.length === length) return column;
  const longer = new Int32Array(length).fill(filling, column.length);
  longer.set(column);
  return longer;
}
