import { createHash } from 'node:crypto';

/** The hash that names a repository's objects; `extensions.objectFormat` in its configuration. */
export interface HashFormat {
  readonly name: 'sha1' | 'sha256';
  /** Bytes of an id and of every checksum. */
  readonly size: 20 | 32;
}

export const SHA1: HashFormat = { name: 'sha1', size: 20 };
export const SHA256: HashFormat = { name: 'sha256', size: 32 };

/** The format of that name, as `git rev-parse --show-object-format` prints it. */
export function hashFormat(name: HashFormat['name']): HashFormat {
  return name === 'sha1' ? SHA1 : SHA256;
}

/** Hash of bytes in pieces, as used by every trailer. */
export function digest(format: HashFormat, ...pieces: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(format.name);
  for (const piece of pieces) hash.update(piece);
  return new Uint8Array(hash.digest());
}

/** The id that git gives to an object: the hash of its type, size and bytes. */
export function objectId(format: HashFormat, type: string, bytes: Uint8Array): Uint8Array {
  return digest(format, Buffer.from(`${type} ${bytes.length}\0`, 'latin1'), bytes);
}
