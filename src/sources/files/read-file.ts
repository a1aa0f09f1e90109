import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readSync, readlinkSync } from 'node:fs';

import type { ByteStream } from '../../core/blob.ts';

/** Larger files are streamed. */
const HELD_BYTES = 32 * 1024 * 1024;
const CHUNK_BYTES = 4 * 1024 * 1024;

/** What tells one state of a file from another. */
export type FileState = string;

export type FileContent =
  | {
      readonly kind: 'content';
      readonly content: Uint8Array | ByteStream;
      readonly size: number;
      readonly state: FileState;
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'special' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Reads a file if it is one: a symbolic link gives the text of its target, as
 * git stores it; pipes, sockets and devices are never opened. Reads without
 * giving way: for small files, waiting costs more than reading.
 *
 * @param maxSize - bytes; larger files are left out
 * @param changed - called if a streamed file turns out to have changed while it was read
 */
export function readFile(location: string | Buffer, maxSize: number, changed: () => void): FileContent {
  try {
    const before = lstatSync(location);
    if (before.isSymbolicLink()) {
      const target = readlinkSync(location, { encoding: 'buffer' });
      return { kind: 'content', content: target, size: target.length, state: `link ${target.toString('latin1')}` };
    }
    if (!before.isFile()) return { kind: 'special' };
    if (before.size > maxSize) return { kind: 'too-large' };
    // Without waiting and without following: it may have become a pipe or a link since.
    const handle = openSync(location, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
    return readOpen(handle, changed);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return { kind: 'unreadable', reason: code };
  }
}

function readOpen(handle: number, changed: () => void): FileContent {
  let streamed = false;
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return { kind: 'special' };
    const state = stateOf(stat);
    if (stat.size > HELD_BYTES) {
      streamed = true;
      return {
        kind: 'content',
        content: { size: stat.size, chunks: chunks(handle, state, changed) },
        size: stat.size,
        state,
      };
    }
    const bytes = readFileSync(handle);
    const same = stateOf(fstatSync(handle)) === state && (bytes.length === stat.size || stat.size === 0);
    return same ? { kind: 'content', content: bytes, size: bytes.length, state } : { kind: 'changed' };
  } finally {
    if (!streamed) closeSync(handle);
  }
}

function stateOf({
  size,
  mtimeMs,
  ctimeMs,
  ino,
}: {
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  ino: number;
}): FileState {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}

async function* chunks(handle: number, state: FileState, changed: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = readSync(handle, buffer, 0, CHUNK_BYTES, null);
      if (read === 0) break;
      yield buffer.subarray(0, read);
      // Others must have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (stateOf(fstatSync(handle)) !== state) changed();
  } finally {
    closeSync(handle);
  }
}
