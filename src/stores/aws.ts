/** AWS Secrets Manager. */
import { createHash } from 'node:crypto';

import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { StoreError, type StoreErrorCode } from '../errors/store.ts';
import { awsHeaders } from '../providers/aws-signature.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import { credentialOf, need } from './credentials.ts';
import { stateIn, textWith } from './document.ts';
import { fieldsOf, requireFields, secretsIn } from './fields.ts';
import { listAt, member, secondsAt, textAt } from './json-shape.ts';
import type { StoreServices } from './services.ts';
import type { Changes, PutHow, Retired, Store, StoreState, StoreVersion } from './store.ts';
import { type Dialect, type StoreRequest, addressOf, ask, unreadable } from './wire.ts';

type Config = StoreConfig<'aws-secrets-manager'>;

const JSON_TYPE = 'application/x-amz-json-1.1';
const CURRENT = 'AWSCURRENT';
/** Holds a new version until it is moved to be the current one; a name of ours, since rotation functions use AWSPENDING. */
const PENDING = 'UNLEAK_PENDING';

const CODES: Readonly<Record<string, StoreErrorCode>> = {
  ResourceNotFoundException: 'STORE_NOT_FOUND',
  ResourceExistsException: 'STORE_CONFLICT',
  AccessDeniedException: 'STORE_REFUSED',
  InvalidRequestException: 'STORE_REFUSED',
  LimitExceededException: 'STORE_REFUSED',
  DecryptionFailure: 'STORE_REFUSED',
  EncryptionFailure: 'STORE_REFUSED',
  ThrottlingException: 'STORE_THROTTLED',
  Throttling: 'STORE_THROTTLED',
  TooManyRequestsException: 'STORE_THROTTLED',
  RequestLimitExceeded: 'STORE_THROTTLED',
  ExpiredTokenException: 'STORE_AUTH',
  ExpiredToken: 'STORE_AUTH',
  UnrecognizedClientException: 'STORE_AUTH',
  InvalidClientTokenId: 'STORE_AUTH',
  InvalidSignatureException: 'STORE_AUTH',
  SignatureDoesNotMatch: 'STORE_AUTH',
  IncompleteSignatureException: 'STORE_AUTH',
  MissingAuthenticationTokenException: 'STORE_AUTH',
  RequestExpired: 'STORE_AUTH',
};

/** The type of an error may have a namespace before it and an address after it. What stands before the service may answer in XML. */
const DIALECT: Dialect = {
  word({ json, headers, text }) {
    const type =
      textAt(json, '__type') ?? headers['x-amzn-errortype'] ?? /<Code>(\w{1,80})<\/Code>/.exec(text)?.[1] ?? null;
    return type?.split('#').at(-1)?.split(':')[0] ?? null;
  },
  judge: (_, word) => (word !== null && Object.hasOwn(CODES, word) ? CODES[word] : undefined),
};

interface Held {
  readonly version: StoreVersion;
  readonly text: string;
}

/** Version ids are tokens of 32 to 64 characters, chosen by the caller: the same write has the same one. */
function tokenOf(requestId: string): string {
  return createHash('sha256').update(`unleak ${requestId}`).digest('hex');
}

