/** What every store with versions of a text must do, whoever plays the other side. */
import { beforeAll, describe, expect, test } from 'vitest';

import type { HttpClient } from '../../src/http/client.ts';
import type { StoreServices } from '../../src/stores/services.ts';
import type { Retired, Store } from '../../src/stores/store.ts';
import { clear, freshValue, restored, secretsOf, servicesFor, storeOf } from './helpers.ts';

/** One secret of the other side. */
export interface Subject {
  /** Lines of the providers file, without fields. */
  readonly lines: string;
  /** What the other side gives out now, by its own means. */
  readonly current: () => Promise<string>;
  /** Another person's write. */
  readonly change: (text: string) => Promise<void>;
}

export interface Bench {
  readonly credentials: Readonly<Record<string, string>>;
  /** Credentials of the same form that are not valid, or not any more. */
  readonly expired: Readonly<Record<string, string>>;
  /** A new secret with this text. */
  seed(text: string): Promise<Subject>;
  /** Lines of a secret that is not there. */
  readonly absent: string;
  /** What retiring a former version comes to. */
  readonly retires: Retired;
  /** False where a secret is always an object. */
  readonly takesText: boolean;
  /** False where the other side writes JSON anew. */
  readonly keepsText: boolean;
}

const FIELD = 'fields = { secret = "mail.key" }';

function documentWith(key: string): string {
  return `{ "port": 5432,\n  "mail": {"key": "${key}", "from": "a@example.test"}, "list": [1, {"x": null}] }`;
}

async function failure(doing: Promise<unknown>): Promise<{ code: string; text: string }> {
  const error = await doing.then(
    () => {
      throw new Error('it succeeded');
    },
    (cause: unknown) => cause,
  );
  const { code, mend, facts, stack } = error as Error & Record<string, unknown>;
  return { code: String(code), text: JSON.stringify([String(error), mend, facts, stack]) };
}

/** Targets of all requests: nothing secret may be in one. */
function recording(asked: string[]): Pick<StoreServices, 'http'> {
  const inner = servicesFor().http;
  const http: HttpClient = {
    send(request) {
      asked.push(request.url.href);
      return inner.send(request);
    },
  };
  return { http };
}

