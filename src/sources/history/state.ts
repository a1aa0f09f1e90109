import type { Reach } from './reach.ts';
import type { HistoryStore } from './store.ts';
import type { TreePass } from './tree-pass.ts';

/** What one run of a history source knows once it has begun. */
export interface HistoryState {
  readonly store: HistoryStore;
  readonly reach: Reach;
  readonly trees: TreePass;
  readonly reachableOnly: boolean;
}
