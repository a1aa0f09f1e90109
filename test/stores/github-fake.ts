/**
 * GitHub's interface for secrets. Every request and answer is held against
 * GitHub's own description of its API, and the boxes are opened again.
 */
import { readFileSync } from 'node:fs';

import { Ajv, type AnySchema } from 'ajv';
import addFormats from 'ajv-formats';
import sodium from 'libsodium-wrappers';

import { type Answer, type Asked, FakeServer } from './fake-server.ts';
import { freshValue } from './helpers.ts';

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: AnySchema }>> };
  readonly query: readonly { readonly name: string }[];
  readonly answers: Readonly<Record<string, AnySchema>>;
}

const { paths } = JSON.parse(
  readFileSync(new URL('../../fixtures/schemas/github-openapi.json', import.meta.url), 'utf8'),
) as { paths: Record<string, Record<string, Operation>> };

const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
await sodium.ready;

interface Kept {
  value: string;
  updated: number;
  visibility?: string;
  repositories?: readonly number[];
}

/** A time so many seconds after the clock began, as GitHub writes it: to the second. */
export function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString().replace('.000', '');
}

/** The template that a path is of, without environment, owner and names. */
function templateOf(path: string): string | undefined {
  return Object.keys(paths)
    .toSorted((a, b) => a.split('{').length - b.split('{').length)
    .find((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
}

function page(ids: readonly number[], query: URLSearchParams): Answer {
  const [size, number] = [Number(query.get('per_page')), Number(query.get('page'))];
  const repositories = ids.slice((number - 1) * size, number * size).map((id) => ({ id }));
  return { status: 200, body: { total_count: ids.length, repositories } };
}

export class GitHubFake {
  readonly token = `ghp_${freshValue(36).replaceAll(/[_-]/g, 'x')}`;
  /** By path. */
  readonly secrets = new Map<string, Kept>();
  /** Where a request or an answer is not as GitHub describes it. */
  readonly faults: string[] = [];
  /** Seconds; each write takes one. */
  clock = 0;
  readonly server = new FakeServer((asked) => {
    const answer = this.#answered(asked);
    this.#check(asked, answer);
    return answer;
  });
  readonly #pair = sodium.crypto_box_keypair();

  #answered({ method, path, headers, json, query }: Asked): Answer {
    if (headers.authorization !== `Bearer ${this.token}`) return { status: 401, body: { message: 'Bad credentials' } };
    if (path.endsWith('/public-key')) {
      const key = Buffer.from(this.#pair.publicKey).toString('base64');
      return { status: 200, body: { key_id: '568250167242549743', key } };
    }
    const list = path.endsWith('/repositories');
    const name = list ? path.slice(0, -'/repositories'.length) : path;
    const kept = this.secrets.get(name);
    if (method === 'PUT') return this.#written(name, json, kept);
    if (!kept) return { status: 404, body: { message: 'Not Found' } };
    if (list) return page(kept.repositories ?? [], query);
    const { updated, visibility } = kept;
    const url =
      visibility === 'selected' ? { selected_repositories_url: `${this.server.url}${path}/repositories` } : {};
    const shown = visibility === undefined ? {} : { visibility, ...url };
    return {
      status: 200,
      body: { name: name.split('/').at(-1), created_at: at(0), updated_at: at(updated), ...shown },
    };
  }

  #written(name: string, json: Record<string, unknown>, former: Kept | undefined): Answer {
    const box = Buffer.from(String(json['encrypted_value']), 'base64');
    const { publicKey, privateKey } = this.#pair;
    const value = Buffer.from(sodium.crypto_box_seal_open(box, publicKey, privateKey)).toString('utf8');
    const { visibility, selected_repository_ids: ids } = json;
    const shown = typeof visibility === 'string' ? { visibility } : {};
    const seen = Array.isArray(ids) ? { repositories: ids as number[] } : {};
    this.secrets.set(name, { value, updated: ++this.clock, ...shown, ...seen });
    return former ? { status: 204, body: '' } : { status: 201, body: {} };
  }

  #check({ method, path, json, query, headers }: Asked, { status, body }: Answer): void {
    const operation = paths[templateOf(path) ?? '']?.[method.toLowerCase()];
    if (!operation) return void this.faults.push(`${method} ${path} is not described`);
    if (headers['x-github-api-version'] !== '2022-11-28') this.faults.push(`${path} names no version of the API`);
    for (const name of query.keys())
      if (!operation.query.some((one) => one.name === name)) this.faults.push(`${path}: ${name}`);
    const schema = operation.requestBody?.content['application/json']?.schema;
    if (schema) this.#validate(`request ${method} ${path}`, schema, json);
    if (status === 200) this.#validate(`answer to ${method} ${path}`, operation.answers['200'] ?? false, body);
  }

  #validate(what: string, schema: AnySchema, value: unknown): void {
    const valid = ajv.compile(schema);
    if (!valid(value)) this.faults.push(`${what}: ${ajv.errorsText(valid.errors)}`);
  }
}
