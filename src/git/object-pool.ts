import path from 'node:path';

import { lookUp, type NamedObject } from './commit-range.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run.ts';

const LIST = ['cat-file', '--batch-all-objects', '--unordered', '--buffer'];

/**
 * The objects in one folder alone, without the repository's own: what a push
 * has brought and git keeps apart until it is accepted.
 */
export async function listPool(repository: Repository, pool: string, signal: AbortSignal): Promise<NamedObject[]> {
  const { GIT_ALTERNATE_OBJECT_DIRECTORIES: _, ...environment } = repository.invocation.environment;
  const alone = { ...repository.invocation, environment: { ...environment, GIT_OBJECT_DIRECTORY: pool } };
  const { stdout } = await runGit(alone, [...LIST, '--batch-check=%(objectname) %(objecttype) %(objectsize)'], {
    signal,
  });
  return stdout
    .toString('latin1')
    .split('\n')
    .flatMap((line) => {
      const [id = '', type = '', size = ''] = line.split(' ');
      return size === '' ? [] : [{ id, type, size: Number(size) }];
    });
}

/** The objects that the repository did not have before: git completes a pack with copies of those it builds on. */
export async function newObjects(
  repository: Repository,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const { invocation, commonDir } = repository;
  const environment = { ...invocation.environment, GIT_OBJECT_DIRECTORY: path.join(commonDir, 'objects') };
  const stored = await lookUp({ ...repository, invocation: { ...invocation, environment } }, ids, signal);
  return ids.filter((_, i) => stored[i] === null);
}
