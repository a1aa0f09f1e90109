import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import type { GitHub } from '../github/client.ts';
import { githubFor } from './github-for.ts';
import type { Inputs } from './inputs.ts';
import { type Note, note, trying } from './note.ts';
import type { Page } from './page.ts';
import type { HistoryPlan, RangePlan } from './plan.ts';
import type { Runner } from './runner.ts';

/** What is to be posted, and with whose token. */
export interface Posting {
  readonly runner: Runner;
  readonly inputs: Inputs;
  readonly plan: RangePlan | HistoryPlan;
  readonly page: Omit<Page, 'limit'>;
  /** The file. */
  readonly sarif: string;
  readonly signal: AbortSignal;
}

const INSTEAD = 'Annotations and this summary stand instead.';

/**
 * Comments and uploads. Nothing of it changes the verdict: where the token may
 * not, the annotations and the summary stand, and it is said.
 *
 * @returns what to tell
 */
export async function post(posting: Posting): Promise<Note[]> {
  const { inputs, plan, page, runner, signal } = posting;
  const worth = page.verdict.open.length > 0 || !page.verdict.complete;
  const pull = inputs.comment && (worth || (plan.pull?.comments ?? 0) > 0) ? plan.pull : null;
  if (pull === null && !inputs.uploadSarif) return [];
  if (inputs.token === '') return [note('no token was given, so nothing was posted')];
  const github = await githubFor(runner, inputs, signal);
  const said: Note[] = [];
  if (pull !== null)
    said.push(
      ...(await trying('the comment was not written', INSTEAD, () => comment(github, posting, pull.number, worth))),
    );
  if (inputs.uploadSarif)
    said.push(...(await trying('code scanning was not written', INSTEAD, () => upload(github, posting))));
  return said;
}

async function comment(github: GitHub, { plan, page }: Posting, number: number, create: boolean): Promise<Note[]> {
  const [{ COMMENT_MARKER, commentText }, { keepComment }] = await Promise.all([
    import('./comment.ts'),
    import('../github/sticky-comment.ts'),
  ]);
  const sticky = { marker: COMMENT_MARKER, body: commentText(page, plan.head), create };
  const outcome = await keepComment(github, number, sticky);
  return outcome === 'absent' || outcome === 'unchanged'
    ? []
    : [note(`the comment on the pull request was ${outcome}`)];
}

async function upload(github: GitHub, { plan, sarif, runner }: Posting): Promise<Note[]> {
  const packed = gzipSync(readFileSync(sarif)).toString('base64');
  // A tag's own id is no commit; the runner names the one it points at.
  const commit = plan.pull === null ? (runner.environment['GITHUB_SHA'] ?? plan.head) : plan.head;
  await github.uploadSarif({ commit, ref: plan.ref, sarif: packed });
  return [note('the SARIF report was uploaded to code scanning')];
}
