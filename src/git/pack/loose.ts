import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { constants, inflateSync } from 'node:zlib';

import { fromHex, toHex } from '../../bytes/hex.ts';
import { PackError } from '../../errors/pack.ts';

import { isAbsent } from './alternates.ts';
import { type ObjectType, typeNumber, typeName } from './entry.ts';
import type { HashFormat } from './hash-format.ts';
import type { SortedIds } from './index-file.ts';
import type { Report } from './report.ts';

/** The loose objects of one object directory, in order of id. */
export interface LooseObjects extends SortedIds {
  readonly directory: string;
  readonly count: number;
}

/** An object with all its bytes. */
export interface StoredObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/** `blob 1234` and a NUL: no header of a real object is longer. */
const HEADER_LIMIT = 32;
/** Deflate makes at most so many bytes of one. */
const MOST_EXPANSION = 1032;

function listFolder(folder: string, report: Report): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    // A folder that went away held objects that are packed by now, and its directory is listed again.
    if (!isAbsent(error))
      report(new PackError('OBJECT_DIRECTORY_UNREADABLE', `${folder} cannot be listed`, { cause: error }));
    return [];
  }
}

/** Ids, in order, as one array with a fan-out table. */
export function sortIds(ids: readonly string[], idSize: number): SortedIds & { readonly count: number } {
  const sorted = [...new Set(ids)].sort();
  const bytes = new Uint8Array(sorted.length * idSize);
  const fanOut = new Uint32Array(256);
  for (const [i, id] of sorted.entries()) {
    bytes.set(fromHex(id) ?? [], i * idSize);
    fanOut[bytes[i * idSize] ?? 0]!++;
  }
  for (let i = 1; i < 256; i++) fanOut[i]! += fanOut[i - 1] ?? 0;
  return { ids: bytes, idSize, fanOut, count: sorted.length };
}

/**
 * Lists the loose objects of an object directory. Names that are not object
 * ids (temporary files) are no objects.
 */
export function listLoose(directory: string, format: HashFormat, report: Report): LooseObjects {
  const name = new RegExp(`^[0-9a-f]{${format.size * 2 - 2}}$`);
  const ids = listFolder(directory, report)
    .filter((folder) => /^[0-9a-f]{2}$/.test(folder))
    .flatMap((folder) =>
      listFolder(path.join(directory, folder), report)
        .filter((file) => name.test(file))
        .map((file) => folder + file),
    );
  return { directory, ...sortIds(ids, format.size) };
}

function invalid(file: string, why: string, cause?: unknown): PackError {
  return new PackError('LOOSE_INVALID', `${file}: ${why}`, { cause });
}

/** `type SP size NUL`, then the object. */
function parseLoose(bytes: Uint8Array, file: string): StoredObject {
  const end = bytes.subarray(0, HEADER_LIMIT).indexOf(0);
  const header = /^([a-z]+) (0|[1-9][0-9]*)$/.exec(Buffer.from(bytes.subarray(0, Math.max(end, 0))).toString('latin1'));
  const type = typeName(typeNumber(header?.[1] ?? ''));
  if (!type) throw invalid(file, 'it does not start like an object');
  if (Number(header?.[2]) !== bytes.length - end - 1) throw invalid(file, 'it does not have the size it states');
  return { type, bytes: bytes.subarray(end + 1) };
}

interface ZlibAnswer {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

function isZlibAnswer(value: unknown): value is ZlibAnswer {
  return typeof value === 'object' && value !== null && 'buffer' in value && 'engine' in value;
}

/** The size that an object states, where its beginning can be read. */
function statedSize(compressed: Uint8Array): number {
  try {
    const start = inflateSync(compressed.subarray(0, 1024), { finishFlush: constants.Z_SYNC_FLUSH });
    return Number(/^[a-z]+ ([0-9]+)\0/.exec(start.toString('latin1', 0, HEADER_LIMIT))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Inflates a whole file; nothing may follow the stream. */
function inflateFile(compressed: Uint8Array, limit: number, file: string): Uint8Array {
  // What says that it does not fit is not inflated up to the limit first.
  if (compressed.length > limit / MOST_EXPANSION && statedSize(compressed) > limit)
    throw new PackError('PACK_OBJECT_TOO_LARGE', `${file} states more than ${limit} bytes`);
  let answer: unknown;
  try {
    answer = inflateSync(compressed, { info: true, maxOutputLength: limit + HEADER_LIMIT });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw new PackError('PACK_OBJECT_TOO_LARGE', `${file} holds more than ${limit} bytes`, { cause: error });
    throw invalid(file, 'its compressed data is damaged', error);
  }
  if (!isZlibAnswer(answer)) throw invalid(file, 'it could not be inflated');
  if (answer.engine.bytesWritten !== compressed.length) throw invalid(file, 'something follows its compressed data');
  return answer.buffer;
}

/** Path of a loose object. */
export function loosePath(directory: string, id: string): string {
  return path.join(directory, id.slice(0, 2), id.slice(2));
}

/**
 * Reads a loose object and checks its stream and its size.
 *
 * @param id - in hexadecimal
 * @param limit - most bytes of the object, in file and in memory
 * @throws PackError `LOOSE_VANISHED` if the file is gone: a gc may have packed it
 * @throws PackError `LOOSE_INVALID`, `PACK_OBJECT_TOO_LARGE`, `PACK_UNREADABLE`
 */
export function readLoose(directory: string, id: string, limit: number): StoredObject {
  const file = loosePath(directory, id);
  let compressed: Uint8Array;
  try {
    if (statSync(file).size > limit)
      throw new PackError('PACK_OBJECT_TOO_LARGE', `${file} has more than ${limit} bytes`);
    compressed = readFileSync(file);
  } catch (error) {
    if (error instanceof PackError) throw error;
    if (isAbsent(error)) throw new PackError('LOOSE_VANISHED', `${file} is gone`, { cause: error });
    throw new PackError('PACK_UNREADABLE', `${file} cannot be read`, { cause: error });
  }
  return parseLoose(inflateFile(compressed, limit, file), file);
}

/** Hexadecimal id at a position. */
export function idAt(index: SortedIds, position: number): string {
  return toHex(index.ids, position * index.idSize, (position + 1) * index.idSize);
}
