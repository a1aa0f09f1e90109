import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { CoverageLog } from '../../core/coverage.ts';
import { type GitErrorCode, type GitProblemCode, gitMend } from '../../errors/git.ts';
import { listObjects } from '../../git/list-objects.ts';
import { type ObjectReader, catFileReader } from '../../git/object-reader.ts';
import { objectDirectories, storeFaults } from '../../git/object-store.ts';
import type { ObjectTable } from '../../git/object-table.ts';
import { UNKNOWN, typeCode } from '../../git/object/type.ts';
import { type IndexEntry, type Ref, listIndexes, listRefs, listReflogIds } from '../../git/refs.ts';
import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/run.ts';

/** Everything of a repository that is listed before any object is read. */
export interface HistoryStore {
  readonly repository: Repository;
  readonly table: ObjectTable;
  readonly reader: ObjectReader;
  readonly refs: readonly Ref[];
  readonly reflogIds: readonly string[];
  readonly index: readonly IndexEntry[];
  /** Commits whose parents a shallow clone left out. */
  readonly shallow: ReadonlySet<string>;
  /** A remote promised to have the objects that are absent. */
  readonly promised: boolean;
}

/** Lists the store. What git says goes to `coverage`. */
export async function openHistory(
  repository: Repository,
  coverage: CoverageLog,
  signal: AbortSignal,
): Promise<HistoryStore> {
  const heard = (line: string): void => hear(coverage, line);
  const [listing, { refs, messages }, reflogIds, index, promised, directories] = await Promise.all([
    listObjects(repository, { signal, onMessage: heard }),
    listRefs(repository, signal),
    listReflogIds(repository, signal),
    listIndexes(repository, signal),
    isPartialClone(repository, signal),
    objectDirectories(repository, signal),
  ]);
  for (const message of messages) report(coverage, 'GIT_REF_BROKEN', message);
  for (const { code, file } of directories.flatMap(storeFaults)) report(coverage, code, FAULTS[code](file));
  const { table } = listing;
  const reader = catFileReader(repository, table, heard);
  const store = { repository, table, reader, refs, reflogIds, index, promised, shallow: shallowCommits(repository) };
  await findTypes(store, listing.untyped, signal);
  return store;
}

const FAULTS = {
  GIT_PACK_INCOMPLETE: (file: string) => `${file} lacks its other half, so git passes over it`,
  GIT_STORE_UNREADABLE: (file: string) => `${file} cannot be read, and git passes over it`,
};

/** Asks for objects that could not be typed one by one: some may be readable after all. The rest stays `UNKNOWN`. */
async function findTypes(store: HistoryStore, untyped: readonly number[], signal: AbortSignal): Promise<void> {
  for await (const items of store.reader.read(Uint32Array.from(untyped), signal)) {
    for (const item of items) {
      if (item.kind !== 'object') continue;
      store.table.setType(untyped[item.at] ?? 0, typeCode(item.type) ?? UNKNOWN, item.size);
    }
  }
}

async function isPartialClone(repository: Repository, signal: AbortSignal): Promise<boolean> {
  const pattern = String.raw`^(remote\..*\.(promisor|partialclonefilter)|extensions\.partialclone)$`;
  const { stdout } = await runGit(repository.invocation, ['config', '--get-regexp', pattern], {
    signal,
    accept: [0, 1, 128],
  });
  return stdout.length > 0;
}

function shallowCommits(repository: Repository): ReadonlySet<string> {
  if (!repository.shallow) return new Set();
  try {
    return new Set(readFileSync(path.join(repository.commonDir, 'shallow'), 'latin1').split('\n'));
  } catch {
    return new Set();
  }
}

/** What git prints on standard error: an error is something it could not read. */
function hear(coverage: CoverageLog, line: string): void {
  if (/^(?:error|fatal): /.test(line)) report(coverage, 'GIT_MESSAGE', `git said: ${line}`);
}

export function report(coverage: CoverageLog, code: GitProblemCode | GitErrorCode, message: string, count = 1): void {
  coverage.problem({ code, message, mend: gitMend(code), count });
}
