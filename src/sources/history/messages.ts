import type { Place } from '../../core/finding.ts';
import { parseTag } from '../../git/object/tag.ts';
import { TAG } from '../../git/object/type.ts';
import type { CommitPlaces } from './commit-places.ts';
import type { Hits } from './hits.ts';
import { NOWHERE, type Placed, eachFingerprint } from './placed.ts';
import type { HistoryState } from './state.ts';
import { heldDirectly, refName } from './tips.ts';

/** Hits in the messages of commits. */
export function commitMessages({ reach }: HistoryState, hits: Hits, commits: CommitPlaces): Placed[] {
  return hits.commits.flatMap(({ hit, position }) => {
    const commit = reach.graph.numberAt(position);
    return eachFingerprint(hits, hit, commit, {
      ...commits.placeIn(commit),
      kind: 'commit-message',
      blob: hits.ids[hit] ?? null,
      heldBy: commits.heldBy(commit, (tip) => tip === commit),
    });
  });
}

/** Hits in the messages of annotated tags; the commit is the tagged one. */
export async function tagMessages(
  state: HistoryState,
  hits: Hits,
  commits: CommitPlaces,
  signal: AbortSignal,
): Promise<Placed[]> {
  const positions = Uint32Array.from(hits.tags.map(({ position }) => position));
  const placed: Placed[] = [];
  for await (const items of state.store.reader.read(positions, signal)) {
    for (const item of items) {
      const tag = hits.tags[item.at];
      if (tag === undefined || item.kind !== 'object' || !(item.content instanceof Uint8Array)) continue;
      const commit = state.reach.graph.numberAt(state.reach.peel(tag.position));
      const place = tagPlace(state, tag.position, item.content, commit < 0 ? null : commits.idOf(commit));
      placed.push(...eachFingerprint(hits, tag.hit, commit, place));
    }
  }
  return placed;
}

function tagPlace(state: HistoryState, position: number, content: Uint8Array, commit: string | null): Place {
  const { tagger } = parseTag(content);
  const held = heldDirectly(state, (from) => leadsTo(state, from, position));
  return {
    ...NOWHERE,
    ...held,
    kind: 'tag-message',
    commit,
    author: tagger.name,
    email: tagger.email,
    authorDate: tagger.date,
    blob: state.store.table.hex(position),
    reach: held.heldByCount > 0 ? 'ref' : 'none',
  };
}

/** Through tags alone. */
function leadsTo({ store, reach }: HistoryState, from: number, position: number): boolean {
  for (let at = from; at >= 0; at = reach.tagged.get(at) ?? -1) {
    if (at === position) return true;
    if (store.table.type(at) !== TAG) return false;
  }
  return false;
}

/** Hits in the names of refs; the commit is the one it points at. */
export function refNames(state: HistoryState, hits: Hits, commits: CommitPlaces): Placed[] {
  const { store, reach } = state;
  return hits.refs.flatMap(({ hit, ref }) => {
    const position = reach.peel(store.table.findHex(store.refs[ref]?.id ?? ''));
    const commit = position < 0 ? -1 : reach.graph.numberAt(position);
    const name = refName(state, ref);
    return eachFingerprint(hits, hit, -1, {
      ...NOWHERE,
      kind: 'path',
      path: name,
      commit: commit < 0 ? null : commits.idOf(commit),
      reach: 'ref',
      heldBy: [{ ref: name, inTip: true }],
      heldByCount: 1,
    });
  });
}
