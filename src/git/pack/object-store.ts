import { fromHex } from '../../bytes/hex.ts';
import { PackError, toPackError } from '../../errors/pack.ts';
import type { KernelMemory } from '../../kernel/instance.ts';

import { findObjectDirectories, type ObjectEnvironment } from './alternates.ts';
import { buildForest, THIN, WHOLE } from './delta-tree.ts';
import type { HashFormat } from './hash-format.ts';
import { findId } from './index-file.ts';
import { idAt, listLoose, type LooseObjects } from './loose.ts';
import { type LostPack, openPacks } from './object-directory.ts';
import type { ResolvedPack } from './object-reader.ts';
import { type IdList, mergeIds, type ObjectTable, type OnCopy } from './object-table.ts';
import type { OpenPackOptions, Pack } from './pack.ts';
import { type FileHelper, type MemoryBudget, WORTH_HELP } from './pack-bytes.ts';
import type { Report } from './report.ts';

/** Every object of a repository, wherever it is stored, as of the moment it was opened. */
export interface ObjectStore {
  readonly format: HashFormat;
  /** Real paths, that of new objects first. */
  readonly directories: readonly string[];
  readonly packs: readonly StoredPack[];
  readonly loose: readonly LooseObjects[];
  /** Distinct ids. `listOf` counts through `packs`, then `loose`. */
  readonly table: ObjectTable;
  /** Objects may be absent because a partial clone left them out. */
  readonly promisor: boolean;
  readonly options: StoreOptions;
}

/** A pack of a store. */
export interface StoredPack extends ResolvedPack {
  /** By entry: its row in the table if this is the copy to use, else `NOT_TAKEN`. */
  readonly rows: Uint32Array;
  /** Where these lie in the kernel's memory; null if they do not. */
  readonly rowsAddress: number | null;
}

/** In `rows`: another copy of the object is used. */
export const NOT_TAKEN = 0xff_ff_ff_ff;

export interface StoreOptions {
  readonly format: HashFormat;
  readonly environment?: ObjectEnvironment;
  /** Told of all damage that is found, now and while objects are read. */
  readonly report: Report;
  /** Most bytes of packs to hold in memory; the others are read from disk as needed. */
  readonly packMemory?: number;
  /** Most bytes of one pack to hold where the kernel reads them; it reads a larger one by parts. */
  readonly heldPack?: number | undefined;
  /** Least bytes of a pack whose checksum is left to `help`. */
  readonly helpedPack?: number | undefined;
  /** Where to hold them, so that the kernel can read them. */
  readonly kernel?: KernelMemory;
  /** Another thread that computes the checksums of large packs. */
  readonly help?: FileHelper | undefined;
  /** Work that can be done while it does. */
  readonly meanwhile?: (() => void) | undefined;
  /** Most bytes of objects being built at a time; larger ones are not walked. */
  readonly arenaLimit?: number;
  /** Most bytes of objects kept by a reader of single objects. */
  readonly cacheLimit?: number;
  /** Compute the id of everything that is shown. */
  readonly verifyObjects?: boolean;
}

export const PACK_MEMORY = 1.5e9;
/**
 * Bytes of a pack that is kept in the kernel's memory, at most: of a larger one the kernel is given what it needs at a time (`stage.ts`), in
 * memory that is used again. To touch fresh memory costs more than to read again what lies in the system's cache.
 */
const HELD_PACK = 1 << 22;
/** So many packs stay open for that: a process may not have many files open. */
const OPEN_PACKS = 200;
export const ARENA_LIMIT = 2 ** 28;

/** Which copy of an object to use: one that a walk reaches, then a loose one, then one that must be looked for. */
const RANKS = { packed: 3, loose: 2, thin: 1, unresolved: 0 };

/** A store that can be used already, unless it turns out that a pack is damaged. */
export interface BegunStore {
  readonly store: ObjectStore;
  /** Computes the packs' checksums. @returns the same store, or one in which each entry of a damaged pack was checked */
  readonly confirm: () => ObjectStore;
  /** Waits for another thread that computes them. @returns whether all packs are as their checksums say */
  readonly isSound: () => Promise<boolean>;
}

/**
 * Opens all packs and lists all loose objects of a repository: its own, its
 * alternates', and those of a quarantine that the environment names.
 *
 * @param objects - the repository's `objects` directory
 * @throws PackError `OBJECT_DIRECTORY_UNREADABLE` if there is none
 */
export function openObjectStore(objects: string, options: StoreOptions): ObjectStore {
  return beginObjectStore(objects, options).confirm();
}

/** As `openObjectStore`, before the checksum of a large pack is known. @throws as it does */
export function beginObjectStore(objects: string, options: StoreOptions): BegunStore {
  const { format, report } = options;
  const directories = findObjectDirectories(objects, options.environment ?? {}, report);
  const { kernel = null, help, meanwhile } = options;
  const memory: MemoryBudget = {
    left: packMemory(options),
    larger: kernel === null ? undefined : { than: options.heldPack ?? HELD_PACK, left: OPEN_PACKS },
    kernel: options.kernel,
    help: help && { ask: help, from: options.helpedPack ?? WORTH_HELP },
    meanwhile,
  };
  // Loose objects first: one that a gc packs from now on is in a pack by the time packs are listed, or still loose.
  const loose = directories.map((directory) => listLoose(directory, format, report));
  const opened = directories.map((directory) => openPacks(directory, { format, report, memory }));
  const resolved = opened.flatMap(({ packs }) => packs).flatMap((pack) => resolvePack(pack, kernel, report));
  const lost = opened.flatMap((packs) => packs.lost);
  const parts = { directories, resolved, loose, lost, promisor: opened.some(({ promisor }) => promisor) };
  const store = joinStore(parts, options);
  return { store, confirm: () => confirmed(store, parts), isSound: () => isSound(parts) };
}

