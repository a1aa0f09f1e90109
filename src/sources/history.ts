import type { Blob } from '../core/blob.ts';
import { CoverageLog } from '../core/coverage.ts';
import type { BlobScan } from '../core/detector.ts';
import type { HistoryMemory } from '../core/facts.ts';
import type { Attribution, Early, Holdings, Source } from '../core/source.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import type { BatchItem } from '../git/cat-file.ts';
import type { PackScanner } from '../git/pack/stored-scan.ts';
import { ObjectPipe } from '../git/object-pipe.ts';
import { messageText } from '../git/object/message.ts';
import { parseTag } from '../git/object/tag.ts';
import { BLOB, COMMIT, TAG, UNKNOWN } from '../git/object/type.ts';
import type { Repository } from '../git/repository.ts';
import type { ObjectTable } from '../git/object-table.ts';
import { attributeHistory } from './history/attribute.ts';
import { CommitPlaces } from './history/commit-places.ts';
import { settleLinks } from './history/facts.ts';
import { filesOfHistory } from './history/files.ts';
import { keepLearned } from './history/keep.ts';
import { KnownTrees } from './history/known-trees.ts';
import { readMarks } from './history/marks.ts';
import { ENTRY_NAME, REF_NAME } from './history/names.ts';
import { Reach } from './history/reach.ts';
import type { HistoryState, Trees } from './history/state.ts';
import { type HistoryEngine, type HistoryStore, type KnownStore, openHistory, report } from './history/store.ts';
import { StoredBlobs } from './history/stored-blobs.ts';
import { reportAbsent } from './history/absent.ts';
import { readAgain } from './history/read-again.ts';
import { LookAhead } from './history/look-ahead.ts';
import { Quiet } from './history/quiet.ts';
import { Remembered } from './history/remembered.ts';
import { PackedCommits, addCommit, readPackedTags } from './history/packed-commits.ts';
import { PackedTrees } from './history/packed-trees.ts';
import { TreePass } from './history/tree-pass.ts';
import { lfsObject } from './lfs.ts';
import { type OnProgress, ProgressMeter } from './progress.ts';

export interface HistoryOptions {
  /** Leave out what no ref, reflog or index leads to. */
  readonly reachableOnly?: boolean;
  /** Who reads objects. Default: `cat-file`. */
  readonly engine?: HistoryEngine;
  /** Scans blobs in the packs, where we read these ourselves. Without it all blobs are handed out. */
  readonly scanner?: PackScanner | null;
  /** Read packs while their checksums are computed. Who asks for that asks `isSound` at last. */
  readonly isProvisional?: boolean;
  /** Compute the id of every object: finds what somebody put under another's id. Takes about twice the time. */
  readonly verifyObjects?: boolean;
  /** What earlier runs found of this repository; not with `verifyObjects`, which looks at everything. */
  readonly memory?: HistoryMemory | null;
  readonly onProgress?: OnProgress;
}

/**
 * Everything a repository stores, by object and not by patch: each blob, commit
 * and tag message once, whether reachable or not, and the names of refs and
 * tree entries. Content is reused memory, valid until the next blob is asked for.
 */
export function historySource(repository: Repository, options: HistoryOptions = {}): Source {
  const coverage = new CoverageLog();
  const pipe = new ObjectPipe(repository.invocation, repository.idLength);
  let state: HistoryState | null = null;
  let scan: HistoryScan | null = null;
  let isSound = true;
  const ahead = new LookAhead(options.scanner ?? null);
  const attribute = async (holdings: Holdings, early: Early, signal: AbortSignal): Promise<Attribution> => {
    try {
      const attribution = await attributeHistory(state, coverage, { holdings, early, ahead }, signal);
      if (state?.store.isSound) isSound = await unlessAborted(state.store.isSound(), signal);
      if (isSound) scan?.keep();
      return attribution;
    } finally {
      ahead.end();
    }
  };
  return {
    name: 'history',
    coverage,
    async *blobs(signal) {
      let isWhole = false;
      try {
        ({ state, scan } = await beginHistory(repository, coverage, options, signal));
        yield* scan.run(signal);
        isWhole = true;
      } finally {
        // Else it is to look at blobs again.
        if (!isWhole) options.scanner?.end();
      }
    },
    scanned: () => scan?.stored?.found ?? [],
    decided: (id, result) => scan?.decided(id, result),
    read: (id, signal) => readAgain(state, pipe, coverage, id, signal),
    located: async (id) => (await ahead.answers).get(id) ?? null,
    attribute: (holdings, signal) => attribute(holdings, NOT_EARLY, signal),
    attributeEarly: attribute,
    files: async (wanted, signal) => (state === null ? [] : filesOfHistory(state, coverage, wanted, signal)),
    isSound: () => isSound,
  };
}

