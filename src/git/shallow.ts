import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Repository } from './repository.ts';

/** Commits whose parents a shallow clone left out. */
export function shallowCommits(repository: Repository): ReadonlySet<string> {
  if (!repository.shallow) return new Set();
  try {
    const lines = readFileSync(path.join(repository.commonDir, 'shallow'), 'latin1').split('\n');
    return new Set(lines.filter((line) => line !== ''));
  } catch {
    return new Set();
  }
}
