import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';

import { GitHubError } from '../errors/github.ts';

/** What the Action needs of GitHub. The only file that knows Octokit. */
export interface GitHub {
  /** All comments of an issue or pull request, page by page, oldest first. */
  comments(issue: number): AsyncIterable<IssueComment>;
  createComment(issue: number, body: string): Promise<void>;
  updateComment(id: number, body: string): Promise<void>;
  /** Login of the account that the token belongs to; null if GitHub does not tell. */
  login(): Promise<string | null>;
  /** @param sarif - gzip, base64 */
  uploadSarif(analysis: { readonly commit: string; readonly ref: string; readonly sarif: string }): Promise<void>;
  /**
   * The commits that `head` reaches and `base` does not, page by page, each
   * with its parents; null if GitHub does not list all of them.
   */
  commitsBetween(base: string, head: string): Promise<ReadonlyMap<string, readonly string[]> | null>;
  /** Number of rules that protect an environment; 0 if there are none. */
  protectionRules(environment: string): Promise<number>;
}

export interface IssueComment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
  /** An app wrote it, such as the workflow's own token. */
  readonly byBot: boolean;
}

export interface GitHubOptions {
  readonly token: string;
  /** `https://api.github.com`, or an Enterprise server's `…/api/v3`. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly userAgent: string;
  /** Told of waiting, and of what goes wrong. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Longest time that one request waits for GitHub's rate limits. */
const PATIENCE_SECONDS = 90;
const MOST_WAITS = 2;
const REQUEST_MS = 30_000;
const PER_PAGE = 100;
/** A longer list is worth less than fetching the whole history. */
const MOST_PAGES = 50;

const Client = Octokit.plugin(retry, throttling);

/** A client that pages, retries and keeps to the primary and secondary rate limits. */
export function createGitHub(options: GitHubOptions): GitHub {
  const [owner = '', repo = ''] = options.repository.split('/');
  const at = { owner, repo };
  const octokit = clientFor(options);
  return {
    async *comments(issue) {
      const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
        ...at,
        issue_number: issue,
        per_page: PER_PAGE,
      });
      try {
        for await (const { data } of pages)
          for (const { id, body, user } of data)
            yield { id, body: body ?? '', author: user?.login ?? '', byBot: user?.type === 'Bot' };
      } catch (error) {
        throw refusal('reading the comments', error);
      }
    },
    async createComment(issue, body) {
      // A retry after a lost answer would write a second one; whoever calls this looks again first.
      const request = { retries: 0 };
      await asked('writing a comment', () =>
        octokit.rest.issues.createComment({ ...at, issue_number: issue, body, request }),
      );
    },
    async updateComment(id, body) {
      await asked('updating the comment', () => octokit.rest.issues.updateComment({ ...at, comment_id: id, body }));
    },
    async login() {
      // A workflow's token may not ask REST who it is, but GraphQL tells it.
      const answer: unknown = await octokit.graphql('query { viewer { login } }').catch(() => null);
      const viewer = property(answer, 'viewer');
      const login = property(viewer, 'login');
      return typeof login === 'string' && login !== '' ? login : null;
    },
    async uploadSarif({ commit, ref, sarif }) {
      await asked('uploading to code scanning', () =>
        octokit.rest.codeScanning.uploadSarif({ ...at, commit_sha: commit, ref, sarif, tool_name: 'unleak' }),
      );
    },
    async commitsBetween(base, head) {
      const found = new Map<string, readonly string[]>();
      for (let page = 1; ; page++) {
        const { data } = await asked('listing the commits', () =>
          octokit.rest.repos.compareCommitsWithBasehead({
            ...at,
            basehead: `${base}...${head}`,
            per_page: PER_PAGE,
            page,
          }),
        );
        for (const { sha, parents } of data.commits)
          found.set(
            sha,
            parents.map((parent) => parent.sha),
          );
        if (found.size >= data.total_commits) return found;
        if (data.commits.length === 0 || page >= MOST_PAGES) return null;
      }
    },
    async protectionRules(environment) {
      const { data } = await asked('reading the environment', () =>
        octokit.rest.repos.getEnvironment({ ...at, environment_name: environment }),
      );
      return data.protection_rules?.length ?? 0;
    },
  };
}

function clientFor({ token, apiUrl, userAgent, say, signal }: GitHubOptions): InstanceType<typeof Client> {
  const wait = (what: string) => (seconds: number, _request: unknown, _octokit: unknown, waits: number) => {
    const again = seconds <= PATIENCE_SECONDS && waits < MOST_WAITS;
    say(`GitHub's ${what} is reached; ${again ? `waiting ${seconds} s` : 'giving up'}`);
    return again;
  };
  return new Client({
    auth: token,
    baseUrl: apiUrl,
    userAgent,
    request: {
      fetch: (url: string, init: RequestInit) =>
        fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]) }),
    },
    log: { debug: () => undefined, info: () => undefined, warn: say, error: () => undefined },
    throttle: {
      onRateLimit: wait('rate limit'),
      onSecondaryRateLimit: wait('secondary rate limit'),
    },
  });
}

async function asked<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw refusal(what, error);
  }
}

/** Octokit's errors carry requests with tokens in them: only status and sentence are taken. */
function refusal(what: string, error: unknown): unknown {
  const status = property(error, 'status');
  if (!(error instanceof Error) || typeof status !== 'number') return error;
  const limited = status === 429 || (status === 403 && /rate limit/i.test(error.message));
  const code = limited ? 'GITHUB_RATE_LIMIT' : codeOf(status);
  const said = error.message.slice(0, 300);
  return new GitHubError(code, `${what} failed with ${status}: ${said}`, { facts: { status } });
}

function codeOf(status: number): GitHubError['code'] {
  if (status === 401 || status === 403) return 'GITHUB_FORBIDDEN';
  if (status === 404 || status === 410) return 'GITHUB_NOT_FOUND';
  return status >= 500 ? 'GITHUB_UNREACHABLE' : 'GITHUB_REJECTED';
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
