import { type ErrorNotes, ScanError } from './base.ts';

/** Ways git, or a repository, can fail us. Codes are API: add freely, never rename. */
export type GitErrorCode =
  | 'GIT_NOT_FOUND'
  | 'GIT_FAILED'
  | 'GIT_OUTPUT_TOO_LARGE'
  | 'GIT_PROTOCOL'
  | 'NOT_A_REPOSITORY'
  | 'RANGE_INVALID'
  | 'RANGE_UNKNOWN_COMMIT'
  | 'RANGE_NO_MERGE_BASE'
  | 'GIT_OBJECT_MALFORMED';

/** Things a git source could not cover; reported in coverage, not thrown. */
export type GitProblemCode =
  | 'GIT_SHALLOW'
  | 'GIT_OBJECT_MISSING'
  | 'GIT_OBJECT_CORRUPT'
  | 'GIT_PROMISED_ABSENT'
  | 'GIT_PACK_INCOMPLETE'
  | 'GIT_STORE_UNREADABLE'
  | 'GIT_REF_BROKEN'
  | 'GIT_MESSAGE'
  | 'GIT_ATTRIBUTION_LIMIT';

export const GIT_MENDS: Record<GitErrorCode | GitProblemCode, string> = {
  GIT_NOT_FOUND: 'Install git, or put it on an absolute entry of PATH.',
  GIT_FAILED: 'Run the command by hand; `git fsck` tells whether the repository is damaged.',
  GIT_OUTPUT_TOO_LARGE: 'Report this: a listing was larger than any repository should need.',
  GIT_PROTOCOL: 'Run `git fsck`; if it is content, report this with the output of `git version`.',
  NOT_A_REPOSITORY: 'Name a directory inside a git repository, or scan it as plain files with `unleak scan`.',
  RANGE_INVALID: 'Write a..b, a...b or a, with ids, branches or tags.',
  RANGE_UNKNOWN_COMMIT:
    'Check the spelling, or fetch it: git fetch origin <branch>; in a shallow clone: git fetch --unshallow',
  RANGE_NO_MERGE_BASE: 'Write a..b to scan everything that b has and a has not.',
  GIT_OBJECT_MALFORMED: 'Run `git fsck`; the object is damaged or was written by a broken tool.',
  GIT_SHALLOW: 'git fetch --unshallow',
  GIT_OBJECT_MISSING: 'Run `git fsck`, then fetch the missing objects from another clone.',
  GIT_OBJECT_CORRUPT: 'Run `git fsck`, then restore the object from another clone.',
  GIT_PROMISED_ABSENT:
    'Fetch what the partial clone left out (`git fetch --refetch --no-filter`), or scan a full clone.',
  GIT_PACK_INCOMPLETE: 'Run `git index-pack` on the pack, or fetch the repository again.',
  GIT_STORE_UNREADABLE: 'Give yourself permission to read the directory, and scan again.',
  GIT_REF_BROKEN: 'Run `git for-each-ref` and delete or repair the ref.',
  GIT_MESSAGE: 'Run `git fsck` and mend what it names.',
  GIT_ATTRIBUTION_LIMIT: 'Look at the repository by hand: its trees expand to an unreasonable number of paths.',
};

/** What to do about a problem of the git family. */
export function gitMend(code: GitErrorCode | GitProblemCode): string {
  return GIT_MENDS[code];
}

export class GitError extends ScanError {
  override readonly name = 'GitError';
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: GIT_MENDS[code], ...notes });
    this.code = code;
  }
}
