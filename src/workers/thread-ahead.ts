import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { WORTH_HELP } from '../git/pack/pack-bytes.ts';
import type { Repository } from '../git/repository.ts';
import { BUILT_WORKER } from './stored-scan.ts';
import { startAhead } from './work-thread.ts';

/** Starts the thread that helps to read a repository's packs, if one of them is so large that it will be asked to. */
export function startThreadFor({ commonDir }: Repository, jobs = availableParallelism()): void {
  if (BUILT_WORKER !== null && jobs > 1 && largestPack(path.join(commonDir, 'objects', 'pack')) >= WORTH_HELP)
    startAhead(BUILT_WORKER);
}

/** Bytes of the largest pack in a folder; 0 if there is none that can be looked at. */
function largestPack(folder: string): number {
  try {
    const packs = readdirSync(folder).filter((name) => name.endsWith('.pack'));
    return packs.reduce((most, name) => Math.max(most, statSync(path.join(folder, name)).size), 0);
  } catch {
    return 0;
  }
}
