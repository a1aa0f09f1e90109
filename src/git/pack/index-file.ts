import { compareBytes } from '../../bytes/compare.ts';
import { Cursor } from '../../bytes/cursor.ts';
import { PackError } from '../../errors/pack.ts';
import type { Kernel } from '../../kernel/instance.ts';

import { digest, type HashFormat } from './hash-format.ts';

/** A pack's `.idx`: which object starts where. Arrays are parallel and in order of id. */
export interface PackIndex {
  readonly count: number;
  readonly idSize: number;
  /** `count` ids, one after another, ascending. */
  readonly ids: Uint8Array;
  /** Number of ids whose first byte is at most the position. */
  readonly fanOut: Uint32Array;
  /** Byte offsets into the pack. */
  readonly offsets: OffsetColumn;
  /** CRC-32 of the entry at a position, as stored; null in version 1. */
  readonly crcAt: ((position: number) => number) | null;
  /** Where the ids lie in the kernel's memory; null if they do not. */
  readonly address: number | null;
  /** What the pack's trailer must be; null if the index does not say. */
  readonly packChecksum: Uint8Array | null;
}

/** Byte offsets: of 32 bits each where none needs more. */
export type OffsetColumn = Uint32Array | Float64Array;

type Body = Omit<PackIndex, 'packChecksum' | 'address'>;

const MAGIC = 0xff_74_4f_63;
const FAN_OUT_SIZE = 256 * 4;
const LARGE_OFFSET = 0x80_00_00_00;

function invalid(name: string, why: string): PackError {
  return new PackError('PACK_INDEX_INVALID', `${name}: ${why}`);
}

/**
 * Reads the 256 counts at the start of an index.
 *
 * @throws PackError `PACK_INDEX_INVALID` if a count is below the one before
 */
export function readFanOut(cursor: Cursor, name: string): Uint32Array {
  const fanOut = new Uint32Array(256);
  let before = 0;
  for (let i = 0; i < 256; i++) {
    const count = cursor.u32();
    if (count < before) throw invalid(name, 'its fan-out table descends');
    fanOut[i] = before = count;
  }
  return fanOut;
}

/**
 * Checks that ids ascend and agree with the fan-out table: else a binary search
 * could miss an object that is there.
 *
 * @throws PackError `PACK_INDEX_INVALID`
 */
export function checkIds(ids: Uint8Array, idSize: number, fanOut: Uint32Array, name: string): void {
  const count = fanOut[255] ?? 0;
  for (let position = 1; position < count; position++) {
    const at = position * idSize;
    // Equal neighbours are legal: a pack may hold an object twice.
    if (compareBytes(ids, at - idSize, ids, at, idSize) > 0) throw outOfOrder(position, name);
  }
  checkFanOut(ids, idSize, fanOut, name);
}

function outOfOrder(position: number, name: string): PackError {
  return invalid(name, `id ${position} is out of order`);
}

function checkIdsIn({ run }: Kernel, at: number, { ids, idSize, count, fanOut }: Body, name: string): void {
  const position = run.findDescent(at, idSize, 1, count, 0);
  if (position < count) throw outOfOrder(position, name);
  checkFanOut(ids, idSize, fanOut, name);
}

/** Of ids that ascend, the first and the last of each count tell of all others. */
function checkFanOut(ids: Uint8Array, idSize: number, fanOut: Uint32Array, name: string): void {
  let start = 0;
  for (const [first, stop] of fanOut.entries()) {
    for (const position of start < stop ? [start, stop - 1] : [])
      if (ids[position * idSize] !== first) throw invalid(name, `id ${position} is not where the fan-out table says`);
    start = stop;
  }
}

/** Ids and 31-bit offsets alternate in version 1. */
function readVersion1(cursor: Cursor, fanOut: Uint32Array, idSize: number): Body {
  const count = fanOut[255] ?? 0;
  const ids = new Uint8Array(count * idSize);
  const offsets = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    offsets[i] = cursor.u32();
    ids.set(cursor.take(idSize), i * idSize);
  }
  return { count, idSize, ids, fanOut, offsets, crcAt: null };
}

