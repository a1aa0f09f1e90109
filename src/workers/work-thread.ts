import { Worker } from 'node:worker_threads';

import type { KernelMemory, MemoryRegion } from '../kernel/instance.ts';
import { type Order, THREAD_LIMITS } from './protocol.ts';

/** What is done with a thread's reports on an order. */
export interface Reception<T> {
  /** Given every report, also on other orders. @returns what the order was for, once that is told */
  readonly hear: (report: unknown) => T | undefined;
}

/** A thread for which nobody has had an order yet. */
let ready: { readonly script: string; readonly worker: Worker } | null = null;

/**
 * Starts a thread beforehand, for whoever is the first to give one with this script an order.
 *
 * @param first - what it does before that
 * @returns false if there is such a thread
 */
export function startAhead(script: URL, first: Order | null = null): boolean {
  if (ready !== null) return false;
  const worker = newWorker(script);
  const forget = (): void => {
    if (ready?.worker === worker) ready = null;
  };
  worker.on('error', forget).on('exit', forget);
  worker.unref();
  if (first !== null) worker.postMessage(first, []);
  ready = { script: script.href, worker };
  return true;
}

function takeReady(script: URL): Worker | null {
  if (ready?.script !== script.href) return null;
  const { worker } = ready;
  ready = null;
  return worker;
}

function newWorker(script: URL): Worker {
  return new Worker(script, { name: 'unleak', resourceLimits: THREAD_LIMITS });
}

/**
 * A thread that follows one order after the other: to read a file, to read trees, to scan blobs. To start one, and to have
 * it load its code, takes a tenth of a second. It is started by the first order, and keeps no process alive but while it is waited for.
 */
export class WorkThread {
  readonly #script: URL;
  #scratch: readonly MemoryRegion[];
  #worker: Worker | null = null;
  #waiting = 0;

  /**
   * @param script - `share-worker.ts`
   * @param scratch - the thread's own, which one order after the other may write to
   */
  constructor(script: URL, scratch: readonly MemoryRegion[] = []) {
    this.#script = script;
    this.#scratch = scratch;
  }

  /** What of its scratch lies in a memory. */
  scratchIn({ memory }: KernelMemory): MemoryRegion[] {
    return this.#scratch.filter((region) => region.memory === memory);
  }

  /** Whether an order has started it. */
  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Gives an order, and waits until it is told what it is for. Rejected if the thread ends before. */
  async ask<T extends object>(order: Order, { hear }: Reception<T>): Promise<T> {
    const worker = this.#start();
    const done = new AbortController();
    worker.ref();
    this.#waiting++;
    try {
      const answer = new Promise<T>((resolve, reject) => {
        const listen = (report: unknown): void => {
          const told = hear(report);
          if (told !== undefined) resolve(told);
        };
        const end = (code: number): void => reject(new Error(`a thread ended with ${code} before its work was done`));
        worker.on('message', listen).on('error', reject).on('exit', end);
        done.signal.addEventListener('abort', () => {
          worker.off('message', listen).off('error', reject).off('exit', end);
        });
      });
      worker.postMessage(order, []);
      return await answer;
    } finally {
      done.abort();
      if (--this.#waiting === 0) worker.unref();
    }
  }

  /** Ends the thread, whatever it is doing. The next order starts another. */
  end(): void {
    // Whoever waits hears of its end.
    void this.#worker?.terminate();
    this.#worker = null;
    // Until it has ended it may write there.
    this.#scratch = [];
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = takeReady(this.#script) ?? newWorker(this.#script);
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = null;
    };
    // Who reads a file with it gives up by the clock: while it waits, it hears nothing.
    worker.on('error', forget).on('exit', forget);
    worker.unref();
    return (this.#worker = worker);
  }
}