export function openAws(config: Config, services: StoreServices): Store {
  const { name, region } = config;
  const fields = fieldsOf(config);
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = addressOf(config.address ?? `https://secretsmanager.${region}.${suffix}/`, name);

  async function call(
    operation: string,
    input: Readonly<Record<string, unknown>>,
    effect: StoreRequest['effect'],
    values: Changes = {},
  ): Promise<unknown> {
    const credential = await credentialOf(config, services);
    const body = new Secret(JSON.stringify({ SecretId: config.secret, ...input }));
    const session = credential['session'];
    const extra = {
      'x-amz-target': `secretsmanager.${operation}`,
      ...(session ? { 'x-amz-security-token': session } : {}),
    };
    const secret = need(credential, 'secret');
    const signed = awsHeaders({
      url,
      body: body.reveal(),
      contentType: JSON_TYPE,
      service: 'secretsmanager',
      region,
      keyId: need(credential, 'keyId').reveal(),
      secret,
      now: services.now(),
      headers: extra,
    });
    const headers = { 'content-type': JSON_TYPE, ...extra, ...signed };
    const secrets = [secret, ...(session ? [session] : []), ...secretsIn(values)];
    return (await ask(services, { method: 'POST', url, headers, body, effect, secrets }, DIALECT)).json;
  }

  async function held(): Promise<Held> {
    const json = await call('GetSecretValue', { VersionStage: CURRENT }, 'read');
    const [id, text] = [textAt(json, 'VersionId'), textAt(json, 'SecretString')];
    if (id === null) throw unreadable('VersionId');
    if (text === null) throw new StoreError('STORE_VALUE', `The secret of store.${name} is binary`);
    return { version: { id, createdAt: secondsAt(json, 'CreatedDate') }, text };
  }

  /** Labels of each version. */
  async function stages(): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = member(await call('DescribeSecret', {}, 'read'), 'VersionIdsToStages');
    if (typeof found !== 'object' || found === null) throw unreadable('VersionIdsToStages');
    return new Map(
      Object.keys(found).map((id) => [id, listAt(found, id).filter((label) => typeof label === 'string')]),
    );
  }

  /** The store itself refuses where the label is on another version than `from` by now. */
  async function makeCurrent(id: string, from: string): Promise<void> {
    if (id === from) return;
    try {
      const input = { VersionStage: CURRENT, MoveToVersionId: id, RemoveFromVersionId: from };
      await call('UpdateSecretVersionStage', input, 'again');
    } catch (error) {
      // What is sent twice finds the label moved, and is refused; so does who comes second.
      const current = await currentId();
      if (current === id) return;
      if (current !== from) throw new StoreError('STORE_CONFLICT', `store.${name} is at version ${current} by now`);
      throw error;
    }
  }

  async function currentId(): Promise<string | null> {
    return [...(await stages())].find(([, labels]) => labels.includes(CURRENT))?.[0] ?? null;
  }

  async function unlabel(id: string, label: string): Promise<void> {
    await call('UpdateSecretVersionStage', { VersionStage: label, RemoveFromVersionId: id }, 'again');
  }

  return {
    name,
    kind: 'aws-secrets-manager',
    description: `${config.secret} in ${region}`,
    async read(): Promise<StoreState> {
      const { version, text } = await held();
      return { ...version, ...stateIn(text, fields) };
    },
    async check(parts) {
      requireFields(parts, fields, name);
      // Needed when the label is moved.
      await stages();
    },
    async put(values: Changes, { expected, requestId }: PutHow) {
      const current = await held();
      const token = tokenOf(requestId);
      if (current.version.id === token) return current.version;
      const before = current.version.id ?? '';
      if (expected !== null && expected.id !== before)
        throw new StoreError('STORE_CONFLICT', `store.${name} is at version ${before}, not ${expected.id}`);
      const text = textWith(current.text, fields, values, name).reveal();
      const input = { ClientRequestToken: token, SecretString: text, VersionStages: [PENDING] };
      await call('PutSecretValue', input, 'again', values);
      await makeCurrent(token, before);
      // A label too many does no harm.
      await unlabel(token, PENDING).catch((error: unknown) => {
        if (!isScanError(error)) throw error;
      });
      return { id: token, createdAt: services.now().toISOString() };
    },
    async find(requestId: string) {
      const token = tokenOf(requestId);
      const labels = (await stages()).get(token);
      // Only written so far: the step that makes it current is still to come.
      const pending = labels !== undefined && labels.length > 0 && labels.every((label) => label === PENDING);
      return labels === undefined || pending ? null : { id: token, createdAt: null };
    },
    async restore({ id }: StoreVersion) {
      if (id === null) throw new StoreError('STORE_NOT_FOUND', `store.${name} has no version without a name`);
      await makeCurrent(id, (await currentId()) ?? '');
      return { id, createdAt: null };
    },
    async retire({ id }: StoreVersion): Promise<Retired> {
      const labels = id === null ? undefined : (await stages()).get(id);
      // A version without labels is listed no longer; the store deletes it in its own time.
      if (id === null || labels === undefined || labels.includes(CURRENT)) return 'kept';
      for (const label of labels) await unlabel(id, label);
      return 'kept';
    },
  };
}
