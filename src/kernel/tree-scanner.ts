import { type LoadedAutomaton, useAutomaton } from './automaton.ts';
import { type KernelResult, kernelResult } from './codes.ts';
import type { Kernel } from './instance.ts';
import { type LoadedEntries, type LoadedReaches, WANTED } from './tree-job.ts';

/** Receives what a scan of delta trees comes upon. Views of bytes are valid during the call only. */
export interface TreeScanVisitor {
  /**
   * Judges a hit. Called once for each decision number.
   * @param bytes - holds the hit's window; where it reaches the blob's start or end, so does the window
   * @param end - offset in `bytes` just past the hit
   * @returns false if the decision is *none*: then it is listed no more
   */
  judge(decision: number, literal: number, bytes: Uint8Array, end: number): boolean;
  /**
   * An object has a hit that ends at `end` and was decided under `decision`, not
   * as *none*. Hits of one object come in a row.
   * @param size - bytes of the object
   */
  hold(entry: number, decision: number, end: number, size: number): void;
  /** Whether an object is plain 8-bit text. If not, and it is wanted, `whole` is called next. */
  isPlain(bytes: Uint8Array): boolean;
  /** An object that must be looked at as a whole; nothing is said about its hits. */
  whole(entry: number, bytes: Uint8Array): void;
  /** An entry that cannot be built, nor what is built from it. */
  failed(entry: number, result: KernelResult): void;
  /** Decision numbers begin anew: what was kept by number can go. */
  forget(): void;
}

/** Bytes that a thread's scan may use. */
export interface TreeScanRoom {
  /** For objects of the tree at hand; an object of more than a third of it may not be had. */
  readonly arena: number;
  /** For the lists of hits of those objects. */
  readonly hits: number;
  /** For windows not yet judged. */
  readonly windows: number;
  /** For lists not yet read. */
  readonly holdings: number;
  /** Decisions of one tree. */
  readonly decisions: number;
}

export const TREE_SCAN_ROOM: TreeScanRoom = {
  arena: 256 << 20,
  hits: 32 << 20,
  windows: 4 << 20,
  holdings: 2 << 20,
  decisions: 1 << 22,
};

/** What was done so far. Bytes and counts. */
export interface TreeScanTotals {
  /** Wanted objects decided. */
  readonly objects: number;
  readonly covered: number;
  /** Bytes that literals were searched in. */
  readonly scanned: number;
  readonly hits: number;
  /** Hits that were not taken over with their decision. */
  readonly fresh: number;
}

// Events and the job's words; wasm/tree.ts has the same.
const DONE = 0;
const FULL = 1;
const FACTS = 2;
const JOB_WORDS = 64;
/** The first of them, which say what is scanned. */
const ENTRY_WORDS = 6;
/** Results, then where the pack starts and ends. */
const RESULT_WORD = 29;
/** Where entries of a pack in a file lie. */
const STAGED_WORD = 50;
const OUT = 32;
const FRAME_BYTES = 48;
const FRAMES = 1024;
const WINDOW_WORDS = 5;
const QUESTION_WORDS = 2;
const FAILURE_WORDS = 2;
const FAILURES = 1024;
const SCAN_HITS = 1 << 18;

interface Buffers {
  readonly windows: number;
  readonly questions: number;
  readonly holdings: number;
  readonly failures: number;
  readonly alive: number;
}

/** Scans delta trees with one instance of the kernel. */
export class TreeScanner {
  readonly #kernel: Kernel;
  readonly #visitor: TreeScanVisitor;
  readonly #job: Uint32Array;
  readonly #buffers: Buffers;
  readonly #mostDecisions: number;
  readonly #jobAt: number;
  #flags = 0;
  /** Decision number of the first question in the buffer. */
  #firstDecision = 1;

