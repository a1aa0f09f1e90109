import { GitError } from '../../errors/git.ts';

export interface TreeEntry {
  /** As written: 0o100644, 0o100755, 0o120000 (link), 0o40000 (tree), 0o160000 (gitlink). */
  readonly mode: number;
  readonly name: Uint8Array;
  /** Raw id, 20 or 32 bytes. */
  readonly id: Uint8Array;
}

export const MODE_TREE = 0o40000;
export const MODE_GITLINK = 0o160000;

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;
/** The longest mode git itself reads. */
const MODE_DIGITS = 7;

/**
 * One entry of a tree, as places in its bytes. A cursor that is reused, since
 * a large repository has hundreds of millions of entries.
 */
export class EntryCursor {
  mode = 0;
  nameStart = 0;
  nameEnd = 0;
  idStart = 0;
  /** Where the next entry starts. */
  end = 0;
  readonly #idBytes: number;

  /** @param idBytes - 20 (SHA-1) or 32 (SHA-256) */
  constructor(idBytes: number) {
    this.#idBytes = idBytes;
  }

  /**
   * Moves to the entry that starts at `at`.
   *
   * @param limit - the tree ends here
   * @returns false if there is no whole entry
   */
  read(bytes: Uint8Array, at: number, limit = bytes.length): boolean {
    let pos = at;
    let mode = 0;
    for (;;) {
      const byte = bytes[pos];
      if (byte === SPACE) break;
      if (pos >= limit || byte === undefined || byte < ZERO || byte > SEVEN || pos - at >= MODE_DIGITS) return false;
      mode = mode * 8 + byte - ZERO;
      pos++;
    }
    if (pos === at) return false;
    this.mode = mode;
    this.nameStart = ++pos;
    while (bytes[pos] !== 0) if (++pos >= limit) return false;
    this.nameEnd = pos;
    this.idStart = pos + 1;
    this.end = pos + 1 + this.#idBytes;
    return pos > this.nameStart && this.end <= limit;
  }

  /** The type bits, as git reads them. */
  get isTree(): boolean {
    return (this.mode & 0o170000) === MODE_TREE;
  }

  get isGitlink(): boolean {
    return (this.mode & 0o170000) === MODE_GITLINK;
  }
}

/**
 * All entries of a tree. For many trees use `EntryCursor`.
 *
 * @throws GitError `GIT_OBJECT_MALFORMED`
 */
export function parseTree(bytes: Uint8Array, idBytes: number): TreeEntry[] {
  const cursor = new EntryCursor(idBytes);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; at = cursor.end) {
    if (!cursor.read(bytes, at)) {
      throw new GitError('GIT_OBJECT_MALFORMED', `Tree entry at byte ${at} is malformed`, { facts: { at } });
    }
    entries.push({
      mode: cursor.mode,
      name: bytes.subarray(cursor.nameStart, cursor.nameEnd),
      id: bytes.subarray(cursor.idStart, cursor.end),
    });
  }
  return entries;
}
