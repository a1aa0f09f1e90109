import { isScanError } from '../errors/base.ts';
import type { GitHub, IssueComment } from './client.ts';

/** What came of it. `absent`: there was nothing to say, and nothing of ours to take back. */
export type CommentOutcome = 'created' | 'updated' | 'unchanged' | 'absent';

/** The account of a workflow's own token, where GitHub does not tell whose the token is. */
const WORKFLOW_ACCOUNT = 'github-actions[bot]';
/** GitHub refuses longer ones. */
export const LONGEST_COMMENT = 65_536;

export interface StickyComment {
  /** Hidden in the text, and how the comment is found again. */
  readonly marker: string;
  readonly body: string;
  /** Write it if there is none yet; otherwise an existing one is updated only. */
  readonly create: boolean;
}

/**
 * Keeps one comment of ours up to date. It counts as ours if it carries the
 * marker *and* our own account wrote it: anyone can copy a marker.
 *
 * @throws GitHubError
 */
export async function keepComment(
  github: GitHub,
  issue: number,
  { marker, body, create }: StickyComment,
): Promise<CommentOutcome> {
  const own = await findOwn(github, issue, marker);
  if (own !== null) {
    if (own.body === body) return 'unchanged';
    try {
      await github.updateComment(own.id, body);
      return 'updated';
    } catch (error) {
      // Deleted meanwhile.
      if (!isScanError(error) || error.code !== 'GITHUB_NOT_FOUND') throw error;
    }
  }
  return create ? createOnce(github, issue, marker, body) : 'absent';
}

async function findOwn(github: GitHub, issue: number, marker: string): Promise<IssueComment | null> {
  let login: string | null = null;
  for await (const comment of github.comments(issue)) {
    if (!comment.body.includes(marker)) continue;
    login ??= (await github.login()) ?? WORKFLOW_ACCOUNT;
    if (isBy(comment, login)) return comment;
  }
  return null;
}

/** GraphQL may name an app without the suffix that REST gives it. */
function isBy({ author, byBot }: IssueComment, login: string): boolean {
  return author === login || (byBot && author === `${login}[bot]`);
}

/** An answer that was lost is no reason for a second comment. */
async function createOnce(github: GitHub, issue: number, marker: string, body: string): Promise<CommentOutcome> {
  try {
    await github.createComment(issue, body);
  } catch (error) {
    if (!isScanError(error) || error.code !== 'GITHUB_UNREACHABLE') throw error;
    if ((await findOwn(github, issue, marker)) === null) await github.createComment(issue, body);
  }
  return 'created';
}