  /** @throws KernelError `KERNEL_MEMORY` */
  constructor(
    kernel: Kernel,
    automaton: LoadedAutomaton,
    reaches: LoadedReaches,
    visitor: TreeScanVisitor,
    room: TreeScanRoom = TREE_SCAN_ROOM,
  ) {
    this.#kernel = kernel;
    this.#visitor = visitor;
    this.#mostDecisions = room.decisions;
    useAutomaton(kernel, automaton);
    if (reaches.screens) kernel.run.openScreens(reaches.screens.screens, reaches.screens.own);
    const { memory } = kernel;
    const span = (size: number): readonly [number, number] => {
      const start = memory.reserve(size);
      return [start, start + size];
    };
    const arena = memory.room(room.arena);
    const hits = span(room.hits);
    const frames = span(FRAMES * FRAME_BYTES);
    const windowBytes = span(room.windows);
    const windows = span(Math.ceil(room.windows / 256) * WINDOW_WORDS * 4);
    const questions = span(Math.ceil(room.windows / 64) * QUESTION_WORDS * 4);
    const holdings = span(room.holdings);
    const failures = span(FAILURES * FAILURE_WORDS * 4);
    const alive = memory.reserve(room.decisions);
    const scanHits = memory.reserve(SCAN_HITS * 8);
    const job = memory.reserve(JOB_WORDS * 4);
    this.#job = memory.words(job, JOB_WORDS);
    this.#jobAt = job;
    this.#job.set(
      [
        arena,
        arena + room.arena,
        ...hits,
        ...frames,
        ...windowBytes,
        ...windows,
        ...questions,
        ...holdings,
        ...failures,
        alive,
        room.decisions,
        reaches.traits,
        reaches.byteClasses,
        reaches.separator,
        scanHits,
        SCAN_HITS,
      ],
      ENTRY_WORDS,
    );
    this.#buffers = {
      windows: windows[0],
      questions: questions[0],
      holdings: holdings[0],
      failures: failures[0],
      alive,
    };
  }

  /** Says of which pack the next trees are. Ends the work on the one before. */
  use(entries: LoadedEntries): void {
    const { pack, packEnd, file, offsets, headerSizes, sizes, firstChild, children, flags, results } = entries;
    if (this.#flags !== 0) this.finish();
    this.#flags = flags;
    this.#job[STAGED_WORD] = file?.staged ?? 0;
    this.#job.set([offsets, sizes, firstChild, children, flags, headerSizes]);
    this.#job.set([results, pack, packEnd], RESULT_WORD);
    this.#kernel.run.setJob(this.#jobAt);
  }

  /** Scans the tree of a root of the pack in use. What the visitor is to hear may come with a later tree, or with `finish`. */
  scanTree(root: number): void {
    const { run } = this.#kernel;
    for (let event = run.scanTree(root); event !== DONE;) event = run.goOn(this.#answer(event));
    if (this.#word(3) > 0) this.#drain();
    if (this.#word(7) <= this.#mostDecisions / 2) return;
    this.#drain();
    this.#forget();
  }

  /**
   * Has what was listed so far judged. Little and often: functions are made quick while there is other work, what is *none* is
   * listed no more, and no thread has much left when all trees are taken.
   */
  settle(): void {
    if (this.#word(1) + this.#word(2) > 0) this.#drain();
  }

  /** To be called after the last tree of all. */
  finish(): void {
    this.#drain();
    this.#forget();
  }

  get totals(): TreeScanTotals {
    return {
      objects: this.#word(8),
      covered: this.#long(10),
      scanned: this.#long(12),
      hits: this.#long(14),
      fresh: this.#long(16),
    };
  }

  /** @returns what `goOn` is told */
  #answer(event: number): number {
    if (event === FULL) {
      this.#drain();
      return 0;
    }
    const [entry, start, size] = [this.#word(4), this.#word(5), this.#word(6)];
    const bytes = this.#kernel.memory.bytes.subarray(start, start + size);
    if (event === FACTS && this.#visitor.isPlain(bytes)) return 1;
    if (((this.#kernel.memory.bytes[this.#flags + entry] ?? 0) & WANTED) !== 0) this.#visitor.whole(entry, bytes);
    return 0;
  }

  #drain(): void {
    this.#judge();
    this.#hold();
    this.#reportFailures();
    this.#kernel.run.emptyBuffers();
    this.#firstDecision = this.#word(7);
  }

  #judge(): void {
    const { memory } = this.#kernel;
    const windows = memory.words(this.#buffers.windows, this.#word(0) * WINDOW_WORDS);
    const questions = memory.words(this.#buffers.questions, this.#word(1) * QUESTION_WORDS);
    let question = 0;
    for (let w = 0; w < windows.length; w += WINDOW_WORDS) {
      const from = windows[w + 1] ?? 0;
      const at = windows[w + 2] ?? 0;
      const bytes = memory.bytes.subarray(at, at + (windows[w + 3] ?? 0));
      for (const stop = question + (windows[w + 4] ?? 0); question < stop; question++) {
        const decision = this.#firstDecision + question;
        const literal = questions[question * QUESTION_WORDS] ?? 0;
        const end = (questions[question * QUESTION_WORDS + 1] ?? 0) - from;
        if (!this.#visitor.judge(decision, literal, bytes, end)) memory.bytes[this.#buffers.alive + decision] = 0;
      }
    }
  }

  #hold(): void {
    const { memory } = this.#kernel;
    const words = memory.words(this.#buffers.holdings, this.#word(2));
    const alive = memory.bytes;
    for (let at = 0; at < words.length;) {
      const entry = words[at++] ?? 0;
      const size = words[at++] ?? 0;
      for (let count = words[at++] ?? 0; count > 0; count--, at += 2) {
        const decision = words[at] ?? 0;
        if (alive[this.#buffers.alive + decision] === 1) this.#visitor.hold(entry, decision, words[at + 1] ?? 0, size);
      }
    }
  }

  #reportFailures(): void {
    const words = this.#kernel.memory.words(this.#buffers.failures, this.#word(3) * FAILURE_WORDS);
    for (let at = 0; at < words.length; at += FAILURE_WORDS) {
      this.#visitor.failed(words[at] ?? 0, kernelResult(words[at + 1] ?? 0));
    }
  }

  #forget(): void {
    this.#kernel.run.forgetDecisions();
    this.#firstDecision = 1;
    this.#visitor.forget();
  }

  #word(index: number): number {
    return this.#job[OUT + index] ?? 0;
  }

  #long(index: number): number {
    return this.#word(index) + this.#word(index + 1) * 2 ** 32;
  }
}
