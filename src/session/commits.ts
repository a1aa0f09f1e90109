import type { CommitSelection } from '../git/commit-range.ts';
import type { Repository } from '../git/repository.ts';
import { type CommitsOptions, commitsSource } from '../sources/commits.ts';
import { commitFiles } from './commit-files.ts';
import type { ScanTask } from './scan-project.ts';

export interface CommitsTaskOptions extends Pick<CommitsOptions, 'name' | 'refNames'> {
  /** Folder that holds a checkout of the repository. Default: its work tree. */
  readonly checkout?: string | null;
  readonly signal: AbortSignal;
}

/** So many proposed versions of the configuration are looked at, to say what is pending. */
const HEADS_READ = 10;

/**
 * What a selection of commits introduces, judged by the configuration of its
 * base commit. Nothing that the commits themselves bring lets a finding pass.
 */
export async function commitsTask(
  repository: Repository,
  selection: CommitSelection,
  { checkout = repository.workTree, name, refNames, signal }: CommitsTaskOptions,
): Promise<ScanTask> {
  const heads = selection.heads.slice(0, HEADS_READ);
  const { base, proposed } = await commitFiles(repository, selection.base, heads, checkout, signal);
  const about = { ...(name === undefined ? {} : { name }), ...(refNames === undefined ? {} : { refNames }) };
  return {
    files: base,
    proposed,
    source: (settings) => commitsSource(repository, selection, { ...settings, ...about }),
  };
}
