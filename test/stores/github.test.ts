/** Requests to GitHub are held against GitHub's own description of its API, and the boxes are opened again. */
import { readFileSync } from 'node:fs';

import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { sealed } from '../../src/stores/sealed-box.ts';
import { GitHubFake, at } from './github-fake.ts';
import { freshValue, secretsOf, storeOf } from './helpers.ts';

const fake = new GitHubFake();
const { secrets, faults, token, server: github } = fake;
await github.listen();

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
    expect(version.createdAt).toBe(at(fake.clock));
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
    secrets.set(name, { value: 'old', updated: ++fake.clock });
    const store = await open('repository = "acme/shop"\nsecret = "MAIL_KEY"');
    const state = await store.read();
    secrets.set(name, { value: 'theirs', updated: ++fake.clock });
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
    for (const name of ['MAIL_ID', 'MAIL_KEY']) secrets.set(path(name), { value: 'old', updated: ++fake.clock });
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

  test('tell beforehand what is missing: a name for a part, the permission, the library', async () => {
    secrets.set('/repos/acme/shop/actions/secrets/MAIL_KEY', { value: 'old', updated: 0 });
    const store = await open('repository = "acme/shop"\nsecret = "MAIL_KEY"');
    await store.check(['secret']);
    await expect(store.check(['consumerKey', 'secret'])).rejects.toMatchObject({ code: 'STORE_CONFIG' });
    github.trouble = ({ path }) => (path.endsWith('/public-key') ? { status: 403, body: { message: 'No' } } : null);
    await expect(store.check(['secret'])).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    github.trouble = () => null;
    vi.resetModules();
    vi.doMock('libsodium-wrappers', () => {
      throw new Error('not installed');
    });
    const { sodiumLibrary } = await import('../../src/stores/sealed-box.ts');
    await expect(sodiumLibrary()).rejects.toMatchObject({
      code: 'STORE_CONFIG',
      mend: expect.stringContaining('npm install libsodium-wrappers'),
    });
    vi.doUnmock('libsodium-wrappers');
    expect(faults).toEqual([]);
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
