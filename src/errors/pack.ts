import { type ErrorNotes, ScanError } from './base.ts';

/** Ways an object store can be unreadable. Codes are API: add freely, never rename. */
export type PackErrorCode =
  | 'PACK_SIGNATURE'
  | 'PACK_TRUNCATED'
  | 'PACK_NUMBER_TOO_LARGE'
  | 'PACK_COUNT_MISMATCH'
  | 'PACK_CHECKSUM'
  | 'PACK_ENTRY_CRC'
  | 'PACK_ENTRY_TYPE'
  | 'PACK_ENTRY_LENGTH'
  | 'PACK_INFLATE'
  | 'PACK_ADLER'
  | 'PACK_SIZE_IMPOSSIBLE'
  | 'PACK_DELTA_OUT_OF_BOUNDS'
  | 'PACK_DELTA_MALFORMED'
  | 'PACK_DELTA_UNRESOLVED'
  | 'PACK_OBJECT_ID'
  | 'PACK_OBJECT_TOO_LARGE'
  | 'PACK_COPIES_DIFFER'
  | 'PACK_VANISHED'
  | 'PACK_UNREADABLE'
  | 'PACK_INDEX_MISSING'
  | 'PACK_INDEX_INVALID'
  | 'PACK_INDEX_CHECKSUM'
  | 'MIDX_INVALID'
  | 'MIDX_PACK_MISSING'
  | 'LOOSE_INVALID'
  | 'LOOSE_VANISHED'
  | 'OBJECT_MISSING'
  | 'OBJECT_DIRECTORY_UNREADABLE'
  | 'ALTERNATE_MISSING'
  | 'ALTERNATE_TOO_DEEP'
  | 'ALTERNATE_INVALID';

const DAMAGED = 'Run `git fsck --full`; if it agrees, fetch the objects again from a good clone.';
const HOSTILE = 'The pack is damaged or hostile; clone the repository afresh from a source you trust.';
const AGAIN = 'Run the scan again when no `git gc`, `git repack` or `git prune` is running.';

export const PACK_MENDS: Record<PackErrorCode, string> = {
  PACK_SIGNATURE: DAMAGED,
  PACK_TRUNCATED: DAMAGED,
  PACK_NUMBER_TOO_LARGE: HOSTILE,
  PACK_COUNT_MISMATCH: 'Run `git index-pack` on the pack to rebuild its index; if that fails, fetch the objects again.',
  PACK_CHECKSUM: DAMAGED,
  PACK_ENTRY_CRC: DAMAGED,
  PACK_ENTRY_TYPE: DAMAGED,
  PACK_ENTRY_LENGTH: DAMAGED,
  PACK_INFLATE: DAMAGED,
  PACK_ADLER: DAMAGED,
  PACK_SIZE_IMPOSSIBLE: HOSTILE,
  PACK_DELTA_OUT_OF_BOUNDS: HOSTILE,
  PACK_DELTA_MALFORMED: HOSTILE,
  PACK_DELTA_UNRESOLVED: 'Run `git fsck --full`; fetch the missing base objects, or clone the repository afresh.',
  PACK_OBJECT_ID: HOSTILE,
  PACK_OBJECT_TOO_LARGE: 'Read the object with `git cat-file`; it does not fit the memory set aside for walking packs.',
  PACK_COPIES_DIFFER: HOSTILE,
  PACK_VANISHED: AGAIN,
  PACK_UNREADABLE: 'Check the permissions of the object directory, and that its disk answers.',
  PACK_INDEX_MISSING: 'Run `git index-pack` on the pack, or delete it if no fetch is running and `git fsck` is clean.',
  PACK_INDEX_INVALID: 'Delete the index and run `git index-pack` on its pack.',
  PACK_INDEX_CHECKSUM: 'Delete the index and run `git index-pack` on its pack.',
  MIDX_INVALID: 'Run `git multi-pack-index write` to write it again.',
  MIDX_PACK_MISSING: 'Run `git multi-pack-index write`; if it fails, fetch the missing objects again.',
  LOOSE_INVALID: 'Run `git fsck`; delete the damaged file and fetch the object again.',
  LOOSE_VANISHED: AGAIN,
  OBJECT_MISSING: 'Fetch the object: `git fetch --refetch`, or clone without a filter.',
  OBJECT_DIRECTORY_UNREADABLE: 'Check that the object directory exists and may be read.',
  ALTERNATE_MISSING:
    'Restore the directory named in objects/info/alternates, or run `git repack -ad` in a whole clone.',
  ALTERNATE_TOO_DEEP: 'Run `git repack -ad` in one of the repositories to shorten the chain of alternates.',
  ALTERNATE_INVALID: 'Correct objects/info/alternates: one directory a line.',
};

/** A pack, index, loose object or object directory that cannot be read as its format demands. */
export class PackError extends ScanError {
  override readonly name = 'PackError';
  readonly code: PackErrorCode;

  constructor(code: PackErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: PACK_MENDS[code], ...notes });
    this.code = code;
  }
}

/** `error` itself where it is one of ours; anything else (a bug, a failing disk) as `PACK_UNREADABLE`. */
export function toPackError(error: unknown, what: string): PackError {
  if (error instanceof PackError) return error;
  return new PackError('PACK_UNREADABLE', `${what} cannot be read: ${String(error)}`, { cause: error });
}
