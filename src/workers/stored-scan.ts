import { availableParallelism } from 'node:os';

import type { Rule } from '../core/rule.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import type { Judge } from '../detect/judge.ts';
import { KernelError } from '../errors/kernel.ts';
import { BLOB } from '../git/pack/entry.ts';
import { type EntryFlags, type MeantRows, flagEntries } from '../git/pack/entry-flags.ts';
import { NOT_TAKEN } from '../git/pack/object-store.ts';
import { isReadByParts } from '../git/pack/pack-bytes.ts';
import { stageBytes } from '../git/pack/stage.ts';
import type { ScannedRow, StoredScan, StoredScanRequest, StoredScanResult } from '../git/pack/stored-scan.ts';
import { type Kernel, KernelMemory, type MemoryRegion, bareKernel } from '../kernel/instance.ts';
import { WANTED } from '../kernel/tree-job.ts';
import { TREE_SCAN_ROOM, type TreeScanRoom } from '../kernel/tree-scanner.ts';
import { kernelPrefilter } from '../prefilter/kernel-prefilter.ts';
import { type RuleLiterals, ruleLiterals, ruleScreens } from '../prefilter/rule-literals.ts';
import { type KnownSecrets, fromPlain } from './plain-scan.ts';
import { type ShareOrder, isShareReport } from './protocol.ts';
import { linearFor, shareJudge } from './share-judge.ts';
import {
  BATCH_WORDS,
  type Marker,
  type PlannedPack,
  type RulePlan,
  type ScanPlan,
  planRules,
  planScan,
} from './scan-plan.ts';
import { type Share, isAllTaken, noShare, scanShare, stopShares } from './scan-share.ts';
import { WorkThread } from './work-thread.ts';

export interface StoredScanOptions {
  /** Threads; 1 stays in this one. Default: one for each processor. */
  readonly jobs?: number;
  readonly room?: TreeScanRoom;
  /** Most bytes of one pack that is held in memory; see `StoreOptions`. */
  readonly heldPack?: number;
  /** Least bytes of a pack whose checksum another thread computes; see `StoreOptions`. */
  readonly helpedPack?: number;
  /** The script of a thread. Default: the one beside this file when it is built; from source, none, and all is done here. */
  readonly worker?: URL;
  /** A thread that has other work before, which makes it one of the threads of the scan as soon as that is done. Default: none. */
  readonly busy?: WorkThread | null;
  /** The rules in the memory that packs are in, if they may have been prepared before. */
  readonly rulesIn?: (memory: KernelMemory, marker: Marker | null) => PreparedRules | null;
}

/** Rules as a scan needs them. */
export interface PreparedRules {
  /** Of the rules, in the order of the plan's automaton. */
  readonly literals: RuleLiterals;
  readonly plan: RulePlan;
}

/** @returns null if there is no way to keep texts apart. @throws KernelError `KERNEL_MEMORY`, `KERNEL_LITERAL_INVALID` */
export function prepareRules(
  memory: KernelMemory,
  rules: readonly Rule[],
  marker: Marker | null,
): PreparedRules | null {
  const literals = ruleLiterals(rules, ALLOW_MARKERS);
  // Only asked what literals reach, which takes no expression.
  const judge = shareJudge(rules, { literals: literals.literals, find: () => undefined }, null, null);
  const plan = planRules(memory, judge, marker, ruleScreens(rules)?.screens ?? null, literals.columns);
  return plan === null ? null : { literals, plan };
}

export const BUILT_WORKER = import.meta.url.endsWith('.js') ? new URL('./share-worker.js', import.meta.url) : null;

/** What a thread uses besides the room of its tree scan. */
const THREAD_BYTES = 32 << 20;
/** How long this thread's other work may have to wait, about. */
const TURN_MS = 50;

/**
 * Scans blobs with the kernel, in the delta domain, on several threads. What
 * it cannot scan so it leaves to others: nothing is decided that was not looked at.
 */
export function storedScan(rules: readonly Rule[], options: StoredScanOptions = {}): StoredScan {
  return async (request) => {
    const run = StoredScanRun.prepare(rules, request, options);
    return run === null ? nothingScanned(request) : run.result(await run.run());
  };
}

/**
 * Packs that the kernel can walk, and which of their entries are to be decided.
 * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`
 */
function plannedPacks({ store, wanted, isAll = false }: StoredScanRequest, memory: KernelMemory): PlannedPack[] {
  // The kernel computes no ids.
  if (store.options.verifyObjects === true) return [];
  const within = store.packs.filter(({ pack }) => pack.bytes.resident || isReadByParts(pack.bytes));
  if (within.length === 0 || wanted.length === 0) return [];
  const kernel = bareKernel(memory);
  const meant = isAll ? null : meantRows(memory, store.table.count, wanted);
  return within
    .map((stored) => ({ stored, flags: flagEntries(kernel, stored, BLOB, meant) }))
    .filter(({ flags }) => flags.wanted > 0);
}

