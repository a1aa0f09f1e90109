/** Threads that are none: they run where they are started, so that what they compile is compiled there. */
import { EventEmitter } from 'node:events';
import * as threads from 'node:worker_threads';

/**
 * Stands in for `node:worker_threads`. One thread after the other is told what to do; what it would run is loaded when
 * the first one starts.
 *
 * @param load - loads what a thread runs
 */
export function threadsHere(load: () => void): object {
  const port = new Port();
  let isLoaded = false;
  let workerData: unknown = null;
  class Worker extends ThreadHere {
    constructor(_script: URL, options: { readonly workerData?: unknown } = {}) {
      super(port);
      workerData = options.workerData ?? null;
      if (!isLoaded) load();
      isLoaded = true;
    }
  }
  return {
    ...threads,
    Worker,
    parentPort: port,
    get workerData() {
      return workerData;
    },
  };
}

/** The thread's side. */
class Port extends EventEmitter {
  thread: ThreadHere | null = null;

  postMessage(report: unknown): void {
    const { thread } = this;
    setImmediate(() => thread?.emit('message', report));
  }
}

/** The side of whoever started it. */
class ThreadHere extends EventEmitter {
  readonly #port: Port;

  constructor(port: Port) {
    super();
    this.#port = port;
    port.thread = this;
  }

  postMessage(order: unknown): void {
    setImmediate(() => this.#port.emit('message', order));
  }

  terminate(): void {
    if (this.#port.thread === this) this.#port.thread = null;
  }

  ref(): void {
    // It keeps no process alive: what it does is done before the next step.
  }

  unref(): void {
    // Likewise.
  }
}
