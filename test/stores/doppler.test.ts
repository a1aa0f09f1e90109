import { beforeEach, describe, expect, test } from 'vitest';

import { DopplerFake } from './fakes.ts';
import { clear, freshValue, secretsOf, storeOf } from './helpers.ts';

// Doppler is a service alone: no implementation of anybody's can be had, so this is a stand-in by its reference.
const doppler = new DopplerFake();
await doppler.server.listen();

const HOW = { expected: null, requestId: 'r' };

function open(more = 'fields = { consumerKey = "MAIL_KEY", secret = "MAIL_SECRET" }', token = doppler.token) {
  const lines = `kind = "doppler"\naddress = "${doppler.server.url}"\nproject = "shop"\nconfig = "prd"\n${more}`;
  return storeOf(lines, { credentials: { DOPPLER_TOKEN: token } });
}

beforeEach(() => {
  doppler.values.clear();
  doppler.values.set('MAIL_KEY', 'k0').set('MAIL_SECRET', 's0').set('OTHER', 'o');
  doppler.server.trouble = () => null;
  doppler.server.afterwards = (_, answer) => answer;
});

describe('Doppler (stand-in by its reference)', () => {
  test('puts the parts of a key in one request, reads them back, and leaves the rest', async () => {
    const store = await open();
    const state = await store.read();
    expect(clear(state)).toEqual({ consumerKey: 'k0', secret: 's0' });
    const values = { consumerKey: freshValue(), secret: freshValue() };
    const writes = doppler.server.seen.filter(({ method }) => method === 'POST').length;
    expect(await store.put(secretsOf(values), { expected: state, requestId: 'r' })).toEqual({
      id: null,
      createdAt: null,
    });
    expect(Object.fromEntries(doppler.values)).toEqual({
      MAIL_KEY: values.consumerKey,
      MAIL_SECRET: values.secret,
      OTHER: 'o',
    });
    expect(doppler.server.seen.filter(({ method }) => method === 'POST')).toHaveLength(writes + 1);
    expect(clear(await store.read())).toEqual(values);
  });

  test('makes a secret that is not there', async () => {
    doppler.values.delete('MAIL_SECRET');
    const store = await open();
    expect(clear(await store.read())).toEqual({ consumerKey: 'k0' });
    await store.put(secretsOf({ secret: 's1' }), HOW);
    expect(doppler.values.get('MAIL_SECRET')).toBe('s1');
  });

  test('lets Doppler refuse what somebody else changed since it was read', async () => {
    const store = await open();
    const state = await store.read();
    doppler.values.set('MAIL_SECRET', 'theirs');
    const put = store.put(secretsOf({ secret: 's1' }), { expected: state, requestId: 'r' });
    await expect(put).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(doppler.values.get('MAIL_SECRET')).toBe('theirs');
  });

  test('is held to the values last read, whatever names the version', async () => {
    const store = await open();
    await store.read();
    doppler.values.set('MAIL_KEY', 'theirs');
    const put = store.put(secretsOf({ secret: 's1', consumerKey: 'k1' }), {
      expected: { id: null, createdAt: null },
      requestId: 'r',
    });
    await expect(put).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect([doppler.values.get('MAIL_KEY'), doppler.values.get('MAIL_SECRET')]).toEqual(['theirs', 's0']);
  });

  test('takes a secret away that was added', async () => {
    doppler.values.delete('MAIL_SECRET');
    const store = await open();
    await store.put(secretsOf({ secret: 's1', consumerKey: 'k1' }), HOW);
    await store.put({ secret: null, ...secretsOf({ consumerKey: 'k0' }) }, HOW);
    expect(Object.fromEntries(doppler.values)).toEqual({ MAIL_KEY: 'k0', OTHER: 'o' });
    // What is not there needs no request to be gone.
    await store.put({ secret: null }, HOW);
    expect(doppler.values.has('MAIL_SECRET')).toBe(false);
    await expect(store.check(['other'])).rejects.toMatchObject({ code: 'STORE_CONFIG' });
  });

  test('finds a write whose answer was lost, restores, and says that the log keeps values', async () => {
    const store = await open();
    const former = await store.read();
    const values = secretsOf({ consumerKey: 'k1', secret: 's1' });
    expect(await store.find('r', values)).toBeNull();
    doppler.server.afterwards = ({ method }, answer) => (method === 'POST' ? { status: 200, lost: true } : answer);
    await expect(store.put(values, HOW)).rejects.toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN' });
    doppler.server.afterwards = (_, answer) => answer;
    expect(await store.find('r', values)).toEqual({ id: null, createdAt: null });
    await store.put(former.values ?? {}, HOW);
    expect(doppler.values.get('MAIL_KEY')).toBe('k0');
    expect(await store.retire(former)).toBe('kept');
  });

  test('one secret needs no fields', async () => {
    const store = await open('secret = "MAIL_KEY"');
    await store.put(secretsOf({ secret: 'k1' }), HOW);
    expect(doppler.values.get('MAIL_KEY')).toBe('k1');
  });

  test('an answer that does not hold what was sent is believed only if the store does', async () => {
    const empty = { status: 200, body: { secrets: {}, success: true } };
    doppler.server.trouble = ({ method }) => (method === 'POST' ? empty : null);
    await expect((await open()).put(secretsOf({ secret: 's1' }), HOW)).rejects.toMatchObject({ code: 'STORE_ANSWER' });
    doppler.server.trouble = () => null;
    doppler.server.afterwards = ({ method }, answer) => (method === 'POST' ? empty : answer);
    await (await open()).put(secretsOf({ secret: 's1' }), HOW);
    expect(doppler.values.get('MAIL_SECRET')).toBe('s1');
  });

  test('tells a token that is not valid, without naming it', async () => {
    const token = `dp.st.${freshValue()}`;
    const error = await (await open(undefined, token)).read().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'STORE_AUTH' });
    expect(JSON.stringify([String(error), error])).not.toContain(token);
  });

  test.each(['', 'secret = "lower"', 'fields = { secret = "A.B" }'])('%j is no configuration', async (more) => {
    await expect(open(more)).rejects.toMatchObject({ code: 'STORE_CONFIG' });
  });

  test('no value is in an address', async () => {
    const value = freshValue();
    await (await open()).put(secretsOf({ secret: value }), HOW);
    expect(doppler.server.targets.join()).not.toMatch(new RegExp(`${value}|${doppler.token}|s0`));
  });
});
