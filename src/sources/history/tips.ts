import type { RefHold } from '../../core/finding.ts';
import type { Tip } from './holders.ts';
import type { HistoryState } from './state.ts';

const STARTS = ['HEAD', 'refs/heads/', 'refs/remotes/', 'refs/tags/'];
/** Refs named for one place; all are counted. */
const NAMED = 20;

/** Refs that lead to a commit: HEAD and branches first, then remote-tracking ones, tags, and the rest. */
export function tipsOf(state: HistoryState): Tip[] {
  // The last one is of all others.
  const grades: Tip[][] = [...STARTS.map(() => []), []];
  const { refs } = state.store;
  for (let ref = 0; ref < refs.length; ref++) {
    const commit = tipOf(state, ref);
    if (commit >= 0) grades.at(gradeOf(refs[ref]?.name ?? ''))?.push({ ref, commit });
  }
  return grades.flat();
}

function gradeOf(name: string): number {
  return STARTS.findIndex((start) => name.startsWith(start));
}

/** The commit that a ref leads to, or −1. */
export function tipOf({ reach }: HistoryState, ref: number): number {
  const position = reach.peel(reach.refPositions[ref] ?? -1);
  return position < 0 ? -1 : reach.graph.numberAt(position);
}

export function refName({ store }: HistoryState, ref: number): string {
  return Buffer.from(store.refs[ref]?.name ?? '', 'latin1').toString('utf8');
}

/** Refs that hold an object themselves, not through a commit. */
export function heldDirectly(
  state: HistoryState,
  isHolder: (position: number) => boolean,
): { readonly heldBy: RefHold[]; readonly heldByCount: number } {
  const holders = [...state.reach.refPositions.entries()].flatMap(([ref, position]) =>
    isHolder(position) ? [ref] : [],
  );
  return {
    heldBy: holders.slice(0, NAMED).map((ref) => ({ ref: refName(state, ref), inTip: true })),
    heldByCount: holders.length,
  };
}
