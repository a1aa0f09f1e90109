import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { PackError, toPackError } from '../../errors/pack.ts';
import { INPUT_SLACK, type KernelMemory } from '../../kernel/instance.ts';

/**
 * Zero bytes readable past the end of what was read, so that a decoder may load
 * whole words without asking at each step whether they lie inside.
 */
export const PADDING = 16;
/** Bytes of one read: large enough to be quick, small enough to stay in the processor's cache while hashed. */
const CHUNK = 1 << 20;
/** Bytes that a window over a file reads ahead, at least; */
const WINDOW = 1 << 18;
/** where the kernel reads all but a few objects, which lie alone, less. */
const SMALL_WINDOW = 1 << 15;

/** The kernel's offsets reach less than that. */
const MOST_BYTES = 2 ** 32;

/** Whether the kernel, which does not have it in its memory, can be given parts of a file. */
export function isReadByParts({ fd, length }: Pick<PackBytes, 'fd' | 'length'>): boolean {
  return fd !== null && length < MOST_BYTES;
}

/** Part of a file in memory: byte `n` of the file is `bytes[n - base]`. */
export interface Window {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly base: number;
}

/** A pack's bytes: all in memory, or read as they are asked for. */
export interface PackBytes {
  /** Bytes of the file. */
  readonly length: number;
  /** Whether every window is the whole file and stays valid. */
  readonly resident: boolean;
  /** Where it lies in the kernel's memory; null if it does not. */
  readonly address: number | null;
  /** The open file, for any thread of the process to read parts of; null if all is in memory. */
  readonly fd: number | null;
  /**
   * A window that holds `[start, end)` and `PADDING` readable bytes after it.
   * The next call may overwrite it.
   */
  window(start: number, end: number): Window;
  close(): void;
}

