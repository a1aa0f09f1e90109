/** Reads a large file to kernel memory together with another thread, then computes its hash. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

import { type FileHelper, HELPED_CHUNK } from '../git/pack/pack-bytes.ts';
import type { HelpOrder } from './protocol.ts';
import type { WorkThread } from './work-thread.ts';

// Words of what both threads look at.
const NEXT = 0;
const READ = 1;
const STATE = 2;
/** The hash, behind them. */
const DIGEST = 16;
const CONTROL_BYTES = DIGEST + 64;

const RUNNING = 0;
const HASHED = 1;
const GIVEN_UP = 2;

/** Nobody reads or hashes a chunk for so long: the other thread is gone. */
const PATIENCE_MS = 10_000;

export function fileHelper(thread: WorkThread): FileHelper {
  return ({ kernel, ...request }) => {
    const buffer = new SharedArrayBuffer(CONTROL_BYTES);
    const order: HelpOrder = { kind: 'help-order', ...request, memory: kernel.memory, control: buffer };
    thread.order(order);
    const control = new Int32Array(buffer, 0, 4);
    const chunks = chunksOf(request.length);
    return {
      take: () => takeChunk(control, chunks),
      finish: () => finishChunk(control),
      end(isComplete) {
        const isRead = isComplete && allRead(control, chunks);
        if (!isRead) {
          setState(control, GIVEN_UP);
          thread.end();
        }
        return isRead;
      },
      digest() {
        if (stateOf(control) === HASHED) return digestIn(buffer);
        // It may have come to grief.
        thread.end();
        return null;
      },
    };
  };
}

/** The other thread's part. */
export function helpToRead({ file, memory, address, length, algorithm, hashed, control: buffer }: HelpOrder): void {
  const control = new Int32Array(buffer, 0, 4);
  const bytes = new Uint8Array(memory.buffer);
  const chunks = chunksOf(length);
  if (
    bytes.length < address + length ||
    !readChunks(file, bytes.subarray(address, address + length), control, chunks)
  ) {
    setState(control, GIVEN_UP);
    return;
  }
  if (!allRead(control, chunks)) return;
  const digest = createHash(algorithm)
    .update(bytes.subarray(address, address + hashed))
    .digest();
  new Uint8Array(buffer, DIGEST).set([digest.length, ...digest]);
  setState(control, HASHED);
}

function readChunks(file: string, bytes: Uint8Array, control: Int32Array, chunks: number): boolean {
  const fd = openSync(file, 'r');
  try {
    for (let chunk = takeChunk(control, chunks); chunk >= 0; chunk = takeChunk(control, chunks)) {
      const end = Math.min(bytes.length, (chunk + 1) * HELPED_CHUNK);
      for (let at = chunk * HELPED_CHUNK; at < end;) {
        const count = readSync(fd, bytes, at, end - at, at);
        if (count === 0) return false;
        at += count;
      }
      finishChunk(control);
    }
    return true;
  } finally {
    closeSync(fd);
  }
}

function chunksOf(length: number): number {
  return Math.ceil(length / HELPED_CHUNK);
}

function takeChunk(control: Int32Array, chunks: number): number {
  const chunk = Atomics.add(control, NEXT, 1);
  return chunk < chunks ? chunk : -1;
}

function finishChunk(control: Int32Array): void {
  Atomics.add(control, READ, 1);
  Atomics.notify(control, READ);
}

function setState(control: Int32Array, state: number): void {
  Atomics.store(control, STATE, state);
  Atomics.notify(control, STATE);
  Atomics.notify(control, READ);
}

/** Waits until every chunk is read. @returns false if the other thread gave up, or seems to have */
function allRead(control: Int32Array, chunks: number): boolean {
  for (let read = Atomics.load(control, READ); read < chunks; read = Atomics.load(control, READ)) {
    if (Atomics.load(control, STATE) === GIVEN_UP) return false;
    if (Atomics.wait(control, READ, read, PATIENCE_MS) === 'timed-out') return false;
  }
  return Atomics.load(control, STATE) !== GIVEN_UP;
}

/** Waits for the end of the other thread's work. */
function stateOf(control: Int32Array): number {
  Atomics.wait(control, STATE, RUNNING, PATIENCE_MS);
  return Atomics.load(control, STATE);
}

function digestIn(buffer: SharedArrayBuffer): Uint8Array {
  const [length = 0] = new Uint8Array(buffer, DIGEST, 1);
  return new Uint8Array(buffer, DIGEST + 1, length).slice();
}
