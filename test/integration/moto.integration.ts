/** AWS Secrets Manager against moto, which checks signatures with AWS's own library. */
import { describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { awsHeaders } from '../../src/providers/aws-signature.ts';
import { documentBench, rotationContract } from '../respond/rotation-contract.ts';
import { type Bench, type Subject, storeContract } from '../stores/contract.ts';
import { clear, freshValue, secretsOf, servicesFor, storeOf } from '../stores/helpers.ts';

const address = process.env['UNLEAK_TEST_MOTO'] ?? '';
if (address === '') throw new Error('run these by `npm run test:integration`');
const REGION = 'eu-west-1';

interface Keys {
  readonly id: string;
  readonly secret: string;
}

async function call(service: string, contentType: string, body: string, keys: Keys, more: Record<string, string> = {}) {
  const url = new URL(address);
  const signed = awsHeaders({
    url,
    body,
    contentType,
    service,
    region: REGION,
    keyId: keys.id,
    secret: new Secret(keys.secret),
    now: new Date(),
    headers: more,
  });
  const headers = Object.entries({ ...more, ...signed }).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : value.reveal(),
  ]);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': contentType, ...Object.fromEntries(headers) },
    body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${service} answered ${answer.status}: ${text}`);
  return text;
}

/** A user that may do what docs/STORES.md says that it needs, and what the tests do for the other side. */
async function makeUser(): Promise<Keys> {
  const nobody = { id: 'nobody', secret: 'x' };
  const form = 'application/x-www-form-urlencoded; charset=utf-8';
  const iam = (fields: Record<string, string>) =>
    call('iam', form, new URLSearchParams({ Version: '2010-05-08', UserName: 'unleak', ...fields }).toString(), nobody);
  await iam({ Action: 'CreateUser' });
  const actions = ['GetSecretValue', 'DescribeSecret', 'PutSecretValue', 'UpdateSecretVersionStage', 'CreateSecret'];
  const statement = { Effect: 'Allow', Action: actions.map((one) => `secretsmanager:${one}`), Resource: '*' };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await iam({ Action: 'PutUserPolicy', PolicyName: 'stores', PolicyDocument: policy });
  const made = await iam({ Action: 'CreateAccessKey' });
  const [, id = ''] = /<AccessKeyId>([^<]+)</.exec(made) ?? [];
  const [, secret = ''] = /<SecretAccessKey>([^<]+)</.exec(made) ?? [];
  return { id, secret };
}

const keys = await makeUser();
const credentials = { AWS_ACCESS_KEY_ID: keys.id, AWS_SECRET_ACCESS_KEY: keys.secret };

async function secretsManager(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const target = { 'x-amz-target': `secretsmanager.${operation}` };
  const text = await call('secretsmanager', 'application/x-amz-json-1.1', JSON.stringify(input), keys, target);
  return JSON.parse(text) as Record<string, unknown>;
}

function lines(name: string): string {
  return `kind = "aws-secrets-manager"\nregion = "${REGION}"\nsecret = "${name}"\naddress = "${address}"`;
}

async function seed(text: string): Promise<Subject & { readonly name: string }> {
  const name = `mail/${freshValue(8)}`;
  await secretsManager('CreateSecret', { Name: name, SecretString: text, ClientRequestToken: freshValue(36) });
  return {
    name,
    lines: lines(name),
    // Without a stage moto gives the version that was written last, whatever its labels; AWS gives the current one.
    async current() {
      const found = await secretsManager('GetSecretValue', { SecretId: name, VersionStage: 'AWSCURRENT' });
      return String(found['SecretString']);
    },
    change: async (other) => {
      await secretsManager('PutSecretValue', {
        SecretId: name,
        SecretString: other,
        ClientRequestToken: freshValue(36),
      });
    },
  };
}

const bench = async (): Promise<Bench> => ({
  credentials,
  expired: { ...credentials, AWS_SECRET_ACCESS_KEY: freshValue(40) },
  absent: lines('mail/absent'),
  // A version without labels is deleted by AWS in its own time; until then it can be asked for by its id.
  retires: 'kept',
  takesText: true,
  keepsText: true,
  seed,
});

storeContract('AWS Secrets Manager (moto)', bench);
rotationContract('AWS Secrets Manager (moto)', async () => documentBench(await bench()));

describe('AWS Secrets Manager', () => {
  async function labels(name: string): Promise<Record<string, readonly string[]>> {
    const described = await secretsManager('DescribeSecret', { SecretId: name });
    return described['VersionIdsToStages'] as Record<string, readonly string[]>;
  }

  test('the former version is AWSPREVIOUS, and has no label once retired', async () => {
    const { name, lines: config } = await seed('old');
    const store = await storeOf(config, { credentials });
    const former = await store.read();
    const version = await store.put(secretsOf({ secret: 'new' }), { expected: former, requestId: 'r1' });
    expect(await labels(name)).toEqual({ [former.id ?? '']: ['AWSPREVIOUS'], [version.id ?? '']: ['AWSCURRENT'] });
    await store.retire(former);
    expect((await labels(name))[former.id ?? ''] ?? []).toEqual([]);
  });

  test('killed between writing and making current, it goes on where it was', async () => {
    const { name, lines: config } = await seed('old');
    const inner = servicesFor().http;
    const dying = await storeOf(config, {
      credentials,
      services: {
        http: {
          send: (request) =>
            String(request.headers['x-amz-target']).endsWith('UpdateSecretVersionStage')
              ? Promise.reject(new Error('killed'))
              : inner.send(request),
        },
      },
    });
    const values = secretsOf({ secret: 'new' });
    const former = await dying.read();
    await expect(dying.put(values, { expected: former, requestId: 'r2' })).rejects.toThrow('killed');
    const store = await storeOf(config, { credentials });
    expect(clear(await store.read())).toEqual({ secret: 'old' });
    expect(await store.find('r2', values)).toBeNull();
    const version = await store.put(values, { expected: former, requestId: 'r2' });
    expect(clear(await store.read())).toEqual({ secret: 'new' });
    expect(Object.keys(await labels(name))).toHaveLength(2);
    // Once more: the same write is the same version.
    expect((await store.put(values, { expected: former, requestId: 'r2' })).id).toBe(version.id);
  });

  test('a write between reading and making current wins', async () => {
    const { lines: config, change, current } = await seed('old');
    const inner = servicesFor().http;
    const store = await storeOf(config, {
      credentials,
      services: {
        http: {
          async send(request) {
            const answer = await inner.send(request);
            if (String(request.headers['x-amz-target']).endsWith('PutSecretValue')) await change('theirs');
            return answer;
          },
        },
      },
    });
    const put = store.put(secretsOf({ secret: 'new' }), { expected: await store.read(), requestId: 'r3' });
    await expect(put).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(await current()).toBe('theirs');
  });
});
