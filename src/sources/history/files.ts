import type { CoverageLog } from '../../core/coverage.ts';
import type { FilePlace } from '../../core/source.ts';
import { GitError, gitMend } from '../../errors/git.ts';
import { type PathChange, isBlobMode, listChanges } from '../../git/commit-diff.ts';
import { CommitPlaces } from './commit-places.ts';
import type { HistoryState } from './state.ts';

/**
 * Where any commit brings a new version of a file at a wanted path. Git lists
 * the changes of all commits for it, which takes longer than the audit does.
 */
export async function filesOfHistory(
  state: HistoryState,
  coverage: CoverageLog,
  wanted: (path: string) => boolean,
  signal: AbortSignal,
): Promise<FilePlace[]> {
  const { graph } = state.reach;
  const commits = state.places ?? new CommitPlaces(state);
  const order = [...commits.order].filter(
    (commit) => !state.reachableOnly || state.reach.isReached(graph.position(commit)),
  );
  const found = await newFiles(
    state,
    coverage,
    order.map((commit) => commits.idOf(commit)),
    wanted,
    signal,
  );
  const numberOf = ({ commit }: PathChange): number => order[commit] ?? -1;
  await commits.load([...new Set(found.map(numberOf))], signal);
  const unpushed = state.store.repository.bare ? 'unknown' : 'local';
  return found
    .map((change) => ({ change, commit: numberOf(change) }))
    .filter(({ commit }) => !commits.isOfNotes(commit))
    .map(({ change: { path, id }, commit }) => ({
      // Which refs hold it is not followed.
      place: { ...commits.placeIn(commit), heldByCount: 0, kind: 'blob', path, blob: id },
      exposure: commits.isOnRemote(commit) ? 'remote' : unpushed,
    }));
}

async function newFiles(
  { store }: HistoryState,
  coverage: CoverageLog,
  ids: readonly string[],
  wanted: (path: string) => boolean,
  signal: AbortSignal,
): Promise<PathChange[]> {
  const found: PathChange[] = [];
  const commits = ids.map((id) => ({ id, parents: [] }));
  try {
    for await (const changes of listChanges(store.repository, commits, signal)) {
      for (const change of changes) {
        const { id, mode, before, path } = change;
        if (id !== null && isBlobMode(mode) && !before.includes(id) && wanted(path)) found.push(change);
      }
    }
  } catch (error) {
    // What is damaged is told of; what was found before it counts.
    if (!(error instanceof GitError)) throw error;
    coverage.problem({ code: error.code, message: error.message, mend: error.mend ?? gitMend(error.code) });
  }
  return found;
}
