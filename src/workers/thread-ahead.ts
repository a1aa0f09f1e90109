import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { hashFormat } from '../git/pack/hash-format.ts';
import { WORTH_HELP } from '../git/pack/pack-bytes.ts';
import type { Repository } from '../git/repository.ts';
import { hashAhead } from './read-helper.ts';
import { BUILT_WORKER } from './stored-scan.ts';

/**
 * Starts the thread that helps with a repository's packs, if one of them is so large that it will be asked to: it computes the
 * hash of the largest while rules are loaded and git is asked.
 */
export function startThreadFor({ commonDir, objectFormat }: Repository, jobs = availableParallelism()): void {
  if (BUILT_WORKER === null || jobs < 2) return;
  const { name, size } = hashFormat(objectFormat);
  try {
    const largest = largestPack(path.join(commonDir, 'objects', 'pack'));
    if (largest.size >= WORTH_HELP) hashAhead(BUILT_WORKER, largest.file, name, size);
  } catch {
    // Whoever opens the store tells what cannot be read.
  }
}

function largestPack(folder: string): { readonly file: string; readonly size: number } {
  let largest = { file: '', size: 0 };
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const { size } = statSync(file);
    if (name.endsWith('.pack') && size > largest.size) largest = { file, size };
  }
  return largest;
}
