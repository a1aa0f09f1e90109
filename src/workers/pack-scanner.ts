import { availableParallelism } from 'node:os';

import type { Rule } from '../core/rule.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { KernelError } from '../errors/kernel.ts';
import type { PackScanner, SweptTrees, TreeSweeper } from '../git/pack/stored-scan.ts';
import { type LoadedAutomaton, loadAutomaton, useAutomaton } from '../kernel/automaton.ts';
import { type Kernel, KernelMemory, createKernel } from '../kernel/instance.ts';
import { shareAutomaton } from '../prefilter/shared-automaton.ts';
import { literalSet } from '../prefilter/literal-set.ts';
import { BUILT_WORKER, type StoredScanOptions, storedScan } from './stored-scan.ts';
import { fileHelper } from './read-helper.ts';
import { treeSweeper } from './tree-sweeper.ts';

/** A scanner of packs for a set of rules; null where the kernel is not to be had. */
export function packScanner(rules: readonly Rule[], options: StoredScanOptions = {}): PackScanner | null {
  try {
    const memory = new KernelMemory();
    const screen = new Screen(memory, () => loadAutomaton(memory, literalSet(rules, ALLOW_MARKERS).literals));
    const onAutomaton = (automaton: LoadedAutomaton): void => {
      shareAutomaton(rules, { memory, automaton });
      screen.use(automaton);
    };
    const { jobs = availableParallelism(), worker = BUILT_WORKER } = options;
    const sweep = jobs > 1 && worker ? treeSweeper(memory, worker) : null;
    // The thread that reads trees makes room for one that scans blobs: no more of them than jobs.
    let swept: Promise<SweptTrees> | null = null;
    const sweepTrees: TreeSweeper | null = sweep && ((...request) => (swept = sweep(...request)));
    return {
      memory,
      ...(jobs > 1 && worker ? { help: fileHelper(worker) } : {}),
      sweepTrees,
      scan: storedScan(rules, { ...options, onAutomaton, after: () => swept }),
      mayHold: (text) => screen.mayHold(text),
    };
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

/** Longer texts are not worth a second pass. */
const LONGEST = 1 << 18;
/** So many hits are enough to know. */
const HITS = 1 << 12;
const SLACK = 64;

/** Tells short texts in which there is no literal at all. */
class Screen {
  readonly #memory: KernelMemory;
  readonly #makeAutomaton: () => LoadedAutomaton;
  #kernel: Kernel | null = null;
  #text = 0;
  #hits = 0;

  constructor(memory: KernelMemory, makeAutomaton: () => LoadedAutomaton) {
    this.#memory = memory;
    this.#makeAutomaton = makeAutomaton;
  }

  use(automaton: LoadedAutomaton): Kernel {
    const kernel = createKernel(this.#memory);
    useAutomaton(kernel, automaton);
    this.#text = this.#memory.reserve(LONGEST + SLACK);
    this.#hits = this.#memory.reserve(HITS * 8);
    this.#kernel = kernel;
    return kernel;
  }

  mayHold(text: Uint8Array): boolean {
    if (text.length > LONGEST) return true;
    const { run } = this.#kernel ?? this.use(this.#makeAutomaton());
    return run.scan(this.#place(text), text.length, 0, this.#hits, HITS) > 0 || run.scanned.value < text.length;
  }

  /** Where the text lies in the kernel's memory; it is copied there unless it comes from there. */
  #place(text: Uint8Array): number {
    if (text.buffer === this.#memory.memory.buffer) return text.byteOffset;
    this.#memory.bytes.set(text, this.#text);
    return this.#text;
  }
}
