/**
 * Vault against its own secrets engine, KV version 2, as HashiCorp publishes it
 * (see vault-kv/main.go for what is around it). A whole server takes longer to
 * build than these tests may, and OpenBao is not on the Go module proxy.
 */
import { describe, expect, test } from 'vitest';

import { HttpError } from '../../src/errors/http.ts';
import { documentBench, rotationContract } from '../respond/rotation-contract.ts';
import { type Bench, type Subject, storeContract } from '../stores/contract.ts';
import { clear, freshValue, restored, secretsOf, servicesFor, storeOf } from '../stores/helpers.ts';

const address = process.env['UNLEAK_TEST_VAULT'] ?? '';
const token = process.env['UNLEAK_TEST_VAULT_TOKEN'] ?? '';
if (address === '') throw new Error('run these by `npm run test:integration`');
const credentials = { VAULT_TOKEN: token };

async function vault(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const answer = await fetch(`${address}/v1/secret/${path}`, {
    method,
    headers: { 'x-vault-token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
}

function lines(path: string): string {
  return `kind = "vault"\naddress = "${address}"\npath = "${path}"`;
}

async function seed(text: string): Promise<Subject & { readonly path: string }> {
  const path = `apps/${freshValue(8)}`;
  const change = async (other: string): Promise<void> => {
    await vault('POST', `data/${path}`, { data: JSON.parse(other) as unknown });
  };
  await change(text);
  return {
    path,
    lines: lines(path),
    change,
    async current() {
      const { json } = await vault('GET', `data/${path}`);
      return JSON.stringify((json as { data: { data: unknown } }).data.data);
    },
  };
}

const bench = async (): Promise<Bench> => ({
  credentials,
  expired: { VAULT_TOKEN: `hvs.${freshValue()}` },
  absent: lines('apps/absent'),
  retires: 'destroyed',
  takesText: false,
  keepsText: false,
  seed,
});

storeContract('Vault KV version 2 (its own engine)', bench);
rotationContract('Vault KV version 2 (its own engine)', async () => documentBench(await bench()));

describe('Vault KV version 2', () => {
  test('a retired version is destroyed, and so is what it held', async () => {
    const { path, lines: config } = await seed('{"key":"old"}');
    const store = await storeOf(`${config}\nfield = "key"`, { credentials });
    const former = await store.read();
    await store.put(secretsOf({ secret: 'new' }), { expected: former, requestId: 'r' });
    await store.retire(former);
    const { status, json } = await vault('GET', `data/${path}?version=${former.id}`);
    expect([status, (json as { data: { metadata: { destroyed: boolean } } }).data.metadata.destroyed]).toEqual([
      404,
      true,
    ]);
    await expect(restored(store, former)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
    // The values themselves can still be put back.
    await store.put(former.values ?? {}, { expected: null, requestId: 'back' });
    expect(clear(await store.read())).toEqual({ secret: 'old' });
  });

  test('the engine itself refuses a write between reading and writing', async () => {
    const { lines: config, change, current } = await seed('{"key":"old"}');
    const inner = servicesFor().http;
    const store = await storeOf(`${config}\nfield = "key"`, {
      credentials,
      services: {
        http: {
          async send(request) {
            if (request.method === 'POST') await change('{"key":"theirs"}');
            return inner.send(request);
          },
        },
      },
    });
    const put = store.put(secretsOf({ secret: 'new' }), { expected: null, requestId: 'r' });
    await expect(put).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(JSON.parse(await current())).toEqual({ key: 'theirs' });
  });

  test('killed before the answer came, it finds its write', async () => {
    const { lines: config } = await seed('{"key":"old"}');
    const inner = servicesFor().http;
    const dying = await storeOf(`${config}\nfield = "key"`, {
      credentials,
      services: {
        http: {
          async send(request) {
            const answer = await inner.send(request);
            if (request.method === 'POST') throw new HttpError('HTTP_TIMEOUT', 'no answer');
            return answer;
          },
        },
      },
    });
    const values = secretsOf({ secret: freshValue() });
    await expect(dying.put(values, { expected: null, requestId: 'r' })).rejects.toMatchObject({
      code: 'STORE_OUTCOME_UNKNOWN',
    });
    const store = await storeOf(`${config}\nfield = "key"`, { credentials });
    expect((await store.find('r', values))?.id).toBe('2');
  });

  test('a deleted secret is not there', async () => {
    const { path, lines: config } = await seed('{"key":"old"}');
    await vault('DELETE', `data/${path}`);
    const store = await storeOf(`${config}\nfield = "key"`, { credentials });
    await expect(store.read()).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  });
});
