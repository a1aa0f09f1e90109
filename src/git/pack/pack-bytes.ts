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
/** Bytes that a window over a file reads ahead, at least. */
const WINDOW = 1 << 18;

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
  /**
   * A window that holds `[start, end)` and `PADDING` readable bytes after it.
   * The next call may overwrite it.
   */
  window(start: number, end: number): Window;
  close(): void;
}

function readFully(fd: number, target: Uint8Array, start: number, length: number, position: number): number {
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
  return { length, resident: true, address, window: () => whole, close: () => undefined };
}

/**
 * Reads a whole file to memory that other threads can share. Where another
 * thread helps, it begins at once; this one joins it when it is told to finish.
 */
function residentBytes(fd: number, length: number, name: string, options: HoldOptions): Holding {
  const { kernel } = options.memory;
  const address = kernel?.reserve(length + INPUT_SLACK) ?? null;
  const bytes =
    kernel && address !== null
      ? kernel.bytes.subarray(address, address + length + INPUT_SLACK)
      : new Uint8Array(new SharedArrayBuffer(length + PADDING));
  const help = address === null ? null : askForHelp(name, address, length, options);
  return {
    isHelped: help !== null,
    finish() {
      if (help && joinIn(help, fd, bytes, length)) options.onHelp?.(help);
      else readAlone(fd, bytes, length, name, options);
      return bytesInMemory(bytes, length, address);
    },
    // The other thread need not wait for this one.
    abandon: () => void help?.end(false),
  };
}

function readAlone(fd: number, bytes: Uint8Array, length: number, name: string, { onChunk }: HoldOptions): void {
  for (let at = 0; at < length; at += CHUNK) {
    const size = Math.min(CHUNK, length - at);
    if (readFully(fd, bytes, at, size, at) !== size) throw shrunk(name);
    onChunk(bytes.subarray(at, at + size), at, length);
  }
}

function askForHelp(
  file: string,
  address: number,
  length: number,
  { memory: { kernel, help: ask }, hash, onHelp }: HoldOptions,
): HelpedRead | null {
  if (!kernel || !ask || !hash || !onHelp || length < WORTH_HELP) return null;
  const { algorithm, trailer } = hash;
  return ask({ file, kernel, address, length, algorithm, hashed: length - trailer });
}

/** Takes part in the reading. @returns false if all is still to be read */
function joinIn(help: HelpedRead, fd: number, bytes: Uint8Array, length: number): boolean {
  let isComplete = true;
  for (let chunk = help.take(); chunk >= 0 && isComplete; chunk = help.take()) {
    const at = chunk * HELPED_CHUNK;
    const size = Math.min(HELPED_CHUNK, length - at);
    isComplete = readFully(fd, bytes, at, size, at) === size;
    if (isComplete) help.finish();
  }
  return help.end(isComplete);
}

/** A moving window over a file that is too large to hold. */
function pagedBytes(fd: number, length: number, name: string): PackBytes {
  let buffer = new Uint8Array(WINDOW + PADDING);
  let current: Window = { bytes: buffer, view: new DataView(buffer.buffer), base: 0 };
  let filled = 0;
  const load = (start: number, end: number): void => {
    const size = Math.min(Math.max(WINDOW, end - start), length - start);
    if (size + PADDING > buffer.length || (buffer.length > 16 * WINDOW && size <= WINDOW))
      buffer = new Uint8Array(Math.max(size, WINDOW) + PADDING);
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

/** A file that another thread helps to read to the kernel's memory. Chunks of `HELPED_CHUNK` bytes go to whoever takes them. */
export interface HelpedRead {
  /** Number of a chunk that is now this thread's to read; −1 if there is none left. */
  take(): number;
  /** Says that a chunk has been read. */
  finish(): void;
  /** Says that this thread gives up, or waits until all is read. @returns false if the other one gave up */
  end(isComplete: boolean): boolean;
  /** The hash that was asked for, waited for; null if the other thread has none. */
  digest(): Uint8Array | null;
}

export const HELPED_CHUNK = 8 << 20;
/** Below this it takes longer to ask for help. */
const WORTH_HELP = 64 << 20;

/** What is to be read, and which hash of its first bytes is to be computed. */
export interface HelpRequest {
  readonly file: string;
  readonly kernel: KernelMemory;
  readonly address: number;
  readonly length: number;
  readonly algorithm: string;
  readonly hashed: number;
}

/** Asks another thread for help; null if there is none. */
export type FileHelper = (request: HelpRequest) => HelpedRead | null;

/** Bytes that may still be used to hold files. */
export interface MemoryBudget {
  left: number;
  /** Held there, so that the kernel can read it. */
  readonly kernel?: KernelMemory | undefined;
  readonly help?: FileHelper | undefined;
  /** Work that this thread may as well do while another one reads. */
  readonly meanwhile?: (() => void) | undefined;
}

/** How a file's bytes are to be held. */
export interface HoldOptions {
  /** A file that fits is read to memory, and its size taken off; one that does not stays open and is read where needed. */
  readonly memory: MemoryBudget;
  /** Of all but so many bytes at the end a hash will be needed: another thread may compute it. */
  readonly hash?: { readonly algorithm: string; readonly trailer: number };
  /** Given the thread that does, instead of any piece to `onChunk`. */
  readonly onHelp?: (help: HelpedRead) => void;
  /** Given every piece of the file in order, once: its bytes, its offset, and the file's length. */
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
 * Opens a file and begins to read all of it once, to keep it in memory or, where that is
 * used up, to keep it open: what is open or in memory survives a `git gc`.
 *
 * @param file - path, also the name in errors
 * @throws the file system's error if it cannot be opened
 */
export function beginToHold(file: string, options: HoldOptions): Holding {
  const fd = openSync(file, 'r');
  try {
    const length = fstatSync(fd).size;
    const isResident = length <= options.memory.left;
    if (isResident) options.memory.left -= length;
    const holding = isResident ? residentBytes(fd, length, file, options) : openBytes(fd, length, file, options);
    return closing(fd, holding);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Closes the file when all is done, unless it is read on. */
function closing(fd: number, { isHelped, finish, abandon }: Holding): Holding {
  return {
    isHelped,
    finish() {
      let isOpen = false;
      try {
        const bytes = finish();
        isOpen = !bytes.resident;
        return bytes;
      } finally {
        if (!isOpen) closeSync(fd);
      }
    },
    abandon() {
      abandon();
      closeSync(fd);
    },
  };
}

/** A file that stays open. */
function openBytes(fd: number, length: number, file: string, { onChunk }: HoldOptions): Holding {
  return {
    isHelped: false,
    finish() {
      const chunk = new Uint8Array(CHUNK);
      for (let at = 0; at < length; at += CHUNK) {
        const size = Math.min(CHUNK, length - at);
        if (readFully(fd, chunk, 0, size, at) !== size) throw shrunk(file);
        onChunk(chunk.subarray(0, size), at, length);
      }
      return pagedBytes(fd, length, file);
    },
    abandon: () => undefined,
  };
}

/** Opens a file and reads all of it. @throws as `beginToHold` and `finish` do */
export function holdBytes(file: string, options: HoldOptions): PackBytes {
  return beginToHold(file, options).finish();
}
