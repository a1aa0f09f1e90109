import { ByteSet } from '../../bytes/byte-set.ts';
import type { CoverageLog } from '../../core/coverage.ts';
import { KernelError } from '../../errors/kernel.ts';
import { TreeDeltas } from '../../git/tree-deltas.ts';
import {
  type SweptTrees,
  type TreesPlace,
  idPlace,
  sweepTrees,
  treeDeltas,
  unreadTrees,
} from '../../git/tree-sweep.ts';
import { KernelFollowing } from '../../git/follow-trees.ts';
import { type KernelTrees, treesWith } from '../../git/trees-with.ts';
import { walkedPacks } from '../../git/pack/kernel-sweep.ts';
import type { TreeSweeper } from '../../git/pack/stored-scan.ts';
import type { ReadTrees } from './facts.ts';
import { Following, absentReached } from './following.ts';
import type { Hits } from './hits.ts';
import type { HitTrees } from './hit-trees.ts';
import { hitTreesOf } from './packed-hits.ts';
import type { Reach } from './reach.ts';
import type { Trees } from './state.ts';
import type { HistoryStore } from './store.ts';
import { type TreesRead, gitlinksOf, readTrees, tellTrees } from './tree-reading.ts';

/** What packs hold of trees. */
export interface TreesInPacks {
  readonly trees: ReadTrees;
  /** How many names, the first ones, are those of its entries. */
  readonly names: number;
  /** Numbers of the absent ids that reached ones of these trees name. */
  absentReached(): Int32Array;
}

/** Trees read from packs, once and for all: attribution works on what is kept of them. */
export class PackedTrees implements Trees {
  readonly #store: HistoryStore;
  readonly #reach: Reach;
  readonly #coverage: CoverageLog;
  #made: TreeDeltas | null = null;
  #place: TreesPlace | null = null;
  #malformed = new Set<number>();
  /** What another thread reads. */
  #swept: Promise<SweptTrees | null> | null = null;
  #packed: TreesInPacks | null = null;

  constructor(store: HistoryStore, reach: Reach, coverage: CoverageLog) {
    this.#store = store;
    this.#reach = reach;
    this.#coverage = coverage;
  }

  /** Made when it is asked for: what another thread has read comes with its own. */
  get #deltas(): TreeDeltas {
    return (this.#made ??= new TreeDeltas(this.#store.table, new ByteSet()));
  }

  /** What is known of trees in packs alone, once it is; null where not all of them were read there. */
  get packed(): TreesInPacks | null {
    return this.#packed;
  }

  get names(): ByteSet {
    return this.#deltas.names;
  }

  begin(sweeper: TreeSweeper, onProgress: (objects: number) => void, signal: AbortSignal): void {
    const { packs, table } = this.#store;
    if (packs === null) return;
    this.#swept = sweeper.sweep(packs, table, onProgress, signal);
    // Whoever waits for it hears of its failure; until then nobody does.
    this.#swept?.catch(() => undefined);
  }

  async *run(signal: AbortSignal): AsyncGenerator<TreesRead, void, undefined> {
    const memory = this.#store.packs?.options.kernel;
    if (this.#swept && memory) {
      const swept = await this.#swept;
      if (swept) this.#take(memory, swept);
    } else yield* this.#sweep(signal);
    const left = unreadTrees(this.#deltas);
    this.#notePacked(left);
    yield* readTrees(this.#store, this.#deltas, left, this.#coverage, this.#malformed, signal);
    tellTrees(this.#store, this.names, gitlinksOf(this.#deltas), this.#malformed, this.#coverage);
    new Following(this.#deltas, this.#reach, this.#following()).run();
  }

  /** @param left - positions of trees that are not read yet */
  #notePacked(left: Uint32Array): void {
    const { packs } = this.#store;
    if (packs === null || this.#malformed.size > 0) return;
    if (left.some((position) => (packs.table.listOf[position] ?? 0) < packs.packs.length)) return;
    const deltas = this.#deltas;
    const { parts, names, order } = deltas;
    const trees = order.length;
    this.#packed = {
      trees: { parts, names },
      names: names.length,
      absentReached: () => absentReached(deltas, trees, this.#reach),
    };
  }

  #take(memory: KernelTrees['memory'], swept: SweptTrees): void {
    this.#made = treeDeltas(this.#store.table, memory, swept);
    this.#place = swept.place;
    this.#malformed = new Set(swept.malformed);
  }

  async *#sweep(signal: AbortSignal): AsyncGenerator<TreesRead, void, undefined> {
    const { packs } = this.#store;
    const kernel = packs?.options.kernel;
    const ids = packs ? idPlace(packs, this.#store.table) : null;
    if (!packs || !kernel || !ids) return;
    const sweep = sweepTrees(walkedPacks(packs), ids, kernel, this.#store.table);
    try {
      for (let step = sweep.next(); ; step = sweep.next()) {
        if (step.done === true) {
          this.#take(kernel, step.value);
          return;
        }
        yield { objects: step.value, bytes: 0 };
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
    } catch (error) {
      // Without room for it, all trees are left to be read one by one.
      if (!(error instanceof KernelError)) throw error;
    }
  }

  async hitTrees(hits: Hits): Promise<HitTrees> {
    const inKernel = hits.blobs.length + hits.names.size > 0 ? this.#inKernel() : null;
    const found = inKernel === null ? null : await treesWith(inKernel, hits);
    return found ?? hitTreesOf(this.#deltas, hits, this.#malformed);
  }

  #following(): KernelFollowing | null {
    const trees = this.#inKernel();
    const states = this.#reach.place;
    return trees && states && KernelFollowing.of(trees, states, this.#deltas.absent.length);
  }

  /** All trees, if the kernel has read them all. */
  #inKernel(): KernelTrees | null {
    const { order, names, table } = this.#deltas;
    const memory = this.#store.packs?.options.kernel;
    if (!memory || this.#place?.order.length !== order.length || this.#malformed.size > 0) return null;
    return { memory, place: this.#place, table, names: names.length };
  }
}
