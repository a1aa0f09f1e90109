import { AnswerParser } from './cat-file.ts';
import type { ObjectType } from './object/type.ts';
import { type GitInvocation, type GitProcess, spawnGit } from './spawn.ts';

export interface PipedObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/**
 * Single objects on demand, through one `git cat-file --batch` that stays
 * open. It does not keep Node alive while nobody waits for an answer, and
 * ends with it.
 */
export class ObjectPipe {
  readonly #invocation: GitInvocation;
  readonly #idLength: number;
  #asked: string[] = [];
  #git: GitProcess | null = null;
  #parser: AnswerParser | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(invocation: GitInvocation, idLength: number) {
    this.#invocation = invocation;
    this.#idLength = idLength;
  }

  /** Null if the object is missing or damaged. For objects that fit into memory. */
  get(id: string, signal: AbortSignal): Promise<PipedObject | null> {
    const answer = this.#last.then(() => this.#get(id, signal));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  close(): void {
    this.#git?.kill();
    this.#git = null;
    this.#parser = null;
  }

  async #get(id: string, signal: AbortSignal): Promise<PipedObject | null> {
    const { git, parser } = this.#open(signal);
    git.hold(true);
    this.#asked.push(id);
    git.stdin.write(`${id}\n`, 'latin1');
    const item = (await parser.next())?.[0];
    signal.throwIfAborted();
    if (item === undefined) this.close();
    else git.hold(false);
    if (item?.kind !== 'object' || !(item.content instanceof Uint8Array)) return null;
    return { type: item.type, bytes: Uint8Array.from(item.content) };
  }

  #open(signal: AbortSignal): { git: GitProcess; parser: AnswerParser } {
    if (this.#git !== null && this.#parser !== null) return { git: this.#git, parser: this.#parser };
    const asked: string[] = [];
    const ids = { length: 0, idLength: this.#idLength, hex: (at: number) => asked[at] ?? '' };
    const git = spawnGit(this.#invocation, ['cat-file', '--batch'], signal);
    const parser = new AnswerParser(git, ids, 0, Infinity);
    this.#asked = asked;
    this.#git = git;
    this.#parser = parser;
    return { git, parser };
  }
}