export function storeContract(title: string, start: () => Promise<Bench>): void {
  describe(`${title} as a store`, () => {
    let bench: Bench;
    const asked: string[] = [];

    beforeAll(async () => {
      bench = await start();
    });

    function open(lines: string, more = '', credentials = bench.credentials): Promise<Store> {
      return storeOf(`${lines}\n${more}`, { credentials, services: recording(asked) });
    }

    async function seeded() {
      const old = freshValue();
      const subject = await bench.seed(documentWith(old));
      return { old, subject, store: await open(subject.lines, FIELD) };
    }

    test('puts a field of a JSON secret, reads it back, and leaves its siblings', async () => {
      const { old, subject, store } = await seeded();
      const state = await store.read();
      expect(clear(state)).toEqual({ secret: old });
      const value = freshValue();
      const version = await store.put(secretsOf({ secret: value }), { expected: state, requestId: freshValue() });
      const back = await store.read();
      expect(clear(back)).toEqual({ secret: value });
      expect(back.id).toBe(version.id);
      expect(back.id).not.toBe(state.id);
      const text = await subject.current();
      expect(JSON.parse(text)).toEqual(JSON.parse(documentWith(value)));
      expect(bench.keepsText ? text : documentWith(value)).toBe(documentWith(value));
    });

    test('puts several parts at once', async () => {
      const subject = await bench.seed('{"a":"1","b":"2","c":3}');
      const store = await open(subject.lines, 'fields = { consumerKey = "a", secret = "b" }');
      const values = { consumerKey: freshValue(), secret: freshValue() };
      await store.put(secretsOf(values), { expected: null, requestId: freshValue() });
      expect(JSON.parse(await subject.current())).toEqual({ a: values.consumerKey, b: values.secret, c: 3 });
    });

    test('a key can be the whole secret, where a secret can be a text', async () => {
      const subject = await bench.seed(bench.takesText ? freshValue() : '{}');
      const value = `${freshValue()} "é\\`;
      const put = open(subject.lines).then(async (store) => {
        await store.put(secretsOf({ secret: value }), { expected: await store.read(), requestId: freshValue() });
        return [await subject.current(), clear(await store.read())];
      });
      const outcome = await put.catch((error: unknown) => (error as { code: string }).code);
      expect(outcome).toEqual(bench.takesText ? [value, { secret: value }] : 'STORE_CONFIG');
    });

    test('refuses to write over what somebody else wrote meanwhile', async () => {
      const { subject, store } = await seeded();
      const state = await store.read();
      const other = documentWith(freshValue());
      await subject.change(other);
      const put = store.put(secretsOf({ secret: freshValue() }), { expected: state, requestId: freshValue() });
      expect((await failure(put)).code).toBe('STORE_CONFLICT');
      expect(JSON.parse(await subject.current())).toEqual(JSON.parse(other));
    });

    test('finds a write after a crash, and none that was not made', async () => {
      const { store } = await seeded();
      const values = secretsOf({ secret: freshValue() });
      const requestId = freshValue();
      expect(await store.find(requestId, values)).toBeNull();
      const version = await store.put(values, { expected: await store.read(), requestId });
      expect((await store.find(requestId, values))?.id).toBe(version.id);
      // Somebody else's later version does not hide it.
      await store.put(secretsOf({ secret: freshValue() }), { expected: null, requestId: freshValue() });
      expect((await store.find(requestId, values))?.id).toBe(version.id);
      expect(await store.find(freshValue(), secretsOf({ secret: freshValue() }))).toBeNull();
    });

    test('makes a former version current again', async () => {
      const { old, subject, store } = await seeded();
      const former = await store.read();
      await store.put(secretsOf({ secret: freshValue() }), { expected: former, requestId: freshValue() });
      await restored(store, former);
      expect(clear(await store.read())).toEqual({ secret: old });
      expect(JSON.parse(await subject.current())).toEqual(JSON.parse(documentWith(old)));
    });

    test('takes away a field that was added, and leaves no trace of it', async () => {
      const subject = await bench.seed('{ "mail": {"from": "a@example.test"}, "list": [1] }');
      const store = await open(subject.lines, 'fields = { secret = "mail.key", consumerKey = "mail.id" }');
      const before = await subject.current();
      const values = { secret: freshValue(), consumerKey: freshValue() };
      await store.put(secretsOf(values), { expected: null, requestId: freshValue() });
      expect(clear(await store.read())).toEqual(values);
      const how = { expected: await store.read(), requestId: freshValue() };
      await store.put({ secret: null, consumerKey: null }, how);
      expect(clear(await store.read())).toEqual({});
      const after = await subject.current();
      expect(bench.keepsText ? after : JSON.parse(after)).toEqual(bench.keepsText ? before : JSON.parse(before));
    });

    test('tells beforehand that a part of the key has no field, and the whole text it would stand in', async () => {
      const { old, store } = await seeded();
      await store.check(['secret']);
      expect((await failure(store.check(['consumerKey', 'secret']))).code).toBe('STORE_CONFIG');
      expect((await store.read()).whole?.reveal()).toContain(old);
    });

    test('retires a former version and never the current one', async () => {
      const { store } = await seeded();
      const former = await store.read();
      const value = freshValue();
      const version = await store.put(secretsOf({ secret: value }), { expected: former, requestId: freshValue() });
      expect(await store.retire(former)).toBe(bench.retires);
      expect(await store.retire(version)).toBe('kept');
      expect(clear(await store.read())).toEqual({ secret: value });
      const again = restored(store, former);
      // `kept` says that it can still be had, the others that it cannot.
      const outcome = await again.then(
        () => 'kept',
        () => 'gone',
      );
      expect(outcome).toBe(bench.retires === 'kept' ? 'kept' : 'gone');
    });

    test.each([
      ['port.key', 'STORE_VALUE'],
      ['none.there', 'STORE_NOT_FOUND'],
    ])('refuses %s, which has no place in the secret', async (field, code) => {
      const { old, subject } = await seeded();
      const store = await open(subject.lines, `field = "${field}"`);
      const put = store.put(secretsOf({ secret: freshValue() }), { expected: null, requestId: freshValue() });
      expect((await failure(put)).code).toBe(code);
      expect((await failure(store.read())).code).toBe(code);
      expect(JSON.parse(await subject.current())).toEqual(JSON.parse(documentWith(old)));
    });

    test('tells a credential that is not valid, and a secret that is not there', async () => {
      const { subject } = await seeded();
      const stranger = await open(subject.lines, FIELD, bench.expired);
      const refused = await failure(stranger.read());
      expect(refused.code).toBe('STORE_AUTH');
      for (const credential of Object.values(bench.expired).filter((one) => one.length > 20))
        expect(refused.text).not.toContain(credential);
      const nobody = await open(subject.lines, FIELD, {});
      expect((await failure(nobody.read())).code).toBe('STORE_CREDENTIAL_MISSING');
      expect((await failure((await open(bench.absent, FIELD)).read())).code).toBe('STORE_NOT_FOUND');
    });

    test('puts no value and no credential into an address', async () => {
      const { old, store } = await seeded();
      const value = freshValue();
      await store.put(secretsOf({ secret: value }), { expected: null, requestId: freshValue() });
      expect(asked.length).toBeGreaterThan(2);
      for (const secret of [old, value, ...Object.values(bench.credentials).filter((one) => one.length > 20)])
        expect(asked.join('\n')).not.toContain(secret);
      expect(store.description).not.toContain(value);
    });
  });
}
