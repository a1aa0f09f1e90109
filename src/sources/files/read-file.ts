import { type FileHandle, constants, lstat, open, readlink } from 'node:fs/promises';

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
 * git stores it; pipes, sockets and devices are never opened.
 *
 * @param maxSize - bytes; larger files are left out
 * @param changed - called if a streamed file turns out to have changed while it was read
 */
export async function readFile(location: string | Buffer, maxSize: number, changed: () => void): Promise<FileContent> {
  try {
    const before = await lstat(location);
    if (before.isSymbolicLink()) {
      const target = await readlink(location, { encoding: 'buffer' });
      return { kind: 'content', content: target, size: target.length, state: `link ${target.toString('latin1')}` };
    }
    if (!before.isFile()) return { kind: 'special' };
    if (before.size > maxSize) return { kind: 'too-large' };
    // Without waiting and without following: it may have become a pipe or a link since.
    const handle = await open(location, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
    return await readOpen(handle, changed);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return { kind: 'unreadable', reason: code };
  }
}

async function readOpen(handle: FileHandle, changed: () => void): Promise<FileContent> {
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    return { kind: 'special' };
  }
  const state = stateOf(stat);
  if (stat.size > HELD_BYTES) {
    return {
      kind: 'content',
      content: { size: stat.size, chunks: chunks(handle, state, changed) },
      size: stat.size,
      state,
    };
  }
  try {
    const bytes = await handle.readFile();
    const same = stateOf(await handle.stat()) === state && (bytes.length === stat.size || stat.size === 0);
    return same ? { kind: 'content', content: bytes, size: bytes.length, state } : { kind: 'changed' };
  } finally {
    await handle.close();
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

async function* chunks(handle: FileHandle, state: FileState, changed: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      yield buffer.subarray(0, bytesRead);
    }
    if (stateOf(await handle.stat()) !== state) changed();
  } finally {
    await handle.close();
  }
}
