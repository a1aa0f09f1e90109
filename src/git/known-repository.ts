/**
 * Opens a repository whose packs an earlier run has read and found sound:
 * these are not opened, only what has come since then is.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';

import { isScanError } from '../errors/base.ts';
import type { PackError } from '../errors/pack.ts';
import { ObjectTable } from './object-table.ts';
import { UNKNOWN } from './object/type.ts';
import { findObjectDirectories } from './pack/alternates.ts';
import { THIN, buildForest } from './pack/delta-tree.ts';
import { type HashFormat, hashFormat } from './pack/hash-format.ts';
import { type KnownPack, KnownPacks } from './pack/known-packs.ts';
import { listLoose } from './pack/loose.ts';
import type { ResolvedPack } from './pack/object-reader.ts';
import { ARENA_LIMIT, type ObjectStore, closeObjectStore, joinStore } from './pack/object-store.ts';
import { type FileSeal, isSameFile, sealPacks } from './pack/pack-seals.ts';
import { openPack } from './pack/pack.ts';
import type { Report } from './pack/report.ts';
import { type Counts, countsOf, directoryOf, objectEnvironment, rowTypes } from './packed-repository.ts';
import type { Repository } from './repository.ts';

/** What an earlier run has learned of a repository's packs. Positions are those of `ids`. */
export interface KnownObjects {
  /** Real paths. */
  readonly directories: readonly string[];
  readonly seals: readonly FileSeal[];
  /** Raw ids, ascending and distinct, one after the other. Of those that are not in `packs`, no more is known. */
  readonly ids: Uint8Array;
  /** As `ObjectTable` has them. */
  readonly types: Uint8Array;
  readonly packs: readonly KnownPack[];
}

export interface KnownRepository {
  /** Begins with the objects of which something is known, at their positions. */
  readonly table: ObjectTable;
  /** Positions of all that is not in known packs, ascending. */
  readonly added: Uint32Array;
  /** Of these, positions of those whose type is told only by reading them. */
  readonly untyped: readonly number[];
  readonly known: KnownPacks;
  /** All loose objects, and the packs that are not known. */
  readonly others: ObjectStore;
  readonly counts: Counts;
  close(): void;
}

/** Packs of more bytes that came since then are better read where all are. */
const NEW_BYTES = 128e6;
/** So much of the objects known may have come in packs since then; and so many in any case. */
const NEW_PART = 1 / 64;
const NEW_LEAST = 2000;

/**
 * Opens a repository as far as it is not known.
 *
 * @param report - told of damage that is found later, while objects are read
 * @returns null where anything is not as it was, or not as it should be: then all has to be read
 */
