import type { BlobScan } from '../core/detector.ts';
import type { Rule } from '../core/rule.ts';
import type { Holding, Judge, Judgement } from '../detect/judge.ts';
import type { KernelResult } from '../kernel/codes.ts';
import { PackStage } from '../git/pack/stage.ts';
import { type Kernel, type KernelMemory, bareKernel, createKernel } from '../kernel/instance.ts';
import { type TreeScanRoom, type TreeScanVisitor, TreeScanner } from '../kernel/tree-scanner.ts';
import { type PlainScan, PlainScans } from './plain-scan.ts';
import { TurnedDown } from './turned-down.ts';
import { BATCH_WORDS, type ScanPlan, partsOf } from './scan-plan.ts';

/** What one thread has found so far. Entries are of packs in the plan's order. */
export interface Share {
  readonly found: { readonly pack: number; readonly entry: number; readonly scan: PlainScan }[];
  readonly marked: { readonly pack: number; readonly entry: number; readonly content: Uint8Array }[];
  readonly failed: { readonly pack: number; readonly entry: number; readonly result: KernelResult }[];
  objects: number;
  bytes: number;
  scanned: number;
}

/** Of a thread that has nothing to do. */
export function noShare(): Share {
  return { found: [], marked: [], failed: [], objects: 0, bytes: 0, scanned: 0 };
}

/** Tells nobody of blobs in which there is nothing. */
function isWorthTelling({ findings, loose, problems }: BlobScan): boolean {
  return findings.length + loose.length + problems.length > 0;
}

/** What is kept under a decision number. */
type Decision =
  | { readonly kind: 'judgement'; readonly judgement: Judgement }
  | { readonly kind: 'marked'; readonly content: Uint8Array };

/** Judges what the kernel comes upon, and forms blobs' findings. */
class ShareVisitor implements TreeScanVisitor {
  readonly share: Share = noShare();
  pack = 0;
  readonly #judge: Judge;
  readonly #scans: PlainScans;
  readonly #marker: ScanPlan['marker'];
  readonly #turnedDown: TurnedDown;
  readonly #decisions = new Map<number, Decision>();
  /** The object whose holdings are coming in, or −1. */
  #entry = -1;
  #size = 0;
  #holdings: Holding[] = [];

  constructor(judge: Judge, rules: readonly Rule[], marker: ScanPlan['marker']) {
    this.#judge = judge;
    this.#scans = new PlainScans(rules);
    this.#marker = marker;
    this.#turnedDown = new TurnedDown(judge);
  }

  judge(decision: number, literal: number, bytes: Uint8Array, end: number): boolean {
    if (literal === this.#judge.literals.length) {
      this.#decisions.set(decision, { kind: 'marked', content: bytes.slice() });
      return true;
    }
    if (this.#turnedDown.has(bytes, literal, end)) return false;
    const judgement = this.#judge.judge(bytes, literal, end);
    if (judgement === null) {
      this.#turnedDown.add(bytes, literal);
      return false;
    }
    this.#decisions.set(decision, { kind: 'judgement', judgement });
    return true;
  }

  hold(entry: number, decision: number, end: number, size: number): void {
    if (entry !== this.#entry) this.formLast();
    this.#entry = entry;
    this.#size = size;
    const held = this.#decisions.get(decision);
    if (held?.kind === 'judgement') this.#holdings.push({ judgement: held.judgement, end });
    // The window reaches as far as such a blob may: it is all of it.
    else if (held && end === this.#marker?.start.length && size <= this.#marker.limit)
      this.share.marked.push({ pack: this.pack, entry, content: held.content.slice(0, size) });
  }

  /** Forms the findings of the object whose holdings came last. */
  formLast(): void {
    if (this.#holdings.length > 0) this.#tell(this.#entry, this.#judge.form(this.#holdings, this.#size));
    this.#entry = -1;
    this.#holdings = [];
  }

  isPlain(bytes: Uint8Array): boolean {
    return this.#judge.isPlain(bytes, bytes.length);
  }

  whole(entry: number, bytes: Uint8Array): void {
    this.#tell(entry, this.#judge.scan(bytes));
    const marker = this.#marker;
    if (marker && bytes.length <= marker.limit && startsWith(bytes, marker.start))
      this.share.marked.push({ pack: this.pack, entry, content: bytes.slice() });
  }

  failed(entry: number, result: KernelResult): void {
    this.share.failed.push({ pack: this.pack, entry, result });
  }

  forget(): void {
    this.formLast();
    this.#decisions.clear();
  }

  #tell(entry: number, scan: BlobScan): void {
    if (isWorthTelling(scan)) this.share.found.push({ pack: this.pack, entry, scan: this.#scans.plain(scan) });
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/**
 * Takes batches of a plan until there are none, yielding after each.
 *
 * @param memory - of the plan's, for this thread alone
 * @param makeJudge - given a kernel in that memory that it may use to search with
 */
export function* scanShare(
  plan: ScanPlan,
  memory: KernelMemory,
  rules: readonly Rule[],
  makeJudge: (kernel: Kernel) => Judge,
  room: TreeScanRoom,
): Generator<Share, Share, undefined> {
  const judge = makeJudge(createKernel(memory));
  const visitor = new ShareVisitor(judge, rules, plan.marker);
  const scanner = new TreeScanner(createKernel(memory), plan.automaton, plan.reaches, visitor, room);
  const { share } = visitor;
  const stage = plan.stage && new PackStage(bareKernel(memory), plan.stage.entries, plan.stage.buffer);
  let pack = -1;
  for (let batch = takeBatch(plan); batch !== null; batch = takeBatch(plan)) {
    const [own = 0, first = 0, end = 0] = batch;
    const entries = plan.packs[own];
    if (own !== pack && entries) {
      scanner.use(entries);
      if (entries.file) stage?.use(partsOf(entries, entries.file));
      visitor.pack = pack = own;
    }
    if (entries?.file && stage) {
      for (let i = first; i < end; i++) stage.mark(plan.roots[own]?.[i] ?? 0);
      stage.read();
    }
    for (let i = first; i < end; i++) scanner.scanTree(plan.roots[own]?.[i] ?? 0);
    scanner.settle();
    count(share, scanner);
    yield share;
  }
  if (pack >= 0) scanner.finish();
  return share;
}

function count(share: Share, { totals }: TreeScanner): void {
  share.objects = totals.objects;
  share.bytes = totals.covered;
  share.scanned = totals.scanned;
}

/** The next batch that nobody has taken, or null; null also after a call to stop. */
function takeBatch({ batches, cursor }: ScanPlan): Uint32Array | null {
  if (Atomics.load(cursor, 1) !== 0) return null;
  const at = Atomics.add(cursor, 0, 1) * BATCH_WORDS;
  return at < batches.length ? batches.subarray(at, at + BATCH_WORDS) : null;
}

/** Whether there is nothing left to take. */
export function isAllTaken({ batches, cursor }: ScanPlan): boolean {
  return Atomics.load(cursor, 1) !== 0 || Atomics.load(cursor, 0) * BATCH_WORDS >= batches.length;
}

/** Tells all threads to take no further batch. */
export function stopShares({ cursor }: ScanPlan): void {
  Atomics.store(cursor, 1, 1);
}
