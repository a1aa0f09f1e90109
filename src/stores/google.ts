/** Google Secret Manager. */
import { isUtf8 } from 'node:buffer';
import { createPrivateKey, sign } from 'node:crypto';

import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { StoreError } from '../errors/store.ts';
import { parseJson } from '../http/body.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import { crc32c } from './crc32c.ts';
import { credentialOf, keptWhileValid, need } from './credentials.ts';
import { partsIn, stateIn, textWith } from './document.ts';
import { type Parts, fieldsOf, holds, requireFields, secretsIn } from './fields.ts';
import { listAt, textAt } from './json-shape.ts';
import type { StoreServices } from './services.ts';
import type { Changes, PutHow, Retired, Store, StoreState, StoreVersion } from './store.ts';
import {
  type Dialect,
  type JsonRequest,
  addressOf,
  askJson,
  below,
  grantedToken,
  plainSegments,
  unreadable,
} from './wire.ts';

type Config = StoreConfig<'google-secret-manager'>;

const LOGIN = 'https://oauth2.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** How far back a lost write is looked for. */
const MOST_VERSIONS = 10;

/** @see https://cloud.google.com/apis/design/errors */
const DIALECT: Dialect = {
  word: ({ json }) => textAt(json, 'error', 'status') ?? textAt(json, 'error'),
  judge({ status }, word) {
    // The login service answers a key that is no longer one with 400.
    if (status === 400 && word === 'invalid_grant') return 'STORE_AUTH';
    // A version that is disabled or destroyed.
    if (status === 400 && word === 'FAILED_PRECONDITION') return 'STORE_NOT_FOUND';
    return undefined;
  },
};

interface Held {
  readonly id: string;
  readonly bytes: Buffer;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A statement of the service account that it is itself (RFC 7523), for an hour. */
function assertion(key: Secret, audience: string, now: Date): { text: Secret; privateKey: Secret } {
  const value = parseJson(key.reveal());
  const [email, pem] = [textAt(value, 'client_email'), textAt(value, 'private_key')];
  if (email === null || pem === null)
    throw new StoreError('STORE_CREDENTIAL_MISSING', 'GOOGLE_CREDENTIALS is no key of a service account');
  const seconds = Math.floor(now.getTime() / 1000);
  const claims = { iss: email, scope: SCOPE, aud: audience, iat: seconds, exp: seconds + 3600 };
  const open = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}`;
  try {
    const signature = sign('sha256', Buffer.from(open), createPrivateKey(pem)).toString('base64url');
    return { text: new Secret(`${open}.${signature}`), privateKey: new Secret(pem) };
  } catch {
    // The reason could quote the key.
    throw new StoreError('STORE_CREDENTIAL_MISSING', 'The private key in GOOGLE_CREDENTIALS cannot be used');
  }
}

function tokenSource(config: Config, services: StoreServices): () => Promise<Secret> {
  const login = addressOf(config.login ?? LOGIN, config.name);
  const url = below(login, ['token']);
  return keptWhileValid(services.now, async () => {
    const credential = await credentialOf(config, services);
    if (credential['token']) return { value: credential['token'], validMs: 0 };
    // The address is ours, not the file's: a forged key file must not be able to name one.
    const { text, privateKey } = assertion(need(credential, 'key'), `${LOGIN}/token`, services.now());
    const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    return grantedToken(services, url, { grant_type: grant, assertion: text.reveal() }, [text, privateKey], DIALECT);
  });
}

/** `projects/123/secrets/NAME/versions/4` */
function idIn(item: unknown): string {
  const id = /\/versions\/(\d{1,12})$/.exec(textAt(item, 'name') ?? '')?.[1];
  if (id === undefined) throw unreadable('version');
  return id;
}

function versionIn(item: unknown): StoreVersion {
  return { id: idIn(item), createdAt: textAt(item, 'createTime') };
}

function payloadIn(json: unknown): Buffer {
  const data = textAt(json, 'payload', 'data');
  if (data === null) throw unreadable('payload');
  const bytes = Buffer.from(data, 'base64');
  // 64-bit numbers are texts in Google's JSON.
  const sum = textAt(json, 'payload', 'dataCrc32c');
  if (sum !== null && sum !== String(crc32c(bytes)))
    throw new StoreError('STORE_ANSWER', 'The payload of the secret does not match its checksum');
  return bytes;
}

/** @throws StoreError `STORE_VALUE`: bytes that are no text would be damaged by writing them again */
function textOf({ bytes }: Held): string {
  if (!isUtf8(bytes)) throw new StoreError('STORE_VALUE', 'The payload of the secret is no UTF-8 text');
  return bytes.toString('utf8');
}

function rootOf({ project, location, secret, address, name }: Config): URL {
  const host = location === undefined ? 'secretmanager.googleapis.com' : `secretmanager.${location}.rep.googleapis.com`;
  const base = addressOf(address ?? `https://${host}`, name);
  const place = location === undefined ? [] : ['locations', location];
  return below(base, ['v1', 'projects', ...plainSegments(project, name), ...place, 'secrets', secret]);
}