const NOT_EARLY: Early = { ids: () => Promise.resolve((name) => name), spansOf: () => null };

/** Opens a store and takes over what is known of it. */
async function beginHistory(
  repository: Repository,
  coverage: CoverageLog,
  options: HistoryOptions,
  signal: AbortSignal,
): Promise<{ state: HistoryState; scan: HistoryScan }> {
  const { engine = 'cat-file', scanner = null, reachableOnly = false, verifyObjects = false } = options;
  const { isProvisional = false } = options;
  const memory = verifyObjects ? null : (options.memory ?? null);
  const facts = reachableOnly ? null : (memory?.facts ?? null);
  let later: Remembered | null = null;
  const accepts = (known: KnownStore, table: ObjectTable): boolean => {
    later = memory && new Remembered(table, [memory.later], memory.later, known.history.counts);
    return later !== null && holdUnsure(known, later);
  };
  const readsTrees = !reachableOnly && !verifyObjects;
  const opening = { engine, scanner, verifyObjects, isProvisional, readsTrees, facts, accepts };
  const store = await openHistory(repository, coverage, opening, signal);
  const { known } = store;
  const links = known && settleLinks(known.history.links, store.table);
  const reach = new Reach(store, links?.links);
  const knownOrder = known && links?.isSettled === false ? { knownOrder: known.history.order } : {};
  const state = { store, reach, trees: treesOf(store, reach, coverage, options), reachableOnly, ...knownOrder };
  const verdicts = memory ? [memory.verdicts, memory.later] : [];
  const remembered = (known && later) ?? new Remembered(store.table, verdicts, memory?.verdicts ?? null);
  return { state, scan: new HistoryScan({ state, coverage, options, remembered, memory: facts && memory }) };
}

function treesOf(
  store: HistoryStore,
  reach: Reach,
  coverage: CoverageLog,
  { reachableOnly = false, memory }: HistoryOptions,
): Trees {
  const { known } = store;
  if (known) {
    const kept = memory?.marks.load() ?? null;
    return new KnownTrees(store, known, reach, coverage, kept && readMarks(kept, known.history.id));
  }
  if (store.packs?.options.kernel && !reachableOnly) return new PackedTrees(store, reach, coverage);
  return new TreePass(store, reach, coverage, reachableOnly);
}

/** What is known and may hold something is looked at again: at most so many bytes. */
const UNSURE_BYTES = 64 << 20;

/** Reads what is known but must be looked at. @returns false if it is too much, or cannot be read */
function holdUnsure({ history, reader }: KnownStore, blobs: Remembered): boolean {
  return reader.hold(
    history.unsure.filter((position) => !blobs.isClean(position)),
    UNSURE_BYTES,
  );
}

/** What marked wide text and archives begin with. */
const SIGNATURES: ReadonlySet<number> = new Set([0xff, 0xfe, 0x50, 0x1f]);

interface ScanParts {
  readonly state: HistoryState;
  readonly coverage: CoverageLog;
  readonly options: HistoryOptions;
  readonly remembered: Remembered;
  /** Where facts are kept. */
  readonly memory: HistoryMemory | null;
}

