import type { CoverageLog } from '../../core/coverage.ts';
import type { Place, RefHold } from '../../core/finding.ts';
import type { AttributedPlace, Attribution, Holdings } from '../../core/source.ts';
import { type Commit, parseCommit } from '../../git/object/commit.ts';
import { parseTag } from '../../git/object/tag.ts';
import { COMMIT, TAG } from '../../git/object/type.ts';
import { Carriers } from './carriers.ts';
import { HIT_TREE, type HitTrees, findHitTrees } from './hit-trees.ts';
import { Hits } from './hits.ts';
import { type Holders, type Tip, findHolders } from './holders.ts';
import { ENTRY_NAME } from './names.ts';
import { type Lineage, traceLineages } from './lineage.ts';
import { Paths } from './paths.ts';
import type { HistoryState } from './state.ts';
import { report } from './store.ts';
import { type Changes, CommitWalk } from './walk.ts';

const NOTHING: Attribution = { places: [], firstSeen: new Map(), exposure: new Map() };

/** Where and since when the held fingerprints are in a history: one place for each introduction. */
export async function attributeHistory(
  state: HistoryState | null,
  coverage: CoverageLog,
  holdings: Holdings,
  signal: AbortSignal,
): Promise<Attribution> {
  if (state === null || holdings.size === 0) return NOTHING;
  const hits = new Hits(state, holdings);
  const trees = await findHitTrees(state, hits, signal);
  const placing = new Placing(state, hits, trees, coverage);
  return placing.run(signal);
}

/** A place, and the commit that decides how old it is; -1 for none. */
interface Placed {
  readonly hit: number;
  readonly fingerprint: number;
  readonly commit: number;
  readonly place: Place;
}

class Placing {
  readonly #state: HistoryState;
  readonly #hits: Hits;
  readonly #trees: HitTrees;
  readonly #coverage: CoverageLog;
  readonly #paths: Paths;
  readonly #carriers: Carriers;
  /** Commits, parents first, and by commit where it stands there. */
  readonly #order: Int32Array;
  readonly #rank: Int32Array;
  readonly #tips: readonly Tip[];
  readonly #fromRefs: Uint8Array;
  readonly #fromReflogs: Uint8Array;
  readonly #fromRemotes: Uint8Array;
  #commits: ReadonlyMap<number, Commit> = new Map();
  #holders: ReadonlyMap<number, Holders> = new Map();

  constructor(state: HistoryState, hits: Hits, trees: HitTrees, coverage: CoverageLog) {
    const { graph } = state.reach;
    this.#state = state;
    this.#hits = hits;
    this.#trees = trees;
    this.#coverage = coverage;
    this.#paths = new Paths(state.trees.names);
    this.#carriers = new Carriers(trees, hits);
    this.#order = graph.dateOrder();
    this.#rank = new Int32Array(graph.length);
    for (let i = 0; i < this.#order.length; i++) this.#rank[this.#order[i] ?? 0] = i;
    this.#tips = tipsOf(state);
    this.#fromRefs = this.#flood(this.#tips.map(({ commit }) => commit));
    this.#fromReflogs = this.#flood(state.store.reflogIds.map((id) => graph.numberAt(state.store.table.findHex(id))));
    this.#fromRemotes = this.#flood(this.#tips.filter(({ ref }) => this.#isRemote(ref)).map(({ commit }) => commit));
  }

  #flood(from: readonly number[]): Uint8Array {
    const { graph } = this.#state.reach;
    const marks = new Uint8Array(graph.length);
    graph.flood(from, marks);
    return marks;
  }

