import type { ByteSet } from '../../bytes/byte-set.ts';
import type { CoverageLog } from '../../core/coverage.ts';
import { TREE } from '../../git/object/type.ts';
import { TreeDeltas, TreeWriter } from '../../git/tree-deltas.ts';
import { type KnownHistory, isAnyFound, settleParts } from './facts.ts';
import { Following, absentReached } from './following.ts';
import type { HitTrees } from './hit-trees.ts';
import type { Hits } from './hits.ts';
import { type KnownPart, type Marks, isOfHits, takeHits } from './marks.ts';
import { addHitTrees, hitTreesOf } from './packed-hits.ts';
import type { Reach } from './reach.ts';
import type { Trees } from './state.ts';
import type { HistoryStore, KnownStore } from './store.ts';
import { type TreesRead, gitlinksOf, readTrees, tellTrees } from './tree-reading.ts';

/**
 * Trees of which an earlier audit has read most. Only those that are new are
 * looked at, unless refs or hits ask for more than is marked: then what is kept of all the others is taken up.
 */
export class KnownTrees implements Trees {
  readonly names: ByteSet;
  /** Marks hold no more, or there were none. */
  hasLearned = false;
  readonly #store: HistoryStore;
  readonly #known: KnownStore;
  readonly #history: KnownHistory;
  readonly #reach: Reach;
  readonly #coverage: CoverageLog;
  readonly #marks: Marks | null;
  /** New trees, all as wholes. */
  readonly #fresh: TreeDeltas;
  readonly #malformed = new Set<number>();
  /** All trees. */
  #all: TreeDeltas | null = null;

  constructor(store: HistoryStore, known: KnownStore, reach: Reach, coverage: CoverageLog, marks: Marks | null) {
    this.#store = store;
    this.#known = known;
    this.#history = known.history;
    this.#reach = reach;
    this.#coverage = coverage;
    // What was absent and is here now leads on.
    this.#marks = isAnyFound(known.history.absent, store.table) ? null : marks;
    this.names = known.names;
    this.#fresh = new TreeDeltas(store.table, this.names);
  }

  async *run(signal: AbortSignal): AsyncGenerator<TreesRead, void, undefined> {
    const { table } = this.#store;
    const positions = this.#known.repository.added.filter((position) => table.type(position) === TREE);
    yield* readTrees(this.#store, this.#fresh, positions, this.#coverage, this.#malformed, signal);
    const gitlinks = new Set([...this.#history.gitlinks, ...gitlinksOf(this.#fresh)]);
    tellTrees(this.#store, this.names, gitlinks, this.#malformed, this.#coverage);
    if (this.#marks !== null && this.#follow(this.#marks)) return;
    this.hasLearned = true;
    new Following(yield* this.#takeUp(signal), this.#reach).run();
  }

  /** Follows new trees alone. @returns false where known ones must be followed too */
  #follow({ starts, reached, absent }: Marks): boolean {
    const reach = this.#reach;
    const { table } = this.#store;
    const isLeft = (tree: number): boolean =>
      table.type(tree) === TREE && this.#known.repository.known.has(tree) && reached[tree] !== 1;
    if (!reach.haveReached(starts) || reach.hasReached(reached.length, isLeft)) return false;
    reach.adopt(reached);
    for (const number of absent) reach.absent.add(this.#history.absent, number * table.idBytes);
    const { order, targets } = this.#fresh;
    const pending: number[] = [];
    for (let i = 0; i < order.length; i++) if (reach.isReached(order.at(i))) pending.push(order.at(i));
    let isDone = true;
    for (let tree = pending.pop(); tree !== undefined; tree = pending.pop()) {
      this.#fresh.eachOwn(tree, (edge) => {
        const target = targets.at(edge);
        if (target < -1) reach.absent.add(Buffer.from(this.#fresh.absent.hex(~(target + 1)), 'hex'), 0);
        if (target < 0 || reach.isReached(target)) return;
        reach.mark(target);
        if (isLeft(target)) isDone = false;
        else if (table.type(target) === TREE) pending.push(target);
      });
    }
    return isDone;
  }

  /** All trees, known and new. If what is kept of the known ones cannot be read, they are. */
  async *#takeUp(signal: AbortSignal): AsyncGenerator<TreesRead, TreeDeltas, undefined> {
    if (this.#all) return this.#all;
    const { table } = this.#store;
    const parts = this.#history.parts();
    const all = parts
      ? new TreeDeltas(table, this.names, settleParts(parts, table))
      : new TreeDeltas(table, this.names);
    if (parts === null) {
      const { known } = this.#known.repository;
      const positions = table.ofType(TREE).filter((position) => known.has(position));
      yield* readTrees(this.#store, all, positions, this.#coverage, this.#malformed, signal);
    }
    appendTrees(all, this.#fresh);
    this.#all = all;
    return all;
  }

  async hitTrees(hits: Hits, signal: AbortSignal): Promise<HitTrees> {
    const kept = this.#all === null ? (this.#marks?.hits ?? null) : null;
    if (kept !== null && isOfHits(kept, this.part, hits))
      return addHitTrees(takeHits(kept, hits, this.#store.table.length), this.#fresh, hits, this.#malformed);
    this.hasLearned = true;
    return hitTreesOf(await drained(this.#takeUp(signal)), hits, this.#malformed);
  }

  /** What facts are about. */
  get part(): KnownPart {
    const { objects, cleanNames } = this.#history;
    const { known } = this.#known.repository;
    return {
      positions: objects.types.length,
      names: cleanNames.length,
      isKnown: (position) => known.has(position),
    };
  }

  /** Numbers of the absent ids that reached ones of the known trees name. */
  absentReached(): Int32Array {
    if (this.#all === null) return this.#marks?.absent ?? new Int32Array(0);
    return absentReached(this.#all, this.#all.order.length - this.#fresh.order.length, this.#reach);
  }
}

async function drained(steps: AsyncGenerator<TreesRead, TreeDeltas, undefined>): Promise<TreeDeltas> {
  for (;;) {
    const step = await steps.next();
    if (step.done === true) return step.value;
  }
}

/** Adds trees that are all wholes. */
function appendTrees(all: TreeDeltas, added: TreeDeltas): void {
  const writer = new TreeWriter(all);
  for (let i = 0; i < added.order.length; i++) {
    const tree = added.order.at(i);
    writer.begin(tree, -1);
    added.eachOwn(tree, (edge) => {
      const target = added.targets.at(edge);
      const id = target < -1 ? Buffer.from(added.absent.hex(~(target + 1)), 'hex') : null;
      writer.add(id ? ~all.absent.add(id, 0) - 1 : target, added.entries.at(edge));
    });
    writer.finish();
  }
}
