import { availableParallelism } from 'node:os';

import type { Rule } from '../core/rule.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { KernelError } from '../errors/kernel.ts';
import type { PackScanner } from '../git/pack/stored-scan.ts';
import { loadAutomaton, useAutomaton } from '../kernel/automaton.ts';
import { type Kernel, KernelMemory, type MemoryRegion, createKernel } from '../kernel/instance.ts';
import { REACHES_ROOM, openReaches } from '../kernel/laid-reaches.ts';
import type { LoadedReaches } from '../kernel/tree-job.ts';
import { TREE_SCAN_ROOM } from '../kernel/tree-scanner.ts';
import { shareAutomaton } from '../prefilter/shared-automaton.ts';
import { ruleLiterals, ruleReaches } from '../prefilter/rule-literals.ts';
import type { Marker, RulePlan } from './scan-plan.ts';
import { BUILT_WORKER, type PreparedRules, type StoredScanOptions, prepareRules, storedScan } from './stored-scan.ts';
import { fileHelper } from './read-helper.ts';
import { blobLooker } from './blob-looker.ts';
import { treeSweeper } from './tree-sweeper.ts';
import { WorkThread } from './work-thread.ts';

/**
 * A scanner of packs for a set of rules; null where the kernel is not to be had.
 *
 * @param options - with `memoryBytes`, to which the kernel's memory may grow; default: as far as it can
 */
export function packScanner(
  rules: readonly Rule[],
  { memoryBytes, ...options }: StoredScanOptions & { readonly memoryBytes?: number } = {},
): PackScanner | null {
  try {
    const memory = new KernelMemory(memoryBytes);
    const prepared = new Prepared(memory, rules);
    const screen = new Screen(memory, () => prepared.forTexts());
    const { jobs = availableParallelism(), worker = BUILT_WORKER } = options;
    // One for all that is not this thread's work: no more of them than jobs.
    const thread = jobs > 1 && worker ? new WorkThread(worker, scratchIn(memory, options)) : null;
    const look = thread && blobLooker(memory, thread);
    return {
      memory,
      heldPack: options.heldPack,
      helpedPack: options.helpedPack,
      ...(thread ? { help: fileHelper(thread) } : {}),
      prepare: (marker) => prepared.beforehand(marker),
      sweepTrees: thread && treeSweeper(memory, thread),
      scan: storedScan(rules, {
        ...options,
        rulesIn: (within, marker) => prepared.rulesIn(within, marker),
        busy: thread,
      }),
      // To start one for this alone takes longer.
      get look() {
        return thread?.isRunning === true ? look : null;
      },
      end: () => thread?.end(),
      mayHold: (text, isCommit) => screen.mayHold(text, isCommit),
      equip: (kernel) => equip(kernel, prepared.forTexts()),
    };
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  }
}

/** What a thread reads of packs at a time, mostly. Less than it needs to build objects: so each takes its own. */
const BUFFER_BYTES = 48 << 20;

/** Where a thread builds objects, and where it reads what they are built from, whatever it reads them for. */
function scratchIn(memory: KernelMemory, { room = TREE_SCAN_ROOM }: StoredScanOptions): MemoryRegion[] {
  return [room.arena, BUFFER_BYTES].map((size) => memory.region(size));
}

/** The rules in a kernel's memory, put there once. */
class Prepared {
  readonly #memory: KernelMemory;
  readonly #rules: readonly Rule[];
  /** For what was laid out: at the start of the memory, where that belongs. */
  readonly #room: MemoryRegion;
  #known: { readonly marker: Marker | null; readonly prepared: PreparedRules | null } | null = null;

  constructor(memory: KernelMemory, rules: readonly Rule[]) {
    this.#memory = memory;
    this.#rules = rules;
    this.#room = memory.region(REACHES_ROOM);
  }

