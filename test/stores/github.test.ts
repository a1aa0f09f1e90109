/** Requests to GitHub are held against GitHub's own description of its API, and the boxes are opened again. */
import { readFileSync } from 'node:fs';

import { Ajv, type AnySchema } from 'ajv';
import addFormats from 'ajv-formats';
import sodium from 'libsodium-wrappers';
import { beforeEach, describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { sealed } from '../../src/stores/sealed-box.ts';
import { type Answer, type Asked, FakeServer } from './fake-server.ts';
import { freshValue, secretsOf, storeOf } from './helpers.ts';

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
const pair = sodium.crypto_box_keypair();
const token = `ghp_${freshValue(36).replaceAll(/[_-]/g, 'x')}`;
const faults: string[] = [];

interface Kept {
  value: string;
  updated: number;
  visibility?: string;
  repositories?: readonly number[];
}
const secrets = new Map<string, Kept>();
let clock = 0;

const github = new FakeServer((asked) => {
  const answer = answered(asked);
  check(asked, answer);
  return answer;
});
await github.listen();

function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString().replace('.000', '');
}

function answered({ method, path, headers, json, query }: Asked): Answer {
  if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { message: 'Bad credentials' } };
  if (path.endsWith('/public-key'))
    return { status: 200, body: { key_id: '568250167242549743', key: Buffer.from(pair.publicKey).toString('base64') } };
  const list = path.endsWith('/repositories');
  const name = list ? path.slice(0, -'/repositories'.length) : path;
  const kept = secrets.get(name);
  if (method === 'PUT') return written(name, json, kept);
  if (!kept) return { status: 404, body: { message: 'Not Found' } };
  if (list) return page(kept.repositories ?? [], query);
  const { updated, visibility } = kept;
  const url = visibility === 'selected' ? { selected_repositories_url: `${github.url}${path}/repositories` } : {};
  const shown = visibility === undefined ? {} : { visibility, ...url };
  return { status: 200, body: { name: name.split('/').at(-1), created_at: at(0), updated_at: at(updated), ...shown } };
}

function page(ids: readonly number[], query: URLSearchParams): Answer {
  const [size, number] = [Number(query.get('per_page')), Number(query.get('page'))];
  const repositories = ids.slice((number - 1) * size, number * size).map((id) => ({ id }));
  return { status: 200, body: { total_count: ids.length, repositories } };
}

function written(name: string, json: Record<string, unknown>, former: Kept | undefined): Answer {
  const box = Buffer.from(String(json['encrypted_value']), 'base64');
  const value = Buffer.from(sodium.crypto_box_seal_open(box, pair.publicKey, pair.privateKey)).toString('utf8');
  const { visibility, selected_repository_ids: ids } = json;
  const shown = typeof visibility === 'string' ? { visibility } : {};
  const seen = Array.isArray(ids) ? { repositories: ids as number[] } : {};
  secrets.set(name, { value, updated: ++clock, ...shown, ...seen });
  return former ? { status: 204, body: '' } : { status: 201, body: {} };
}

