/**
 * Many objects through one `git cat-file --batch`, in the order asked, with
 * backpressure: git waits while nobody reads. A fatal error of git costs the
 * object it befell, not the rest.
 */
import type { Writable } from 'node:stream';

import type { ByteStream } from '../core/blob.ts';
import { GitError } from '../errors/git.ts';
import { HEADER_LIMIT, type Header, parseHeader } from './answer-parser.ts';
import type { IdList } from './object-id.ts';
import type { ObjectType } from './object/type.ts';
import { type GitInvocation, type GitProcess, spawnGit } from './spawn.ts';

export type BatchItem =
  | {
      readonly kind: 'object';
      /** Position in the list that was asked. */
      readonly at: number;
      readonly type: ObjectType;
      readonly size: number;
      /**
       * Bytes are reused memory: valid until the next list is asked for. A stream
       * must be read before that too; what is not read is passed over. One that
       * git could not finish ends early, and an `unreadable` item follows.
       */
      readonly content: Uint8Array | ByteStream;
    }
  | { readonly kind: 'absent'; readonly at: number; readonly why: 'missing' | 'unreadable' };

export interface BatchOptions {
  readonly signal: AbortSignal;
  /** Objects above so many bytes are streamed. Default: 32 MiB. */
  readonly streamAbove?: number;
  /** How often git may die before all that is left counts as `unreadable`. Default: 200. */
  readonly restarts?: number;
  /** Hears what git printed on standard error, a line at a time. */
  readonly onMessage?: (line: string) => void;
}

const STREAM_ABOVE = 32 * 1024 * 1024;
const RESTARTS = 200;
const NEWLINE = 10;

/**
 * Yields an item for every position of `ids`, in order, in lists of whatever
 * had arrived together.
 *
 * @throws GitError `GIT_PROTOCOL` when git answers something else than was asked
 */
export async function* readObjects(
  invocation: GitInvocation,
  ids: IdList,
  options: BatchOptions,
): AsyncGenerator<readonly BatchItem[], void, undefined> {
  let next = 0;
  for (let run = 0; next < ids.length; run++) {
    if (run > (options.restarts ?? RESTARTS)) {
      yield restAbsent(next, ids.length);
      return;
    }
    next = yield* readRun(invocation, ids, next, options);
    if (next < ids.length) yield [{ kind: 'absent', at: next++, why: 'unreadable' }];
  }
}

function restAbsent(from: number, to: number): BatchItem[] {
  return Array.from({ length: to - from }, (_, i) => ({ kind: 'absent', at: from + i, why: 'unreadable' }));
}

/** One process. Returns the first position it did not answer. */
async function* readRun(
  invocation: GitInvocation,
  ids: IdList,
  from: number,
  options: BatchOptions,
): AsyncGenerator<readonly BatchItem[], number, undefined> {
  const git = spawnGit(invocation, ['cat-file', '--batch', '--buffer'], options.signal);
  const asking = ask(git.stdin, ids, from);
  const parser = new AnswerParser(git, ids, from, options.streamAbove ?? STREAM_ABOVE);
  try {
    for (;;) {
      const items = await parser.next();
      if (items === null) break;
      yield items;
      await parser.finishStream();
    }
    const exit = await git.exit;
    options.signal.throwIfAborted();
    for (const line of exit.stderr.split('\n')) if (line !== '') options.onMessage?.(line);
    return parser.at;
  } finally {
    git.kill();
    await asking;
  }
}

const IDS_A_WRITE = 1000;

/** Writes the questions as fast as git takes them. Ends quietly if git goes away. */
async function ask(stdin: Writable, ids: IdList, from: number): Promise<void> {
  for (let start = from; start < ids.length && stdin.writable; start += IDS_A_WRITE) {
    let lines = '';
    for (let at = start; at < Math.min(start + IDS_A_WRITE, ids.length); at++) lines += `${ids.hex(at)}\n`;
    if (!stdin.write(lines, 'latin1')) await drained(stdin);
  }
  stdin.end();
}

function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off('drain', done);
      stdin.off('close', done);
      resolve();
    };
    stdin.on('drain', done);
    stdin.on('close', done);
    if (stdin.destroyed) done();
  });
}

/**
 * Cuts git's output into answers. Content within one chunk is not copied;
 * content that spans chunks is put together in one buffer that is used again
 * and again, because a buffer for each leaves gigabytes to the collector.
 */
export class AnswerParser {
  /** Position of the answer that is being read. */
  at: number;
  readonly #chunks: AsyncIterator<unknown>;
  readonly #ids: IdList;
  readonly #streamAbove: number;
  #chunk: Buffer = Buffer.alloc(0);
  #pos = 0;
  #held = Buffer.allocUnsafeSlow(256 * 1024);
  /** Bytes of a streamed object still to come, its newline not counted; -1 if none is under way. */
  #streaming = -1;

