import type { Place, RefHold } from '../../core/finding.ts';
import { CommitLoops } from '../../git/commit-loops.ts';
import { type Commit, parseCommit } from '../../git/object/commit.ts';
import { type Holders, type Tip, findHolders } from './holders.ts';
import { NOWHERE } from './placed.ts';
import type { HistoryState } from './state.ts';
import { refName, tipOf, tipsOf } from './tips.ts';

/** What a commit alone decides of a place: people, dates, and who holds it. */
export class CommitPlaces {
  /** All commits, parents first. */
  readonly order: Int32Array;
  /** Over these, where the kernel can do it. */
  readonly loops: CommitLoops | null;
  readonly #state: HistoryState;
  /** By commit: where it stands in `order`. */
  readonly #rank: Int32Array;
  readonly #tips: readonly Tip[];
  readonly #fromRefs: Uint8Array;
  readonly #fromReflogs: Uint8Array;
  readonly #fromRemotes: Uint8Array;
  #commits: ReadonlyMap<number, Commit> = new Map();
  #holders: ReadonlyMap<number, Holders> = new Map();

  constructor(state: HistoryState) {
    const { graph } = state.reach;
    const { refs, reflogIds, table } = state.store;
    this.#state = state;
    this.order = graph.dateOrder(state.knownOrder);
    this.loops = CommitLoops.of(state.store.packs?.options.kernel, graph, this.order);
    this.#rank = new Int32Array(graph.length);
    for (let i = 0; i < this.order.length; i++) this.#rank[this.order[i] ?? 0] = i;
    this.#tips = tipsOf(state);
    const remotes = this.#tips.filter(({ ref }) => refs[ref]?.name.startsWith('refs/remotes/') === true);
    this.#fromRefs = this.#flood(this.#tips.map(({ commit }) => commit));
    this.#fromReflogs = this.#flood(reflogIds.map((id) => graph.numberAt(table.findHex(id))));
    this.#fromRemotes = this.#flood(remotes.map(({ commit }) => commit));
  }

  #flood(from: readonly number[]): Uint8Array {
    const { graph } = this.#state.reach;
    const marks = new Uint8Array(graph.length);
    graph.flood(from, marks);
    return marks;
  }

  /** Reads these commits, and finds the refs that hold them. Call before asking about one. */
  async load(asked: readonly number[], signal: AbortSignal): Promise<void> {
    const { graph } = this.#state.reach;
    const commits = new Map<number, Commit>();
    const positions = Uint32Array.from(asked.map((commit) => graph.position(commit))).sort();
    for await (const items of this.#state.store.reader.read(positions, signal)) {
      for (const item of items) {
        if (item.kind !== 'object' || !(item.content instanceof Uint8Array)) continue;
        commits.set(graph.numberAt(positions[item.at] ?? 0), parseCommit(item.content));
      }
    }
    this.#commits = commits;
    this.#holders = findHolders(graph, this.order, this.#tips, asked, this.loops);
  }

  /** Undefined if it was not loaded, or could not be read. */
  commit(number: number): Commit | undefined {
    return this.#commits.get(number);
  }

  idOf(commit: number): string {
    return this.#state.store.table.hex(this.#state.reach.graph.position(commit));
  }

  /** Smaller is older; without a commit, nobody knows. */
  rank(commit: number): number {
    return commit < 0 ? Infinity : (this.#rank[commit] ?? Infinity);
  }

  isOnRemote(commit: number): boolean {
    return this.#fromRemotes[commit] === 1;
  }

  /** A place in this commit, as far as the commit decides it. */
  placeIn(commit: number): Place {
    const known = this.#commits.get(commit);
    return {
      ...NOWHERE,
      commit: commit < 0 ? null : this.idOf(commit),
      author: known?.author.name ?? null,
      email: known?.author.email ?? null,
      authorDate: known?.author.date ?? null,
      commitDate: known?.committer.date ?? null,
      reach: this.#reachOf(commit),
      heldByCount: this.#holders.get(commit)?.count ?? 0,
    };
  }

  /** @param isInTip - whether what is asked about is in this tip, by commit number */
  heldBy(commit: number, isInTip: (tip: number) => boolean): RefHold[] {
    return (this.#holders.get(commit)?.refs ?? []).map((ref) => ({
      ref: refName(this.#state, ref),
      inTip: isInTip(tipOf(this.#state, ref)),
    }));
  }

  /** Whether only refs of notes hold this commit. */
  isOfNotes(commit: number): boolean {
    const { refs = [], count = 0 } = this.#holders.get(commit) ?? {};
    return count > 0 && refs.every((ref) => refName(this.#state, ref).startsWith('refs/notes/'));
  }

  #reachOf(commit: number): Place['reach'] {
    if (this.#fromRefs[commit] === 1) return 'ref';
    return this.#fromReflogs[commit] === 1 ? 'reflog' : 'none';
  }
}