/** The template that a path is of, without environment, owner and names. */
function templateOf(path: string): string | undefined {
  return Object.keys(paths)
    .toSorted((a, b) => a.split('{').length - b.split('{').length)
    .find((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
}

function check({ method, path, json, query, headers }: Asked, { status, body }: Answer): void {
  const operation = paths[templateOf(path) ?? '']?.[method.toLowerCase()];
  if (!operation) return void faults.push(`${method} ${path} is not described`);
  if (headers['x-github-api-version'] !== '2022-11-28') faults.push(`${path} names no version of the API`);
  for (const name of query.keys())
    if (!operation.query.some((one) => one.name === name)) faults.push(`${path}: ${name}`);
  const schema = operation.requestBody?.content['application/json']?.schema;
  if (schema) validate(`request ${method} ${path}`, schema, json);
  if (status === 200) validate(`answer to ${method} ${path}`, operation.answers['200'] ?? false, body);
}

function validate(what: string, schema: AnySchema, value: unknown): void {
  const valid = ajv.compile(schema);
  if (!valid(value)) faults.push(`${what}: ${ajv.errorsText(valid.errors)}`);
}

function open(more: string, credential = token) {
  return storeOf(`kind = "github-actions"\naddress = "${github.url}"\n${more}`, {
    credentials: { GH_TOKEN: credential },
  });
}

const HOW = { expected: null, requestId: 'r' };

beforeEach(() => {
  secrets.clear();
  faults.length = 0;
  github.trouble = () => null;
});

describe('GitHub secrets', () => {
  test.each([
    ['a repository', 'repository = "acme/shop"', '/repos/acme/shop/actions/secrets'],
    [
      'an environment',
      'repository = "acme/shop"\nenvironment = "prod eu"',
      '/repos/acme/shop/environments/prod%20eu/secrets',
    ],
    ['Dependabot', 'repository = "acme/shop"\ndependabot = true', '/repos/acme/shop/dependabot/secrets'],
    ['an organisation', 'organization = "acme"', '/orgs/acme/actions/secrets'],
    ['Dependabot of an organisation', 'organization = "acme"\ndependabot = true', '/orgs/acme/dependabot/secrets'],
  ])('of %s take a new value, as GitHub describes it', async (_, where, root) => {
    const shown = root.startsWith('/orgs') ? { visibility: 'private' } : {};
    secrets.set(`${root}/MAIL_KEY`, { value: 'old', updated: 0, ...shown });
    secrets.set(`${root}/MAIL_SECRET`, { value: 'old', updated: 0, ...shown });
    const store = await open(`${where}\nfields = { consumerKey = "MAIL_KEY", secret = "MAIL_SECRET" }`);
    const state = await store.read();
    expect(state).toEqual({ id: null, createdAt: at(0), values: null });
    const values = { consumerKey: freshValue(), secret: `${freshValue()} é` };
    const version = await store.put(secretsOf(values), { expected: state, requestId: 'r' });
    expect([secrets.get(`${root}/MAIL_KEY`), secrets.get(`${root}/MAIL_SECRET`)]).toMatchObject([
      { value: values.consumerKey, ...shown },
      { value: values.secret, ...shown },
    ]);
    expect(version.createdAt).toBe(at(clock));
    expect(await store.retire(state)).toBe('overwritten');
    expect(await store.retire(version)).toBe('kept');
    expect(faults).toEqual([]);
  });

  test('keep who may see them, whole pages of repositories among them', async () => {
    const name = '/orgs/acme/actions/secrets/MAIL_KEY';
    const repositories = Array.from({ length: 203 }, (_, id) => id + 1);
    secrets.set(name, { value: 'old', updated: 0, visibility: 'selected', repositories });
    const store = await open('organization = "acme"\nsecret = "MAIL_KEY"');
    await store.put(secretsOf({ secret: 'new' }), HOW);
    expect(secrets.get(name)).toMatchObject({ value: 'new', visibility: 'selected', repositories });
    expect(faults).toEqual([]);
  });

  test('written by somebody else meanwhile are left alone', async () => {
    const name = '/repos/acme/shop/actions/secrets/MAIL_KEY';
    secrets.set(name, { value: 'old', updated: ++clock });
    const store = await open('repository = "acme/shop"\nsecret = "MAIL_KEY"');
    const state = await store.read();
    secrets.set(name, { value: 'theirs', updated: ++clock });
    const put = store.put(secretsOf({ secret: 'new' }), { expected: state, requestId: 'r' });
    await expect(put).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(secrets.get(name)?.value).toBe('theirs');
  });

  test('cannot tell after a crash, and take the same value again without harm', async () => {
    const name = '/repos/acme/shop/actions/secrets/MAIL_KEY';
    secrets.set(name, { value: 'old', updated: 0 });
    const store = await open('repository = "acme/shop"\nsecret = "MAIL_KEY"');
    let losses = 1;
    github.afterwards = ({ method }, answer) => (method === 'PUT' && losses-- > 0 ? { ...answer, lost: true } : answer);
    await store.put(secretsOf({ secret: 'new' }), HOW);
    github.afterwards = (_, answer) => answer;
    expect(secrets.get(name)?.value).toBe('new');
    await expect(store.find('r', secretsOf({ secret: 'new' }))).rejects.toMatchObject({
      code: 'STORE_OUTCOME_UNKNOWN',
    });
    expect('restore' in store).toBe(false);
    await expect(store.put({ secret: null }, HOW)).rejects.toMatchObject({ code: 'STORE_VALUE' });
    await store.put(secretsOf({ secret: 'old' }), HOW);
    expect(secrets.get(name)?.value).toBe('old');
  });

  test('of which one was written and the other refused hold part of the new key: that is no refusal', async () => {
    const path = (name: string): string => `/repos/acme/shop/actions/secrets/${name}`;
    for (const name of ['MAIL_ID', 'MAIL_KEY']) secrets.set(path(name), { value: 'old', updated: ++clock });
    const store = await open('repository = "acme/shop"\nfields = { id = "MAIL_ID", secret = "MAIL_KEY" }');
    const refuse = (refused: string) => {
      github.trouble = ({ method, path: asked }) =>
        method === 'PUT' && asked === path(refused) ? { status: 403, body: { message: 'Forbidden' } } : null;
    };
    const values = secretsOf({ id: 'new-id', secret: 'new' });
    refuse('MAIL_KEY');
    await expect(store.put(values, HOW)).rejects.toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN' });
    expect([secrets.get(path('MAIL_ID'))?.value, secrets.get(path('MAIL_KEY'))?.value]).toEqual(['new-id', 'old']);
    // Refused before anything was written (control).
    refuse('MAIL_ID');
    await expect(store.put(values, HOW)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });

  test('that are not there are not made', async () => {
    const store = await open('repository = "acme/shop"\nsecret = "MAIL_KEY"');
    await expect(store.read()).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  });

  test('cost nothing to who has none: a plain install does not bring the library for boxes', () => {
    const read = (file: string) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as unknown;
    const facts = read('../../package.json') as Record<string, Record<string, unknown>>;
    expect(Object.keys(facts['dependencies'] ?? {})).not.toContain('libsodium-wrappers');
    expect(Object.keys(facts['optionalDependencies'] ?? {})).toEqual([]);
    expect(facts['peerDependenciesMeta']?.['libsodium-wrappers']).toEqual({ optional: true });
  });

  test('are not sent where the key is none', async () => {
    await expect(sealed(new Secret('x'), 'c2hvcnQ=')).rejects.toMatchObject({ code: 'STORE_ANSWER' });
  });

  test('no value and no token is in an address', async () => {
    expect(github.targets.length).toBeGreaterThan(10);
    expect(github.targets.join()).not.toContain(token);
  });

  test.each([
    ['both', 'repository = "a/b"\norganization = "c"\nsecret = "A"'],
    ['neither', 'secret = "A"'],
    ['no owner', 'repository = "b"\nsecret = "A"'],
    ['an environment of an organisation', 'organization = "c"\nenvironment = "e"\nsecret = "A"'],
    ['an environment of Dependabot', 'repository = "a/b"\nenvironment = "e"\ndependabot = true\nsecret = "A"'],
    ['a climbing name', 'repository = "../b"\nsecret = "A"'],
    ['a name GitHub keeps for itself', 'repository = "a/b"\nsecret = "GITHUB_X"'],
    ['a field inside', 'repository = "a/b"\nfield = "A.b"'],
  ])('%s is no configuration', async (_, more) => {
    await expect(open(more)).rejects.toMatchObject({ code: 'STORE_CONFIG' });
  });
});
