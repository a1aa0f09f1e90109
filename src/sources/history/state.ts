import type { ByteSet } from '../../bytes/byte-set.ts';
import type { TreeSweeper } from '../../git/pack/stored-scan.ts';
import type { CommitPlaces } from './commit-places.ts';
import type { HitTrees } from './hit-trees.ts';
import type { Hits } from './hits.ts';
import type { Reach } from './reach.ts';
import type { HistoryStore } from './store.ts';

/** The trees of a history. */
export interface Trees {
  /** Of all entries, as far as they were read. */
  readonly names: ByteSet;
  /** Has another thread read the trees in packs, from now on. */
  begin?(sweeper: TreeSweeper, onProgress: (objects: number) => void, signal: AbortSignal): void;
  /** Reads all trees and follows what is reached. Yields after each piece of work, so that new names can be taken. */
  run(signal: AbortSignal): AsyncIterable<{ readonly objects: number; readonly bytes: number }>;
  /** Those that hold a hit. Asked after `run`. */
  hitTrees(hits: Hits, signal: AbortSignal): Promise<HitTrees>;
}

/** What one run of a history source knows once it has begun. */
export interface HistoryState {
  readonly store: HistoryStore;
  readonly reach: Reach;
  readonly trees: Trees;
  readonly reachableOnly: boolean;
  /** The order of the graph's first commits, where it is known. */
  readonly knownOrder?: Int32Array;
  /** Made while others are still at work, for attribution. */
  places?: CommitPlaces;
  /** What was asked about, if anything was found. */
  found?: { readonly hits: Hits; readonly trees: HitTrees };
}
