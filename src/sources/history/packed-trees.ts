import { ByteSet } from '../../bytes/byte-set.ts';
import type { CoverageLog } from '../../core/coverage.ts';
import { TREE } from '../../git/object/type.ts';
import { KIND_GITLINK, TreeDeltas, TreeWriter } from '../../git/tree-deltas.ts';
import { idPlace, sweepTrees, unreadTrees } from '../../git/tree-sweep.ts';
import { walkedPacks } from '../../git/pack/kernel-walk.ts';
import type { SweptTrees, TreeSweeper } from '../../git/pack/stored-scan.ts';
import type { KnownTrees } from './facts.ts';
import type { Hits } from './hits.ts';
import type { HitTrees } from './hit-trees.ts';
import { hitTreesOf } from './packed-hits.ts';
import type { Reach } from './reach.ts';
import { type HistoryStore, report } from './store.ts';
import type { Trees } from './state.ts';

interface TreesRead {
  readonly objects: number;
  readonly bytes: number;
}

/** Trees read from packs, once and for all: attribution works on what is kept of them. */
export class PackedTrees implements Trees {
  readonly #store: HistoryStore;
  readonly #reach: Reach;
  readonly #coverage: CoverageLog;
  #made: TreeDeltas | null = null;
  #malformed = new Set<number>();
  /** What another thread reads. */
  #swept: Promise<SweptTrees> | null = null;
  readonly #known: KnownTrees | null;
  /** What is known of trees in packs alone, once it is. */
  #packed: { readonly trees: KnownTrees; readonly names: number } | null = null;

  /** @param known - trees that need not be read */
  constructor(store: HistoryStore, reach: Reach, coverage: CoverageLog, known: KnownTrees | null) {
    this.#store = store;
    this.#reach = reach;
    this.#coverage = coverage;
    this.#known = known;
  }

  /** Made when it is asked for: what another thread has read comes with its own. */
  get #deltas(): TreeDeltas {
    const { table } = this.#store;
    return (this.#made ??= this.#known
      ? new TreeDeltas(table, this.#known.names, this.#known.parts)
      : new TreeDeltas(table, new ByteSet()));
  }

  /** Trees in packs, and how many names they have; null where not all of them were read there. */
  get packed(): { readonly trees: KnownTrees; readonly names: number } | null {
    return this.#packed;
  }

  get names(): ByteSet {
    return this.#deltas.names;
  }

  begin(sweeper: TreeSweeper, onProgress: (objects: number) => void, signal: AbortSignal): void {
    const { packs, table } = this.#store;
    if (packs === null) return;
    this.#swept = sweeper(packs, table.share(), onProgress, signal);
    // Whoever waits for it hears of its failure; until then nobody does.
    this.#swept?.catch(() => undefined);
  }

