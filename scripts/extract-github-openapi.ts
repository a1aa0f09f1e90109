/**
 * Takes the operations we call out of GitHub's OpenAPI description, without its
 * prose: `npx tsx scripts/extract-github-openapi.ts PATH`, where PATH is
 * `generated/api.github.com.deref.json` of an unpacked `@octokit/openapi`. The
 * whole package is 385 MB, so it is no dependency.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const OPERATIONS: readonly (readonly [string, string])[] = [
  ['/credentials/revoke', 'post'],
  ['/user', 'get'],
];
/** What the Action asks; of these the answers count as well, since a server of ours gives them in tests. */
const ACTION_OPERATIONS: readonly (readonly [string, string])[] = [
  ['/repos/{owner}/{repo}/issues/{issue_number}/comments', 'get'],
  ['/repos/{owner}/{repo}/issues/{issue_number}/comments', 'post'],
  ['/repos/{owner}/{repo}/issues/comments/{comment_id}', 'patch'],
  ['/repos/{owner}/{repo}/code-scanning/sarifs', 'post'],
  ['/repos/{owner}/{repo}/environments/{environment_name}', 'get'],
  ['/repos/{owner}/{repo}/compare/{basehead}', 'get'],
];
/** What a store of Actions or Dependabot secrets asks. */
const SECRETS = [
  '/repos/{owner}/{repo}/actions/secrets',
  '/repos/{owner}/{repo}/dependabot/secrets',
  '/repos/{owner}/{repo}/environments/{environment_name}/secrets',
  '/orgs/{org}/actions/secrets',
  '/orgs/{org}/dependabot/secrets',
] as const;
const SECRET_OPERATIONS: readonly (readonly [string, string])[] = SECRETS.flatMap((path) => [
  [`${path}/public-key`, 'get'] as const,
  [`${path}/{secret_name}`, 'get'] as const,
  [`${path}/{secret_name}`, 'put'] as const,
  ...(path.startsWith('/orgs') ? [[`${path}/{secret_name}/repositories`, 'get'] as const] : []),
]);
/** A list of repositories, each described at length; of them only the ids are read. */
const LISTS_REPOSITORIES = /\/secrets\/\{secret_name\}\/repositories$/;
/** Its answer takes longer to describe than all others together. */
const WITHOUT_ANSWER = '/repos/{owner}/{repo}/compare/{basehead}';
const PROSE = new Set(['description', 'example', 'examples', 'summary', 'title', 'externalDocs']);

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !PROSE.has(name) && !name.startsWith('x-'));
  return Object.fromEntries(kept.map(([name, inner]) => [name, bare(inner)]));
}

interface Description {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('name api.github.com.deref.json');
const description = JSON.parse(readFileSync(file, 'utf8')) as Description;

function operation(path: string, method: string): Record<string, unknown> {
  return description.paths[path]?.[method] ?? {};
}

/** An answer's schema by status; only successes have one of their own. */
function answers(responses: Record<string, unknown>): Record<string, unknown> {
  const schemas = Object.entries(responses).map(([status, response]) => {
    const { content } = bare(response) as { content?: Record<string, { schema?: unknown }> };
    return [status, status.startsWith('2') ? (content?.['application/json']?.schema ?? {}) : {}];
  });
  return Object.fromEntries(schemas) as Record<string, unknown>;
}

function parameters(list: unknown): unknown {
  const named = (list ?? []) as readonly { name: string; in: string; schema: unknown }[];
  return named.filter((one) => one.in === 'query').map(({ name, schema }) => ({ name, schema: bare(schema) }));
}

const paths: Record<string, Record<string, unknown>> = {};
const add = (path: string, method: string, what: unknown): void => {
  paths[path] = { ...paths[path], [method]: what };
};
for (const [path, method] of OPERATIONS) {
  const { requestBody, responses } = operation(path, method);
  // Bodies of answers are not ours to check; their statuses are.
  add(path, method, bare({ requestBody, responses: Object.keys(responses as object) }));
}
for (const [path, method] of [...ACTION_OPERATIONS, ...SECRET_OPERATIONS]) {
  const { requestBody, responses, parameters: query } = operation(path, method);
  const described = answers(responses as Record<string, unknown>);
  const schemas = path === WITHOUT_ANSWER || LISTS_REPOSITORIES.test(path) ? { ...described, 200: {} } : described;
  add(path, method, { ...(bare({ requestBody }) as object), query: parameters(query), answers: schemas });
}
const target = new URL('../fixtures/schemas/github-openapi.json', import.meta.url);
const source = `@octokit/openapi ${description.info.version}, api.github.com`;
writeFileSync(target, `${JSON.stringify({ source, paths }, null, 2)}\n`);
