import { runBytes } from '../detect/decode/runs.ts';
import type { Judge } from '../detect/judge.ts';
import { TOKEN_BYTES } from '../detect/window.ts';
import { type DeltaForest, WHOLE } from '../git/pack/delta-tree.ts';
import { type EntryFlags, piecesFromBehind } from '../git/pack/entry-flags.ts';
import type { PackBytes } from '../git/pack/pack-bytes.ts';
import type { StoredPack } from '../git/pack/object-store.ts';
import { PackStage, type StagedPack } from '../git/pack/stage.ts';
import { type LiteralBytes, type LoadedAutomaton, type ScanLiteral, loadAutomaton } from '../kernel/automaton.ts';
import { INPUT_SLACK, type KernelMemory, type MemoryRegion, bareKernel } from '../kernel/instance.ts';
import {
  type EntriesFile,
  type LiteralReach,
  type LoadedEntries,
  type LoadedReaches,
  NEEDED,
  TOKEN_CLASS,
  loadEntries,
  loadReaches,
} from '../kernel/tree-job.ts';
import type { LiteralForm } from '../prefilter/literal.ts';
import { nameScreensOf } from '../prefilter/screens.ts';

/** A text that small blobs are looked for by, besides what rules say. */
export interface Marker {
  /** What the blob begins with; 1 to 256 bytes. */
  readonly start: Uint8Array;
  /** Most bytes of such a blob. */
  readonly limit: number;
}

/** What one scan shares among threads; can be posted to them. */
export interface ScanPlan {
  readonly memory: MemoryRegion['memory'];
  readonly automaton: LoadedAutomaton;
  readonly reaches: LoadedReaches;
  readonly packs: readonly LoadedEntries[];
  /** What a thread needs to read packs that are not in memory; null if all are. */
  readonly stage: StageRoom | null;
  /** Four numbers a batch: pack, first and last place in its `roots`, weight. The heaviest come first. */
  readonly batches: Uint32Array;
  /** By pack: entries of delta trees' roots, in the order they lie in. */
  readonly roots: readonly Uint32Array[];
  /** Next batch to be taken; and, once it is not 0, the sign to stop. */
  readonly cursor: Int32Array;
  readonly marker: Marker | null;
}

/** Room for parts of packs. */
export interface StageRoom {
  /** Entries of a pack, at most. */
  readonly entries: number;
  /** Bytes that are read for a batch, at most. */
  readonly buffer: number;
}

export const BATCH_WORDS = 4;
/**
 * Inflated bytes of roots and deltas in a batch, at least; the first ones have a part of what is left. Of large batches more
 * lies together in the pack; of small ones no thread has much left when all are taken.
 */
const BATCH_BYTES = 1 << 20;
const BATCH_PART = 32;
/** What an entry costs besides its bytes, in bytes. */
const ENTRY_COST = 256;

/** One pack to be scanned. */
export interface PlannedPack {
  readonly stored: StoredPack;
  /** `WANTED` are those to be decided. */
  readonly flags: EntryFlags;
}

/** What is looked for, in kernel memory. */
export type RulePlan = Pick<ScanPlan, 'automaton' | 'reaches' | 'marker'>;

/**
 * Puts literals and reaches in kernel memory.
 *
 * @param screens - of the judge's rules, as `packScreens` lays them out; they turn down what the judge would
 * @param laid - the judge's literals, if their bytes lie together
 * @returns null if there is no way to keep texts apart
 * @throws KernelError `KERNEL_MEMORY`, `KERNEL_LITERAL_INVALID`
 */
export function planRules(
  memory: KernelMemory,
  judge: Judge,
  marker: Marker | null,
  screens: Uint32Array | null,
  laid: LiteralBytes | null = null,
): RulePlan | null {
  const literals: ScanLiteral[] = [...judge.literals];
  if (marker) literals.push({ bytes: marker.start, exact: true });
  const names =
    screens === null ? null : { words: screens, listOf: (one: number) => screensAround(judge, one, screens) };
  const reaches = loadReaches(memory, literals, reachWriter(judge, marker), classOf, names);
  return reaches === null ? null : { automaton: loadAutomaton(memory, literals, laid), reaches, marker };
}