function meantRows(memory: KernelMemory, count: number, wanted: Uint32Array): MeantRows {
  const address = memory.reserve(count);
  const rows = memory.bytes.subarray(address, address + count);
  for (const row of wanted) rows[row] = 1;
  return { rows, address };
}

interface RunParts {
  readonly rules: readonly Rule[];
  readonly request: StoredScanRequest;
  readonly memory: KernelMemory;
  readonly packs: readonly PlannedPack[];
  readonly plan: ScanPlan;
  /** Of the rules, in the order of the plan's automaton. */
  readonly literals: RuleLiterals;
  /** One for each thread. */
  readonly regions: readonly MemoryRegion[];
  readonly room: TreeScanRoom;
  readonly worker: URL | null;
  readonly busy: WorkThread | null;
}

class StoredScanRun {
  readonly #parts: RunParts;
  /** By thread: what was told of its progress. */
  readonly #told: { objects: number; bytes: number }[];

  private constructor(parts: RunParts) {
    this.#parts = parts;
    this.#told = parts.regions.map(() => ({ objects: 0, bytes: 0 }));
  }

  /** @returns null where the kernel is not to be had, or has nothing to do */
  static prepare(rules: readonly Rule[], request: StoredScanRequest, options: StoredScanOptions): StoredScanRun | null {
    const room = options.room ?? TREE_SCAN_ROOM;
    const { rulesIn = (within, marker) => prepareRules(within, rules, marker) } = options;
    try {
      const memory = request.store.options.kernel ?? new KernelMemory();
      const packs = plannedPacks(request, memory);
      if (packs.length === 0) return null;
      const prepared = rulesIn(memory, request.marker ?? null);
      if (prepared === null) return null;
      const { literals } = prepared;
      const plan = planScan(memory, packs, prepared.plan);
      const worker = options.worker ?? BUILT_WORKER;
      const most = worker === null ? 1 : (options.jobs ?? availableParallelism());
      const size = threadBytes(room) + (plan.stage === null ? 0 : stageBytes(plan.stage.entries, plan.stage.buffer));
      const jobs = Math.max(1, Math.min(most, Math.floor(memory.left / size), plan.batches.length / BATCH_WORDS));
      const regions = Array.from({ length: jobs }, () => memory.region(size));
      const { busy = null } = options;
      return new StoredScanRun({ rules, request, memory, packs, plan, literals, regions, room, worker, busy });
    } catch (error) {
      if (error instanceof KernelError) return null;
      throw error;
    }
  }

  async run(): Promise<Share[]> {
    const { plan, regions, worker, request } = this.#parts;
    const stop = (): void => stopShares(plan);
    request.signal.addEventListener('abort', stop, { once: true });
    try {
      const shares = await Promise.all(
        regions.length > 1 && worker
          ? regions.map((region, thread) => this.#startThread(worker, region, thread))
          : regions.map((region) => this.#runHere(region)),
      );
      request.signal.throwIfAborted();
      return shares;
    } finally {
      stop();
      request.signal.removeEventListener('abort', stop);
    }
  }

  async #runHere(region: MemoryRegion): Promise<Share> {
    const { memory, plan, rules, literals, room } = this.#parts;
    const linear = await linearFor(rules);
    const makeJudge = (kernel: Kernel): Judge =>
      shareJudge(rules, kernelPrefilter(literals.literals, kernel, plan.automaton), linear, ruleScreens(rules));
    const share = scanShare(plan, new KernelMemory(region), rules, makeJudge, room);
    let turnEnds = performance.now() + TURN_MS;
    for (let step = share.next(); ; step = share.next()) {
      this.#progress(0, step.value);
      if (step.done === true) {
        memory.giveBack(region);
        return step.value;
      }
      if (performance.now() < turnEnds) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turnEnds = performance.now() + TURN_MS;
    }
  }

  async #startThread(script: URL, region: MemoryRegion, thread: number): Promise<Share> {
    const { plan, regions, busy, request } = this.#parts;
    if (busy !== null && thread === 0) return this.#runThread(busy, region, thread);
    // Of two, this thread becomes the second: it has compiled what another would have to compile again.
    if (busy !== null && request.idle && regions.length === 2) {
      await unlessAborted(request.idle, request.signal);
      return isAllTaken(plan) ? noShare() : this.#runHere(region);
    }
    const own = new WorkThread(script);
    return this.#runThread(own, region, thread).finally(() => own.end());
  }

