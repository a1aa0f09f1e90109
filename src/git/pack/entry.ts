import { readOffset, readSize } from '../../bytes/varint.ts';
import { PackError } from '../../errors/pack.ts';

/** Entry types as a pack numbers them: `NAMES` has those of whole objects; 0 and 5 are reserved. */
export const COMMIT = 1;
export const TREE = 2;
export const BLOB = 3;
export const TAG = 4;
export const OFS_DELTA = 6;
export const REF_DELTA = 7;

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

const NAMES: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];

/** Name of a type number; undefined for deltas and for what is reserved. */
export function typeName(type: number): ObjectType | undefined {
  return NAMES[type];
}

/** Number of a type name, or 0. */
export function typeNumber(name: string): number {
  const type = NAMES.findIndex((known) => known === name);
  return type < 0 ? 0 : type;
}

/** Most bytes an entry can spend before its compressed data: size, then a distance or an id. */
export const ENTRY_HEADER_LIMIT = 64;

/** What stands before an entry's compressed data. */
export interface EntryHeader {
  readonly type: number;
  /** Inflated bytes: of the object, or of the delta. */
  readonly size: number;
  /** OFS_DELTA: how many bytes earlier the base's entry starts; else 0. */
  readonly distance: number;
  /** REF_DELTA: where in `bytes` the base's id starts; else −1. */
  readonly baseId: number;
  /** Where in `bytes` the compressed data starts. */
  readonly data: number;
}

/**
 * Reads what stands before an entry's compressed data.
 *
 * @param bytes - a pack, or a window of one
 * @param at - byte offset into `bytes` of the entry
 * @param end - the entry may not reach past this byte offset
 * @param idSize - bytes of an object id: 20 or 32
 * @throws PackError `PACK_ENTRY_TYPE` for a reserved type
 * @throws PackError `PACK_TRUNCATED`, `PACK_NUMBER_TOO_LARGE`
 * @see gitformat-pack(5), "Object types"
 */
export function readEntryHeader(bytes: Uint8Array, at: number, end: number, idSize: number): EntryHeader {
  const first = at < end ? bytes[at] : undefined;
  if (first === undefined) throw new PackError('PACK_TRUNCATED', `The pack has no entry at byte ${at}`);
  const type = (first >> 4) & 7;
  let size = first & 15;
  let data = at + 1;
  if (first >= 0x80) ({ value: size, next: data } = readSize(bytes, data, end, size, 16));
  if (type === OFS_DELTA) {
    const { value: distance, next } = readOffset(bytes, data, end);
    return { type, size, distance, baseId: -1, data: next };
  }
  if (type === REF_DELTA) {
    if (data + idSize > end) throw new PackError('PACK_TRUNCATED', `The entry at byte ${at} ends inside its base's id`);
    return { type, size, distance: 0, baseId: data, data: data + idSize };
  }
  if (typeName(type) === undefined)
    throw new PackError('PACK_ENTRY_TYPE', `The entry at byte ${at} has the reserved type ${type}`);
  return { type, size, distance: 0, baseId: -1, data };
}
