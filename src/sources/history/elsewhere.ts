import type { Place } from '../../core/finding.ts';
import type { TreePlaces } from './introduced.ts';
import { NOWHERE, type Placed, eachFingerprint } from './placed.ts';
import { heldDirectly } from './tips.ts';
import type { Changes } from './walk.ts';

/** Hits that are in no commit: staged and dropped, tagged, or left over. */
export function placesElsewhere(context: TreePlaces, changes: Changes): Placed[] {
  const { hits } = context;
  const inCommits = new Set(changes.versions.map(({ hit }) => hit));
  const names = [...hits.names.values()].map((hit) => ({ hit, position: -1 }));
  return [...hits.blobs, ...names]
    .filter(({ hit }) => !inCommits.has(hit))
    .flatMap(({ hit, position }) =>
      loosePlaces(context, hit, position).flatMap((place) => eachFingerprint(hits, hit, -1, place)),
    );
}

/** @param position - of a blob; -1 for the name of an entry */
function loosePlaces({ state, carriers }: TreePlaces, hit: number, position: number): Place[] {
  const { store, reach, trees } = state;
  const id = position < 0 ? null : store.table.hex(position);
  const base: Place = { ...NOWHERE, kind: position < 0 ? 'path' : 'blob', blob: id };
  const staged = [...new Set(store.index.filter((entry) => entry.id === id).map((entry) => entry.path))];
  if (staged.length > 0) {
    return staged.map((path) => ({ ...base, path: Buffer.from(path, 'latin1').toString('utf8'), reach: 'index' }));
  }
  const names = carriers.somePath(hit, store.table);
  const path = names?.map((name) => trees.names.get(name)?.toString('utf8') ?? '').join('/') ?? null;
  const held = heldDirectly(state, (from) => position >= 0 && reach.peel(from) === position);
  const isReached = held.heldByCount > 0 || (position >= 0 && reach.isReached(position));
  return [{ ...base, ...held, path, reach: isReached ? 'ref' : 'none' }];
}
