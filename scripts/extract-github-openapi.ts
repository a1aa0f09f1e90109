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
const paths = OPERATIONS.map(([path, method]) => {
  const operation = description.paths[path]?.[method] ?? {};
  const responses = operation['responses'] as Record<string, unknown>;
  // Bodies of answers are not ours to check; their statuses are.
  return [path, { [method]: bare({ requestBody: operation['requestBody'], responses: Object.keys(responses) }) }];
});
const target = new URL('../fixtures/schemas/github-openapi.json', import.meta.url);
const source = `@octokit/openapi ${description.info.version}, api.github.com`;
writeFileSync(target, `${JSON.stringify({ source, paths: Object.fromEntries(paths) }, null, 2)}\n`);