/** A table of `count` numbers of 32 bits in network order. */
function takeTable(cursor: Cursor, count: number): DataView {
  const bytes = cursor.take(count * 4);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Numbers, and a number that has the bits of all of them. */
interface Numbers {
  readonly numbers: Uint32Array;
  readonly bits: number;
}

/** @param kernel - in whose memory the cursor's bytes lie; null if they do not */
function readNumbers(cursor: Cursor, count: number, kernel: Kernel | null): Numbers {
  const table = takeTable(cursor, count);
  if (kernel !== null) {
    // In their place: nobody asks for the bytes again.
    const at = table.byteOffset;
    return { bits: kernel.run.swapWords(at, count, at), numbers: kernel.memory.words(at, count) };
  }
  const numbers = new Uint32Array(count);
  let bits = 0;
  for (let i = 0; i < count; i++) {
    numbers[i] = table.getUint32(i * 4);
    bits |= numbers[i] ?? 0;
  }
  return { numbers, bits };
}

/**
 * Turns 32-bit offsets into byte offsets. A set top bit makes the rest the row
 * of a table of 64-bit offsets.
 *
 * @throws PackError `PACK_INDEX_INVALID` for a row that the table does not have
 */
export function widenOffsets(small: Uint32Array, large: Cursor, rows: number, name: string): OffsetColumn {
  if (rows === 0) {
    const i = small.findIndex((offset) => offset >= LARGE_OFFSET);
    if (i >= 0) throw invalid(name, `offset ${i} points past the table of 64-bit offsets`);
    return small;
  }
  const wide = new Float64Array(rows);
  for (let row = 0; row < rows; row++) wide[row] = large.u64();
  const offsets = new Float64Array(small.length);
  for (let i = 0; i < small.length; i++) {
    const offset = small[i] ?? 0;
    const row = offset - LARGE_OFFSET;
    if (row >= rows) throw invalid(name, `offset ${i} points past the table of 64-bit offsets`);
    offsets[i] = row < 0 ? offset : (wide[row] ?? 0);
  }
  return offsets;
}

function readVersion2(cursor: Cursor, idSize: number, name: string, kernel: Kernel | null): Body {
  const fanOut = readFanOut(cursor, name);
  const count = fanOut[255] ?? 0;
  // Checked before anything is allocated: a count of four billion in a file of a kilobyte is a lie.
  if (count * (idSize + 8) > cursor.left - 2 * idSize) throw invalid(name, `it has no room for ${count} objects`);
  const ids = cursor.take(count * idSize);
  const crcs = takeTable(cursor, count);
  const { numbers, bits } = readNumbers(cursor, count, kernel);
  const rows = (cursor.left - 2 * idSize) / 8;
  if (!Number.isInteger(rows) || rows > count) throw invalid(name, 'its table of 64-bit offsets has a wrong size');
  const crcAt = (position: number): number => crcs.getUint32(position * 4);
  // None has the top bit: nothing more has to be looked at.
  const offsets = rows === 0 && bits >= 0 ? numbers : widenOffsets(numbers, cursor, rows, name);
  return { count, idSize, ids, fanOut, crcAt, offsets };
}

function readBody(cursor: Cursor, idSize: number, name: string, kernel: Kernel | null): Body {
  if (cursor.u32() === MAGIC) {
    const version = cursor.u32();
    if (version !== 2) throw invalid(name, `version ${version} is unknown`);
    return readVersion2(cursor, idSize, name, kernel);
  }
  cursor.seek(0);
  const fanOut = readFanOut(cursor, name);
  const count = fanOut[255] ?? 0;
  if (FAN_OUT_SIZE + count * (idSize + 4) + 2 * idSize !== cursor.bytes.length)
    throw invalid(name, `it has no room for ${count} objects, or too much`);
  return readVersion1(cursor, fanOut, idSize);
}

/**
 * Reads an `.idx` of version 1 or 2 and checks all of it: checksum, order,
 * sizes, ranges.
 *
 * @param bytes - the whole file; ids stay a view of it
 * @param format - the repository's hash
 * @param name - the file's name, for errors
 * @param kernel - in whose memory the bytes lie; null if they do not
 * @throws PackError `PACK_INDEX_INVALID`, `PACK_INDEX_CHECKSUM`, `PACK_TRUNCATED`, `PACK_NUMBER_TOO_LARGE`
 * @see gitformat-pack(5), "pack-*.idx files"
 */
export function readPackIndex(
  bytes: Uint8Array,
  format: HashFormat,
  name: string,
  kernel: Kernel | null = null,
): PackIndex {
  const idSize = format.size;
  const trailer = bytes.length - 2 * idSize;
  if (trailer < FAN_OUT_SIZE) throw invalid(name, 'it is too short');
  const own = bytes.subarray(trailer + idSize);
  if (compareBytes(digest(format, bytes.subarray(0, trailer + idSize)), 0, own, 0, idSize) !== 0)
    throw new PackError('PACK_INDEX_CHECKSUM', `${name} differs from its own checksum`);
  const body = readBody(new Cursor(bytes, name), idSize, name, kernel);
  const address = kernel !== null && body.ids.buffer === bytes.buffer ? body.ids.byteOffset : null;
  if (kernel === null || address === null) checkIds(body.ids, idSize, body.fanOut, name);
  else checkIdsIn(kernel, address, body, name);
  return { ...body, address, packChecksum: bytes.subarray(trailer, trailer + idSize) };
}

/** Ids in order, with their fan-out table: an `.idx` or a multi-pack-index. */
export interface SortedIds {
  readonly ids: Uint8Array;
  readonly idSize: number;
  readonly fanOut: Uint32Array;
}

/**
 * Finds an id.
 *
 * @param id - bytes that hold the id from `at` on
 * @returns the first position that has it, or −1
 */
export function findId(index: SortedIds, id: Uint8Array, at: number = 0): number {
  const { ids, idSize, fanOut } = index;
  const first = id[at] ?? 0;
  let low = first === 0 ? 0 : (fanOut[first - 1] ?? 0);
  let high = fanOut[first] ?? 0;
  const end = high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(ids, middle * idSize, id, at, idSize) < 0) low = middle + 1;
    else high = middle;
  }
  return low < end && compareBytes(ids, low * idSize, id, at, idSize) === 0 ? low : -1;
}
