/** Has another thread compute the hash of a large file. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';

import { type FileHelper, type HelpRequest, readFully } from '../git/pack/pack-bytes.ts';
import type { HelpOrder } from './protocol.ts';
import { type WorkThread, startAhead } from './work-thread.ts';

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

/** A hash that was asked for beforehand, and of which file. */
interface Begun {
  readonly order: HelpOrder;
  readonly device: number;
  readonly inode: number;
}

let begun: Begun | null = null;

/**
 * Has a thread that is started for it compute the hash of a file that will be asked for later, as soon as the code is loaded.
 *
 * @param trailer - bytes at the end that are not hashed
 */
export function hashAhead(script: URL, file: string, algorithm: string, trailer: number): void {
  const fd = openSync(file, 'r');
  const { dev: device, ino: inode, size } = fstatSync(fd);
  const control = new SharedArrayBuffer(CONTROL_BYTES);
  const order: HelpOrder = { kind: 'help-order', fd, algorithm, hashed: size - trailer, control };
  if (startAhead(script, order)) begun = { order, device, inode };
  else closeSync(fd);
}

/** What has been begun, if it is this hash of this file. */
function takeBegun({ fd, algorithm, hashed }: HelpRequest): HelpOrder | null {
  if (begun === null) return null;
  const { order, device, inode } = begun;
  const { dev, ino } = fstatSync(fd);
  if (dev !== device || ino !== inode || order.algorithm !== algorithm || order.hashed !== hashed) return null;
  begun = null;
  return order;
}

export function fileHelper(thread: WorkThread): FileHelper {
  return (request) => {
    const early = takeBegun(request);
    const { control } = early ?? ask(thread, request);
    // It has been started for this thread's work.
    if (early !== null) thread.begin();
    return {
      digest() {
        const isHashed = stateOf(new Int32Array(control, 0, 4)) === HASHED;
        if (early !== null) closeSync(early.fd);
        if (isHashed) return digestIn(control);
        // It may have come to grief.
        thread.end();
        return null;
      },
    };
  };
}

function ask(thread: WorkThread, request: HelpRequest): HelpOrder {
  const given: HelpOrder = { kind: 'help-order', ...request, control: new SharedArrayBuffer(CONTROL_BYTES) };
  thread.order(given);
  return given;
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
