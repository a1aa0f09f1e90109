/**
 * What an audit keeps of the packs it has read, so that the next one reads only
 * what has come since: which objects there are and where, what commits, tags and trees
 * lead to, and in which messages and names nothing was found. Whatever is loose is
 * left out, and so is everything that was found.
 */
import type { OffsetColumn } from '../../git/pack/index-file.ts';
import { ByteSet } from '../../bytes/byte-set.ts';
import type { Column, Facts } from '../../core/facts.ts';
import type { KnownObjects } from '../../git/known-repository.ts';
import type { ObjectTable } from '../../git/object-table.ts';
import type { ObjectStore } from '../../git/pack/object-store.ts';
import { type FileSeal, isSameFile, sealPacks } from '../../git/pack/pack-seals.ts';
import type { TreeDeltasParts } from '../../git/tree-deltas.ts';
import type { Links } from './reach.ts';

/** What is known of trees. */
export interface KnownTrees {
  readonly parts: TreeDeltasParts;
  readonly names: ByteSet;
}

/** Facts, understood. Positions count in `objects.ids`. */
export interface KnownHistory {
  readonly objects: KnownObjects;
  /** By position: 1 for commits and tags whose messages hold nothing. */
  readonly clean: Uint8Array;
  readonly cleanRefs: ReadonlySet<string>;
  /** By number of an entry's name: 1 for those that hold nothing. */
  readonly cleanNames: Uint8Array;
  readonly shallow: readonly string[];
  readonly links: Links;
  readonly trees: KnownTrees;
}

/** What facts are made of. */
export interface FactsMaterial {
  readonly store: ObjectStore;
  readonly table: ObjectTable;
  /** As they were before packs were read. */
  readonly seals: ReadonlyMap<string, FileSeal>;
  /** By position. */
  readonly clean: Uint8Array;
  readonly cleanRefs: readonly string[];
  /** Of the names in packed trees. */
  readonly cleanNames: Uint8Array;
  readonly shallow: ReadonlySet<string>;
  readonly links: Links;
  /** Of the trees in packs. */
  readonly trees: KnownTrees;
}

interface About {
  readonly directories: readonly string[];
  readonly seals: readonly FileSeal[];
  readonly packs: readonly string[];
  readonly shallow: readonly string[];
}

/** A file that was changed so shortly before it was looked at may be changed again without a trace. */
const SETTLED_MS = 50;

