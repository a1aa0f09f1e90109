/** HashiCorp Vault and OpenBao, secrets engine KV version 2. */
import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { StoreError } from '../errors/store.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import { credentialOf, need } from './credentials.ts';
import { partsIn, stateIn, textWith } from './document.ts';
import { type Parts, fieldsOf, holds, requireFields, secretsIn } from './fields.ts';
import { listAt, member, textAt } from './json-shape.ts';
import { rawAt } from './json-text.ts';
import type { StoreServices } from './services.ts';
import type { Changes, PutHow, Retired, Store, StoreState, StoreVersion } from './store.ts';
import {
  type Dialect,
  type StoreReply,
  type StoreRequest,
  addressOf,
  ask,
  below,
  plainSegments,
  unreadable,
} from './wire.ts';

type Config = StoreConfig<'vault'>;

/** How far back a lost write is looked for. */
const MOST_VERSIONS = 10;

/**
 * The answers of Vault: a list of sentences.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
 */
const DIALECT: Dialect = {
  word: ({ json }) => {
    const [first] = listAt(json, 'errors');
    return typeof first === 'string' ? first : null;
  },
  judge({ status }, word) {
    if (status === 400 && word?.includes('check-and-set') === true) return 'STORE_CONFLICT';
    if (status === 400 && word?.includes('missing client token') === true) return 'STORE_AUTH';
    // A token that has expired and one that may not are both 403; only the sentence differs.
    if (status === 403 && /invalid token|bad token|token expired/.test(word ?? '')) return 'STORE_AUTH';
    // 412: this node has not seen the newest write yet; 472, 473: it is a standby.
    return status === 412 || status === 472 || status === 473 ? 'STORE_UNREACHABLE' : undefined;
  },
};

/** One version with its data as the server wrote it. */
interface Held {
  readonly version: StoreVersion;
  readonly number: number;
  /** JSON text of the secret's data. */
  readonly data: string;
}

function versionOf(metadata: unknown): StoreVersion & { readonly number: number } {
  const number = member(metadata, 'version');
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) throw unreadable('version');
  return { id: String(number), createdAt: textAt(metadata, 'created_time'), number };
}

function heldIn({ json, text }: StoreReply): Held {
  const { number, ...version } = versionOf(member(json, 'data', 'metadata'));
  const data = typeof member(json, 'data', 'data') === 'object' ? rawAt(text, '/data/data') : null;
  if (data === null || !data.startsWith('{')) throw unreadable('data');
  return { version, number, data };
}

export function openVault(config: Config, services: StoreServices): Store {
  const { name } = config;
  const fields = fieldsOf(config);
  if (fields === null)
    throw new StoreError('STORE_CONFIG', `store.${name} needs fields: a secret of Vault is an object`);
  const base = addressOf(config.address, name);
  const mount = plainSegments(config.mount ?? 'secret', name);
  const path = plainSegments(config.path, name);

  async function send(request: Pick<StoreRequest, 'method' | 'url' | 'body' | 'effect'>, values: Changes = {}) {
    const token = need(await credentialOf(config, services), 'token');
    const headers = {
      'x-vault-token': token,
      'x-vault-request': 'true',
      ...(config.namespace === undefined ? {} : { 'x-vault-namespace': config.namespace }),
      ...(request.body === null ? {} : { 'content-type': 'application/json' }),
    };
    return ask(services, { ...request, headers, secrets: [token, ...secretsIn(values)] }, DIALECT);
  }

  function url(kind: 'data' | 'destroy', version?: string): URL {
    return below(base, ['v1', ...mount, kind, ...path], version === undefined ? {} : { version });
  }

  async function held(version?: string): Promise<Held> {
    return heldIn(await send({ method: 'GET', url: url('data', version), body: null, effect: 'read' }));
  }

  async function write(data: string, cas: number, values: Changes): Promise<StoreVersion> {
    const body = new Secret(`{"options":{"cas":${cas}},"data":${data}}`);
    const { json } = await send({ method: 'POST', url: url('data'), body, effect: 'write' }, values);
    const { number: _number, ...version } = versionOf(member(json, 'data'));
    return version;
  }

  /** A version that is deleted or destroyed is one that nobody can compare. */
  async function heldIfThere(version: number): Promise<Held | null> {
    try {
      return await held(String(version));
    } catch (error) {
      if (isScanError(error) && error.code === 'STORE_NOT_FOUND') return null;
      throw error;
    }
  }

  async function put(values: Changes, { expected }: Pick<PutHow, 'expected'>): Promise<StoreVersion> {
    const current = await held();
    if (expected !== null && expected.id !== current.version.id)
      throw new StoreError('STORE_CONFLICT', `store.${name} is at version ${current.number}, not ${expected.id}`);
    return write(textWith(current.data, fields, values, name).reveal(), current.number, values);
  }

  return {
    name,
    kind: 'vault',
    description: `${base.host}, ${[...mount, ...path].join('/')} (${[...fields.values()].join(', ')})`,
    async read(): Promise<StoreState> {
      const { version, data } = await held();
      return { ...version, ...stateIn(data, fields) };
    },
    async check(parts) {
      requireFields(parts, fields, name);
    },
    put,
    async find(_requestId: string, values: Parts) {
      const current = await held();
      const oldest = Math.max(1, current.number - MOST_VERSIONS + 1);
      for (let number = current.number; number >= oldest; number--) {
        const one = number === current.number ? current : await heldIfThere(number);
        if (one && holds(partsIn(one.data, fields), values)) return one.version;
      }
      return null;
    },
    async restore({ id }: StoreVersion) {
      const current = await held();
      if (id === current.version.id) return current.version;
      const former = id === null ? null : await heldIfThere(Number(id));
      if (!former) throw new StoreError('STORE_NOT_FOUND', `Version ${id} is not there any more`);
      return write(former.data, current.number, {});
    },
    async retire(version: StoreVersion): Promise<Retired> {
      const current = await held();
      const number = Number(version.id);
      if (number === current.number || !Number.isSafeInteger(number) || number < 1) return 'kept';
      const body = new Secret(JSON.stringify({ versions: [number] }));
      await send({ method: 'POST', url: url('destroy'), body, effect: 'again' });
      return 'destroyed';
    },
  };
}