export function openGoogle(config: Config, services: StoreServices): Store {
  const { name } = config;
  const fields = fieldsOf(config);
  const root = rootOf(config);
  const token = tokenSource(config, services);

  async function send(
    method: JsonRequest['method'],
    rest: string,
    content: JsonRequest['content'],
    effect: JsonRequest['effect'],
    values: Changes = {},
  ): Promise<unknown> {
    const url = new URL(`${root.href}${rest}`);
    return askJson(services, await token(), { method, url, content, effect, values: secretsIn(values) }, DIALECT);
  }

  async function held(version: string): Promise<Held> {
    const json = await send('GET', `/versions/${version}:access`, null, 'read');
    return { id: idIn(json), bytes: payloadIn(json) };
  }

  async function write(bytes: Buffer, values: Changes): Promise<StoreVersion> {
    const payload = { data: bytes.toString('base64'), dataCrc32c: String(crc32c(bytes)) };
    return versionIn(await send('POST', ':addVersion', { payload }, 'write', values));
  }

  /** Whether a version holds the values; one that cannot be read does not. */
  async function isWritten(id: string, values: Parts): Promise<boolean> {
    try {
      return holds(partsIn(textOf(await held(id)), fields), values);
    } catch (error) {
      if (isScanError(error) && (error.code === 'STORE_NOT_FOUND' || error.code === 'STORE_VALUE')) return false;
      throw error;
    }
  }

  function idOf(version: StoreVersion): string {
    if (version.id === null || !/^\d{1,12}$/.test(version.id))
      throw new StoreError('STORE_NOT_FOUND', `store.${name} has no such version`);
    return version.id;
  }

  return {
    name,
    kind: 'google-secret-manager',
    description: `${config.secret} in project ${config.project}`,
    async read(): Promise<StoreState> {
      const latest = await held('latest');
      const { id } = latest;
      const createdAt = textAt(await send('GET', `/versions/${id}`, null, 'read'), 'createTime');
      return { id, createdAt, ...stateIn(textOf(latest), fields) };
    },
    async check(parts) {
      requireFields(parts, fields, name);
    },
    async put(values: Changes, { expected }: PutHow) {
      const current = await held('latest');
      if (expected !== null && expected.id !== current.id)
        throw new StoreError('STORE_CONFLICT', `store.${name} is at version ${current.id}, not ${expected.id}`);
      return write(Buffer.from(textWith(textOf(current), fields, values, name).reveal()), values);
    },
    async find(_requestId: string, values: Parts) {
      const json = await send('GET', `/versions?pageSize=${MOST_VERSIONS}`, null, 'read');
      const enabled = listAt(json, 'versions').filter((item) => textAt(item, 'state') === 'ENABLED');
      for (const item of enabled.slice(0, MOST_VERSIONS))
        if (await isWritten(idIn(item), values)) return versionIn(item);
      return null;
    },
    async restore(previous: StoreVersion) {
      return write((await held(idOf(previous))).bytes, {});
    },
    async retire(version: StoreVersion): Promise<Retired> {
      const id = idOf(version);
      if (id === (await held('latest')).id) return 'kept';
      await send('POST', `/versions/${id}:destroy`, {}, 'again');
      return 'destroyed';
    },
  };
}