/** @returns null where packs are not the files any more that were read */
export function makeFacts(material: FactsMaterial): Facts | null {
  const { store, table, seals, shallow, clean, links, trees } = material;
  const packs = store.packs.map(({ pack }) => pack.name);
  const read = sealsOf(packs, seals);
  const now = sealPacks(store.directories);
  if (read === null || now === null || !read.every((seal) => isUntouched(seal, now.get(seal.file)))) return null;
  const about: About = { directories: store.directories, seals: read, packs, shallow: [...shallow].toSorted() };
  const { listOf, count } = store.table;
  const isPacked = (position: number): boolean => (listOf[position] ?? packs.length) < packs.length;
  const hasLoose = listOf.subarray(0, count).some((list) => list >= packs.length);
  const packedOnly = (column: Uint8Array | Int32Array, other: number): Column =>
    hasLoose ? column.map((value, position) => (isPacked(position) ? value : other)) : column;
  const { names, parts } = trees;
  const columns: Record<string, Column> = {
    ...table.columns,
    clean: packedOnly(clean, 0),
    refs: Buffer.from(material.cleanRefs.join('\n'), 'latin1'),
    cleanNames: material.cleanNames,
    ...prefixed('graph', { ...links.graph }),
    ...linkColumns(links, isPacked),
    ...prefixed('trees', {
      ...parts,
      bases: packedOnly(parts.bases, -1),
      firstStep: packedOnly(parts.firstStep, 0),
      stepEnd: packedOnly(parts.stepEnd, 0),
    }),
    ...nameColumns(names, material.cleanNames.length),
  };
  for (const [number, { forest, rows }] of store.packs.entries()) {
    columns[`offsets ${number}`] = forest.offsets;
    columns[`rows ${number}`] = rows;
  }
  return { about: JSON.stringify(about), columns };
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

/** @param count - of the names to be kept, the first ones */
function nameColumns(names: ByteSet, count: number): Record<string, Column> {
  const { bytes, starts } = names.parts;
  return { names: bytes.subarray(0, starts[count]), nameStarts: Uint32Array.from(starts.subarray(0, count + 1)) };
}

/** @returns null for facts of another form than `makeFacts` gives them */
export function readFacts({ about, columns }: Facts): KnownHistory | null {
  const { directories, seals, packs, shallow } = aboutOf(about);
  const from = new Columns(columns);
  const table = { ids: from.bytes('ids'), types: from.bytes('types') };
  const known: KnownHistory = {
    objects: {
      directories,
      seals,
      ...table,
      packs: packs.map((file, i) => ({ file, offsets: from.offsets(`offsets ${i}`), rows: from.words(`rows ${i}`) })),
    },
    clean: from.bytes('clean'),
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
    trees: {
      names: ByteSet.from(from.bytes('names'), from.words('nameStarts')),
      parts: {
        targets: from.numbers('trees targets'),
        entries: from.numbers('trees entries'),
        steps: from.numbers('trees steps'),
        order: from.numbers('trees order'),
        bases: from.numbers('trees bases'),
        firstStep: from.numbers('trees firstStep'),
        stepEnd: from.numbers('trees stepEnd'),
        absent: from.bytes('trees absent'),
      },
    },
  };
  return from.isWhole ? known : null;
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
class Columns {
  isWhole = true;
  readonly #columns: Facts['columns'];

  constructor(columns: Facts['columns']) {
    this.#columns = columns;
  }

  bytes(name: string): Uint8Array {
    const column = this.#columns[name];
    return column instanceof Uint8Array ? column : this.#none(NO_BYTES);
  }

  numbers(name: string): Int32Array {
    const column = this.#columns[name];
    return column instanceof Int32Array ? column : this.#none(NO_NUMBERS);
  }

  words(name: string): Uint32Array {
    const column = this.#columns[name];
    return column instanceof Uint32Array ? column : this.#none(NO_WORDS);
  }

  doubles(name: string): Float64Array {
    const column = this.#columns[name];
    return column instanceof Float64Array ? column : this.#none(NO_DOUBLES);
  }

  offsets(name: string): OffsetColumn {
    const column = this.#columns[name];
    return column instanceof Uint32Array ? column : this.doubles(name);
  }

  #none<T>(empty: T): T {
    this.isWhole = false;
    return empty;
  }
}

/**
 * Puts ids in that were absent and are here now, in links and trees; and makes
 * columns by position long enough.
 *
 * @param table - begins with the objects that are known, at their positions
 */
export function settleKnown({ links, trees }: KnownHistory, table: ObjectTable): { links: Links; trees: KnownTrees } {
  const { parts } = trees;
  const found = foundAmong(links.unknown, table);
  if (found !== null) for (const column of [links.graph.trees, links.graph.parents, links.tagged]) fill(column, found);
  const foundInTrees = foundAmong(parts.absent, table);
  if (foundInTrees !== null) fill(parts.targets, foundInTrees);
  const isAbsent = (_: number, i: number): boolean => (found?.[links.named[i] ?? 0] ?? -1) < 0;
  return {
    links: { ...links, namers: links.namers.filter(isAbsent), named: links.named.filter(isAbsent) },
    trees: {
      ...trees,
      parts: {
        ...parts,
        bases: lengthened(parts.bases, table.length, -1),
        firstStep: lengthened(parts.firstStep, table.length, 0),
        stepEnd: lengthened(parts.stepEnd, table.length, 0),
      },
    },
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
