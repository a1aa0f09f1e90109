import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheDirectory, historyFiles } from '../cache/history-files.ts';
import { DEFAULT_LIMITS, FACTS_PREFIX, LINE_REACH } from '../core/limits.ts';
import type { HistoryMemory } from '../core/facts.ts';
import type { Repository } from '../git/repository.ts';

/**
 * What earlier runs of this program, with these rules, found of a repository's
 * blobs. Null from source, without a cache directory of the user's own, and on
 * build servers: there somebody else may have filled it.
 */
export function historyCache(
  repository: Repository,
  rulesDigest: string,
  environment: NodeJS.ProcessEnv = process.env,
): HistoryMemory | null {
  const directory = cacheDirectory(environment);
  const engine = engineDigest();
  if (directory === null || engine === null || isBuildServer(environment)) return null;
  const digest = createHash('sha256')
    .update(JSON.stringify([engine, rulesDigest, DEFAULT_LIMITS, FACTS_PREFIX, LINE_REACH, process.versions.v8]))
    .digest('hex');
  return historyFiles({ directory, objects: path.join(repository.commonDir, 'objects'), digest });
}

/** A pull request must neither find nor leave verdicts. */
export function isBuildServer({ CI, GITHUB_ACTIONS }: NodeJS.ProcessEnv = process.env): boolean {
  return [CI, GITHUB_ACTIONS].some(
    (value) => value !== undefined && value !== '' && value !== 'false' && value !== '0',
  );
}

/** Of all code that was built together with this; null where it was not built. */
function engineDigest(): string | null {
  if (!import.meta.url.endsWith('.js')) return null;
  const folder = path.dirname(fileURLToPath(import.meta.url));
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).toSorted()) {
    if (name.endsWith('.js')) hash.update(`${name}\n`).update(readFileSync(path.join(folder, name)));
  }
  return hash.digest('hex');
}