/** Encoded forms have none: of them only the run tells. */
function screensAround(judge: Judge, literal: number, screens: Uint32Array): number {
  const { form, text } = judge.literals[literal] ?? {};
  return form === 'plain' && text !== undefined ? nameScreensOf(screens, text) : 0;
}

/**
 * Puts packs in the kernel memory that the rules are in and cuts the work into batches.
 *
 * @throws KernelError `KERNEL_MEMORY`
 */
export function planScan(memory: KernelMemory, packs: readonly PlannedPack[], rules: RulePlan): ScanPlan {
  const loaded = packs.map((pack) => loadPack(memory, pack));
  const cuts = packs.map((pack, i) => cutTrees(memory, pack, loaded[i]?.results ?? 0));
  const stage = stageRoom(memory, loaded, cuts);
  return {
    memory: memory.memory,
    ...rules,
    packs: loaded,
    stage,
    batches: heaviestFirst(cuts),
    roots: cuts.map(({ roots }) => roots),
    cursor: new Int32Array(new SharedArrayBuffer(8)),
  };
}

const RUN_FORMS: readonly LiteralForm[] = ['base64', 'hex', 'percent', 'escape', 'wide', 'html'];
const RUN_BYTES = RUN_FORMS.map(runBytes);
/** More than a literal's phase can be. */
const PHASES = 16;

/** Bit 0: a token's characters; then one bit for each kind of encoded run. */
function classOf(byte: number): number {
  return RUN_BYTES.reduce(
    (bits, bytes, form) => bits | (bytes[byte] === 1 ? 2 << form : 0),
    TOKEN_BYTES[byte] === 1 ? TOKEN_CLASS : 0,
  );
}

/** Literals in the same form reach as far, and are thousands: they have one answer. */
function reachWriter(judge: Judge, marker: Marker | null): (literal: number) => LiteralReach {
  const encoded = new Map<number, LiteralReach>();
  return (literal) => {
    const { form, phase = 0 } = judge.literals[literal] ?? {};
    if (form === undefined) return { before: 0, after: marker?.limit ?? 0, gate: 0, run: 0, leads: [] };
    if (form === 'plain') return { ...judge.reach(literal), run: 0, encoding: null };
    const kind = RUN_FORMS.indexOf(form);
    const key = kind * PHASES + phase;
    const known = encoded.get(key) ?? {
      ...judge.reach(literal),
      run: 2 << kind,
      encoding: form === 'wide' ? null : { form, phase },
    };
    encoded.set(key, known);
    return known;
  };
}

function loadPack(memory: KernelMemory, { stored: { pack, forest }, flags }: PlannedPack): LoadedEntries {
  const { address, fd } = pack.bytes;
  const from = address ?? (fd === null ? copyBytes(memory, pack.bytes) : { fd });
  return loadEntries(memory, from, pack.entriesEnd, forest, flags.address);
}

/** Room for what lies between the entries of a batch and is read with them. */
const BETWEEN = 2;
/** Trees of more bytes in their pack are left to others. */
const MOST_BUFFER = 1 << 29;

/** @throws KernelError `KERNEL_MEMORY` */
function stageRoom(memory: KernelMemory, packs: readonly LoadedEntries[], cuts: readonly TreeCuts[]): StageRoom | null {
  const entries = packs.reduce((most, { file, count }) => (file === null ? most : Math.max(most, count)), 0);
  if (entries === 0) return null;
  const stage = new PackStage(bareKernel(memory), entries, 0);
  let largest = 0;
  for (const [i, pack] of packs.entries()) {
    if (pack.file === null) continue;
    stage.use(partsOf(pack, pack.file));
    const { roots, batches } = cuts[i] ?? { roots: new Uint32Array(0), batches: new Uint32Array(0) };
    for (let at = 0; at < batches.length; at += 3) {
      for (let root = batches[at] ?? 0; root < (batches[at + 1] ?? 0); root++) stage.mark(roots[root] ?? 0);
      largest = Math.max(largest, stage.marked);
      stage.clear();
    }
  }
  return { entries, buffer: Math.min(BETWEEN * largest, MOST_BUFFER) };
}