async function isSound({ resolved }: StoreParts): Promise<boolean> {
  try {
    for (const { pack } of resolved) if (!(await pack.confirmed())) return false;
    return true;
  } catch (error) {
    // It has become shorter, or cannot be read any more: who reads it again tells.
    if (error instanceof PackError) return false;
    throw error;
  }
}

function confirmed(store: ObjectStore, parts: StoreParts): ObjectStore {
  const { options } = store;
  const damaged = new Set(parts.resolved.filter(({ pack }) => !pack.isIntact()));
  if (damaged.size === 0) return store;
  const resolved = parts.resolved.flatMap((one) =>
    damaged.has(one) ? resolvePack(one.pack, null, options.report) : [one],
  );
  return joinStore({ ...parts, resolved }, options);
}

/** What a store is made of. */
export interface StoreParts {
  readonly directories: readonly string[];
  readonly resolved: readonly ResolvedPack[];
  readonly loose: readonly LooseObjects[];
  readonly lost: readonly LostPack[];
  readonly promisor: boolean;
}

/** Makes one store of packs and loose objects. */
export function joinStore(parts: StoreParts, options: StoreOptions): ObjectStore {
  const { directories, resolved, loose, lost, promisor } = parts;
  const { format, report, kernel = null } = options;
  const table = mergeIds(
    [...resolved.map(packIds), ...loose.map(looseIds)],
    format.size,
    compareCopies(resolved, report),
    kernel,
  );
  reportLost(lost, table, report);
  return { format, directories, packs: addRows(resolved, table, kernel), loose, table, promisor, options };
}

/** At least half of the kernel's memory stays free for those who work there. */
function packMemory({ packMemory: most = PACK_MEMORY, kernel }: StoreOptions): number {
  return kernel ? Math.min(most, kernel.left / 2) : most;
}

/** Builds a pack's forest. @returns nothing if pack and index contradict each other */
function resolvePack(pack: Pack, kernel: KernelMemory | null, report: Report): ResolvedPack[] {
  try {
    return [{ pack, forest: buildForest(pack, kernel) }];
  } catch (error) {
    report(toPackError(error, pack.name));
    return [];
  }
}

function packIds({ pack, forest }: ResolvedPack): IdList {
  const rank = (position: number): number => {
    const type = forest.types[forest.entries[position] ?? 0] ?? 0;
    if (type === 0) return RANKS.unresolved;
    return type === THIN ? RANKS.thin : RANKS.packed;
  };
  return { ids: pack.index.ids, count: pack.index.count, rank, address: pack.index.address };
}

function looseIds({ ids, count }: LooseObjects): IdList {
  return { ids, count, rank: () => RANKS.loose };
}

/**
 * Copies of one object must agree in what can be told without inflating them:
 * only one of them will be looked at.
 */
function compareCopies(packs: readonly ResolvedPack[], report: Report): OnCopy {
  const facts = (list: number, position: number): { type: number; size: number } | null => {
    const from = packs[list];
    if (!from) return null;
    const entry = from.forest.entries[position] ?? 0;
    const type = from.forest.types[entry] ?? 0;
    if (type === 0 || type === THIN) return null;
    return { type, size: from.forest.bases[entry] === WHOLE ? (from.forest.sizes[entry] ?? 0) : -1 };
  };
  return (list, position, takenList, takenPosition) => {
    const one = facts(list, position);
    const taken = facts(takenList, takenPosition);
    if (!one || !taken) return;
    const sizesDiffer = one.size !== taken.size && one.size >= 0 && taken.size >= 0;
    if (one.type !== taken.type || sizesDiffer)
      report(
        new PackError(
          'PACK_COPIES_DIFFER',
          `${packs[list]?.pack.name} and ${packs[takenList]?.pack.name} hold one id for two objects`,
        ),
      );
  };
}

function reportLost(lost: readonly LostPack[], table: ObjectTable, report: Report): void {
  for (const { ids, error } of lost) {
    const missing = ids?.filter((id) => findId(table, fromHex(id) ?? new Uint8Array(table.idSize)) < 0);
    if (missing === undefined || missing.length > 0) report(error);
  }
}

function shared(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

function addRows(packs: readonly ResolvedPack[], table: ObjectTable, kernel: KernelMemory | null): StoredPack[] {
  const [only] = packs;
  // All ids are the pack's: a row is a position in its index.
  if (packs.length === 1 && only && only.pack.index.address !== null && table.address === only.pack.index.address)
    return [{ ...only, rows: only.forest.positions, rowsAddress: only.forest.places?.positions ?? null }];
  const stored = packs.map((from) => {
    const { count, places } = from.forest;
    const rowsAddress = kernel && places ? kernel.reserve(4 * count) : null;
    const rows = kernel && rowsAddress !== null ? kernel.words(rowsAddress, count) : shared(count);
    return { ...from, rows: rows.fill(NOT_TAKEN), rowsAddress };
  });
  for (let row = 0; row < table.count; row++) {
    const from = stored[table.listOf[row] ?? 0];
    if (from) from.rows[from.forest.entries[table.positionOf[row] ?? 0] ?? 0] = row;
  }
  return stored;
}

/** Frees what a store holds. */
export function closeObjectStore(store: ObjectStore): void {
  for (const { pack } of store.packs) pack.bytes.close();
}

/** What opening packs that appeared later needs. */
export function laterPackOptions({ options }: ObjectStore): OpenPackOptions {
  // Few and soon read: not worth a place in memory.
  return { format: options.format, report: options.report, memory: { left: 0 } };
}

/** Hexadecimal id of a row. */
export function rowId(store: ObjectStore, row: number): string {
  return idAt(store.table, row);
}
