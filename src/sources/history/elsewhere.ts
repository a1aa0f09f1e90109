import type { Place } from '../../core/finding.ts';
import { Carriers } from './carriers.ts';
import type { HitTrees } from './hit-trees.ts';
import type { TreePlaces } from './introduced.ts';
import { NOWHERE, type Placed, eachFingerprint } from './placed.ts';
import { heldDirectly } from './tips.ts';
import type { Changes } from './walk.ts';

/** Hits that are in no commit: staged and dropped, tagged, or left over. */
export function placesElsewhere(context: TreePlaces, trees: HitTrees, changes: Changes): Placed[] {
  const { hits } = context;
  const inCommits = new Set(changes.versions.map(({ hit }) => hit));
  const names = [...hits.names.values()].map((hit) => ({ hit, position: -1 }));
  const left = [...hits.blobs, ...names].filter(({ hit }) => !inCommits.has(hit));
  if (left.length === 0) return [];
  const carriers = new Carriers(trees, hits);
  const staged = stagedPaths(context);
  return left.flatMap(({ hit, position }) =>
    loosePlaces(context, carriers, staged, hit, position).flatMap((place) => eachFingerprint(hits, hit, -1, place)),
  );
}

/** By id: where the index has it. */
function stagedPaths({ state }: TreePlaces): ReadonlyMap<string, ReadonlySet<string>> {
  const staged = new Map<string, Set<string>>();
  for (const { id, path } of state.store.index) {
    const paths = staged.get(id) ?? new Set();
    paths.add(path);
    staged.set(id, paths);
  }
  return staged;
}

/** @param position - of a blob; -1 for the name of an entry */
function loosePlaces(
  { state }: TreePlaces,
  carriers: Carriers,
  staged: ReadonlyMap<string, ReadonlySet<string>>,
  hit: number,
  position: number,
): Place[] {
  const { store, reach, trees } = state;
  const id = position < 0 ? null : store.table.hex(position);
  const base: Place = { ...NOWHERE, kind: position < 0 ? 'path' : 'blob', blob: id };
  const paths = [...(staged.get(id ?? '') ?? [])];
  if (paths.length > 0) {
    return paths.map((path) => ({ ...base, path: Buffer.from(path, 'latin1').toString('utf8'), reach: 'index' }));
  }
  const names = carriers.somePath(hit, store.table);
  const path = names?.map((name) => trees.names.get(name)?.toString('utf8') ?? '').join('/') ?? null;
  const held = heldDirectly(state, (from) => position >= 0 && reach.peel(from) === position);
  const isReached = held.heldByCount > 0 || (position >= 0 && reach.isReached(position));
  return [{ ...base, ...held, path, reach: isReached ? 'ref' : 'none' }];
}
