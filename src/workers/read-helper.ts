/** Has another thread compute the hash of a large file. */
import { createHash } from 'node:crypto';

import { type FileHelper, readFully } from '../git/pack/pack-bytes.ts';
import type { HelpOrder } from './protocol.ts';
import type { WorkThread } from './work-thread.ts';

// Words of what both threads look at.
const STATE = 0;
/** How many chunks were read: a sign of life. */
const READ = 1;
/** The hash, behind them. */
const DIGEST = 16;
const CONTROL_BYTES = DIGEST + 64;

const RUNNING = 0;
const HASHED = 1;
const GIVEN_UP = 2;

/** Bytes of one read: few enough to stay in the processor's cache while they are hashed. */
const CHUNK = 1 << 19;
/** Nothing is read for so long: the other thread is gone. */
const PATIENCE_MS = 10_000;

export function fileHelper(thread: WorkThread): FileHelper {
  return (request) => {
    const buffer = new SharedArrayBuffer(CONTROL_BYTES);
    const order: HelpOrder = { kind: 'help-order', ...request, control: buffer };
    thread.order(order);
    return {
      digest() {
        if (stateOf(new Int32Array(buffer, 0, 4)) === HASHED) return digestIn(buffer);
        // It may have come to grief.
        thread.end();
        return null;
      },
    };
  };
}

/** The other thread's part. */
export function helpToRead({ fd, algorithm, hashed, control: buffer }: HelpOrder): void {
  const control = new Int32Array(buffer, 0, 4);
  let digest: Buffer | null = null;
  try {
    digest = hashOf(fd, algorithm, hashed, control);
  } catch {
    // Whoever asked reads it again, and tells what is the matter.
  }
  if (digest !== null) new Uint8Array(buffer, DIGEST).set([digest.length, ...digest]);
  Atomics.store(control, STATE, digest === null ? GIVEN_UP : HASHED);
  Atomics.notify(control, STATE);
}

/** @returns null if the file is shorter than was said */
function hashOf(fd: number, algorithm: string, hashed: number, control: Int32Array): Buffer | null {
  const hash = createHash(algorithm);
  const chunk = new Uint8Array(CHUNK);
  for (let at = 0; at < hashed; at += CHUNK) {
    const size = Math.min(CHUNK, hashed - at);
    if (readFully(fd, chunk, 0, size, at) !== size) return null;
    hash.update(chunk.subarray(0, size));
    Atomics.add(control, READ, 1);
  }
  return hash.digest();
}

/** Waits for the end of the other thread's work, as long as it goes on. */
function stateOf(control: Int32Array): number {
  for (let read = -1; ;) {
    if (Atomics.wait(control, STATE, RUNNING, PATIENCE_MS) !== 'timed-out') return Atomics.load(control, STATE);
    const now = Atomics.load(control, READ);
    if (now === read) return Atomics.load(control, STATE);
    read = now;
  }
}

function digestIn(buffer: SharedArrayBuffer): Uint8Array {
  const [length = 0] = new Uint8Array(buffer, DIGEST, 1);
  return new Uint8Array(buffer, DIGEST + 1, length).slice();
}