  #runThread(worker: WorkThread, region: MemoryRegion, thread: number): Promise<Share> {
    const { memory, plan, room, rules, literals } = this.#parts;
    const order: ShareOrder = {
      kind: 'share-order',
      plan,
      region,
      scratch: worker.scratchIn(memory),
      room,
      rules,
      literals: literals.columns,
      laid: ruleScreens(rules),
    };
    return worker.ask(order, {
      hear: (report) => {
        if (!isShareReport(report)) return undefined;
        this.#progress(thread, report.kind === 'done' ? report.share : report);
        return report.kind === 'done' ? report.share : undefined;
      },
    });
  }

  /** From entries to rows. @param shares - of all threads, when they are done */
  result(shares: readonly Share[]): StoredScanResult {
    const { packs, rules } = this.#parts;
    const rowOf = (pack: number, entry: number): number => packs[pack]?.stored.rows[entry] ?? NOT_TAKEN;
    const sum = (part: (share: Share) => number): number => shares.reduce((total, share) => total + part(share), 0);
    const secrets: KnownSecrets = new WeakMap();
    return {
      found: shares
        .flatMap(({ found }) => found)
        .map(({ pack, entry, scan }): ScannedRow => ({
          row: rowOf(pack, entry),
          scan: fromPlain(scan, rules, secrets),
        }))
        .toSorted((a, b) => a.row - b.row),
      marked: shares
        .flatMap(({ marked }) => marked)
        .map(({ pack, entry, content }) => ({ row: rowOf(pack, entry), content }))
        .toSorted((a, b) => a.row - b.row),
      unread: this.#unread(shares.flatMap(({ failed }) => failed)),
      sizes: () => this.#sizes(),
      objects: sum(({ objects }) => objects),
      bytes: sum(({ bytes }) => bytes),
      scanned: sum(({ scanned }) => scanned),
    };
  }

  /** Wanted rows that are in no such pack, or could not be built. */
  #unread(failed: Share['failed']): Uint32Array {
    const { packs, request } = this.#parts;
    const planned = packs.reduce((count, { flags }) => count + flags.wanted, 0);
    if (failed.length === 0 && planned === request.wanted.length) return new Uint32Array(0);
    // Rows may have come to the table since the store was listed.
    const left = new Uint8Array((request.wanted.at(-1) ?? 0) + 1);
    for (const row of request.wanted) left[row] = 1;
    for (const { stored, flags } of packs)
      for (let entry = 0; entry < flags.flags.length; entry++)
        if (isWanted(flags, entry)) left[stored.rows[entry] ?? 0] = 0;
    for (const { pack, entry } of failed) {
      for (const lost of descendants(packs[pack], entry))
        if (isWanted(packs[pack]?.flags, lost)) left[packs[pack]?.stored.rows[lost] ?? 0] = 1;
    }
    return request.wanted.filter((row) => left[row] === 1);
  }

  #sizes(): Uint32Array {
    const { packs, plan, request } = this.#parts;
    const sizes = new Uint32Array(request.store.table.count);
    for (const [pack, { stored, flags }] of packs.entries()) {
      const { count } = stored.forest;
      const results = new Uint32Array(plan.memory.buffer, plan.packs[pack]?.results ?? 0, count);
      for (let entry = 0; entry < count; entry++)
        if (isWanted(flags, entry)) sizes[stored.rows[entry] ?? 0] = results[entry] ?? 0;
    }
    return sizes;
  }

  #progress(thread: number, { objects, bytes }: { readonly objects: number; readonly bytes: number }): void {
    const told = this.#told[thread];
    if (!told || objects === told.objects) return;
    this.#parts.request.onProgress?.(objects - told.objects, bytes - told.bytes);
    told.objects = objects;
    told.bytes = bytes;
  }
}

function threadBytes({ arena, hits, windows, holdings, decisions }: TreeScanRoom): number {
  return arena + hits + 2 * windows + holdings + decisions + THREAD_BYTES;
}

/** Where there is nothing to scan, or nobody to do it. */
function nothingScanned({ wanted, store }: StoredScanRequest): StoredScanResult {
  const sizes = (): Uint32Array => new Uint32Array(store.table.count);
  return { found: [], marked: [], unread: wanted, sizes, objects: 0, bytes: 0, scanned: 0 };
}

/** An entry and all that is built from it. */
function descendants(pack: PlannedPack | undefined, entry: number): number[] {
  const { firstChild, children } = pack?.stored.forest ?? { firstChild: [], children: [] };
  const all = [entry];
  for (const one of all)
    for (let at = firstChild[one] ?? 0; at < (firstChild[one + 1] ?? 0); at++) all.push(children[at] ?? 0);
  return all;
}

function isWanted(flags: EntryFlags | undefined, entry: number): boolean {
  return ((flags?.flags[entry] ?? 0) & WANTED) !== 0;
}