class HistoryScan {
  /** Blobs that are scanned in their packs. */
  stored: StoredBlobs | null = null;
  readonly #state: HistoryState;
  readonly #coverage: CoverageLog;
  readonly #progress: ProgressMeter;
  readonly #scanner: PackScanner | null;
  readonly #remembered: Remembered;
  readonly #memory: HistoryMemory | null;
  readonly #quiet: Quiet;
  /** Positions of blobs that are being handed out and may be remembered, by id. */
  readonly #handedOut = new Map<string, { readonly position: number; readonly size: number }>();
  /** The same, where it can read commits for us and tell texts that hold nothing. */
  readonly #reads: PackScanner | null;
  /** Objects of LFS that blobs point at. */
  readonly #pointed: string[] = [];
  /** How many of the graph's commits, the first ones, are those in packs; −1 where that is not known. */
  #packedCommits = -1;

  constructor({ state, coverage, options, remembered, memory }: ScanParts) {
    const { table, known, packs } = state.store;
    this.#state = state;
    this.#coverage = coverage;
    this.#progress = new ProgressMeter(options.onProgress, table.length - (known?.repository.known.count ?? 0));
    this.#scanner = options.scanner ?? null;
    this.#remembered = remembered;
    this.#memory = memory;
    this.#quiet = new Quiet(table.length, known?.history ?? null);
    this.#reads = packs?.options.kernel && !state.reachableOnly ? this.#scanner : null;
  }

