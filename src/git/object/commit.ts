import { type HeadedObject, decodeText, header, parseHeaders } from './headers.ts';
import { type Identity, parseIdentity } from './signature.ts';

export interface Commit {
  readonly tree: string | null;
  readonly parents: readonly string[];
  readonly author: Identity;
  readonly committer: Identity;
  /** Seconds since 1970; 0 if the line has none, as git takes it. */
  readonly commitSeconds: number;
}

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * The header of a commit. Grafts and replacements are not looked at. Parents
 * are taken as git takes them: only those directly after the tree.
 */
export function parseCommit(bytes: Uint8Array): Commit {
  const object = parseHeaders(bytes);
  const tree = header(object, 'tree');
  const encoding = header(object, 'encoding');
  return {
    tree: tree !== undefined && ID.test(tree) ? tree : null,
    parents: parentsOf(object),
    author: identity(object, 'author', encoding),
    committer: identity(object, 'committer', encoding),
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
