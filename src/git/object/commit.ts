import { type HeadedObject, decodeText, header, parseHeaders } from './headers.ts';
import { type Identity, parseIdentity } from './signature.ts';

/** What places a commit in a history. */
export interface CommitLinks {
  readonly tree: string | null;
  readonly parents: readonly string[];
  /** Seconds since 1970; 0 if the line has none, as git takes it. */
  readonly commitSeconds: number;
}

export interface Commit extends CommitLinks {
  readonly author: Identity;
  readonly committer: Identity;
}

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Tree, parents and date of a commit. Grafts and replacements are not looked
 * at. Parents are taken as git takes them: only those directly after the tree.
 */
export function parseCommitLinks(bytes: Uint8Array): CommitLinks {
  return linksOf(parseHeaders(bytes));
}

/** The same, with the people. */
export function parseCommit(bytes: Uint8Array): Commit {
  const object = parseHeaders(bytes);
  const encoding = header(object, 'encoding');
  return {
    ...linksOf(object),
    author: identity(object, 'author', encoding),
    committer: identity(object, 'committer', encoding),
  };
}

function linksOf(object: HeadedObject): CommitLinks {
  const tree = header(object, 'tree');
  return {
    tree: tree !== undefined && ID.test(tree) ? tree : null,
    parents: parentsOf(object),
    commitSeconds: Number(/> (\d{1,15})/.exec(header(object, 'committer') ?? '')?.[1] ?? 0),
  };
}

function parentsOf(object: HeadedObject): string[] {
  const ids: string[] = [];
  for (const { key, value } of object.headers.slice(1)) {
    const id = value.toString('latin1');
    if (key !== 'parent' || !ID.test(id)) break;
    ids.push(id);
  }
  return ids;
}

export function identity(object: HeadedObject, key: string, encoding: string | undefined): Identity {
  const value = object.headers.find((each) => each.key === key)?.value;
  return parseIdentity(value === undefined ? '' : decodeText(value, encoding));
}