/** Reads as much of `length` bytes at `position` of a file as there is. @returns how many bytes were read */
export function readFully(fd: number, target: Uint8Array, start: number, length: number, position: number): number {
  let done = 0;
  while (done < length) {
    const count = readSync(fd, target, start + done, Math.min(CHUNK, length - done), position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function shrunk(name: string): PackError {
  return new PackError('PACK_TRUNCATED', `${name} became shorter while it was read`);
}

/** Bytes that are in memory already, `PADDING` unused ones at their end. */
export function bytesInMemory(padded: Uint8Array, length: number, address: number | null = null): PackBytes {
  const view = new DataView(padded.buffer, padded.byteOffset, padded.byteLength);
  const whole: Window = { bytes: padded, view, base: 0 };
  return { length, resident: true, address, fd: null, window: () => whole, close: () => undefined };
}

/** Reads a whole file to memory that other threads can share. */
function residentBytes(fd: number, length: number, name: string, options: HoldOptions): PackBytes {
  const { kernel } = options.memory;
  const address = kernel?.reserve(length + INPUT_SLACK) ?? null;
  const bytes =
    kernel && address !== null
      ? kernel.bytes.subarray(address, address + length + INPUT_SLACK)
      : new Uint8Array(new SharedArrayBuffer(length + PADDING));
  for (let at = 0; at < length; at += CHUNK) {
    const size = Math.min(CHUNK, length - at);
    if (readFully(fd, bytes, at, size, at) !== size) throw shrunk(name);
    options.onChunk(bytes.subarray(at, at + size), at, length);
  }
  return bytesInMemory(bytes, length, address);
}

/** A moving window over a file that is too large to hold. */
function pagedBytes(fd: number, length: number, name: string, ahead = WINDOW): PackBytes {
  let buffer = new Uint8Array(ahead + PADDING);
  let current: Window = { bytes: buffer, view: new DataView(buffer.buffer), base: 0 };
  let filled = 0;
  const load = (start: number, end: number): void => {
    const size = Math.min(Math.max(ahead, end - start), length - start);
    if (size + PADDING > buffer.length || (buffer.length > 16 * WINDOW && size <= ahead))
      buffer = new Uint8Array(Math.max(size, ahead) + PADDING);
    try {
      filled = readFully(fd, buffer, 0, size, start);
    } catch (error) {
      throw toPackError(error, name);
    }
    if (filled < end - start) throw shrunk(name);
    buffer.fill(0, filled, filled + PADDING);
    current = { bytes: buffer, view: new DataView(buffer.buffer), base: start };
  };
  return {
    length,
    resident: false,
    address: null,
    fd,
    window(start, end) {
      if (start < current.base || end > current.base + filled) load(start, Math.min(end, length));
      return current;
    },
    close: () => closeSync(fd),
  };
}

/**
 * Opens a file to be read where needed, and nothing else of it.
 *
 * @throws the file system's error if it cannot be opened
 */
export function pagedFile(file: string): PackBytes {
  const fd = openSync(file, 'r');
  try {
    return pagedBytes(fd, fstatSync(fd).size, file);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A hash that another thread computes of a file. */
export interface HelpedHash {
  /** Resolves when it is known; null if the other thread has none. */
  digest(): Promise<Uint8Array | null>;
}

/** Below this it takes longer to ask for help. */
export const WORTH_HELP = 64 << 20;

/** Which hash of a file's first bytes is to be computed. */
export interface HelpRequest {
  /** Open as long as the hash is waited for. */
  readonly fd: number;
  readonly algorithm: string;
  readonly hashed: number;
}

/** Asks another thread for help; null if there is none. */
export type FileHelper = (request: HelpRequest) => HelpedHash | null;

/** Bytes that may still be used to hold files. */
export interface MemoryBudget {
  left: number;
  /** Files of more bytes than that are rather kept open, so many of them. */
  readonly larger?: { readonly than: number; left: number } | undefined;
  /** Held there, so that the kernel can read it. */
  readonly kernel?: KernelMemory | undefined;
  /** Whom to ask about files of at least so many bytes. */
  readonly help?: { readonly ask: FileHelper; readonly from: number } | undefined;
  /** Work that this thread may as well do while another one reads. */
  readonly meanwhile?: (() => void) | undefined;
}

/** How a file's bytes are to be held. */
export interface HoldOptions {
  /** A file that fits is read to memory, and its size taken off; one that does not stays open and is read where needed. */
  readonly memory: MemoryBudget;
  /** Of all but so many bytes at the end a hash will be needed: another thread may compute it, if the file stays open. */
  readonly hash?: { readonly algorithm: string; readonly trailer: number };
  /** Given the thread that does, instead of any piece to `onChunk`. */
  readonly onHelp?: (help: HelpedHash) => void;
  /** Given every piece of the file in order, once: its bytes, its offset, and the file's length. Valid during the call. */
  readonly onChunk: (chunk: Uint8Array, at: number, length: number) => void;
}

/** A file that is being read. One of both is to be called, once. */
export interface Holding {
  /** Whether another thread has begun to read it. */
  readonly isHelped: boolean;
  /** @throws PackError `PACK_TRUNCATED` if the file shrinks meanwhile; the file system's error if it cannot be read */
  readonly finish: () => PackBytes;
  readonly abandon: () => void;
}

/**
 * Opens a file, to read all of it once and keep it in memory or, where that is
 * used up or the file is large, keep it open: what is open or in memory survives a `git gc`.
 *
 * @param file - path, also the name in errors
 * @throws the file system's error if it cannot be opened
 */
export function beginToHold(file: string, options: HoldOptions): Holding {
  const fd = openSync(file, 'r');
  try {
    const { size: length } = fstatSync(fd);
    const { memory } = options;
    if (!isToBeHeld(length, memory)) return openBytes(fd, length, file, options);
    memory.left -= length;
    return {
      isHelped: false,
      finish() {
        try {
          return residentBytes(fd, length, file, options);
        } finally {
          closeSync(fd);
        }
      },
      abandon: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function isToBeHeld(length: number, { left, larger }: MemoryBudget): boolean {
  if (length > left) return false;
  if (larger === undefined || length <= larger.than || larger.left === 0) return true;
  larger.left--;
  return false;
}

/** A file that stays open. */
function openBytes(fd: number, length: number, file: string, options: HoldOptions): Holding {
  const help = askForHelp(fd, length, options);
  return {
    isHelped: help !== null,
    finish() {
      try {
        if (help) options.onHelp?.(help);
        else readThrough(fd, length, file, options.onChunk);
        return pagedBytes(fd, length, file, options.memory.larger ? SMALL_WINDOW : WINDOW);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
    },
    abandon: () => closeSync(fd),
  };
}

function askForHelp(fd: number, length: number, { memory, hash, onHelp }: HoldOptions): HelpedHash | null {
  if (!memory.help || !hash || !onHelp || length < memory.help.from) return null;
  return memory.help.ask({ fd, algorithm: hash.algorithm, hashed: length - hash.trailer });
}

function readThrough(fd: number, length: number, file: string, onChunk: HoldOptions['onChunk']): void {
  const chunk = new Uint8Array(CHUNK);
  for (let at = 0; at < length; at += CHUNK) {
    const size = Math.min(CHUNK, length - at);
    if (readFully(fd, chunk, 0, size, at) !== size) throw shrunk(file);
    onChunk(chunk.subarray(0, size), at, length);
  }
}

/** Opens a file and reads all of it. @throws as `beginToHold` and `finish` do */
export function holdBytes(file: string, options: HoldOptions): PackBytes {
  return beginToHold(file, options).finish();
}
