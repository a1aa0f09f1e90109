import { ByteSet } from '../../bytes/byte-set.ts';
import type { CoverageLog } from '../../core/coverage.ts';
import type { EntryCursor } from '../../git/object/tree.ts';
import { TREE } from '../../git/object/type.ts';
import { TreeSieve } from '../../git/tree-sieve.ts';
import { type HitTrees, findHitTrees } from './hit-trees.ts';
import type { Hits } from './hits.ts';
import type { Reach } from './reach.ts';
import type { Trees } from './state.ts';
import { type HistoryStore, report } from './store.ts';

/** Grades for the sieve: a tree that was followed vouches for one that is only looked at, not the other way round. */
const LOOKED_AT = 0;
const FOLLOWED = 1;

/**
 * Reads every tree once: collects the names of entries, follows what is
 * reached, and notes ids that are not in the store.
 */
export class TreePass implements Trees {
  readonly names = new ByteSet();
  readonly #store: HistoryStore;
  readonly #reach: Reach;
  readonly #coverage: CoverageLog;
  readonly #sieve: TreeSieve;
  readonly #gitlinks = new ByteSet();
  readonly #reachedOnly: boolean;
  #follows = false;

  /** @param reachedOnly - leave trees alone that nothing leads to */
  constructor(store: HistoryStore, reach: Reach, coverage: CoverageLog, reachedOnly: boolean) {
    this.#reachedOnly = reachedOnly;
    this.#store = store;
    this.#reach = reach;
    this.#coverage = coverage;
    this.#sieve = new TreeSieve(store.table.idBytes);
  }

  async *run(signal: AbortSignal): AsyncGenerator<{ objects: number; bytes: number }, void, undefined> {
    let positions = this.#store.table.ofType(TREE);
    while (positions.length > 0) {
      for await (const items of this.#store.reader.read(positions, signal)) {
        let bytes = 0;
        for (const item of items) {
          const position = positions[item.at] ?? 0;
          if (item.kind === 'object') bytes += item.size;
          if (item.kind === 'object' && item.content instanceof Uint8Array) {
            this.#read(position, item.content);
          } else {
            report(this.#coverage, 'GIT_OBJECT_CORRUPT', `Tree ${this.#store.table.hex(position)} cannot be read`);
          }
        }
        yield { objects: items.length, bytes };
      }
      positions = this.#reach.takeLate();
    }
  }

  hitTrees(hits: Hits, signal: AbortSignal): Promise<HitTrees> {
    return findHitTrees(this.#store, this.names, hits, signal);
  }

  #read(position: number, content: Uint8Array): void {
    this.#follows = this.#reach.isReached(position);
    this.#reach.visit(position);
    if (this.#reachedOnly && !this.#follows) return;
    const notes = this.#sieve.read(content, this.#follows ? FOLLOWED : LOOKED_AT, this.#visit);
    if (notes === null) {
      report(this.#coverage, 'GIT_OBJECT_MALFORMED', `Tree ${this.#store.table.hex(position)} is malformed`);
    }
  }

  readonly #visit = (bytes: Buffer, entry: EntryCursor): void => {
    this.names.add(bytes, entry.nameStart, entry.nameEnd);
    if (entry.isGitlink) {
      this.#skipGitlink(bytes, entry);
      return;
    }
    const child = this.#store.table.find(bytes, entry.idStart);
    if (!this.#follows) return;
    if (child >= 0) this.#reach.mark(child);
    else this.#reach.absent.add(bytes, entry.idStart);
  };

  #skipGitlink(bytes: Buffer, entry: EntryCursor): void {
    const known = this.#gitlinks.length;
    if (this.#gitlinks.add(bytes, entry.nameStart, entry.nameEnd) < known) return;
    this.#coverage.skip('gitlink', bytes.toString('utf8', entry.nameStart, entry.nameEnd));
  }
}
