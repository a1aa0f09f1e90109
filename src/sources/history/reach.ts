import { type CommitColumns, CommitGraph } from '../../git/commit-graph.ts';
import { ObjectTable } from '../../git/object-table.ts';
import type { CommitLinks } from '../../git/object/commit.ts';
import type { Tag } from '../../git/object/tag.ts';
import { MODE_GITLINK } from '../../git/object/tree.ts';
import { BLOB, COMMIT, TAG, TREE } from '../../git/object/type.ts';
import { type KernelStates, type StatesPlace, statesIn } from '../../git/follow-trees.ts';
import type { HistoryStore } from './store.ts';

const REACHED = 1;
const VISITED = 2;
/** Visited before it was known to be reached: its entries must be followed after all. */
const LATE = 4;

/** What is known of commits and tags, as plain data. What is not in the store is `~k` − 1 for the `k`-th of `unknown`, or −1. */
export interface Links {
  readonly graph: CommitColumns;
  /** Positions of tags, and of what each tags. */
  readonly tags: Int32Array;
  readonly tagged: Int32Array;
  /** Ids that are not in the store, raw, one after the other. */
  readonly unknown: Uint8Array;
  /** Positions of what leads to one of them if it is reached itself; and which, as its number in `unknown`. */
  readonly namers: Int32Array;
  readonly named: Int32Array;
}

/**
 * Which objects a ref, a reflog or an index leads to: what git calls
 * reachable. Commits are settled by the graph, trees while they are read.
 */
export class Reach {
  readonly graph: CommitGraph;
  /** Ids that reached objects name and that are not in the store. */
  readonly absent: ObjectTable;
  /** Table position of a tag → that of what it tags; -1 if that is absent. */
  readonly tagged = new Map<number, number>();
  readonly #store: HistoryStore;
  readonly #states: Uint8Array;
  readonly #inKernel: KernelStates | null;
  #late: number[] = [];
  #refPositions: Int32Array | null = null;
  readonly #starts: number[] = [];
  /** Positions of blobs in indexes. */
  readonly #indexed: number[] = [];
  /** States before these were marked. */
  #followed = new Uint8Array(0);
  /** What refs, reflogs and indexes lead to after all tags. */
  readonly #roots = new Set<number>();
  /** Trees, parents and tagged objects that are not in the store, and the position of what names each. */
  readonly #unknown: ObjectTable;
  readonly #namers: { readonly position: number; readonly unknown: number }[] = [];

  /** @param links - of objects that it begins with */
  constructor(store: HistoryStore, links?: Links) {
    this.#store = store;
    const memory = store.packs?.options.kernel;
    this.#inKernel = memory ? statesIn(memory, store.table.length) : null;
    this.#states = this.#inKernel?.states ?? new Uint8Array(store.table.length);
    this.graph = new CommitGraph(store.table, links?.graph);
    this.absent = new ObjectTable(store.repository.idLength);
    this.#unknown = new ObjectTable(store.repository.idLength);
    if (links) this.#takeLinks(links);
  }