  rulesIn(memory: KernelMemory, marker: Marker | null): PreparedRules | null {
    if (this.#known && memory === this.#memory && isSame(marker, this.#known.marker)) return this.#known.prepared;
    if (memory !== this.#memory) return prepareRules(memory, this.#rules, marker);
    const prepared = this.#laidOut(marker) ?? prepareRules(memory, this.#rules, marker);
    this.#known = { marker, prepared };
    // It may find more than the rules' literals.
    if (prepared) shareAutomaton(this.#rules, { memory, automaton: prepared.plan.automaton });
    return prepared;
  }

  /** The same as `prepareRules`. */
  #laidOut(marker: Marker | null): PreparedRules | null {
    const laid = ruleReaches(this.#rules);
    if (laid === null || marker === null || !isSame(marker, laid.marker)) return null;
    const reaches = openReaches(new KernelMemory(this.#room), laid.words, laid.screens);
    if (reaches === null) return null;
    const literals = ruleLiterals(this.#rules, ALLOW_MARKERS);
    const all = [...literals.literals, { bytes: marker.start, exact: true }];
    return { literals, plan: { automaton: loadAutomaton(this.#memory, all, literals.columns), reaches, marker } };
  }

  /** What cannot be done here, who needs it finds out again. */
  beforehand(marker: Marker): void {
    try {
      this.rulesIn(this.#memory, marker);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
    }
  }

  /** What is known of literals is not always to be had. */
  forTexts(): Pick<RulePlan, 'automaton'> & { readonly reaches: RulePlan['reaches'] | null } {
    const plan = this.#known?.prepared?.plan;
    if (plan) return plan;
    return { automaton: loadAutomaton(this.#memory, ruleLiterals(this.#rules, ALLOW_MARKERS).literals), reaches: null };
  }
}

function isSame(one: Marker | null, other: Marker | null): boolean {
  if (one === null || other === null) return one === other;
  return one.limit === other.limit && compareAll(one.start, other.start);
}

function compareAll(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function equip(kernel: Kernel, { automaton, reaches }: ReturnType<Prepared['forTexts']>): LoadedReaches | null {
  useAutomaton(kernel, automaton);
  if (reaches === null) return null;
  kernel.run.setReaches(reaches.traits, reaches.byteClasses);
  if (reaches.screens) kernel.run.openScreens(reaches.screens.screens, reaches.screens.own);
  return reaches;
}

/** Longer texts are not worth a second pass. */
const LONGEST = 1 << 18;
/** So many hits are enough to know. */
const HITS = 1 << 12;
const SLACK = 64;
/** Of a hit, see `wasm/tree.ts`. */
const RECORD = 64;

/** Tells short texts in which there is no literal that anything could come of. */
class Screen {
  readonly #memory: KernelMemory;
  readonly #prepare: () => ReturnType<Prepared['forTexts']>;
  #kernel: Kernel | null = null;
  #text = 0;
  #hits = 0;
  #record = 0;
  #knowsReaches = false;

  constructor(memory: KernelMemory, prepare: () => ReturnType<Prepared['forTexts']>) {
    this.#memory = memory;
    this.#prepare = prepare;
  }

  #begin(): Kernel {
    const kernel = createKernel(this.#memory);
    this.#knowsReaches = equip(kernel, this.#prepare()) !== null;
    this.#text = this.#memory.reserve(LONGEST + SLACK);
    this.#hits = this.#memory.reserve(HITS * 8);
    this.#record = this.#memory.reserve(RECORD);
    this.#kernel = kernel;
    return kernel;
  }

  /** @param isCommit - see `PackScanner` */
  mayHold(text: Uint8Array, isCommit = false): boolean {
    if (text.length > LONGEST) return true;
    const { run } = this.#kernel ?? this.#begin();
    const at = this.#place(text);
    const hits = run.scan(at, text.length, 0, this.#hits, HITS);
    if (run.scanned.value < text.length) return true;
    if (hits === 0 || !this.#knowsReaches) return hits > 0;
    return run.mayMatch(at, text.length, Number(isCommit), this.#hits, hits, this.#record) === 1;
  }

  /** Where the text lies in the kernel's memory; it is copied there unless it comes from there. */
  #place(text: Uint8Array): number {
    if (text.buffer === this.#memory.bytes.buffer) return text.byteOffset;
    this.#memory.bytes.set(text, this.#text);
    return this.#text;
  }
}
