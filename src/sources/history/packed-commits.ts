import type { Blob } from '../../core/blob.ts';
import type { CoverageLog } from '../../core/coverage.ts';
import { type CommitPlace, readPlace, sweepCommits } from '../../git/commit-sweep.ts';
import { parseCommitLinks } from '../../git/object/commit.ts';
import { messageText } from '../../git/object/message.ts';
import type { PackScanner } from '../../git/pack/stored-scan.ts';
import type { Reach } from './reach.ts';
import { type HistoryStore, report } from './store.ts';

/** Piece of work on commits: how many were read, and the messages that must be looked at. */
export interface CommitsRead {
  readonly objects: number;
  readonly bytes: number;
  readonly messages: readonly Blob[];
}

/**
 * Reads commits from packs that lie in the kernel's memory, and hands out only
 * those messages that may hold something.
 */
export class PackedCommits {
  readonly #store: HistoryStore;
  readonly #reach: Reach;
  readonly #coverage: CoverageLog;
  readonly #scanner: PackScanner;
  readonly #place: CommitPlace = { tree: -1, parents: [], seconds: 0 };
  #messages: Blob[] = [];
  #bytes = 0;

  constructor(store: HistoryStore, reach: Reach, coverage: CoverageLog, scanner: PackScanner) {
    this.#store = store;
    this.#reach = reach;
    this.#coverage = coverage;
    this.#scanner = scanner;
  }

  /** @returns positions of commits that are in no such pack, or could not be built */
  async *run(signal: AbortSignal): AsyncGenerator<CommitsRead, Uint32Array, undefined> {
    const { packs, table } = this.#store;
    if (packs === null) return new Uint32Array(0);
    const sweep = sweepCommits(packs, this.#scanner.memory, table, this.#visit);
    for (let step = sweep.next(); ; step = sweep.next()) {
      if (step.done === true) return step.value;
      yield { objects: step.value, bytes: this.#bytes, messages: this.#messages };
      this.#messages = [];
      this.#bytes = 0;
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
  }

  readonly #visit = (position: number, commit: Uint8Array): void => {
    const { table } = this.#store;
    this.#coverage.add('commits');
    this.#bytes += commit.length;
    const isOrdinary = readPlace(commit, table, this.#place);
    if (isOrdinary) this.#reach.graph.addFound(position, this.#place);
    else addCommit(this.#reach, this.#coverage, table.hex(position), position, commit);
    if (isOrdinary && isOneByteText(commit) && !this.#scanner.mayHold(commit)) {
      this.#coverage.add('bytesScanned', commit.length);
      return;
    }
    this.#messages.push({ id: table.hex(position), kind: 'commit-message', content: messageText(commit) });
  };
}

/** Adds a commit that is read as its format says, whatever it names. */
export function addCommit(reach: Reach, coverage: CoverageLog, id: string, position: number, commit: Uint8Array): void {
  const links = parseCommitLinks(commit);
  if (links.tree === null) report(coverage, 'GIT_OBJECT_MALFORMED', `Commit ${id} names no tree`);
  reach.addCommit(position, links);
}

const ENCODING = Buffer.from('\nencoding ');

/** Whether the message is made of the commit's own lines, as they are. */
function isOneByteText(commit: Uint8Array): boolean {
  if (commit.includes(0)) return false;
  return !Buffer.from(commit.buffer, commit.byteOffset, commit.length).includes(ENCODING);
}
