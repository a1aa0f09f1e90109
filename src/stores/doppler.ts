/** Doppler: the secrets of one config, each under its name. */
import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { StoreError } from '../errors/store.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import { credentialOf, need } from './credentials.ts';
import { ONLY_PART, type Parts, byField, fieldsOf, holds, requireFields, secretsIn } from './fields.ts';
import { listAt, textAt } from './json-shape.ts';
import type { StoreServices } from './services.ts';
import type { Changes, PutHow, Retired, Store, StoreState, StoreVersion } from './store.ts';
import { type Dialect, type JsonRequest, addressOf, askJson, below, unreadable } from './wire.ts';

type Config = StoreConfig<'doppler'>;

const NAME = /^[A-Z_][A-Z0-9_]{0,199}$/;
/** The API names no version of a secret; its configs have a log, which is not one of a secret. */
const UNVERSIONED: StoreVersion = { id: null, createdAt: null };

const DIALECT: Dialect = {
  word({ json }) {
    const [first] = listAt(json, 'messages');
    return typeof first === 'string' ? first : null;
  },
};

function namesOf(config: Config): ReadonlyMap<string, string> {
  const fields = fieldsOf(config) ?? (config.secret === undefined ? null : new Map([[ONLY_PART, config.secret]]));
  if (!fields || [...fields.values()].some((one) => !NAME.test(one)))
    throw new StoreError(
      'STORE_CONFIG',
      `store.${config.name} needs a secret or fields, in capitals as Doppler names them`,
    );
  return fields;
}

export function openDoppler(config: Config, services: StoreServices): Store {
  const { name, project } = config;
  const fields = namesOf(config);
  const base = addressOf(config.address ?? 'https://api.doppler.com', name);
  const where = { project, config: config.config };
  /** What was last read, so that a write can be held against it: there is no version that could be. */
  let seen: Parts | null = null;

  async function send(request: JsonRequest): Promise<unknown> {
    return askJson(services, need(await credentialOf(config, services), 'token'), request, DIALECT);
  }

  async function valueOf(secret: string): Promise<Secret | null> {
    const url = below(base, ['v3', 'configs', 'config', 'secret'], { ...where, name: secret });
    try {
      const raw = textAt(await send({ method: 'GET', url, content: null, effect: 'read' }), 'value', 'raw');
      if (raw === null) throw unreadable('value: it is restricted, or of another form');
      return new Secret(raw);
    } catch (error) {
      if (isScanError(error) && error.code === 'STORE_NOT_FOUND') return null;
      throw error;
    }
  }

  async function read(): Promise<StoreState & { readonly values: Parts }> {
    const found: [string, Secret][] = [];
    for (const [part, secret] of fields) {
      const value = await valueOf(secret);
      if (value) found.push([part, value]);
    }
    seen = Object.fromEntries(found);
    return { ...UNVERSIONED, values: seen };
  }

  /** One change with the value that it may replace: Doppler refuses where that is another by now. */
  function change(secret: string, value: Secret | null, former: Secret | undefined) {
    const before = former ? { originalName: secret, originalValue: former.reveal() } : { originalName: null };
    if (value === null) return { name: secret, ...before, value: '', shouldDelete: true };
    return { name: secret, ...before, value: value.reveal() };
  }

  async function write(values: Changes, former: Parts): Promise<StoreVersion> {
    const changes = byField(values, fields, name).flatMap(([secret, value]) => {
      const part = [...fields].find(([, one]) => one === secret)?.[0] ?? '';
      const gone = value === null && former[part] === undefined;
      return gone ? [] : [change(secret, value, former[part])];
    });
    const content = { ...where, change_requests: changes };
    const url = below(base, ['v3', 'configs', 'config', 'secrets']);
    const secrets = [...Object.values(former), ...secretsIn(values)];
    const json = await send({ method: 'POST', url, content, effect: 'write', values: secrets });
    for (const [secret, value] of byField(values, fields, name))
      if (textAt(json, 'secrets', secret, 'raw') !== (value?.reveal() ?? null))
        throw unreadable(`new value of ${secret}`);
    return UNVERSIONED;
  }

  /** A refusal means a conflict if another value stands there by now; the answer itself does not tell. */
  async function guarded(values: Changes, former: Parts): Promise<StoreVersion> {
    try {
      return await write(values, former);
    } catch (error) {
      if (!isScanError(error) || (error.code !== 'STORE_ANSWER' && error.code !== 'STORE_CONFLICT')) throw error;
      const { values: now } = await read();
      if (holds(now, values)) return UNVERSIONED;
      if (holds(now, former)) throw error;
      throw new StoreError('STORE_CONFLICT', `store.${name} holds another value by now`);
    }
  }

  return {
    name,
    kind: 'doppler',
    description: `${[...fields.values()].join(', ')} in ${project}/${config.config}`,
    read,
    async check(parts) {
      requireFields(parts, fields, name);
    },
    async put(values: Changes, { expected }: PutHow) {
      const former = expected === null ? null : seen;
      return guarded(values, former ?? (await read()).values);
    },
    async find(_requestId: string, values: Parts) {
      return holds((await read()).values, values) ? UNVERSIONED : null;
    },
    async retire(): Promise<Retired> {
      // The log of the config keeps former values, and its interface deletes none.
      return 'kept';
    },
  };
}