  constructor(git: GitProcess, ids: IdList, from: number, streamAbove: number) {
    this.#chunks = git.stdout[Symbol.asyncIterator]();
    this.#ids = ids;
    this.#streamAbove = streamAbove;
    this.at = from;
  }

  /** One answer, then those that lie wholly in the same chunk. Null at the end of the output. */
  async next(): Promise<BatchItem[] | null> {
    const first = await this.#item();
    if (first === null) return null;
    const items = [first];
    while (this.#streaming < 0) {
      const item = this.#itemInChunk();
      if (item === null) break;
      items.push(item);
    }
    return items;
  }

  async #item(): Promise<BatchItem | null> {
    const line = await this.#line();
    if (line === null) return null;
    const header = this.#header(line);
    if (header.kind === 'absent') return { kind: 'absent', at: this.at++, why: 'missing' };
    const { type, size } = header;
    if (size > this.#streamAbove) {
      this.#streaming = size;
      return { kind: 'object', at: this.at, type, size, content: { size, chunks: this.#stream() } };
    }
    const content = await this.#body(size);
    if (content === null) return null;
    return { kind: 'object', at: this.at++, type, size, content };
  }

  /** Null, and nothing taken, if the chunk holds no whole answer more. */
  #itemInChunk(): BatchItem | null {
    const end = this.#chunk.indexOf(NEWLINE, this.#pos);
    if (end < 0) return null;
    const header = this.#header(this.#chunk.toString('latin1', this.#pos, end));
    if (header.kind === 'absent') {
      this.#pos = end + 1;
      return { kind: 'absent', at: this.at++, why: 'missing' };
    }
    const { type, size } = header;
    const start = end + 1;
    if (size > this.#streamAbove || start + size >= this.#chunk.length) return null;
    this.#pos = start + size;
    this.#newline();
    return { kind: 'object', at: this.at++, type, size, content: this.#chunk.subarray(start, start + size) };
  }

  #header(line: string): Header {
    const header = parseHeader(line);
    if (header.id !== this.#ids.hex(this.at)) throw outOfStep();
    return header;
  }

  /** A header line without its newline. Null if the output ends first. */
  async #line(): Promise<string | null> {
    let text = '';
    for (;;) {
      const end = this.#chunk.indexOf(NEWLINE, this.#pos);
      const stop = end < 0 ? this.#chunk.length : end;
      if (text.length + stop - this.#pos > HEADER_LIMIT) throw outOfStep();
      text += this.#chunk.toString('latin1', this.#pos, stop);
      if (end >= 0) {
        this.#pos = end + 1;
        return text;
      }
      if (!(await this.#more())) return null;
    }
  }

  /** `size` bytes and the newline after them. Null if the output ends first. */
  async #body(size: number): Promise<Uint8Array | null> {
    if (this.#chunk.length - this.#pos > size) {
      const content = this.#chunk.subarray(this.#pos, this.#pos + size);
      this.#pos += size;
      this.#newline();
      return content;
    }
    if (this.#held.length < size) this.#held = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#held.length));
    const held = this.#held;
    let filled = 0;
    for (;;) {
      const taken = Math.min(size - filled, this.#chunk.length - this.#pos);
      this.#chunk.copy(held, filled, this.#pos, this.#pos + taken);
      filled += taken;
      this.#pos += taken;
      if (filled === size && this.#pos < this.#chunk.length) break;
      if (!(await this.#more())) return null;
    }
    this.#newline();
    return held.subarray(0, size);
  }

  #newline(): void {
    if (this.#chunk[this.#pos++] !== NEWLINE) throw outOfStep();
  }

  async *#stream(): AsyncGenerator<Uint8Array> {
    while (this.#streaming > 0) {
      // Cut short: the next item says that this object is unreadable.
      if (this.#pos === this.#chunk.length && !(await this.#more())) return;
      const piece = this.#chunk.subarray(this.#pos, this.#pos + this.#streaming);
      this.#pos += piece.length;
      this.#streaming -= piece.length;
      yield piece;
    }
  }

  /** Passes over what was not read of a streamed object. At the end of the output the object stays unanswered. */
  async finishStream(): Promise<void> {
    if (this.#streaming < 0) return;
    while (this.#streaming > 0 || this.#pos === this.#chunk.length) {
      if (this.#pos === this.#chunk.length && !(await this.#more())) return;
      const passed = Math.min(this.#streaming, this.#chunk.length - this.#pos);
      this.#pos += passed;
      this.#streaming -= passed;
    }
    this.#newline();
    this.#streaming = -1;
    this.at++;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done === true || !Buffer.isBuffer(value)) return false;
    this.#chunk = value;
    this.#pos = 0;
    return true;
  }
}

function outOfStep(): GitError {
  return new GitError('GIT_PROTOCOL', 'git cat-file answered something else than was asked');
}