  #takeLinks({ tags, tagged, unknown, namers, named }: Links): void {
    const { table } = this.#store;
    for (const [i, tag] of tags.entries()) this.tagged.set(tag, tagged[i] ?? -1);
    for (let at = 0; at < unknown.length; at += table.idBytes) this.#unknown.add(unknown, at);
    for (const [i, position] of namers.entries()) this.#namers.push({ position, unknown: named[i] ?? 0 });
  }

  /** What is known of tags and the first so many commits, as plain data, without a copy where there is much. */
  links(commits: number): Links {
    return {
      graph: this.graph.columns(commits),
      tags: Int32Array.from(this.tagged.keys()),
      tagged: Int32Array.from(this.tagged.values()),
      unknown: this.#unknown.columns.ids,
      namers: Int32Array.from(this.#namers, ({ position }) => position),
      named: Int32Array.from(this.#namers, ({ unknown }) => unknown),
    };
  }

  /** By ref: the table position of what it names, or −1. */
  get refPositions(): Int32Array {
    const { refs, table } = this.#store;
    this.#refPositions ??= Int32Array.from(refs, ({ id }) => table.findHex(id));
    return this.#refPositions;
  }

  addTag(position: number, tag: Tag): void {
    this.tagged.set(position, tag.object === null ? -1 : this.#lead(position, tag.object, true));
  }

  addCommit(position: number, { tree, parents, commitSeconds }: CommitLinks): void {
    const isCut = this.#store.shallow.has(this.#store.table.hex(position));
    this.graph.add(position, {
      tree: tree === null ? -1 : this.#lead(position, tree, true),
      parents: parents.map((parent) => this.#lead(position, parent, !isCut)),
      seconds: commitSeconds,
    });
  }

  /** The position of an id, or what stands for it. @param misses - it is absent if what names it is reached */
  #lead(namer: number, id: string, misses: boolean): number {
    const position = this.#store.table.findHex(id);
    if (position >= 0) return position;
    const unknown = this.#unknown.add(Buffer.from(id, 'hex'), 0);
    if (misses) this.#namers.push({ position: namer, unknown });
    return ~unknown - 1;
  }

  isReached(position: number): boolean {
    return ((this.#states[position] ?? 0) & REACHED) !== 0;
  }

  /** Where the kernel finds what is reached; null if it does not lie in its memory. */
  get place(): StatesPlace | null {
    return this.#inKernel;
  }

  /** How many objects nothing leads to. */
  countUnreached(): number {
    if (this.#inKernel) return this.#inKernel.length - this.#inKernel.count(REACHED);
    let count = 0;
    for (const state of this.#states) if ((state & REACHED) === 0) count++;
    return count;
  }

  /** What a ref leads to after its tags: a table position, or -1. */
  peel(position: number): number {
    let at = position;
    for (let steps = 0; this.#store.table.type(at) === TAG && steps < 1000; steps++) {
      at = this.tagged.get(at) ?? -1;
      if (at < 0) break;
    }
    return at;
  }

  /** Call when all tags were added. */
  settleTags(): void {
    const { reflogIds, index, table } = this.#store;
    for (const position of this.refPositions) this.#start(position);
    for (const id of reflogIds) this.#start(table.findHex(id));
    for (const { id, mode } of index) {
      if (mode === MODE_GITLINK) continue;
      const position = table.findHex(id);
      if (position < 0) this.absent.add(Buffer.from(id, 'hex'), 0);
      // Nothing goes on from a blob.
      else if (table.type(position) === BLOB) this.#indexed.push(position);
      else this.#start(position);
    }
  }

  #start(position: number): void {
    if (position < 0) return;
    this.#starts.push(position);
    this.#addRoot(position);
  }

  /** Call when trees were followed: marks blobs that an index has. */
  settleIndex(): void {
    this.#followed = this.#states.slice();
    for (const position of this.#indexed) this.mark(position);
  }

  /** Ids of what refs and reflogs name, and indexes, but for blobs: raw, one after the other. */
  get starts(): Uint8Array {
    const { table } = this.#store;
    const positions = [...new Set(this.#starts)];
    const ids = new Uint8Array(positions.length * table.idBytes);
    for (const [i, position] of positions.entries()) table.copyId(position, ids.subarray(i * table.idBytes));
    return ids;
  }

  /** Whether all of these ids are here and reached. @param ids - raw, one after the other */
  haveReached(ids: Uint8Array): boolean {
    const { table } = this.#store;
    for (let at = 0; at < ids.length; at += table.idBytes) if (!this.isReached(table.find(ids, at))) return false;
    return true;
  }

  /** By position, of the first so many: 1 for what those lead to. Known after `settleIndex`. */
  reachedFromStarts(count: number): Uint8Array {
    return this.#followed.slice(0, count).map((state) => ((state & REACHED) === 0 ? 0 : 1));
  }

  /** Whether one of the first so many is reached of which this is true. */
  hasReached(count: number, isMeant: (position: number) => boolean): boolean {
    for (let position = 0; position < count; position++)
      if (((this.#states[position] ?? 0) & REACHED) !== 0 && isMeant(position)) return true;
    return false;
  }

  /** Takes over that these are reached, and all that they lead to. @param reached - by position, 1 */
  adopt(reached: Uint8Array): void {
    for (let position = 0; position < reached.length; position++)
      if (reached[position] === 1) this.#states[position] = (this.#states[position] ?? 0) | REACHED;
  }

  #addRoot(position: number): void {
    let at = position;
    while (at >= 0 && this.#store.table.type(at) === TAG && !this.isReached(at)) {
      this.mark(at);
      at = this.tagged.get(at) ?? -1;
    }
    if (at >= 0 && this.#store.table.type(at) !== TAG) this.#roots.add(at);
  }

  /** Call when all commits were added: marks commits and their trees. */
  settleCommits(): void {
    const commits: number[] = [];
    for (const position of this.#roots) {
      if (this.#store.table.type(position) === COMMIT) commits.push(this.graph.numberAt(position));
      this.mark(position);
    }
    const marks = new Uint8Array(this.graph.length);
    this.graph.flood(commits, marks);
    for (let number = 0; number < marks.length; number++) if (marks[number] === 1) this.#markCommit(number);
    for (const { position, unknown } of this.#namers) {
      if (this.isReached(position)) this.absent.add(Buffer.from(this.#unknown.hex(unknown), 'hex'), 0);
    }
  }

  /** Says that something reached leads here. */
  mark(position: number): void {
    const state = this.#states[position] ?? 0;
    if ((state & REACHED) !== 0) return;
    const late = (state & VISITED) !== 0 && this.#store.table.type(position) === TREE;
    this.#states[position] = state | REACHED | (late ? LATE : 0);
    if (late) this.#late.push(position);
  }

  /** Says that a tree is being read. */
  visit(position: number): void {
    this.#states[position] = (this.#states[position] ?? 0) | VISITED;
  }

  /** Trees to be read again, because only now it is known that they are reached. */
  takeLate(): Uint32Array {
    const late = Uint32Array.from(this.#late).sort();
    this.#late = [];
    return late;
  }

  #markCommit(number: number): void {
    this.mark(this.graph.position(number));
    const tree = this.graph.tree(number);
    if (tree >= 0) this.mark(tree);
  }
}
