/** Azure Key Vault, secrets. */
import type { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import { credentialOf, keptWhileValid, need } from './credentials.ts';
import { stateIn, textWith } from './document.ts';
import { fieldsOf, requireFields, secretsIn } from './fields.ts';
import { listAt, member, secondsAt, textAt } from './json-shape.ts';
import type { StoreServices } from './services.ts';
import type { Changes, PutHow, Retired, Store, StoreState, StoreVersion } from './store.ts';
import { type Dialect, type JsonRequest, addressOf, askJson, below, grantedToken, unreadable } from './wire.ts';

type Config = StoreConfig<'azure-key-vault'>;

const API = { 'api-version': '7.4' };
const LOGIN = 'https://login.microsoftonline.com';
/** Tells the version that a write made, after a crash. */
const TAG = 'unleak-request';
/** Of 25 versions each, as the service lists them. */
const MOST_PAGES = 40;
const SUFFIXES = ['vault.azure.net', 'vault.azure.cn', 'vault.usgovcloudapi.net'];

/** @see https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
const DIALECT: Dialect = {
  word: ({ json }) =>
    textAt(json, 'error', 'innererror', 'code') ?? textAt(json, 'error', 'code') ?? textAt(json, 'error'),
  judge({ status }, word) {
    // The login service calls a wrong or expired client secret a bad request or one without authorization.
    if (status === 400 && (word === 'invalid_client' || word === 'unauthorized_client' || word === 'invalid_grant'))
      return 'STORE_AUTH';
    return undefined;
  },
};

interface Held {
  readonly version: StoreVersion;
  readonly text: string;
  /** What else a version has and the next one should have too. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** `https://NAME.vault.azure.net/secrets/SECRET/VERSION` */
function versionIn(item: unknown): StoreVersion {
  const id = /\/secrets\/[^/]+\/([0-9a-zA-Z]{1,64})$/.exec(textAt(item, 'id') ?? '')?.[1];
  if (id === undefined) throw unreadable('version');
  return { id, createdAt: secondsAt(item, 'attributes', 'created') };
}

function tagsOf(item: unknown): Record<string, string> {
  const tags = member(item, 'tags');
  if (typeof tags !== 'object' || tags === null) return {};
  const texts = Object.entries(tags).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return Object.fromEntries(texts.filter(([tag]) => tag !== TAG));
}

function restOf(item: unknown): Record<string, unknown> {
  const [type, exp, nbf] = [
    textAt(item, 'contentType'),
    member(item, 'attributes', 'exp'),
    member(item, 'attributes', 'nbf'),
  ];
  const attributes = {
    enabled: true,
    ...(typeof exp === 'number' ? { exp } : {}),
    ...(typeof nbf === 'number' ? { nbf } : {}),
  };
  return { ...(type === null ? {} : { contentType: type }), attributes, tags: tagsOf(item) };
}

/** What a token must be for: the cloud that the vault is in. */
function scopeOf(address: URL): string {
  const suffix = SUFFIXES.find((one) => address.hostname.endsWith(`.${one}`)) ?? SUFFIXES[0];
  return `https://${suffix}/.default`;
}

function tokenSource(config: Config, address: URL, services: StoreServices): () => Promise<Secret> {
  const login = addressOf(config.login ?? LOGIN, config.name);
  return keptWhileValid(services.now, async () => {
    const credential = await credentialOf(config, services);
    if (credential['token']) return { value: credential['token'], validMs: 0 };
    const secret = need(credential, 'secret');
    const form = {
      grant_type: 'client_credentials',
      client_id: need(credential, 'client').reveal(),
      client_secret: secret.reveal(),
      scope: scopeOf(address),
    };
    const url = below(login, [need(credential, 'tenant').reveal(), 'oauth2', 'v2.0', 'token']);
    return grantedToken(services, url, form, [secret], DIALECT);
  });
}

export function openAzure(config: Config, services: StoreServices): Store {
  const { name } = config;
  const fields = fieldsOf(config);
  const base = addressOf(config.address, name);
  const token = tokenSource(config, base, services);

  async function send(
    method: JsonRequest['method'],
    url: URL,
    content: JsonRequest['content'],
    effect: JsonRequest['effect'],
    values: Changes = {},
  ): Promise<unknown> {
    return askJson(services, await token(), { method, url, content, effect, values: secretsIn(values) }, DIALECT);
  }

  function at(...rest: readonly string[]): URL {
    return below(base, ['secrets', config.secret, ...rest], API);
  }

  async function held(version?: string): Promise<Held> {
    const json = await send('GET', version === undefined ? at() : at(version), null, 'read');
    const text = textAt(json, 'value');
    if (text === null) throw unreadable('value');
    return { version: versionIn(json), text, rest: restOf(json) };
  }

  async function write(text: string, rest: Held['rest'], requestId: string | null, values: Changes) {
    const tags = { ...tagsOf(rest), ...(requestId === null ? {} : { [TAG]: requestId }) };
    return versionIn(await send('PUT', at(), { value: text, ...rest, tags }, 'write', values));
  }

  return {
    name,
    kind: 'azure-key-vault',
    description: `${config.secret} in ${base.host}`,
    async read(): Promise<StoreState> {
      const { version, text } = await held();
      return { ...version, ...stateIn(text, fields) };
    },
    async check(parts) {
      requireFields(parts, fields, name);
    },
    async put(values: Changes, { expected, requestId }: PutHow) {
      const current = await held();
      if (expected !== null && expected.id !== current.version.id)
        throw new StoreError('STORE_CONFLICT', `store.${name} is at version ${current.version.id}, not ${expected.id}`);
      return write(textWith(current.text, fields, values, name).reveal(), current.rest, requestId, values);
    },
    async find(requestId: string) {
      let next: URL | null = at('versions');
      for (let page = 0; next !== null && page < MOST_PAGES; page++) {
        const json = await send('GET', next, null, 'read');
        const made = listAt(json, 'value').find((item) => textAt(item, 'tags', TAG) === requestId);
        if (made !== undefined) return versionIn(made);
        const link = textAt(json, 'nextLink');
        next = link === null || link === '' ? null : addressOf(link, name);
        // A page elsewhere would be sent the token.
        if (next !== null && next.origin !== base.origin) throw unreadable('next page of its own');
      }
      if (next === null) return null;
      throw new StoreError('STORE_OUTCOME_UNKNOWN', `store.${name} has more versions than are looked through`);
    },
    async restore({ id }: StoreVersion) {
      if (id === null) throw new StoreError('STORE_NOT_FOUND', `store.${name} has no version without a name`);
      const former = await held(id);
      return write(former.text, former.rest, null, {});
    },
    async retire({ id }: StoreVersion): Promise<Retired> {
      const current = await held();
      if (id === null || id === current.version.id) return 'kept';
      await send('PATCH', at(id), { attributes: { enabled: false } }, 'again');
      return 'disabled';
    },
  };
}
