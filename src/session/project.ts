import { realpathSync } from 'node:fs';
import path from 'node:path';

import { findRoot } from '../git/locate.ts';

/** The project that a folder belongs to: the repository around it, else the folder itself. */
export function projectRoot(folder: string): string {
  return findRoot(folder) ?? folder;
}

/** Turns paths as reported from `folder` into paths from `root`, with forward slashes. */
export function fromProject(root: string, folder: string): (name: string) => string {
  const base = path.relative(realpathSync(root), realpathSync(folder)).replaceAll(path.sep, '/');
  return (name) => (base === '' || path.isAbsolute(name) ? name : path.posix.normalize(`${base}/${name}`));
}
