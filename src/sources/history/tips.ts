import type { RefHold } from '../../core/finding.ts';
import type { Tip } from './holders.ts';
import type { HistoryState } from './state.ts';

/** Refs named for one place; all are counted. */
const NAMED = 20;

/** Refs that lead to a commit: HEAD and branches first, then remote-tracking ones, tags, and the rest. */
export function tipsOf({ store, reach }: HistoryState): Tip[] {
  const tips = store.refs.flatMap(({ id }, ref) => {
    const position = reach.peel(store.table.findHex(id));
    const commit = position < 0 ? -1 : reach.graph.numberAt(position);
    return commit < 0 ? [] : [{ ref, commit }];
  });
  const grade = ({ ref }: Tip): number => {
    const found = ['HEAD', 'refs/heads/', 'refs/remotes/', 'refs/tags/'].findIndex((start) =>
      (store.refs[ref]?.name ?? '').startsWith(start),
    );
    return found < 0 ? 4 : found;
  };
  return tips.toSorted((a, b) => grade(a) - grade(b));
}

export function refName({ store }: HistoryState, ref: number): string {
  return Buffer.from(store.refs[ref]?.name ?? '', 'latin1').toString('utf8');
}

/** Refs that hold an object themselves, not through a commit. */
export function heldDirectly(
  state: HistoryState,
  isHolder: (position: number) => boolean,
): { readonly heldBy: RefHold[]; readonly heldByCount: number } {
  const { refs, table } = state.store;
  const holders = refs.flatMap(({ id }, ref) => (isHolder(table.findHex(id)) ? [ref] : []));
  return {
    heldBy: holders.slice(0, NAMED).map((ref) => ({ ref: refName(state, ref), inTip: true })),
    heldByCount: holders.length,
  };
}
