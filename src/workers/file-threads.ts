import { Worker } from 'node:worker_threads';

import type { Rule } from '../core/rule.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { KernelError } from '../errors/kernel.ts';
import { ruleLiterals, ruleScreens } from '../prefilter/rule-literals.ts';
import { staysQuick } from '../prefilter/quick-start.ts';
import { automatonForAll } from '../prefilter/shared-automaton.ts';
import type { FileOutcome, FileScanner, FilesScanned, OfferedFile } from '../sources/files/file-scanner.ts';
import { type FileList, type FileThreadOrder, isFileListDone } from './file-protocol.ts';
import type { FileReport, PlainOutcome, PostedFile } from './file-share.ts';
import { fromPlain } from './plain-scan.ts';

export interface FileThreadsOptions {
  /** Threads in all, this one included. */
  readonly jobs: number;
  /** The script of a thread. Default: the one beside this file when it is built; from source, none, and all is done here. */
  readonly worker?: URL;
  /** Files offered in vain before threads are worth their start, and how long offers may go on before that. */
  readonly startAfter?: { readonly files: number; readonly ms: number };
}

const BUILT_WORKER = import.meta.url.endsWith('.js') ? new URL('./file-worker.js', import.meta.url) : null;
const START_AFTER = { files: 1000, ms: 400 };
/** Files posted together. */
const LIST_LENGTH = 24;
/** Lists that a thread may have before it: one at work, the others waiting, so that it never does. */
const LISTS_WAITING = 3;
/** Kernel memory of a thread; most of it is never touched. */
const THREAD_BYTES = 64 << 20;

/** A scanner of files on further threads; null for one job, and where there are no threads or no kernel. */
export function fileThreads(rules: readonly Rule[], options: FileThreadsOptions): FileScanner | null {
  const worker = options.worker ?? BUILT_WORKER;
  return options.jobs < 2 || worker === null ? null : new FileThreads(rules, worker, options);
}

interface Thread {
  readonly worker: Worker;
  /** Lists posted and not answered. */
  waiting: number;
}

class FileThreads implements FileScanner {
  readonly #rules: readonly Rule[];
  readonly #script: URL;
  readonly #options: FileThreadsOptions;
  /** Null until it is worth it. */
  #threads: readonly Thread[] | null = null;
  #offered = 0;
  #firstOffer = 0;
  #list: PostedFile[] = [];
  #done: FileReport[] = [];
  #failure: unknown;
  #wake: () => void = () => undefined;

  constructor(rules: readonly Rule[], script: URL, options: FileThreadsOptions) {
    this.#rules = rules;
    this.#script = script;
    this.#options = options;
  }

  offer({ index, location, maxSize }: OfferedFile): boolean {
    if (this.#threads === null && !this.#isTime()) return false;
    this.#threads ??= this.#start();
    if (this.#freeThread() === undefined) return false;
    this.#list.push({ index, location, maxSize });
    if (this.#list.length >= LIST_LENGTH) this.#post();
    return true;
  }

  #isTime(): boolean {
    const { files, ms } = this.#options.startAfter ?? START_AFTER;
    const now = performance.now();
    if (this.#offered++ === 0) this.#firstOffer = now;
    return this.#offered > files || now - this.#firstOffer > ms;
  }

  #start(): Thread[] {
    const laid = ruleScreens(this.#rules);
    if (laid !== null && staysQuick(laid.packed))
      return Array.from({ length: this.#options.jobs - 1 }, () => this.#thread({ laid }));
    const { columns } = ruleLiterals(this.#rules, ALLOW_MARKERS);
    try {
      const { memory, automaton } = automatonForAll(this.#rules, ALLOW_MARKERS).make();
      const count = Math.min(this.#options.jobs - 1, Math.floor(memory.left / THREAD_BYTES));
      const regions = Array.from({ length: count }, () => memory.region(THREAD_BYTES));
      return regions.map((region) => this.#thread({ laid, literals: columns, automaton, region }));
    } catch (error) {
      // Without a kernel all is scanned where it is listed.
      if (error instanceof KernelError) return [];
      throw error;
    }
  }

  #thread(search: FileThreadOrder['search']): Thread {
    const order: FileThreadOrder = { kind: 'file-thread-order', rules: this.#rules, search };
    const thread: Thread = { worker: new Worker(this.#script, { workerData: order, name: 'unleak scan' }), waiting: 0 };
    thread.worker.on('message', (message: unknown) => {
      if (!isFileListDone(message)) return;
      thread.waiting--;
      this.#done.push(message.report);
      this.#wake();
    });
    thread.worker.on('error', (error) => this.#fail(error));
    thread.worker.on('exit', (code) => {
      if (thread.waiting > 0) this.#fail(new Error(`a thread of the scan ended with ${code} before its work was done`));
    });
    return thread;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }

  #freeThread(): Thread | undefined {
    const [first, ...rest] = this.#threads ?? [];
    const least = rest.reduce((a, b) => (a && b.waiting < a.waiting ? b : a), first);
    return least !== undefined && least.waiting < LISTS_WAITING ? least : undefined;
  }

  #post(): void {
    const thread = this.#freeThread();
    if (thread === undefined || this.#list.length === 0) return;
    const list: FileList = { kind: 'files', files: this.#list };
    this.#list = [];
    thread.waiting++;
    thread.worker.postMessage(list, []);
  }

  take(): FilesScanned {
    const reports = this.#done;
    this.#done = [];
    return {
      clean: reports.reduce((sum, { clean }) => sum + clean, 0),
      cleanBytes: reports.reduce((sum, { cleanBytes }) => sum + cleanBytes, 0),
      told: reports.flatMap(({ told }) =>
        told.map(({ index, outcome }) => ({ index, outcome: this.#outcome(outcome) })),
      ),
    };
  }

  #outcome(outcome: PlainOutcome): FileOutcome {
    return outcome.kind === 'scanned' ? { ...outcome, scan: fromPlain(outcome.scan, this.#rules) } : outcome;
  }

  async finish(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#fail(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.#post();
      while (this.#failure === undefined && (this.#threads ?? []).some(({ waiting }) => waiting > 0))
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      signal.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  close(): void {
    for (const { worker } of this.#threads ?? []) void worker.terminate();
    this.#threads = [];
  }
}