/** A pack as a stage is told of it. */
export function partsOf({ packEnd, pack, ...columns }: LoadedEntries, { fd, staged }: EntriesFile): StagedPack {
  return { ...columns, fd, staged, entriesEnd: packEnd - pack };
}

function copyBytes(memory: KernelMemory, pack: PackBytes): number {
  const at = memory.reserve(pack.length + INPUT_SLACK);
  const { bytes, base } = pack.window(0, pack.length);
  memory.bytes.set(bytes.subarray(-base, pack.length - base), at);
  return at;
}

/** The trees of a pack, cut where a batch is heavy enough. */
interface TreeCuts {
  /** In the order they lie in. */
  readonly roots: Uint32Array;
  /** Three numbers a batch: first and last place in `roots`, weight. */
  readonly batches: Uint32Array;
}

/**
 * @param scratch - room for as many words as there are entries, which hold zeros before and after
 * @throws KernelError `KERNEL_MEMORY`
 */
export function cutTrees(memory: KernelMemory, { stored: { forest }, flags }: PlannedPack, scratch: number): TreeCuts {
  const { count, places } = forest;
  if (places === null) return cutPlainly(forest, flags);
  const { run } = bareKernel(memory);
  for (const [first, end] of piecesFromBehind(forest.order.length))
    run.addWeights(places.order, places.bases, places.sizes, first, end, flags.address, scratch);
  const [rootsAt, batchesAt] = [memory.reserve(4 * count), memory.reserve(12 * (count + 1))];
  const batches = run.cutBatches(
    places.bases,
    count,
    flags.address,
    scratch,
    BATCH_BYTES,
    BATCH_PART,
    rootsAt,
    batchesAt,
  );
  memory.words(scratch, count).fill(0);
  return { roots: memory.words(rootsAt, run.rootCount.value), batches: memory.words(batchesAt, 3 * batches) };
}

/** The same without the kernel. */
function cutPlainly(forest: DeltaForest, { flags }: EntryFlags): TreeCuts {
  const roots: number[] = [];
  const batches: number[] = [];
  const weights = treeWeights(forest, flags);
  let left = 0;
  for (let entry = 0; entry < forest.count; entry++) {
    if (forest.bases[entry] !== WHOLE || ((flags[entry] ?? 0) & NEEDED) === 0) continue;
    roots.push(entry);
    left += capped(weights[entry] ?? 0);
  }
  let first = 0;
  let weight = 0;
  for (const [place, root] of roots.entries()) {
    weight += capped(weights[root] ?? 0);
    if (weight < Math.max(BATCH_BYTES, Math.floor(left / BATCH_PART)) && place + 1 < roots.length) continue;
    batches.push(first, place + 1, capped(weight));
    first = place + 1;
    left -= weight;
    weight = 0;
  }
  return { roots: shared(roots), batches: Uint32Array.from(batches) };
}

/** By root: inflated bytes of what must be built of its tree. */
function treeWeights({ order, bases, sizes, count }: DeltaForest, flags: Uint8Array): Float64Array {
  const weights = new Float64Array(count);
  for (let i = order.length - 1; i >= 0; i--) {
    const entry = order[i] ?? 0;
    if (((flags[entry] ?? 0) & NEEDED) === 0) continue;
    weights[entry] = (weights[entry] ?? 0) + (sizes[entry] ?? 0) + ENTRY_COST;
    const base = bases[entry] ?? WHOLE;
    if (base >= 0) weights[base] = (weights[base] ?? 0) + (weights[entry] ?? 0);
  }
  return weights;
}

function heaviestFirst(cuts: readonly TreeCuts[]): Uint32Array {
  const all = cuts.flatMap(({ batches }, pack) =>
    Array.from({ length: batches.length / 3 }, (_, i) => [pack, ...batches.subarray(3 * i, 3 * i + 3)] as const),
  );
  all.sort((a, b) => (b[3] ?? 0) - (a[3] ?? 0));
  return shared(all.flat());
}

function capped(weight: number): number {
  return Math.min(weight, 2 ** 32 - 1);
}

function shared(numbers: readonly number[]): Uint32Array {
  const array = new Uint32Array(new SharedArrayBuffer(numbers.length * 4));
  array.set(numbers);
  return array;
}
