import { realpathSync } from 'node:fs';
import path from 'node:path';

import { StoreError } from '../errors/store.ts';
import { findRoot } from '../git/locate.ts';
import { openRepository } from '../git/repository.ts';
import { runGit } from '../git/run.ts';

async function isTracked(folder: string, name: string, signal: AbortSignal): Promise<boolean> {
  const { invocation, workTree } = await openRepository(folder, { signal });
  if (workTree === null) return false;
  const relative = path.relative(realpathSync(workTree), path.join(folder, name)).replaceAll('\\', '/');
  const { stdout } = await runGit(invocation, ['ls-files', '-z', '--', relative], { signal, maxOutput: 65_536 });
  return stdout.length > 0;
}

function folderOf(file: string): string {
  try {
    return realpathSync(path.dirname(file));
  } catch (cause) {
    throw new StoreError('STORE_NOT_FOUND', `The folder of ${file} is not there`, { facts: { file }, cause });
  }
}

/**
 * Refuses a file that git tracks: a key written into it goes into the next commit.
 *
 * @throws StoreError `STORE_FILE_TRACKED`, also where git cannot tell; `STORE_NOT_FOUND` without the folder
 */
export async function refuseTracked(file: string, signal: AbortSignal): Promise<void> {
  const folder = folderOf(file);
  if (findRoot(folder) === null) return;
  let tracked: boolean;
  try {
    tracked = await isTracked(folder, path.basename(file), signal);
  } catch (cause) {
    throw new StoreError('STORE_FILE_TRACKED', `Whether git tracks ${file} cannot be told`, { facts: { file }, cause });
  }
  if (tracked) throw new StoreError('STORE_FILE_TRACKED', `${file} is tracked by git`, { facts: { file } });
}
