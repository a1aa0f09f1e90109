import { compareBytes } from '../../bytes/compare.ts';
import { Cursor } from '../../bytes/cursor.ts';
import { PackError } from '../../errors/pack.ts';

import { digest, type HashFormat } from './hash-format.ts';
import { checkIds, type OffsetColumn, type PackIndex, readFanOut, type SortedIds, widenOffsets } from './index-file.ts';

/** A multi-pack-index, or one layer of a chain of them. Arrays are in order of id. */
export interface MultiPackIndex extends SortedIds {
  readonly count: number;
  /** Names of the packs' index files, `pack-….idx`. */
  readonly packs: readonly string[];
  /** Objects by pack: those of pack `i` are `rows[firstRow[i] … firstRow[i + 1])`, ascending. */
  readonly rows: Uint32Array;
  readonly firstRow: Uint32Array;
  /** For each object, the byte offset in that pack. */
  readonly offsets: OffsetColumn;
}

const SIGNATURE = 0x4d_49_44_58;
const CHUNK_ROW = 12;

function invalid(name: string, why: string): PackError {
  return new PackError('MIDX_INVALID', `${name}: ${why}`);
}

/** The chunks by their four-letter ids; the table's last row says where the last one ends. */
function readChunks(cursor: Cursor, rows: number, bodyEnd: number, name: string): Map<string, Uint8Array> {
  const chunks = new Map<string, Uint8Array>();
  let id = Buffer.from(cursor.take(4)).toString('latin1');
  let start = cursor.u64();
  for (let row = 0; row < rows; row++) {
    const nextId = Buffer.from(cursor.take(4)).toString('latin1');
    const next = cursor.u64();
    if (next < start || next > bodyEnd) throw invalid(name, `chunk ${row} lies outside the file`);
    if (chunks.has(id)) throw invalid(name, `chunk ${row} repeats an id`);
    chunks.set(id, cursor.bytes.subarray(start, next));
    id = nextId;
    start = next;
  }
  return chunks;
}

function chunk(chunks: Map<string, Uint8Array>, id: string, size: number | null, name: string): Uint8Array {
  const bytes = chunks.get(id);
  if (!bytes || (size !== null && bytes.length !== size))
    throw invalid(name, `chunk ${id} is absent or has a wrong size`);
  return bytes;
}

/** Names end with NUL; up to three more pad the chunk. */
function readPackNames(bytes: Uint8Array, count: number, name: string): string[] {
  const names = Buffer.from(bytes).toString('utf8').split('\0').slice(0, count);
  // A name with a slash would let the file choose what is opened.
  if (names.length !== count || names.some((pack) => !/^[^/\\]+\.(?:idx|pack)$/.test(pack)))
    throw invalid(name, 'its table of pack names is malformed');
  return names;
}

function readPlaces(
  bytes: Uint8Array,
  large: Uint8Array | undefined,
  packs: number,
  name: string,
): Pick<MultiPackIndex, 'rows' | 'firstRow' | 'offsets'> {
  const count = bytes.length / 8;
  const cursor = new Cursor(bytes, name);
  const packOf = new Uint32Array(count);
  const small = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const pack = cursor.u32();
    if (pack >= packs) throw invalid(name, `object ${i} is in a pack that is not listed`);
    packOf[i] = pack;
    small[i] = cursor.u32();
  }
  const byPack = rowsByPack(packOf, packs);
  // Without the table of 64-bit offsets the top bit is an ordinary one.
  if (!large) return { ...byPack, offsets: small };
  if (large.length % 8 !== 0) throw invalid(name, 'its table of 64-bit offsets has a wrong size');
  return { ...byPack, offsets: widenOffsets(small, new Cursor(large, name), large.length / 8, name) };
}

/** @param packOf - for each object, which pack has it */
function rowsByPack(packOf: Uint32Array, packs: number): Pick<MultiPackIndex, 'rows' | 'firstRow'> {
  const firstRow = new Uint32Array(packs + 1);
  for (const pack of packOf) firstRow[pack + 1]!++;
  for (let pack = 0; pack < packs; pack++) firstRow[pack + 1]! += firstRow[pack] ?? 0;
  const next = firstRow.slice();
  const rows = new Uint32Array(packOf.length);
  for (const [row, pack] of packOf.entries()) rows[next[pack]!++] = row;
  return { rows, firstRow };
}

/** The objects that it lists for a pack, ascending. @param pack - place in `packs` */
export function rowsOfPack({ rows, firstRow }: MultiPackIndex, pack: number): Uint32Array {
  return rows.subarray(firstRow[pack], firstRow[pack + 1]);
}

/**
 * Reads a multi-pack-index of version 1 or 2 and checks all of it.
 *
 * @param bytes - the whole file; ids stay a view of it
 * @param format - the repository's hash
 * @param name - the file's name, for errors
 * @throws PackError `MIDX_INVALID`, `PACK_INDEX_INVALID`, `PACK_TRUNCATED`, `PACK_NUMBER_TOO_LARGE`
 * @see gitformat-pack(5), "multi-pack-index (MIDX) files have the following format"
 */
export function readMultiPackIndex(bytes: Uint8Array, format: HashFormat, name: string): MultiPackIndex {
  const bodyEnd = bytes.length - format.size;
  const cursor = new Cursor(bytes, name);
  if (bodyEnd < CHUNK_ROW || cursor.u32() !== SIGNATURE) throw invalid(name, 'it does not start like one');
  const version = cursor.u8();
  if (version !== 1 && version !== 2) throw invalid(name, `version ${version} is unknown`);
  if (cursor.u8() !== (format.name === 'sha1' ? 1 : 2)) throw invalid(name, `its ids are not ${format.name}`);
  if (compareBytes(digest(format, bytes.subarray(0, bodyEnd)), 0, bytes, bodyEnd, format.size) !== 0)
    throw invalid(name, 'it differs from its own checksum');
  const chunkCount = cursor.u8();
  cursor.u8(); // number of base layers: the chain file says it
  const packCount = cursor.u32();
  const chunks = readChunks(cursor, chunkCount, bodyEnd, name);
  const fanOut = readFanOut(new Cursor(chunk(chunks, 'OIDF', 256 * 4, name), name), name);
  const count = fanOut[255] ?? 0;
  const ids = chunk(chunks, 'OIDL', count * format.size, name);
  checkIds(ids, format.size, fanOut, name);
  const packs = readPackNames(chunk(chunks, 'PNAM', null, name), packCount, name);
  const places = readPlaces(chunk(chunks, 'OOFF', count * 8, name), chunks.get('LOFF'), packs.length, name);
  return { count, ids, idSize: format.size, fanOut, packs, ...places };
}

/**
 * What a multi-pack-index says of one of its packs, as that pack's index. It
 * lists an object that several packs have for one of them only.
 *
 * @param pack - place in `packs`
 */
export function indexOfPack(midx: MultiPackIndex, pack: number): PackIndex {
  const rows = rowsOfPack(midx, pack);
  const { idSize } = midx;
  const ids = new Uint8Array(rows.length * idSize);
  const fanOut = new Uint32Array(256);
  for (const [i, row] of rows.entries()) {
    ids.set(midx.ids.subarray(row * idSize, (row + 1) * idSize), i * idSize);
    fanOut[ids[i * idSize] ?? 0]!++;
  }
  for (let i = 1; i < 256; i++) fanOut[i]! += fanOut[i - 1] ?? 0;
  const offsets = Float64Array.from(rows, (row) => midx.offsets[row] ?? 0);
  return { count: rows.length, idSize, ids, fanOut, offsets, crcAt: null, address: null, packChecksum: null };
}
