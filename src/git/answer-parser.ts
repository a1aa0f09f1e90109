import { GitError } from '../errors/git.ts';
import { type ObjectType, UNKNOWN, typeCode, typeName } from './object/type.ts';

/** One header line of `git cat-file --batch`. */
export type Header =
  | { readonly kind: 'object'; readonly id: string; readonly type: ObjectType; readonly size: number }
  | { readonly kind: 'absent'; readonly id: string };

/** Longest header: a SHA-256 id, `commit`, a 20-digit size. */
export const HEADER_LIMIT = 128;

/**
 * Reads `<id> SP <type> SP <size>` or `<id> SP missing`.
 *
 * @throws GitError `GIT_PROTOCOL` for anything else
 */
export function parseHeader(line: string): Header {
  const [id = '', word = '', digits] = line.split(' ');
  if (word === 'missing' && digits === undefined) return { kind: 'absent', id };
  const type = typeName(typeCode(word) ?? UNKNOWN);
  const size = digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : -1;
  if (type === undefined || size < 0) {
    throw new GitError('GIT_PROTOCOL', 'git cat-file answered with something unknown');
  }
  return { kind: 'object', id, type, size };
}
