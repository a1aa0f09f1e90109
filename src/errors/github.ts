import { type ErrorNotes, ScanError } from './base.ts';

/** Ways GitHub can refuse what it is asked. Codes are API: add freely, never rename. */
export type GitHubErrorCode =
  | 'GITHUB_FORBIDDEN'
  | 'GITHUB_NOT_FOUND'
  | 'GITHUB_REJECTED'
  | 'GITHUB_RATE_LIMIT'
  | 'GITHUB_UNREACHABLE';

export const GITHUB_MENDS: Record<GitHubErrorCode, string> = {
  GITHUB_FORBIDDEN:
    'Give the job the permission that docs/ACTION.md names; the token of a fork’s pull request is read-only whatever the workflow says.',
  GITHUB_NOT_FOUND: 'Check that the token may see the repository, and that the feature is switched on for it.',
  GITHUB_REJECTED: 'Report this with the message: GitHub did not accept the request.',
  GITHUB_RATE_LIMIT: 'Run the job again later, or give it a token of its own.',
  GITHUB_UNREACHABLE: 'Run the job again; status pages tell whether GitHub is down.',
};

/** Something was not posted. The verdict stands without it. */
export class GitHubError extends ScanError {
  override readonly name = 'GitHubError';
  readonly code: GitHubErrorCode;

  constructor(code: GitHubErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: GITHUB_MENDS[code], ...notes });
    this.code = code;
  }
}
