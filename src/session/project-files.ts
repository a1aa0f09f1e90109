import { readdirSync } from 'node:fs';
import path from 'node:path';

import { UsageError } from '../errors/usage.ts';
import { readIfThere, readNamed } from './read-given.ts';

/** Where a project's configuration, ignore files, baseline and rules are read from. */
export interface ProjectFiles {
  /**
   * Null if there is nothing of that name.
   *
   * @param name - from the project's top, with `/`
   * @param most - bytes
   * @throws UsageError `USAGE_NOT_A_FILE`, `USAGE_FILE_TOO_LARGE`, `USAGE_NO_SUCH_PATH` for what cannot be read
   */
  read(name: string, most: number): Promise<Uint8Array | null>;
  /** The names in a folder, sorted; null if it is none. */
  list(name: string): Promise<readonly string[] | null>;
  /**
   * The name in the project of a file that the command line names; null if
   * that is to be read from disk as it is.
   */
  own(file: string): Promise<string | null>;
}

/** The files as they lie there: of whoever runs the scan on his own project. */
export function diskFiles(root: string): ProjectFiles {
  return {
    read: (name, most) => attempt(() => readIfThere(path.resolve(root, name), { most })),
    list: (name) => attempt(() => listFolder(path.resolve(root, name))),
    own: () => Promise.resolve(null),
  };
}

/** Throws as a promise does. */
function attempt<T>(read: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(read());
  });
}

function listFolder(folder: string): string[] | null {
  try {
    return readdirSync(folder).toSorted();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return null;
    throw new UsageError('USAGE_NO_SUCH_PATH', `${folder} cannot be read`, { cause });
  }
}

/**
 * What the command line names: on disk, from a pipe too, or, where it is the
 * project's own, where that is read from.
 *
 * @throws UsageError as above, also if there is nothing
 */
export async function readAsked(file: string, files: ProjectFiles, most: number): Promise<Uint8Array> {
  const own = await files.own(file);
  if (own === null) return readNamed(file, most);
  const bytes = await files.read(own, most);
  if (bytes !== null) return bytes;
  throw new UsageError('USAGE_NO_SUCH_PATH', `there is no ${file} on the base of the range`);
}
