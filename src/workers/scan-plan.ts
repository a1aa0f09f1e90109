import { runBytes } from '../detect/decode/runs.ts';
import type { Judge } from '../detect/judge.ts';
import { TOKEN_BYTES } from '../detect/window.ts';
import { type DeltaForest, neededEntries, WHOLE } from '../git/pack/delta-tree.ts';
import { BLOB } from '../git/pack/entry.ts';
import type { PackBytes } from '../git/pack/pack-bytes.ts';
import type { StoredPack } from '../git/pack/object-store.ts';
import { type LoadedAutomaton, type ScanLiteral, loadAutomaton } from '../kernel/automaton.ts';
import { INPUT_SLACK, type KernelMemory, type MemoryRegion } from '../kernel/instance.ts';
import {
  type LiteralReach,
  type LoadedEntries,
  type LoadedReaches,
  NEEDED,
  TOKEN_CLASS,
  WANTED,
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
  /** Four numbers a batch: pack, first and last place in `roots`, weight. The heaviest come first. */
  readonly batches: Uint32Array;
  /** Entries of delta trees' roots, pack after pack. */
  readonly roots: Uint32Array;
  /** Next batch to be taken; and, once it is not 0, the sign to stop. */
  readonly cursor: Int32Array;
  readonly marker: Marker | null;
}

export const BATCH_WORDS = 4;
/** Inflated bytes of roots and deltas in a batch, about. */
const BATCH_BYTES = 1 << 20;
/** What an entry costs besides its bytes, in bytes. */
const ENTRY_COST = 256;

/** One pack to be scanned. */
export interface PlannedPack {
  readonly stored: StoredPack;
  /** By entry: 1 for those to be decided. */
  readonly wanted: Uint8Array;
}

/** What is looked for, in kernel memory. */
export type RulePlan = Pick<ScanPlan, 'automaton' | 'reaches' | 'marker'>;

/**
 * Puts literals and reaches in kernel memory.
 *
 * @param screens - of the judge's rules, as `packScreens` lays them out; they turn down what the judge would
 * @returns null if there is no way to keep texts apart
 * @throws KernelError `KERNEL_MEMORY`, `KERNEL_LITERAL_INVALID`
 */
export function planRules(
  memory: KernelMemory,
  judge: Judge,
  marker: Marker | null,
  screens: Uint32Array | null,
): RulePlan | null {
  const literals: ScanLiteral[] = [...judge.literals];
  if (marker) literals.push({ bytes: marker.start, exact: true });
  const names =
    screens === null ? null : { words: screens, listOf: (one: number) => screensAround(judge, one, screens) };
  const reaches = loadReaches(memory, literals, (literal) => reachOf(judge, marker, literal), classOf, names);
  return reaches === null ? null : { automaton: loadAutomaton(memory, literals), reaches, marker };
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
  const work = cutWork(packs);
  return {
    memory: memory.memory,
    ...rules,
    packs: packs.map((pack) => loadPack(memory, pack)),
    ...work,
    cursor: new Int32Array(new SharedArrayBuffer(8)),
  };
}

const RUN_FORMS: readonly LiteralForm[] = ['base64', 'hex', 'percent', 'escape', 'wide', 'html'];
const RUN_BYTES = RUN_FORMS.map(runBytes);

/** Bit 0: a token's characters; then one bit for each kind of encoded run. */
function classOf(byte: number): number {
  return RUN_BYTES.reduce(
    (bits, bytes, form) => bits | (bytes[byte] === 1 ? 2 << form : 0),
    TOKEN_BYTES[byte] === 1 ? TOKEN_CLASS : 0,
  );
}

function reachOf(judge: Judge, marker: Marker | null, literal: number): LiteralReach {
  const { form, phase = 0 } = judge.literals[literal] ?? {};
  if (form === undefined) return { before: 0, after: marker?.limit ?? 0, gate: 0, run: 0, leads: [] };
  const { before, after, gate, encoded, leads } = judge.reach(literal);
  const encoding = form === 'base64' || form === 'hex' ? { form, phase } : null;
  return { before, after, gate, leads, run: encoded ? 2 << RUN_FORMS.indexOf(form) : 0, encoding };
}

function loadPack(memory: KernelMemory, { stored: { pack, forest }, wanted }: PlannedPack): LoadedEntries {
  const at = pack.bytes.address ?? copyBytes(memory, pack.bytes);
  const needed = neededEntries(forest, wanted);
  return loadEntries(
    memory,
    at,
    pack.entriesEnd,
    forest,
    (entry) => (wanted[entry] === 1 ? WANTED : 0) | (needed[entry] === 1 ? NEEDED : 0),
  );
}

function copyBytes(memory: KernelMemory, pack: PackBytes): number {
  const at = memory.reserve(pack.length + INPUT_SLACK);
  const { bytes, base } = pack.window(0, pack.length);
  memory.bytes.set(bytes.subarray(-base, pack.length - base), at);
  return at;
}

/** Trees of one pack in the order they lie in, cut where a batch is heavy enough; then the heaviest batches first. */
function cutWork(packs: readonly PlannedPack[]): Pick<ScanPlan, 'batches' | 'roots'> {
  const roots: number[] = [];
  const batches: [pack: number, first: number, end: number, weight: number][] = [];
  for (const [pack, { stored, wanted }] of packs.entries()) {
    const weights = treeWeights(stored.forest, wanted);
    let first = roots.length;
    let weight = 0;
    for (let entry = 0; entry < stored.forest.count; entry++) {
      if (stored.forest.bases[entry] !== WHOLE || weights[entry] === 0) continue;
      roots.push(entry);
      weight += weights[entry] ?? 0;
      if (weight < BATCH_BYTES) continue;
      batches.push([pack, first, roots.length, weight]);
      first = roots.length;
      weight = 0;
    }
    if (weight > 0) batches.push([pack, first, roots.length, weight]);
  }
  batches.sort((a, b) => b[3] - a[3]);
  return {
    batches: shared(batches.flatMap(([pack, first, end, weight]) => [pack, first, end, Math.min(weight, 2 ** 32 - 1)])),
    roots: shared(roots),
  };
}

/** By root: inflated bytes of what must be built of its tree; 0 for other trees. */
function treeWeights({ order, bases, sizes, types, count }: DeltaForest, wanted: Uint8Array): Float64Array {
  const weights = new Float64Array(count);
  for (let i = order.length - 1; i >= 0; i--) {
    const entry = order[i] ?? 0;
    const below = weights[entry] ?? 0;
    if (types[entry] !== BLOB || (below === 0 && wanted[entry] !== 1)) continue;
    weights[entry] = below + (sizes[entry] ?? 0) + ENTRY_COST;
    const base = bases[entry] ?? WHOLE;
    if (base >= 0) weights[base] = (weights[base] ?? 0) + (weights[entry] ?? 0);
  }
  return weights;
}

function shared(numbers: readonly number[]): Uint32Array {
  const array = new Uint32Array(new SharedArrayBuffer(numbers.length * 4));
  array.set(numbers);
  return array;
}
