import type { Blob } from '../../core/blob.ts';
import type { CoverageLog } from '../../core/coverage.ts';
import { type ReadCommit, type SweptCommit, sweepCommits, sweepTags } from '../../git/commit-sweep.ts';
import { idPlace } from '../../git/tree-sweep.ts';
import { parseCommitLinks } from '../../git/object/commit.ts';
import { parseTag } from '../../git/object/tag.ts';
import { COMMIT, TAG } from '../../git/object/type.ts';
import { messageText } from '../../git/object/message.ts';
import type { PackScanner } from '../../git/pack/stored-scan.ts';
import type { Quiet } from './quiet.ts';
import type { Reach } from './reach.ts';
import { type HistoryStore, report } from './store.ts';

/** Piece of work on commits: how many were read, and the messages that must be looked at. */
export interface CommitsRead {
  readonly objects: number;
  readonly bytes: number;
  readonly messages: readonly Blob[];
}

/**
 * Reads commits from packs that the kernel can walk, and hands out only
 * those messages that may hold something.
 */
export class PackedCommits {
  readonly #store: HistoryStore;
  readonly #reach: Reach;
  readonly #coverage: CoverageLog;
  readonly #scanner: PackScanner;
  readonly #quiet: Quiet;
  #messages: Blob[] = [];
  #bytes = 0;
  #read = { commits: 0, quiet: 0 };

  constructor(store: HistoryStore, reach: Reach, coverage: CoverageLog, scanner: PackScanner, quiet: Quiet) {
    this.#store = store;
    this.#reach = reach;
    this.#coverage = coverage;
    this.#scanner = scanner;
    this.#quiet = quiet;
  }

  /** @returns positions of commits that are in no such pack, or could not be built */
  async *run(signal: AbortSignal): AsyncGenerator<CommitsRead, Uint32Array, undefined> {
    const { packs, table } = this.#store;
    const ids = packs === null ? null : idPlace(packs, table);
    if (packs === null || ids === null) return table.ofType(COMMIT);
    const sweep = sweepCommits(packs, ids, this.#scanner, table, { read: this.#add, other: this.#visit });
    for (let step = sweep.next(); ; step = sweep.next()) {
      if (step.done === true) return step.value;
      this.#count();
      yield { objects: step.value, bytes: this.#bytes, messages: this.#messages };
      this.#messages = [];
      this.#bytes = 0;
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
  }

  /** Little by little is slow. */
  #count(): void {
    this.#coverage.add('commits', this.#read.commits);
    this.#coverage.add('bytesScanned', this.#read.quiet);
    this.#read = { commits: 0, quiet: 0 };
  }

  readonly #add = ({ position, size, place, text }: ReadCommit): void => {
    this.#read.commits++;
    this.#bytes += size;
    this.#reach.graph.add(position, place);
    if (text === null) {
      this.#read.quiet += size;
      this.#quiet.addMessage(position);
    } else this.#messages.push({ id: this.#store.table.hex(position), kind: 'commit-message', content: text.slice() });
  };

  readonly #visit = ({ position, bytes, place, isPlain }: SweptCommit): void => {
    const { table } = this.#store;
    this.#coverage.add('commits');
    this.#bytes += bytes.length;
    if (place) this.#reach.graph.add(position, place);
    else addCommit(this.#reach, this.#coverage, table.hex(position), position, bytes);
    if (place && isPlain && !this.#scanner.mayHold(bytes, true)) {
      this.#coverage.add('bytesScanned', bytes.length);
      this.#quiet.addMessage(position);
      return;
    }
    this.#messages.push({ id: table.hex(position), kind: 'commit-message', content: messageText(bytes) });
  };
}

/** What was read of tags. */
export interface TagsRead {
  /** Messages that must be looked at, and positions of the tags whose messages hold nothing. */
  readonly messages: readonly Blob[];
  readonly quiet: readonly { readonly position: number; readonly bytes: number }[];
  readonly objects: number;
  readonly bytes: number;
  /** Positions of tags that are in no such pack, or could not be built. */
  readonly left: Uint32Array;
}

/** Reads tags from packs that the kernel can walk. */
export function readPackedTags({ packs, table }: HistoryStore, reach: Reach, scanner: PackScanner): TagsRead {
  const messages: Blob[] = [];
  const quiet: { position: number; bytes: number }[] = [];
  let read = 0;
  if (packs === null) return { messages, quiet, objects: 0, bytes: 0, left: table.ofType(TAG) };
  const sweep = sweepTags(packs, scanner.memory, table, ({ position, bytes, isPlain }) => {
    read += bytes.length;
    reach.addTag(position, parseTag(bytes));
    if (isPlain && !scanner.mayHold(bytes, true)) quiet.push({ position, bytes: bytes.length });
    else messages.push({ id: table.hex(position), kind: 'tag-message', content: messageText(bytes) });
  });
  for (let step = sweep.next(); ; step = sweep.next())
    if (step.done === true)
      return { messages, quiet, objects: messages.length + quiet.length, bytes: read, left: step.value };
}

/** Adds a commit that is read as its format says, whatever it names. */
export function addCommit(reach: Reach, coverage: CoverageLog, id: string, position: number, commit: Uint8Array): void {
  const links = parseCommitLinks(commit);
  if (links.tree === null) report(coverage, 'GIT_OBJECT_MALFORMED', `Commit ${id} names no tree`);
  reach.addCommit(position, links);
}
