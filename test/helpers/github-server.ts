/**
 * GitHub on loopback: repositories over `git http-backend`, and the parts of
 * the REST and GraphQL interfaces that the Action asks. Requests and answers are
 * held against GitHub's own description; what differs is in `faults`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { afterAll } from 'vitest';

import { undescribed } from './github-description.ts';
import { GIT_ENVIRONMENT } from './repository.ts';

export interface FakeComment {
  readonly id: number;
  readonly author: string;
  readonly type: 'Bot' | 'User';
  body: string;
}

/** A request as it came in. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An answer in place of the ordinary one. */
export interface Trouble {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const WORKFLOW_ACCOUNT = 'github-actions[bot]';
const servers = new Set<GitHubServer>();

afterAll(async () => {
  for (const server of servers) await server.close();
});

export class GitHubServer {
  readonly token = `ghs_${'t'.repeat(36)}`;
  readonly requests: Recorded[] = [];
  readonly faults: string[] = [];
  comments: FakeComment[] = [];
  readonly uploads: Record<string, unknown>[] = [];
  environments = new Map<string, number>();
  /** Decides about a REST request before it is answered. Null: as usual. */
  trouble: (request: Recorded) => Trouble | null = () => null;
  /** Statuses of git's next requests, before it is answered; the last one stays. */
  gitTrouble: number[] = [];
  /** Claims of the job's identity token; null where the job may not have one. */
  identity: Readonly<Record<string, unknown>> | null = null;
  readonly #server: Server;
  readonly #root: string;
  #ids = 1000;

  /** @param root - folder of repositories, as `owner/name` */
  constructor(root: string) {
    this.#root = root;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    servers.add(this);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this;
  }

  async close(): Promise<void> {
    servers.delete(this);
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As on an Enterprise server. */
  get apiUrl(): string {
    return `${this.url}/api/v3`;
  }

  comment(body: string, author = WORKFLOW_ACCOUNT, type: 'Bot' | 'User' = 'Bot'): FakeComment {
    const comment = { id: ++this.#ids, author, type, body };
    this.comments.push(comment);
    return comment;
  }

  /** REST requests alone, as `METHOD path`. */
  get calls(): string[] {
    return this.requests.filter((one) => one.path.startsWith('/api/')).map((one) => `${one.method} ${one.path}`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const { method = '', url = '', headers } = request;
    const recorded = { method, path: url, headers, body: body.toString('utf8') };
    this.requests.push(recorded);
    if (url.startsWith('/api/')) return this.#api(recorded, response);
    if (url.startsWith('/identity')) return this.#identity(recorded, response);
    return this.#git(request, url, body, response);
  }

  #send(
    response: ServerResponse,
    status: number,
    value: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(JSON.stringify(value));
  }

  #identity({ headers }: Recorded, response: ServerResponse): void {
    if (headers.authorization !== 'bearer request-token' || this.identity === null)
      return this.#send(response, 403, { message: 'no' });
    const claims = Buffer.from(JSON.stringify(this.identity)).toString('base64url');
    this.#send(response, 200, { value: `e30.${claims}.x` });
  }

  #api(recorded: Recorded, response: ServerResponse): void {
    const { method, headers } = recorded;
    const trouble = this.trouble(recorded);
    if (trouble !== null)
      return this.#send(response, trouble.status, trouble.body ?? { message: 'trouble' }, trouble.headers);
    if (headers.authorization !== `token ${this.token}`)
      return this.#send(response, 401, { message: 'Bad credentials' });
    if (headers['user-agent']?.startsWith('unleak-action/') !== true)
      this.faults.push(`user agent of ${recorded.path}`);
    const url = new URL(recorded.path, this.url);
    if (url.pathname === '/api/graphql')
      return this.#send(response, 200, { data: { viewer: { login: WORKFLOW_ACCOUNT } } });
    const route = url.pathname.replace(/^\/api\/v3/, '');
    const answer = this.#route(method, route, url.searchParams, recorded.body);
    if (answer === null) return this.#send(response, 404, { message: 'Not Found' });
    const { body } = recorded;
    this.faults.push(...undescribed({ ...answer, method, query: url.searchParams, body }));
    this.#send(response, answer.status, answer.value, answer.headers);
  }

  #route(method: string, route: string, query: URLSearchParams, body: string): Routed | null {
    const issue = /^\/repos\/[^/]+\/[^/]+\/issues\/(\d+)\/comments$/.exec(route);
    if (issue && method === 'GET') return this.#listComments(route, query);
    if (issue && method === 'POST')
      return {
        template: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
        status: 201,
        value: this.#described(this.comment(textOf(body))),
      };
    const one = /^\/repos\/[^/]+\/[^/]+\/issues\/comments\/(\d+)$/.exec(route);
    if (one && method === 'PATCH') return this.#updateComment(Number(one[1]), body);
    if (/^\/repos\/[^/]+\/[^/]+\/code-scanning\/sarifs$/.test(route) && method === 'POST') {
      this.uploads.push(JSON.parse(body) as Record<string, unknown>);
      const value = { id: '47177e22-5596-11eb-80a1-c1e54ef945c6', url: `${this.apiUrl}${route}/47177e22` };
      return { template: '/repos/{owner}/{repo}/code-scanning/sarifs', status: 202, value };
    }
    const compare = /^\/repos\/([^/]+\/[^/]+)\/compare\/(.+)$/.exec(route);
    if (compare && method === 'GET')
      return this.#compare(compare[1] ?? '', decodeURIComponent(compare[2] ?? ''), query);
    const environment = /^\/repos\/[^/]+\/[^/]+\/environments\/([^/]+)$/.exec(route)?.[1];
    if (environment !== undefined && method === 'GET') return this.#environment(decodeURIComponent(environment));
    return null;
  }

