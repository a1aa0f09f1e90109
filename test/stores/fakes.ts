/**
 * Stand-ins for stores of which no implementation of somebody else's can be had
 * here (Azure Key Vault, Google Secret Manager, Doppler). They do what the
 * services' references say and refuse what those refuse.
 */
import { randomBytes } from 'node:crypto';

import { crc32c } from '../../src/stores/crc32c.ts';
import { type Answer, type Asked, FakeServer } from './fake-server.ts';

interface AzureVersion {
  readonly id: string;
  readonly value: string;
  readonly contentType?: string;
  readonly tags: Record<string, string>;
  readonly attributes: { enabled: boolean; readonly created: number; readonly exp?: number };
}

/**
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets (7.4): set, get, list versions, update
 */
export class AzureFake {
  readonly token = `eyJ.${randomBytes(24).toString('base64url')}`;
  readonly clientSecret = randomBytes(20).toString('base64url');
  readonly secrets = new Map<string, AzureVersion[]>();
  readonly server = new FakeServer((asked) => this.#answer(asked));
  #clock = 1_767_225_600;

  set(name: string, value: string, rest: Partial<AzureVersion> = {}): AzureVersion {
    const attributes = { enabled: true, ...rest.attributes, created: ++this.#clock };
    const version = { tags: {}, ...rest, id: randomBytes(16).toString('hex'), value, attributes };
    this.secrets.set(name, [...(this.secrets.get(name) ?? []), version]);
    return version;
  }

  #bundle(name: string, { id, value: _value, ...rest }: AzureVersion): Record<string, unknown> {
    return { id: `https://vault.example/secrets/${name}/${id}`, ...rest };
  }

  #answer(asked: Asked): Answer {
    if (asked.path.endsWith('/oauth2/v2.0/token')) return this.#login(asked);
    if (asked.headers.authorization !== `Bearer ${this.token}`)
      return { status: 401, body: { error: { code: 'Unauthorized', message: 'Token validation failed' } } };
    if (asked.query.get('api-version') !== '7.4') return { status: 400, body: { error: { code: 'BadParameter' } } };
    const [, , name = '', version] = asked.path.split('/');
    const all = this.secrets.get(name);
    if (asked.method === 'PUT') return this.#put(name, asked);
    if (!all) return { status: 404, body: { error: { code: 'SecretNotFound' } } };
    if (version === 'versions') return this.#list(name, all, asked);
    const one = version === undefined ? all.at(-1) : all.find(({ id }) => id === version);
    if (!one) return { status: 404, body: { error: { code: 'SecretNotFound' } } };
    if (asked.method === 'PATCH') {
      const { attributes } = asked.json as { attributes?: { enabled?: boolean } };
      one.attributes.enabled = attributes?.enabled ?? true;
      return { status: 200, body: this.#bundle(name, one) };
    }
    if (!one.attributes.enabled)
      return { status: 403, body: { error: { code: 'Forbidden', innererror: { code: 'SecretDisabled' } } } };
    return { status: 200, body: { ...this.#bundle(name, one), value: one.value } };
  }

  #put(name: string, { json }: Asked): Answer {
    const { value, ...rest } = json as { value?: string } & Partial<AzureVersion>;
    if (value === undefined) return { status: 400, body: { error: { code: 'BadParameter' } } };
    return { status: 200, body: { ...this.#bundle(name, this.set(name, value, rest)), value } };
  }

  /** Two a page, in no order: the service promises none. */
  #list(name: string, all: readonly AzureVersion[], { query }: Asked): Answer {
    const sorted = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const from = Number(query.get('$skiptoken') ?? 0);
    const next = new URL(`${this.server.url}/secrets/${name}/versions?api-version=7.4&$skiptoken=${from + 2}`);
    const value = sorted.slice(from, from + 2).map((one) => this.#bundle(name, one));
    return { status: 200, body: { value, nextLink: from + 2 < sorted.length ? next.href : null } };
  }

  #login({ text }: Asked): Answer {
    const form = new URLSearchParams(text);
    const known =
      form.get('client_secret') === this.clientSecret && form.get('scope') === 'https://vault.azure.net/.default';
    if (!known) return { status: 401, body: { error: 'invalid_client' } };
    return { status: 200, body: { access_token: this.token, expires_in: 3599, token_type: 'Bearer' } };
  }
}

interface GoogleVersion {
  readonly number: number;
  readonly data: string;
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
}

/** @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions */
export class GoogleFake {
  readonly token = `ya29.${randomBytes(24).toString('base64url')}`;
  readonly secrets = new Map<string, GoogleVersion[]>();
  readonly server = new FakeServer((asked) => this.#answer(asked));
  /** Decides whether an assertion is a service account's. */
  assertion: (jwt: string) => boolean = () => false;

  add(name: string, text: string): GoogleVersion {
    return this.addBytes(name, Buffer.from(text));
  }

  addBytes(name: string, bytes: Buffer): GoogleVersion {
    const all = this.secrets.get(name) ?? [];
    const data = bytes.toString('base64');
    const version: GoogleVersion = { number: all.length + 1, data, state: 'ENABLED' };
    this.secrets.set(name, [...all, version]);
    return version;
  }

  bytes(name: string): Buffer {
    return Buffer.from(this.secrets.get(name)?.at(-1)?.data ?? '', 'base64');
  }

  text(name: string): string {
    return this.bytes(name).toString('utf8');
  }

  #described(name: string, { number, state }: GoogleVersion): Record<string, unknown> {
    const createTime = `2026-01-01T00:00:${String(number).padStart(2, '0')}.000001Z`;
    return { name: `projects/123/secrets/${name}/versions/${number}`, createTime, state, etag: '"1"' };
  }

  #fail(code: number, status: string): Answer {
    return { status: code, body: { error: { code, message: 'as it is', status } } };
  }

  #answer(asked: Asked): Answer {
    if (asked.path === '/token') {
      const known = this.assertion(new URLSearchParams(asked.text).get('assertion') ?? '');
      if (!known) return { status: 400, body: { error: 'invalid_grant' } };
      return { status: 200, body: { access_token: this.token, expires_in: 3599 } };
    }
    if (asked.headers.authorization !== `Bearer ${this.token}`) return this.#fail(401, 'UNAUTHENTICATED');
    const [, name = '', rest = ''] = /^\/v1\/projects\/shop\/secrets\/([\w-]+)(.*)$/.exec(asked.path) ?? [];
    const all = this.secrets.get(name);
    if (!all) return this.#fail(404, 'NOT_FOUND');
    if (rest === ':addVersion') return this.#add(name, asked);
    if (rest === '/versions')
      return { status: 200, body: { versions: all.toReversed().map((one) => this.#described(name, one)) } };
    const [, id = '', verb = ''] = /^\/versions\/(\w+)(?::(\w+))?$/.exec(rest) ?? [];
    const one = id === 'latest' ? all.at(-1) : all.find(({ number }) => String(number) === id);
    if (!one) return this.#fail(404, 'NOT_FOUND');
    if (verb === 'destroy') one.state = 'DESTROYED';
    if (verb !== 'access') return { status: 200, body: this.#described(name, one) };
    if (one.state !== 'ENABLED') return this.#fail(400, 'FAILED_PRECONDITION');
    const dataCrc32c = String(crc32c(Buffer.from(one.data, 'base64')));
    const payload = { data: one.data, dataCrc32c };
    return { status: 200, body: { name: this.#described(name, one)['name'], payload } };
  }

  #add(name: string, { json }: Asked): Answer {
    const { payload } = json as { payload?: { data: string; dataCrc32c: string } };
    const bytes = Buffer.from(payload?.data ?? '', 'base64');
    if (payload?.dataCrc32c !== String(crc32c(bytes))) return this.#fail(400, 'INVALID_ARGUMENT');
    return { status: 200, body: this.#described(name, this.addBytes(name, bytes)) };
  }
}

interface Change {
  readonly name: string;
  readonly originalName: string | null;
  readonly originalValue?: string;
  readonly value: string;
  readonly shouldDelete?: boolean;
}

/** @see https://docs.doppler.com/reference/secrets-update, whose fields clients made from its description have */
export class DopplerFake {
  readonly token = `dp.st.prd.${randomBytes(20).toString('hex')}`;
  readonly values = new Map<string, string>();
  readonly server = new FakeServer((asked) => this.#answer(asked));

  #answer(asked: Asked): Answer {
    const fail = (status: number, message: string): Answer => ({
      status,
      body: { messages: [message], success: false },
    });
    if (asked.headers.authorization !== `Bearer ${this.token}`) return fail(401, 'Invalid Auth token');
    const where = asked.method === 'GET' ? Object.fromEntries(asked.query) : asked.json;
    if (where['project'] !== 'shop' || where['config'] !== 'prd') return fail(404, 'Could not find requested config');
    if (asked.method === 'GET') {
      const name = asked.query.get('name') ?? '';
      const raw = this.values.get(name);
      if (raw === undefined) return fail(404, 'Could not find requested secret');
      return { status: 200, body: { name, value: { raw, computed: raw, note: '' } } };
    }
    const changes = asked.json['change_requests'] as readonly Change[];
    for (const { name, originalName, originalValue } of changes) {
      const former = this.values.get(name);
      if ((originalName === null) !== (former === undefined)) return fail(400, 'The secret has changed');
      if (originalValue !== undefined && originalValue !== former) return fail(400, 'The value has changed');
    }
    for (const { name, value, shouldDelete } of changes)
      if (shouldDelete === true) this.values.delete(name);
      else this.values.set(name, value);
    const secrets = Object.fromEntries([...this.values].map(([name, raw]) => [name, { raw, computed: raw }]));
    return { status: 200, body: { secrets, success: true } };
  }
}