export function openKnownRepository(
  repository: Repository,
  known: KnownObjects,
  report: Report,
): KnownRepository | null {
  let isOpen = false;
  const tell = (error: PackError): void => {
    if (!isOpen) throw error;
    report(error);
  };
  try {
    const opened = openAsKnown(repository, known, tell);
    isOpen = true;
    return opened;
  } catch (error) {
    if (isScanError(error) || isSystemError(error)) return null;
    throw error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function openAsKnown(repository: Repository, known: KnownObjects, report: Report): KnownRepository | null {
  const format = hashFormat(repository.objectFormat);
  const objects = path.join(repository.commonDir, 'objects');
  const directories = findObjectDirectories(objects, objectEnvironment(repository), report);
  if (directories.join('\n') !== known.directories.join('\n')) return null;
  // Loose objects first, as where all is read.
  const loose = directories.map((directory) => listLoose(directory, format, report));
  const stems = newPacks(directories, known, format);
  if (stems === null) return null;
  const options = { format, report, memory: { left: NEW_BYTES } };
  const resolved = stems.map((stem): ResolvedPack => {
    const pack = openPack(stem, options);
    return { pack, forest: buildForest(pack) };
  });
  const others = joinStore({ directories, resolved, loose, lost: [], promisor: false }, { format, report });
  const opened = join(repository, known, others, format);
  if (opened === null) closeObjectStore(others);
  return opened;
}

/** Paths, without endings, of the packs that are not known; null if a known one is not what it was. */
function newPacks(directories: readonly string[], known: KnownObjects, format: HashFormat): string[] | null {
  const seals = sealPacks(directories);
  if (seals === null) return null;
  const found = new Map(seals);
  for (const seal of known.seals) {
    const now = found.get(seal.file);
    if (!now || !isUnchanged(seal, now, format)) return null;
    found.delete(seal.file);
  }
  const stems = [...found.keys()].filter((file) => file.endsWith('.idx')).map((file) => file.slice(0, -4));
  const bytes = stems.reduce((sum, stem) => sum + (found.get(`${stem}.pack`)?.size ?? Infinity), 0);
  // A pack alone, or another multi-pack-index: whoever reads all knows what to do with it.
  return 2 * stems.length === found.size && bytes <= NEW_BYTES ? stems.toSorted() : null;
}

/** Git dates a pack anew when it would write an object that is there: then its content decides. */
function isUnchanged(then: FileSeal, now: FileSeal, format: HashFormat): boolean {
  if (isSameFile(then, now)) return true;
  return then.size === now.size && then.end === now.end && hashOf(now, format) === now.end.slice(-2 * format.size);
}

const CHUNK = 1 << 20;

/** Of a pack or an index, what should stand at its end. */
function hashOf({ file, size }: FileSeal, { name, size: hashBytes }: HashFormat): string {
  const hash = createHash(name);
  const fd = openSync(file, 'r');
  try {
    const chunk = new Uint8Array(CHUNK);
    for (let left = size - hashBytes; left > 0;) {
      const count = readSync(fd, chunk, 0, Math.min(CHUNK, left), null);
      if (count === 0) return '';
      hash.update(chunk.subarray(0, count));
      left -= count;
    }
    return hash.digest('hex');
  } finally {
    closeSync(fd);
  }
}

function join(
  repository: Repository,
  { ids, types, packs, directories }: KnownObjects,
  others: ObjectStore,
  format: HashFormat,
): KnownRepository | null {
  const count = types.length;
  if (!areFew(others, count) || !areWhole(others)) return null;
  const table = ObjectTable.of(repository.idLength, ids, count, { types });
  const known = new KnownPacks(packs, table, format, count, ARENA_LIMIT);
  const added: number[] = [];
  const untyped: number[] = [];
  const { ids: otherIds, idSize } = others.table;
  let again = 0;
  for (const [row, type] of rowTypes(others).entries()) {
    const position = table.find(otherIds, row * idSize);
    if (known.has(position)) {
      // The same id cannot be of two types.
      if (type !== UNKNOWN && type !== types[position]) return null;
      continue;
    }
    if (position >= 0 && position < count) again++;
    const own = table.add(otherIds, row * idSize, type);
    added.push(own);
    if (type === UNKNOWN) untyped.push(own);
  }
  // Whatever was loose then is still there, loose or not.
  if (again < count - known.count) return null;
  const { loose, packed } = countsOf(others);
  const own = packs.filter(({ file }) => directoryOf(file) === directories[0]);
  const counts = { loose, packed: packed + own.reduce((sum, { rows }) => sum + rows.length, 0) };
  const close = (): void => {
    known.close();
    closeObjectStore(others);
  };
  return { table, added: Uint32Array.from(added).sort(), untyped, known, others, counts, close };
}

function areFew({ packs }: ObjectStore, count: number): boolean {
  const added = packs.reduce((sum, { forest }) => sum + forest.count, 0);
  return added <= Math.max(NEW_LEAST, count * NEW_PART);
}

/** Whether every pack has the bases of all its deltas. */
function areWhole({ packs }: ObjectStore): boolean {
  return packs.every(({ forest: { types } }) => !types.includes(0) && !types.includes(THIN));
}
