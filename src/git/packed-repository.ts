import path from 'node:path';

import type { PackError } from '../errors/pack.ts';
import { ObjectTable } from './object-table.ts';
import { BLOB, COMMIT, TAG, TREE } from './object/type.ts';
import { hashFormat } from './pack/hash-format.ts';
import { NOT_TAKEN, type ObjectStore, type StoreOptions, openObjectStore } from './pack/object-store.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run.ts';

/** A repository's objects, listed without git. */
export interface PackedRepository {
  readonly store: ObjectStore;
  /** A position is the object's row in the store. Sizes are not known. */
  readonly table: ObjectTable;
  /** Positions of objects whose type is told only by reading them. */
  readonly untyped: readonly number[];
}

/** By the number that packs give a type. */
const TYPES: readonly (number | undefined)[] = [undefined, COMMIT, TREE, BLOB, TAG];

/**
 * Opens all that a repository stores and lists it.
 *
 * @param report - told of damage
 * @throws PackError if there is no object directory
 */
export function openPackedRepository(
  repository: Repository,
  report: (error: PackError) => void,
  options: Partial<StoreOptions> = {},
): PackedRepository {
  const { cwd, environment } = repository.invocation;
  const { GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES } = environment;
  const store = openObjectStore(path.join(repository.commonDir, 'objects'), {
    format: hashFormat(repository.objectFormat),
    environment: { GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, relativeTo: cwd },
    report,
    ...options,
  });
  const table = ObjectTable.of(repository.idLength, store.table.ids, store.table.count);
  return { store, table, untyped: setTypes(store, table) };
}

/** @returns positions that no pack tells the type of */
function setTypes(store: ObjectStore, table: ObjectTable): number[] {
  const typed = new Uint8Array(table.length);
  for (const { forest, rows } of store.packs) {
    for (let entry = 0; entry < forest.count; entry++) {
      const row = rows[entry] ?? NOT_TAKEN;
      const type = TYPES[forest.types[entry] ?? 0];
      if (row === NOT_TAKEN || type === undefined) continue;
      table.setType(row, type, 0);
      typed[row] = 1;
    }
  }
  const untyped: number[] = [];
  for (let row = 0; row < typed.length; row++) if (typed[row] === 0) untyped.push(row);
  return untyped;
}

/**
 * Whether git counts as many objects in the repository's own directory as the
 * store has: a check on the store, which must not miss what git would read.
 */
export async function agreesWithGit(
  repository: Repository,
  store: ObjectStore,
  signal: AbortSignal,
  counted: Promise<GitCounts>,
): Promise<boolean> {
  // Counted a while ago, perhaps: things come and go.
  return isAsCounted(store, await counted) || isAsCounted(store, await countWithGit(repository, signal));
}

type GitCounts = ReadonlyMap<string, number>;

/** What `git count-objects -v` says; nothing if it fails. */
export async function countWithGit({ invocation }: Repository, signal: AbortSignal): Promise<GitCounts> {
  const { stdout, code } = await runGit(invocation, ['count-objects', '-v'], { signal, accept: [0, 128] });
  const lines = code === 0 ? stdout.toString('latin1').split('\n') : [];
  return new Map(lines.map((line): [string, number] => [line.split(': ')[0] ?? '', Number(line.split(': ')[1])]));
}

function isAsCounted(store: ObjectStore, counted: GitCounts): boolean {
  const own = store.directories[0] ?? '';
  const packed = store.packs.filter(({ pack }) => path.dirname(path.dirname(pack.name)) === own);
  return (
    counted.get('count') === store.loose[0]?.count &&
    counted.get('in-pack') === packed.reduce((sum, { pack }) => sum + pack.index.count, 0)
  );
}
