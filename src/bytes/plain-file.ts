import { type Stats, closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';

/** What reading a small file came to. */
export type PlainFile =
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  /** A folder, device, pipe or socket, or a link to one. */
  | { readonly kind: 'odd'; readonly what: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'unreadable'; readonly cause: unknown };

export interface PlainFileOptions {
  /** Largest content, in bytes, that is taken. */
  readonly most: number;
  /** Somebody named it, so a pipe (`<(…)`, `/dev/stdin`) is meant to be read. */
  readonly piped?: boolean;
  /** A symbolic link is not followed: it counts as something odd. */
  readonly unlinked?: boolean;
}

const WITHOUT_WAITING = constants.O_NONBLOCK ?? 0;
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/** Bytes read at a time. */
const PIECE = 1024 * 1024;

/**
 * Reads a settings file that anybody may have put there: only a regular file,
 * or a link to one, never waiting for a pipe, never more than asked for,
 * whatever size it says that it has.
 */
export function readPlainFile(file: string, { most, piped = false, unlinked = false }: PlainFileOptions): PlainFile {
  try {
    const seen = (unlinked ? lstatSync : statSync)(file, { throwIfNoEntry: false });
    if (seen === undefined) return isDangling(file) ? { kind: 'unreadable', cause: undefined } : { kind: 'absent' };
    const pipe = piped && (seen.isFIFO() || seen.isSocket());
    if (!pipe && !seen.isFile()) return { kind: 'odd', what: kindOf(seen) };
    // It may have become a pipe since.
    const handle = openSync(file, constants.O_RDONLY | (pipe ? 0 : WITHOUT_WAITING) | (unlinked ? NO_LINK : 0));
    try {
      const opened = fstatSync(handle);
      if (!pipe && !opened.isFile()) return { kind: 'odd', what: kindOf(opened) };
      const bytes = opened.size > most ? null : readUpTo(handle, most);
      return bytes === null ? { kind: 'too-large' } : { kind: 'content', bytes };
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    return isAbsence(cause) ? { kind: 'absent' } : { kind: 'unreadable', cause };
  }
}

/** Null if there is more. */
function readUpTo(handle: number, most: number): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  for (let held = 0; held <= most;) {
    const piece = Buffer.allocUnsafe(PIECE);
    const count = readSync(handle, piece, 0, PIECE, null);
    if (count === 0) return Buffer.concat(pieces);
    // A copy where little came: a pipe gives a line at a time.
    pieces.push(count === PIECE ? piece : Uint8Array.prototype.slice.call(piece, 0, count));
    held += count;
  }
  return null;
}

function kindOf(stat: Stats): string {
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isDirectory()) return 'a folder';
  if (stat.isFIFO()) return 'a pipe';
  return stat.isSocket() ? 'a socket' : 'a device';
}

/** A link that leads nowhere was meant to say something. */
function isDangling(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function isAbsence(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}