  #listComments(route: string, query: URLSearchParams): Routed {
    const size = Number(query.get('per_page') ?? 30);
    const page = Number(query.get('page') ?? 1);
    if (size > 100) this.faults.push(`a page of ${size}`);
    const next = page * size < this.comments.length;
    const link = `<${this.apiUrl}${route}?per_page=${size}&page=${page + 1}>; rel="next"`;
    return {
      template: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
      status: 200,
      value: this.comments.slice((page - 1) * size, page * size).map((comment) => this.#described(comment)),
      ...(next ? { headers: { link } } : {}),
    };
  }

  #compare(name: string, range: string, query: URLSearchParams): Routed | null {
    const [base = '', head = ''] = range.split('...');
    const size = Number(query.get('per_page') ?? 250);
    const page = Number(query.get('page') ?? 1);
    const args = ['rev-list', '--parents', '--reverse', head, `^${base}`];
    const done = spawnSync('git', args, { cwd: path.join(this.#root, name), env: GIT_ENVIRONMENT, encoding: 'utf8' });
    if (done.status !== 0) return null;
    const commits = done.stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [sha, ...parents] = line.split(' ');
        return { sha, parents: parents.map((id) => ({ sha: id })) };
      });
    return {
      template: '/repos/{owner}/{repo}/compare/{basehead}',
      status: 200,
      value: { total_commits: commits.length, commits: commits.slice((page - 1) * size, page * size) },
    };
  }

  #updateComment(id: number, body: string): Routed | null {
    const comment = this.comments.find((one) => one.id === id);
    if (comment === undefined) return null;
    comment.body = textOf(body);
    return {
      template: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
      status: 200,
      value: this.#described(comment),
    };
  }

  #environment(name: string): Routed | null {
    const rules = this.environments.get(name);
    if (rules === undefined) return null;
    const when = '2026-01-01T00:00:00Z';
    const at = `${this.url}/environments/${name}`;
    return {
      template: '/repos/{owner}/{repo}/environments/{environment_name}',
      status: 200,
      value: {
        id: 1,
        node_id: 'E1',
        name,
        url: at,
        html_url: at,
        created_at: when,
        updated_at: when,
        protection_rules: Array.from({ length: rules }, (_, id) => ({ id, node_id: `R${id}`, type: 'wait_timer' })),
      },
    };
  }

  #described({ id, author, type, body }: FakeComment): unknown {
    const when = '2026-01-01T00:00:00Z';
    const at = `${this.url}/c/${id}`;
    return {
      id,
      node_id: `C${id}`,
      url: at,
      html_url: at,
      issue_url: at,
      body,
      created_at: when,
      updated_at: when,
      author_association: 'NONE',
      user: userNamed(author, type, this.url),
    };
  }

  /** Both sides as GitHub describes them. */
  #git(request: IncomingMessage, url: string, body: Buffer, response: ServerResponse): void {
    const expected = `basic ${Buffer.from(`x-access-token:${this.token}`).toString('base64')}`;
    const trouble = this.gitTrouble.length > 1 ? this.gitTrouble.shift() : this.gitTrouble[0];
    if (trouble !== undefined && trouble !== 200) return void response.writeHead(trouble).end();
    if (request.headers.authorization?.toLowerCase() !== expected.toLowerCase())
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
    const { pathname, searchParams } = new URL(url, this.url);
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...GIT_ENVIRONMENT,
        GIT_PROJECT_ROOT: path.resolve(this.#root),
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: searchParams.toString(),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_USER: 'x-access-token',
      },
    });
    backend.stdin.on('error', () => undefined);
    backend.stdin.end(body);
    const pieces: Buffer[] = [];
    backend.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    backend.on('close', () => {
      const output = Buffer.concat(pieces);
      const end = output.indexOf('\r\n\r\n');
      const lines = output.subarray(0, end).toString('latin1').split('\r\n');
      const fields = lines.map((line): [string, string] => [line.split(': ')[0] ?? '', line.split(': ')[1] ?? '']);
      const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200';
      response.writeHead(Number.parseInt(status, 10), Object.fromEntries(fields.filter(([name]) => name !== 'Status')));
      response.end(output.subarray(end + 4));
    });
  }
}

interface Routed {
  readonly template: string;
  readonly status: number;
  readonly value: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function textOf(body: string): string {
  return (JSON.parse(body) as { body: string }).body;
}

function userNamed(login: string, type: string, url: string): unknown {
  const at = `${url}/users/x`;
  const addresses = [
    'avatar_url',
    'url',
    'html_url',
    'followers_url',
    'following_url',
    'gists_url',
    'starred_url',
    'subscriptions_url',
    'organizations_url',
    'repos_url',
    'events_url',
    'received_events_url',
  ];
  return {
    login,
    id: 1,
    node_id: 'U1',
    gravatar_id: '',
    type,
    site_admin: false,
    ...Object.fromEntries(addresses.map((name) => [name, at])),
  };
}