  #isRemote(ref: number): boolean {
    return this.#state.store.refs[ref]?.name.startsWith('refs/remotes/') ?? false;
  }

  async run(signal: AbortSignal): Promise<Attribution> {
    const { graph } = this.#state.reach;
    const commits = this.#state.reachableOnly
      ? this.#order.filter((commit) => this.#state.reach.isReached(graph.position(commit)))
      : this.#order;
    const changes = new CommitWalk(graph, this.#trees, this.#hits, this.#paths).run(commits);
    if (!changes.complete) {
      report(this.#coverage, 'GIT_ATTRIBUTION_LIMIT', 'Trees expand to too many paths: not every place is listed');
    }
    const lineages = traceLineages(
      graph,
      this.#order,
      changes,
      (hit) => this.#hits.sets[hit] ?? [],
      (commit, path, fingerprint) => this.#holdsAt(commit, path, fingerprint),
    );
    await this.#lookUp(lineages, signal);
    const placed = [
      ...this.#introduced(lineages),
      ...this.#messages(),
      ...(await this.#tagMessages(signal)),
      ...this.#refNames(),
      ...this.#elsewhere(changes),
    ];
    return this.#attribution(placed);
  }

  /** Reads the commits that will be named, and finds the refs that hold them. */
  async #lookUp(lineages: readonly Lineage[], signal: AbortSignal): Promise<void> {
    const { graph } = this.#state.reach;
    const { store } = this.#state;
    const messages = this.#hits.commits.map(({ position }) => graph.numberAt(position));
    const tagged = this.#hits.tags.map(({ position }) => graph.numberAt(this.#state.reach.peel(position)));
    const asked = [...new Set([...lineages.map((one) => one.introduction.commit), ...messages, ...tagged])].filter(
      (commit) => commit >= 0,
    );
    const commits = new Map<number, Commit>();
    const positions = Uint32Array.from(asked.map((commit) => graph.position(commit))).sort();
    for await (const items of store.reader.read(positions, signal)) {
      for (const item of items) {
        if (item.kind !== 'object' || !(item.content instanceof Uint8Array)) continue;
        commits.set(graph.numberAt(positions[item.at] ?? 0), parseCommit(item.content));
      }
    }
    this.#commits = commits;
    this.#holders = findHolders(graph, this.#order, this.#tips, asked);
  }

  /** Goes down one path, for the few merges where it cannot be told otherwise. */
  #holdsAt(commit: number, path: number, fingerprint: number): boolean {
    const names = this.#paths.nameNumbers(path);
    const { numbers } = this.#trees;
    let tree = (numbers[Math.max(this.#state.reach.graph.tree(commit), 0)] ?? 0) - 1;
    const last = names.pop() ?? -1;
    for (const name of names) if (tree >= 0) tree = this.#targets(tree, name, true)[0] ?? -1;
    return tree >= 0 && this.#targets(tree, last, false).some((hit) => this.#hits.holds(hit, fingerprint));
  }

  /** What a tree's entries of this name lead to: the tree, or the hits. */
  #targets(tree: number, name: number, isTree: boolean): number[] {
    const { starts, keys, targets } = this.#trees;
    const found: number[] = [];
    for (let i = starts[tree] ?? 0; i < (starts[tree + 1] ?? 0); i++) {
      const key = keys[i] ?? 0;
      if (Math.floor(key / 4) === name && (key % 4 === HIT_TREE) === isTree) found.push(targets[i] ?? -1);
    }
    return found;
  }

  #introduced(lineages: readonly Lineage[]): Placed[] {
    const byFingerprint = lineages.toSorted((a, b) => a.introduction.fingerprint - b.introduction.fingerprint);
    return byFingerprint.map(({ introduction, removedIn, blobs }) => {
      const { commit, path, hit, fingerprint, atBoundary } = introduction;
      this.#carriers.choose(fingerprint);
      const place: Place = {
        ...this.#placeOf(commit),
        ...this.#described(hit, path, commit),
        heldBy: this.#heldBy(commit),
        moved: this.#isMoved(commit),
        removedIn: removedIn.map((one) => this.#idOf(one)),
        blobs,
        ...(atBoundary ? { atBoundary } : {}),
      };
      return { hit, fingerprint, commit, place };
    });
  }

  /** A note is filed under the id it annotates, cut into folders. */
  #described(hit: number, path: number, commit: number): Pick<Place, 'kind' | 'path' | 'blob'> {
    const id = this.#hits.ids[hit] ?? '';
    const text = this.#paths.text(path);
    if (id.startsWith(ENTRY_NAME)) return { kind: 'path', path: text, blob: null };
    const annotated = text.replaceAll('/', '');
    if (annotated.length === this.#state.store.table.idLength && /^[0-9a-f]+$/.test(annotated)) {
      const { refs = [], count = 0 } = this.#holders.get(commit) ?? {};
      const isNotes = (ref: number) => this.#state.store.refs[ref]?.name.startsWith('refs/notes/') ?? false;
      if (count > 0 && refs.every(isNotes)) return { kind: 'note', path: annotated, blob: id };
    }
    return { kind: 'blob', path: text, blob: id };
  }

  #isMoved(commit: number): boolean {
    const { graph } = this.#state.reach;
    return graph.parents(commit).some((parent) => parent >= 0 && this.#carriers.isIn(graph.tree(parent)));
  }

  /** What a commit alone decides of a place. */
  #placeOf(commit: number): Place {
    const known = this.#commits.get(commit);
    return {
      ...NOWHERE,
      commit: commit < 0 ? null : this.#idOf(commit),
      author: known?.author.name ?? null,
      email: known?.author.email ?? null,
      authorDate: known?.author.date ?? null,
      commitDate: known?.committer.date ?? null,
      reach: this.#reachOf(commit),
      heldByCount: this.#holders.get(commit)?.count ?? 0,
    };
  }

  #reachOf(commit: number): Place['reach'] {
    if (this.#fromRefs[commit] === 1) return 'ref';
    return this.#fromReflogs[commit] === 1 ? 'reflog' : 'none';
  }

  #idOf(commit: number): string {
    return this.#state.store.table.hex(this.#state.reach.graph.position(commit));
  }

  /** For the fingerprint that was chosen last. */
  #heldBy(commit: number): RefHold[] {
    const { graph } = this.#state.reach;
    return (this.#holders.get(commit)?.refs ?? []).map((ref) => {
      const tip = this.#tips.find((one) => one.ref === ref);
      const inTip = tip !== undefined && this.#carriers.isIn(graph.tree(tip.commit));
      return { ref: this.#refName(ref), inTip };
    });
  }

  #refName(ref: number): string {
    return Buffer.from(this.#state.store.refs[ref]?.name ?? '', 'latin1').toString('utf8');
  }

  #messages(): Placed[] {
    return this.#hits.commits.flatMap(({ hit, position }) => {
      const commit = this.#state.reach.graph.numberAt(position);
      const heldBy = (this.#holders.get(commit)?.refs ?? []).map((ref) => ({
        ref: this.#refName(ref),
        inTip: this.#tips.some((tip) => tip.ref === ref && tip.commit === commit),
      }));
      const place: Place = {
        ...this.#placeOf(commit),
        kind: 'commit-message',
        blob: this.#hits.ids[hit] ?? null,
        heldBy,
      };
      return this.#eachFingerprint(hit, commit, place);
    });
  }

  async #tagMessages(signal: AbortSignal): Promise<Placed[]> {
    const { store, reach } = this.#state;
    const positions = Uint32Array.from(this.#hits.tags.map(({ position }) => position));
    const placed: Placed[] = [];
    for await (const items of store.reader.read(positions, signal)) {
      for (const item of items) {
        const tag = this.#hits.tags[item.at];
        if (tag === undefined || item.kind !== 'object' || !(item.content instanceof Uint8Array)) continue;
        const { tagger } = parseTag(item.content);
        const commit = reach.graph.numberAt(reach.peel(tag.position));
        const refs = store.refs.filter(({ id }) => this.#leadsTo(store.table.findHex(id), tag.position));
        const place: Place = {
          ...NOWHERE,
          kind: 'tag-message',
          commit: commit < 0 ? null : this.#idOf(commit),
          author: tagger.name,
          email: tagger.email,
          authorDate: tagger.date,
          blob: this.#hits.ids[tag.hit] ?? null,
          reach: refs.length > 0 ? 'ref' : 'none',
          heldBy: refs
            .slice(0, 20)
            .map(({ name }) => ({ ref: Buffer.from(name, 'latin1').toString('utf8'), inTip: true })),
          heldByCount: refs.length,
        };
        placed.push(...this.#eachFingerprint(tag.hit, commit, place));
      }
    }
    return placed;
  }

  /** Through tags alone. */
  #leadsTo(from: number, position: number): boolean {
    for (let at = from; at >= 0; at = this.#state.reach.tagged.get(at) ?? -1) {
      if (at === position) return true;
      if (this.#state.store.table.type(at) !== TAG) return false;
    }
    return false;
  }

  #refNames(): Placed[] {
    const { store, reach } = this.#state;
    return this.#hits.refs.flatMap(({ hit, ref }) => {
      const position = reach.peel(store.table.findHex(store.refs[ref]?.id ?? ''));
      const commit = position >= 0 && store.table.type(position) === COMMIT ? reach.graph.numberAt(position) : -1;
      const place: Place = {
        ...NOWHERE,
        kind: 'path',
        path: this.#refName(ref),
        commit: commit < 0 ? null : this.#idOf(commit),
        reach: 'ref',
        heldBy: [{ ref: this.#refName(ref), inTip: true }],
        heldByCount: 1,
      };
      return this.#eachFingerprint(hit, -1, place);
    });
  }

  /** Hits that are in no commit: staged and dropped, tagged, or left over. */
  #elsewhere(changes: Changes): Placed[] {
    const inCommits = new Set(changes.versions.map(({ hit }) => hit));
    const names = [...this.#hits.names.values()].map((hit) => ({ hit, position: -1 }));
    return [...this.#hits.blobs, ...names]
      .filter(({ hit }) => !inCommits.has(hit))
      .flatMap(({ hit, position }) =>
        this.#loosePlaces(hit, position).flatMap((place) => this.#eachFingerprint(hit, -1, place)),
      );
  }

  #loosePlaces(hit: number, position: number): Place[] {
    const { store, reach, trees } = this.#state;
    const id = position < 0 ? null : store.table.hex(position);
    const base: Place = { ...NOWHERE, kind: position < 0 ? 'path' : 'blob', blob: id };
    const staged = [...new Set(store.index.filter((entry) => entry.id === id).map((entry) => entry.path))];
    if (staged.length > 0) {
      return staged.map((path) => ({ ...base, path: Buffer.from(path, 'latin1').toString('utf8'), reach: 'index' }));
    }
    const refs = store.refs.filter(
      ({ id: target }) => position >= 0 && reach.peel(store.table.findHex(target)) === position,
    );
    const names = this.#carriers.somePath(hit);
    const path = names?.map((name) => trees.names.get(name)?.toString('utf8') ?? '').join('/') ?? null;
    const isReached = refs.length > 0 || (position >= 0 && reach.isReached(position));
    return [
      {
        ...base,
        path,
        reach: isReached ? 'ref' : 'none',
        heldBy: refs
          .slice(0, 20)
          .map(({ name }) => ({ ref: Buffer.from(name, 'latin1').toString('utf8'), inTip: true })),
        heldByCount: refs.length,
      },
    ];
  }

  #eachFingerprint(hit: number, commit: number, place: Place): Placed[] {
    return (this.#hits.sets[hit] ?? []).map((fingerprint) => ({ hit, fingerprint, commit, place }));
  }

  /** Oldest first. */
  #attribution(placed: readonly Placed[]): Attribution {
    const rank = ({ commit }: Placed) => (commit < 0 ? Infinity : (this.#rank[commit] ?? Infinity));
    const sorted = placed.toSorted((a, b) => a.fingerprint - b.fingerprint || compare(rank(a), rank(b)));
    const places: AttributedPlace[] = [];
    const firstSeen = new Map<string, { commit: string; author: string; date: string }>();
    const exposure = new Map<string, 'local' | 'remote' | 'unknown'>();
    for (const one of sorted) {
      const fingerprint = this.#hits.fingerprints[one.fingerprint] ?? '';
      places.push({ blob: this.#hits.ids[one.hit] ?? '', fingerprint, place: one.place });
      if (!firstSeen.has(fingerprint)) this.#addFirst(firstSeen, fingerprint, one);
      if (this.#isOnRemote(one)) exposure.set(fingerprint, 'remote');
      else if (!exposure.has(fingerprint))
        exposure.set(fingerprint, this.#state.store.repository.bare ? 'unknown' : 'local');
    }
    return { places, firstSeen, exposure };
  }

  #addFirst(
    firstSeen: Map<string, { commit: string; author: string; date: string }>,
    fingerprint: string,
    { commit, place }: Placed,
  ): void {
    const known = this.#commits.get(commit);
    if (known === undefined) return;
    // A tag's message is its tagger's, whoever wrote the commit that it names.
    const tag = place.kind === 'tag-message' ? place : null;
    const date = tag?.authorDate ?? known.committer.date ?? known.author.date ?? '1970-01-01T00:00:00Z';
    firstSeen.set(fingerprint, { commit: this.#idOf(commit), author: tag?.author ?? known.author.name, date });
  }

  #isOnRemote({ commit, place }: Placed): boolean {
    return this.#fromRemotes[commit] === 1 || place.heldBy.some(({ ref }) => ref.startsWith('refs/remotes/'));
  }
}

const NOWHERE: Place = {
  kind: 'blob',
  path: null,
  commit: null,
  author: null,
  email: null,
  authorDate: null,
  commitDate: null,
  moved: false,
  removedIn: [],
  blob: null,
  blobs: 1,
  reach: 'none',
  heldBy: [],
  heldByCount: 0,
};

function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Refs that lead to a commit: HEAD and branches first, then remote-tracking ones, tags, and the rest. */
function tipsOf({ store, reach }: HistoryState): Tip[] {
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
