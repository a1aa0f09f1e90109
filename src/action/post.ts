import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { isScanError } from '../errors/base.ts';
import type { GitHub } from '../github/client.ts';
import { markdownCode } from '../report/escape/markdown.ts';
import { terminalText } from '../report/escape/terminal.ts';
import { VERSION } from '../session/version.ts';
import type { Inputs } from './inputs.ts';
import type { Page } from './page.ts';
import type { HistoryPlan, RangePlan } from './plan.ts';
import { repositoryName, serverUrl } from './remote.ts';
import { type Runner, required } from './runner.ts';

/** What came of posting: a sentence of ours, and what the server said. */
export interface Note {
  readonly sentence: string;
  readonly why: string | null;
}

/** For the log. */
export function noteLine({ sentence, why }: Note): string {
  return `unleak: ${sentence}${why === null ? '' : ` (${terminalText(why)})`}\n`;
}

/** For the summary. */
export function noteItem({ sentence, why }: Note): string {
  return `- ${sentence}${why === null ? '' : ` (${markdownCode(why)})`}`;
}

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

/**
 * Comments and uploads. Nothing of it changes the verdict: where the token may
 * not, the annotations and the summary stand, and it is said.
 *
 * @returns what to tell
 */
export async function post(posting: Posting): Promise<Note[]> {
  const { inputs, plan, page } = posting;
  const worth = page.verdict.open.length > 0 || !page.verdict.complete;
  const pull = inputs.comment && (worth || (plan.pull?.comments ?? 0) > 0) ? plan.pull : null;
  if (pull === null && !inputs.uploadSarif) return [];
  if (inputs.token === '') return [note('no token was given, so nothing was posted')];
  const github = await client(posting);
  const said: Note[] = [];
  if (pull !== null) said.push(...(await trying('the comment', () => comment(github, posting, pull.number, worth))));
  if (inputs.uploadSarif) said.push(...(await trying('code scanning', () => upload(github, posting))));
  return said;
}

/** Octokit is a third of what the Action could load, and most runs have nothing to post. */
async function client({ runner, inputs, signal }: Posting): Promise<GitHub> {
  const { createGitHub } = await import('../github/client.ts');
  const { environment } = runner;
  return createGitHub({
    token: inputs.token,
    apiUrl: serverUrl(required(environment, 'GITHUB_API_URL')).href.replace(/\/$/, ''),
    repository: repositoryName(environment),
    userAgent: `unleak-action/${VERSION}`,
    say: (text) => runner.print(`unleak: ${terminalText(text)}\n`),
    signal,
  });
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

async function trying(what: string, work: () => Promise<Note[]>): Promise<Note[]> {
  try {
    return await work();
  } catch (error) {
    if (!isScanError(error)) throw error;
    const rest = error.code === 'GITHUB_FORBIDDEN' ? READ_ONLY : 'Annotations and this summary stand instead.';
    return [note(`${what} was not written. ${rest} ${error.mend ?? ''}`, `${error.code}: ${error.message}`)];
  }
}

const READ_ONLY = 'The token may only read, so annotations and this summary stand instead.';

function note(sentence: string, why: string | null = null): Note {
  return { sentence, why };
}
