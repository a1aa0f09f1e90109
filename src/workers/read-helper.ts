/** Has another thread compute the hash of a large file, whenever it has nothing else to do. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';

import { type FileHelper, type HelpRequest, readFully } from '../git/pack/pack-bytes.ts';
import { type HelpOrder, type HelpReport, isHelpReport } from './protocol.ts';
import { type WorkThread, startAhead } from './work-thread.ts';

/** Bytes of one read: few enough to stay in the processor's cache while they are hashed. */
const CHUNK = 1 << 19;
/** Reads between two looks at what else there is to do: some milliseconds. */
const CHUNKS_A_TURN = 8;

/** A hash that was asked for beforehand, and of which file. */
interface Begun {
  readonly order: HelpOrder;
  readonly device: number;
  readonly inode: number;
}

let begun: Begun | null = null;
let orders = 0;

/**
 * Has a thread that is started for it compute the hash of a file that will be asked for later, as soon as the code is loaded.
 *
 * @param trailer - bytes at the end that are not hashed
 */
export function hashAhead(script: URL, file: string, algorithm: string, trailer: number): void {
  const fd = openSync(file, 'r');
  const { dev: device, ino: inode, size } = fstatSync(fd);
  const order = orderOf({ fd, algorithm, hashed: size - trailer });
  if (startAhead(script, order)) begun = { order, device, inode };
  else closeSync(fd);
}

function orderOf({ fd, algorithm, hashed }: HelpRequest): HelpOrder {
  return { kind: 'help-order', id: ++orders, fd, algorithm, hashed };
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

/** Asks at once; the thread begins, or goes on, when its other work is done. */
export function fileHelper(thread: WorkThread): FileHelper {
  return (request) => {
    const early = takeBegun(request);
    const order = early ?? orderOf(request);
    const hear = (report: unknown): HelpReport | undefined =>
      isHelpReport(report) && report.id === order.id ? report : undefined;
    const digest = thread
      .ask(order, { hear })
      .then((report) => report.digest)
      // It has come to grief: who asked computes it, and tells what is the matter with the file.
      .catch(() => null)
      .finally(() => early && closeSync(early.fd));
    return { digest: () => digest };
  };
}

/** The other thread's part: hashes of files, a piece at a time. */
export class Hashes {
  readonly #say: (report: HelpReport) => void;
  readonly #jobs = new Map<number, HashJob>();
  readonly #chunk = new Uint8Array(CHUNK);

  constructor(say: (report: HelpReport) => void) {
    this.#say = say;
  }

  /** Takes an order. One that it has already is told of again. */
  take(order: HelpOrder): void {
    const known = this.#jobs.get(order.id);
    if (known === undefined) this.#jobs.set(order.id, new HashJob(order));
    else if (known.isDone) this.#tell(order.id, known);
  }

  get isIdle(): boolean {
    return this.#next() === undefined;
  }

  /** Hashes a piece of what is to be hashed. */
  step(): void {
    const [id, job] = this.#next() ?? [];
    if (id === undefined || job === undefined) return;
    job.step(this.#chunk);
    if (job.isDone) this.#tell(id, job);
  }

  #next(): readonly [number, HashJob] | undefined {
    for (const entry of this.#jobs) if (!entry[1].isDone) return entry;
    return undefined;
  }

  #tell(id: number, { digest }: HashJob): void {
    this.#say({ kind: 'hashed', id, digest });
  }
}

class HashJob {
  isDone = false;
  digest: Uint8Array | null = null;
  readonly #order: HelpOrder;
  #hash: Hash | null = null;
  #at = 0;

  constructor(order: HelpOrder) {
    this.#order = order;
  }

  /** @param chunk - room for what is read */
  step(chunk: Uint8Array): void {
    try {
      for (let i = 0; i < CHUNKS_A_TURN && !this.isDone; i++) this.#hashNext(chunk);
    } catch {
      this.isDone = true;
    }
  }

  #hashNext(chunk: Uint8Array): void {
    const { fd, algorithm, hashed } = this.#order;
    this.#hash ??= createHash(algorithm);
    const size = Math.min(chunk.length, hashed - this.#at);
    if (readFully(fd, chunk, 0, size, this.#at) !== size) {
      this.isDone = true;
      return;
    }
    this.#hash.update(chunk.subarray(0, size));
    this.#at += size;
    if (this.#at < hashed) return;
    this.digest = new Uint8Array(this.#hash.digest());
    this.isDone = true;
  }
}
