import path from 'node:path';

import type { PackError } from '../errors/pack.ts';
import { KernelError } from '../errors/kernel.ts';
import { type Kernel, type KernelMemory, bareKernel } from '../kernel/instance.ts';
import { ObjectTable, type TablePlaces, bucketCount, bucketShift } from './object-table.ts';
import { BLOB, COMMIT, TAG, TREE, UNKNOWN } from './object/type.ts';
import type { ObjectEnvironment } from './pack/alternates.ts';
import { hashFormat } from './pack/hash-format.ts';
import {
  NOT_TAKEN,
  type ObjectStore,
  type StoreOptions,
  type StoredPack,
  beginObjectStore,
} from './pack/object-store.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run.ts';

/** A repository's objects, listed without git. */
export interface PackedRepository {
  readonly store: ObjectStore;
  /** A position is the object's row in the store. Sizes are not known. */
  readonly table: ObjectTable;
  /** Positions of objects whose type is told only by reading them. */
  readonly untyped: readonly number[];
  /** Whether packs are as their checksums say, as soon as that is known. Where not, nothing that was read counts. Null where it was known before. */
  readonly isSound: (() => Promise<boolean>) | null;
}

/** By the number that packs give a type. */
const TYPES: readonly (number | undefined)[] = [undefined, COMMIT, TREE, BLOB, TAG];

/**
 * Opens all that a repository stores and lists it.
 *
 * Where `options` has help, another thread computes the checksums of large packs meanwhile; else they are known before anything is
 * believed, and each entry of a damaged pack is checked.
 *
 * @param report - told of damage
 * @throws PackError if there is no object directory
 */
export function openPackedRepository(
  repository: Repository,
  report: (error: PackError) => void,
  options: Partial<StoreOptions> = {},
): PackedRepository {
  const begun = beginObjectStore(path.join(repository.commonDir, 'objects'), {
    format: hashFormat(repository.objectFormat),
    environment: objectEnvironment(repository),
    report,
    ...options,
  });
  if (options.help) return { ...listStore(begun.store, repository, options.kernel), isSound: begun.isSound };
  return { ...listStore(begun.confirm(), repository, options.kernel), isSound: null };
}

function listStore(
  store: ObjectStore,
  { idLength }: Repository,
  kernel: KernelMemory | undefined,
): Omit<PackedRepository, 'isSound'> {
  const { ids, count, address } = store.table;
  const places = kernel && address !== null ? placesIn(kernel, store, address) : null;
  const table = ObjectTable.of(idLength, ids, count, places ? { places } : { types: rowTypes(store) });
  return { store, table, untyped: [...table.ofType(UNKNOWN)] };
}

/** Puts in the kernel's memory what tells of a store's objects, for it to look at: null if there is no room. */
function placesIn(memory: KernelMemory, store: ObjectStore, ids: number): TablePlaces | null {
  const { count, idSize } = store.table;
  const buckets = bucketCount(count);
  try {
    const kernel = bareKernel(memory);
    const [starts, types, list] = [memory.reserve(4 * buckets), memory.reserve(count), memory.room(4 * count)];
    const listed = (type: number): number => kernel.run.listBytes(types, count, type, list);
    kernel.run.startBuckets(ids, idSize, count, bucketShift(buckets), starts, buckets);
    const column = memory.bytes.subarray(types, types + count).fill(UNKNOWN);
    for (const pack of store.packs) spreadTypes(kernel, pack, types, column);
    return {
      buckets: starts,
      starts: memory.words(starts, buckets),
      types,
      typeColumn: column,
      list: (type) => memory.words(list, listed(type)).slice(),
      count: listed,
    };
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

function spreadTypes({ run }: Kernel, pack: StoredPack, at: number, column: Uint8Array): void {
  const { places, count } = pack.forest;
  if (places === null || pack.rowsAddress === null) typeRows(pack, column);
  else run.spreadToRows(places.types, pack.rowsAddress, count, at);
}

/** What tells where a repository's objects are. */
export function objectEnvironment({ invocation: { cwd, environment } }: Repository): ObjectEnvironment {
  const { GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES } = environment;
  return { GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, relativeTo: cwd };
}

/** By row: the type that packs tell. */
export function rowTypes({ packs, table }: ObjectStore): Uint8Array {
  const types = new Uint8Array(table.count).fill(UNKNOWN);
  for (const pack of packs) typeRows(pack, types);
  return types;
}

function typeRows({ forest, rows }: StoredPack, types: Uint8Array): void {
  for (let entry = 0; entry < forest.count; entry++) {
    const row = rows[entry] ?? NOT_TAKEN;
    if (row !== NOT_TAKEN) types[row] = TYPES[forest.types[entry] ?? 0] ?? UNKNOWN;
  }
}

/**
 * Whether git counts as many objects in the repository's own directory as the
 * store has: a check on the store, which must not miss what git would read.
 */
export async function agreesWithGit(
  repository: Repository,
  store: Counts,
  signal: AbortSignal,
  counted: Promise<GitCounts>,
): Promise<boolean> {
  // Counted a while ago, perhaps: things come and go.
  return isAsCounted(store, await counted) || isAsCounted(store, await countWithGit(repository, signal));
}

/** How many objects a repository's own directory has. */
export interface Counts {
  readonly loose: number;
  readonly packed: number;
}

export function countsOf({ directories, packs, loose }: ObjectStore): Counts {
  const own = directories[0] ?? '';
  const packed = packs.filter(({ pack }) => directoryOf(pack.name) === own);
  return { loose: loose[0]?.count ?? 0, packed: packed.reduce((sum, { pack }) => sum + pack.index.count, 0) };
}

/** The object directory that a pack is in. */
export function directoryOf(pack: string): string {
  return path.dirname(path.dirname(pack));
}

type GitCounts = ReadonlyMap<string, number>;

/** What `git count-objects -v` says; nothing if it fails. */
export async function countWithGit({ invocation }: Repository, signal: AbortSignal): Promise<GitCounts> {
  const { stdout, code } = await runGit(invocation, ['count-objects', '-v'], { signal, accept: [0, 128] });
  const lines = code === 0 ? stdout.toString('latin1').split('\n') : [];
  return new Map(lines.map((line): [string, number] => [line.split(': ')[0] ?? '', Number(line.split(': ')[1])]));
}

function isAsCounted({ loose, packed }: Counts, counted: GitCounts): boolean {
  return counted.get('count') === loose && counted.get('in-pack') === packed;
}