  async *run(signal: AbortSignal): AsyncGenerator<TreesRead, void, undefined> {
    if (this.#swept) this.#take(await this.#swept);
    else if (!this.#known) yield* this.#sweep(signal);
    const left = unreadTrees(this.#deltas);
    this.#notePacked(left);
    yield* this.#readRest(left, signal);
    for (const position of this.#malformed) {
      report(this.#coverage, 'GIT_OBJECT_MALFORMED', `Tree ${this.#store.table.hex(position)} is malformed`);
    }
    this.#skipGitlinks();
    new Following(this.#deltas, this.#reach).run();
  }

  /** @param left - positions of trees that are not read yet */
  #notePacked(left: Uint32Array): void {
    const { packs } = this.#store;
    if (packs === null || this.#malformed.size > 0) return;
    if (left.some((position) => (packs.table.listOf[position] ?? 0) < packs.packs.length)) return;
    const { parts, names } = this.#deltas;
    this.#packed = { trees: { parts, names }, names: names.length };
  }

  #take({ parts, names, malformed }: SweptTrees): void {
    this.#made = new TreeDeltas(this.#store.table, ByteSet.of(names), parts);
    this.#malformed = new Set(malformed);
  }

  async *#sweep(signal: AbortSignal): AsyncGenerator<TreesRead, void, undefined> {
    const { packs } = this.#store;
    const kernel = packs?.options.kernel;
    const ids = packs ? idPlace(packs) : null;
    if (!packs || !kernel || !ids) return;
    const sweep = sweepTrees(walkedPacks(packs), ids, kernel, this.#deltas);
    for (let step = sweep.next(); ; step = sweep.next()) {
      if (step.done === true) {
        this.#malformed = new Set(step.value);
        return;
      }
      yield { objects: step.value, bytes: 0 };
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
  }

  async *#readRest(positions: Uint32Array, signal: AbortSignal): AsyncGenerator<TreesRead, void, undefined> {
    const { reader, table } = this.#store;
    const writer = new TreeWriter(this.#deltas);
    for await (const items of reader.read(positions, signal)) {
      let bytes = 0;
      for (const item of items) {
        const position = positions[item.at] ?? 0;
        if (item.kind === 'object' && item.content instanceof Uint8Array) {
          bytes += item.size;
          if (!writer.readWhole(position, item.content, 0, item.content.length)) this.#malformed.add(position);
        } else report(this.#coverage, 'GIT_OBJECT_CORRUPT', `Tree ${table.hex(position)} cannot be read`);
      }
      yield { objects: items.length, bytes };
    }
  }

  #skipGitlinks(): void {
    const { entries } = this.#deltas;
    const told = new Set<number>();
    for (let edge = 0; edge < entries.length; edge++) {
      const entry = entries.at(edge);
      if ((entry & 3) === KIND_GITLINK) told.add(entry);
    }
    const names = [...told].map((entry) => this.names.get(entry >> 2)?.toString('utf8') ?? '');
    // In an order that does not depend on that of reading.
    for (const name of names.toSorted()) this.#coverage.skip('gitlink', name);
  }

  hitTrees(hits: Hits): Promise<HitTrees> {
    return Promise.resolve(hitTreesOf(this.#deltas, hits, this.#malformed));
  }
}

/** Marks what reached trees lead to. */
class Following {
  readonly #deltas: TreeDeltas;
  readonly #reach: Reach;
  /** Reached trees whose entries were not followed yet. */
  readonly #pending: number[] = [];

  constructor(deltas: TreeDeltas, reach: Reach) {
    this.#deltas = deltas;
    this.#reach = reach;
  }

  run(): void {
    const { order } = this.#deltas;
    for (let i = 0; i < order.length; i++) if (this.#reach.isReached(order.at(i))) this.#pending.push(order.at(i));
    this.#drain();
    // What a tree has from its base was followed there, unless nothing leads to the base.
    const expanded = new Set<number>();
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (let i = 0; i < order.length; i++) {
        const tree = order.at(i);
        const base = this.#deltas.bases[tree] ?? -1;
        if (base < 0 || this.#reach.isReached(base) || !this.#reach.isReached(tree) || expanded.has(tree)) continue;
        expanded.add(tree);
        for (const edge of this.#deltas.edgesOf(tree)) this.#follow(edge);
        this.#drain();
        isDone = false;
      }
    }
  }

  #drain(): void {
    const follow = (edge: number): void => this.#follow(edge);
    for (let tree = this.#pending.pop(); tree !== undefined; tree = this.#pending.pop()) {
      this.#deltas.eachOwn(tree, follow);
    }
  }

  #follow(edge: number): void {
    const { targets, table, absent } = this.#deltas;
    const target = targets.at(edge);
    if (target < -1) this.#reach.absent.add(Buffer.from(absent.hex(~(target + 1)), 'hex'), 0);
    if (target < 0 || this.#reach.isReached(target)) return;
    this.#reach.mark(target);
    if (table.type(target) === TREE) this.#pending.push(target);
  }
}