  async *run(signal: AbortSignal): AsyncGenerator<Blob, void, undefined> {
    this.#reportUnknown();
    const onTrees = (objects: number): void => this.#progress.add(objects, 0);
    if (this.#reads?.sweepTrees) this.#state.trees.begin?.(this.#reads.sweepTrees, onTrees, signal);
    if (!this.#state.reachableOnly) this.#scanStored(signal);
    yield* this.#refNames();
    yield* this.#tags(signal);
    yield* this.#commits(signal);
    // Another thread reads trees, which may take longer.
    this.stored?.join();
    yield* this.#entryNames(signal);
    this.#state.reach.settleIndex();
    // This thread has nothing else to do while the others scan.
    if (this.stored) this.#state.places = new CommitPlaces(this.#state);
    const stored = this.stored ?? this.#scanStored(signal);
    this.#coverage.add('unreachable', this.#state.reachableOnly ? 0 : this.#state.reach.countUnreached());
    // Before what blobs have of problems, which may come at any time.
    reportAbsent(this.#state, this.#coverage);
    yield* this.#blobs(await stored.finish(this.#coverage), signal);
    // In an order that does not depend on that of reading.
    for (const pointed of [...stored.pointed, ...this.#pointed].toSorted()) this.#coverage.skip('lfs-object', pointed);
  }

  /** Asked when all is done, and was sound. */
  keep(): void {
    this.#remembered.save();
    if (this.#memory === null) return;
    keepLearned(this.#state, this.#memory, {
      coverage: this.#coverage,
      quiet: this.#quiet,
      blobs: this.#remembered,
      packedCommits: this.#packedCommits,
    });
    this.#state.store.known?.history.close();
  }

  /** Whether an object is one of those that an earlier run has read. */
  #isKnown(position: number): boolean {
    return this.#state.store.known?.repository.known.has(position) === true;
  }

  /** Objects of a type that have to be read, or read again; and how many do not. */
  #toRead(type: number): { readonly positions: Uint32Array; readonly others: number } {
    const { table, known } = this.#state.store;
    if (known === null) return { positions: table.ofType(type), others: 0 };
    const { unsure, counts } = known.history;
    const again = unsure.filter((position) => table.type(position) === type);
    const added = known.repository.added.filter((position) => table.type(position) === type);
    const all = type === COMMIT ? counts.commits : type === TAG ? counts.tags : again.length;
    const positions = new Uint32Array(again.length + added.length);
    positions.set(again);
    positions.set(added, again.length);
    return { positions: positions.sort(), others: all - again.length };
  }

  #reportUnknown(): void {
    const { table } = this.#state.store;
    for (const position of table.ofType(UNKNOWN)) {
      report(this.#coverage, 'GIT_OBJECT_CORRUPT', `Object ${table.hex(position)} cannot be read`);
    }
  }

  *#refNames(): Generator<Blob> {
    const { refs } = this.#state.store;
    this.#coverage.add('refs', refs.length);
    for (let i = 0; i < refs.length; i++) {
      const { name = '' } = refs[i] ?? {};
      if (this.#quiet.hasRef(name)) continue;
      const content = Buffer.from(name, 'latin1');
      if (this.#mayHold(content)) yield { id: `${REF_NAME}${i}`, kind: 'path', content };
      else this.#quiet.addRef(name);
    }
  }

  async *#tags(signal: AbortSignal): AsyncGenerator<Blob> {
    const { store, reach } = this.#state;
    const texts: Blob[] = [];
    const { positions, others } = this.#toRead(TAG);
    this.#coverage.add('tags', others);
    const left = this.#reads === null ? positions : this.#packedTags(this.#reads, texts);
    for await (const { position, content } of this.#objects(left, signal)) {
      if (!this.#isKnown(position)) reach.addTag(position, parseTag(content));
      texts.push({ id: store.table.hex(position), kind: 'tag-message', content: messageText(content) });
    }
    // Tags are few; whether they are reached is known only when all are.
    reach.settleTags();
    for (const text of texts) {
      if (this.#state.reachableOnly && !reach.isReached(store.table.findHex(text.id))) continue;
      this.#coverage.add('tags');
      yield text;
    }
  }

  /** @param texts - messages that must be looked at are added. @returns positions of the tags that are left to be read */
  #packedTags(scanner: PackScanner, texts: Blob[]): Uint32Array {
    const { store, reach } = this.#state;
    const { messages, quiet, objects, bytes, left } = readPackedTags(store, reach, scanner);
    this.#progress.add(objects, bytes);
    for (const one of quiet) {
      this.#coverage.add('tags');
      this.#coverage.add('bytesScanned', one.bytes);
      this.#quiet.addMessage(one.position);
    }
    texts.push(...messages);
    return left;
  }

  async *#commits(signal: AbortSignal): AsyncGenerator<Blob> {
    const { store, reach } = this.#state;
    const { positions, others } = this.#toRead(COMMIT);
    this.#coverage.add('commits', others);
    const text = (position: number, content: Uint8Array): Blob => {
      this.#coverage.add('commits');
      return { id: store.table.hex(position), kind: 'commit-message', content: messageText(content) };
    };
    const left = this.#reads === null ? positions : yield* this.#sweepCommits(this.#reads, signal);
    for await (const { position, content } of this.#objects(left, signal)) {
      if (!this.#isKnown(position)) addCommit(reach, this.#coverage, store.table.hex(position), position, content);
      if (!this.#state.reachableOnly) yield text(position, content);
    }
    reach.settleCommits();
    if (!this.#state.reachableOnly) return;
    const reached = positions.filter((position) => reach.isReached(position));
    for await (const { position, content } of this.#objects(reached, signal)) yield text(position, content);
  }

  /** @returns positions of the commits that are left to be read */
  async *#sweepCommits(scanner: PackScanner, signal: AbortSignal): AsyncGenerator<Blob, Uint32Array, undefined> {
    const { store, reach } = this.#state;
    const { packs } = store;
    const commits = new PackedCommits(store, reach, this.#coverage, scanner, this.#quiet).run(signal);
    for (let step = await commits.next(); ; step = await commits.next()) {
      if (step.done === true) {
        const isLoose = (position: number): boolean =>
          (packs?.table.listOf[position] ?? 0) >= (packs?.packs.length ?? 0);
        if (step.value.every(isLoose)) this.#packedCommits = reach.graph.length;
        return step.value;
      }
      this.#progress.add(step.value.objects, step.value.bytes);
      yield* step.value.messages;
    }
  }

  async *#entryNames(signal: AbortSignal): AsyncGenerator<Blob> {
    const { trees } = this.#state;
    let told = 0;
    for await (const { objects, bytes } of trees.run(signal)) {
      this.#progress.add(objects, bytes);
      yield* this.#namesFrom(told);
      told = trees.names.length;
    }
    yield* this.#namesFrom(told);
  }

  /** Names from this number on that must be looked at. */
  *#namesFrom(first: number): Generator<Blob> {
    const { names } = this.#state.trees;
    for (let number = first; number < names.length; number++) {
      if (this.#quiet.hasName(number)) continue;
      if (this.#mayHold(names.view(number)))
        yield { id: `${ENTRY_NAME}${number}`, kind: 'path', content: names.get(number) ?? Buffer.alloc(0) };
      else this.#quiet.addName(number);
    }
  }

  /** Whether a name must be looked at. One that begins with none of these bytes is taken as it is. */
  #mayHold(name: Uint8Array): boolean {
    if (this.#reads === null || SIGNATURES.has(name[0] ?? 0)) return true;
    if (this.#reads.mayHold(name)) return true;
    this.#coverage.add('bytesScanned', name.length);
    return false;
  }

  /** Begins to scan blobs in their packs; as soon as it is known which. */
  #scanStored(signal: AbortSignal): StoredBlobs {
    const { store, reach } = this.#state;
    const { positions: all } = this.#toRead(BLOB);
    const positions = this.#state.reachableOnly ? all.filter((position) => reach.isReached(position)) : all;
    this.#progress.skip(all.length - positions.length);
    const onProgress = (objects: number, bytes: number): void => this.#progress.add(objects, bytes);
    this.#remembered.choose(positions);
    if (store.known === null) this.#progress.skip(this.#remembered.known);
    const isAll = store.known === null && this.#remembered.fresh.length === all.length;
    this.stored = new StoredBlobs(store, this.#scanner?.scan, this.#remembered, isAll, onProgress, signal);
    return this.stored;
  }

  async *#blobs(positions: Uint32Array, signal: AbortSignal): AsyncGenerator<Blob> {
    const { store } = this.#state;
    for await (const items of store.reader.read(positions, signal)) {
      for (const item of items) {
        const id = store.table.hex(positions[item.at] ?? 0);
        if (!this.#isThere(id, item)) continue;
        this.#coverage.add('blobs');
        this.#coverage.add('bytesCovered', item.size);
        this.#progress.add(1, item.size);
        const pointed = item.content instanceof Uint8Array ? lfsObject(item.content) : null;
        if (pointed !== null) this.#pointed.push(pointed);
        else if (this.#remembered.isKept)
          this.#handedOut.set(id, { position: positions[item.at] ?? 0, size: item.size });
        yield { id, kind: 'blob', content: item.content };
      }
    }
  }

  /** Told what came of what was handed out. */
  decided(id: string, { findings, loose, problems, size }: BlobScan): void {
    const handed = this.#handedOut.get(id);
    this.#handedOut.delete(id);
    if (findings.length + loose.length + problems.length > 0) return;
    // A stream may have ended early.
    if (handed?.size === size) this.#remembered.add(handed.position, size);
    else if (handed === undefined && this.#memory !== null) this.#noteQuiet(id);
  }

  #noteQuiet(id: string): void {
    const { refs, table } = this.#state.store;
    if (id.startsWith(ENTRY_NAME)) this.#quiet.addName(Number(id.slice(ENTRY_NAME.length)));
    else if (id.startsWith(REF_NAME)) this.#quiet.addRef(refs[Number(id.slice(REF_NAME.length))]?.name ?? '');
    else {
      const position = table.findHex(id);
      const type = table.type(position);
      if (type === COMMIT || type === TAG) this.#quiet.addMessage(position);
    }
  }

  /** Commits or tags, which fit into memory. */
  async *#objects(
    positions: Uint32Array,
    signal: AbortSignal,
  ): AsyncGenerator<{ position: number; content: Uint8Array }> {
    const { reader, table } = this.#state.store;
    for await (const items of reader.read(positions, signal)) {
      for (const item of items) {
        const position = positions[item.at] ?? 0;
        if (!this.#isThere(table.hex(position), item)) continue;
        this.#progress.add(1, item.size);
        if (item.content instanceof Uint8Array) yield { position, content: item.content };
        else report(this.#coverage, 'GIT_OBJECT_MALFORMED', `Object ${table.hex(position)} is too large for its type`);
      }
    }
  }

  #isThere(id: string, item: BatchItem): item is Extract<BatchItem, { kind: 'object' }> {
    if (item.kind === 'absent') report(this.#coverage, 'GIT_OBJECT_CORRUPT', `Object ${id} cannot be read`);
    return item.kind === 'object';
  }
}
