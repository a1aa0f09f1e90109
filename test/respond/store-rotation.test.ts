/** Rotations into each kind of store that can be played here; the others run against real servers in test/integration. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import { parseUserFile } from '../../src/providers/user-file.ts';
import { makeFolder } from '../helpers/repository.ts';
import type { Bench } from '../stores/contract.ts';
import { type Answer, type Asked, FakeServer } from '../stores/fake-server.ts';
import { AzureFake, DopplerFake, GoogleFake } from '../stores/fakes.ts';
import { freshValue } from '../stores/helpers.ts';
import { Harness, type RunReport } from './harness.ts';
import { type Pair, documentBench, rotationContract } from './rotation-contract.ts';

rotationContract(
  'an .env file',
  async () => ({
    credentials: {},
    expired: {},
    retires: 'overwritten',
    async seed(pair) {
      const file = path.join(makeFolder('store'), '.env');
      const write = ({ consumerKey, secret }: Pair): void => {
        writeFileSync(file, `# mail\nMAIL_KEY=${consumerKey}\nMAIL_SECRET="${secret}"\nHOST=kept\n`);
      };
      write(pair);
      return {
        lines: `kind = "env-file"\npath = "${file}"\nfields = { consumerKey = "MAIL_KEY", secret = "MAIL_SECRET" }`,
        async current() {
          const { MAIL_KEY = '', MAIL_SECRET = '', HOST } = parseEnv(readFileSync(file, 'utf8'));
          if (HOST !== 'kept') throw new Error('another variable of the file was lost');
          return { consumerKey: MAIL_KEY, secret: MAIL_SECRET };
        },
        change: async (other) => {
          write(other);
        },
      };
    },
  }),
  { credentialed: false },
);

rotationContract('Azure Key Vault', () =>
  documentBench(async (): Promise<Bench> => {
    const azure = new AzureFake();
    await azure.server.listen();
    const lines = (name: string): string =>
      `kind = "azure-key-vault"\naddress = "${azure.server.url}"\nsecret = "${name}"`;
    return {
      credentials: { AZURE_KEY_VAULT_TOKEN: azure.token },
      expired: { AZURE_KEY_VAULT_TOKEN: `eyJ.${freshValue()}` },
      absent: lines('absent'),
      retires: 'disabled',
      takesText: true,
      keepsText: true,
      async seed(text) {
        const name = `s-${freshValue(8).replaceAll('_', '-')}`;
        azure.set(name, text);
        return {
          lines: lines(name),
          current: async () => azure.secrets.get(name)?.at(-1)?.value ?? '',
          change: async (other) => void azure.set(name, other),
        };
      },
    };
  }),
);

rotationContract('Google Secret Manager', () =>
  documentBench(async (): Promise<Bench> => {
    const google = new GoogleFake();
    await google.server.listen();
    const lines = (name: string): string =>
      `kind = "google-secret-manager"\naddress = "${google.server.url}"\nproject = "shop"\nsecret = "${name}"`;
    return {
      credentials: { GOOGLE_OAUTH_ACCESS_TOKEN: google.token },
      expired: { GOOGLE_OAUTH_ACCESS_TOKEN: `ya29.${freshValue()}` },
      absent: lines('absent'),
      retires: 'destroyed',
      takesText: true,
      keepsText: true,
      async seed(text) {
        const name = `s-${freshValue(8)}`;
        google.add(name, text);
        return {
          lines: lines(name),
          current: async () => google.text(name),
          change: async (other) => void google.add(name, other),
        };
      },
    };
  }),
);

rotationContract('Doppler', async () => {
  const doppler = new DopplerFake();
  await doppler.server.listen();
  return {
    credentials: { DOPPLER_TOKEN: doppler.token },
    expired: { DOPPLER_TOKEN: `dp.st.prd.${freshValue(40)}` },
    retires: 'kept',
    async seed(pair) {
      const [key, secret] = [`KEY_${doppler.values.size}`, `SECRET_${doppler.values.size}`];
      const change = async (other: Pair): Promise<void> => {
        doppler.values.set(key, other.consumerKey);
        doppler.values.set(secret, other.secret);
      };
      await change(pair);
      return {
        lines: `kind = "doppler"\naddress = "${doppler.server.url}"\nproject = "shop"\nconfig = "prd"\nfields = { consumerKey = "${key}", secret = "${secret}" }`,
        current: async () => ({
          consumerKey: doppler.values.get(key) ?? '',
          secret: doppler.values.get(secret) ?? '',
        }),
        change,
      };
    },
  };
});

describe('what goes wrong between the plan and the write', () => {
  let harness: Harness;
  let account: TurboAccount;
  let old: TurboKey;
  beforeEach(async () => {
    harness = await Harness.start();
    account = addTurboAccount(harness.simulator.state.turbosmtp);
    old = addTurboKey(account, { label: 'production' });
  });
  afterEach(() => harness.close());

  /** Reads are answered with the old key; everything else by `write`. */
  async function rotate(
    lines: string,
    credentials: Readonly<Record<string, string>>,
    reads: (text: string) => unknown,
    write: (asked: Asked) => Answer,
  ): Promise<RunReport> {
    const text = JSON.stringify({ key: old.consumerKey, secret: old.consumerSecret });
    const server = new FakeServer((asked) => {
      const target = String(asked.headers['x-amz-target'] ?? '');
      const reading = target === '' ? asked.method === 'GET' : /Get|Describe/.test(target);
      return reading ? { status: 200, body: reads(text) } : write(asked);
    });
    await server.listen();
    const file = `[store.production]\n${lines}\naddress = "${server.url}"\nfields = { consumerKey = "key", secret = "secret" }\n`;
    return harness.run({
      keys: [
        { kind: 'turbosmtp-pair', secret: old.consumerSecret, parts: { 'turbosmtp-consumer-key': [old.consumerKey] } },
      ],
      environment: { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password },
      stores: parseUserFile(file, 'providers.toml').secretStores,
      credentials,
      policy: { deployed: true },
      services: { mode: 'rotate' },
    });
  }

  function expectOldAlone(report: RunReport, code: string, says: RegExp): void {
    expect(report.step('replace')).toMatchObject({ status: 'failed', code });
    expect(report.said).toMatch(says);
    expect(account.keys).toEqual([old]);
    expect(harness.effects().map((effect) => effect.split(' ')[0])).toEqual(['POST', 'DELETE']);
    expect(report.step('revoke')).toMatchObject({ status: 'waiting' });
  }

  test('Vault’s check-and-set fails: a coded error with a mend, the new key gone, the old one alive', async () => {
    const report = await rotate(
      'kind = "vault"\npath = "mail"',
      { VAULT_TOKEN: freshValue() },
      (text) => ({
        data: { data: JSON.parse(text) as unknown, metadata: { version: 3, created_time: '2026-01-01T00:00:00Z' } },
      }),
      () => ({
        status: 400,
        body: { errors: ['check-and-set parameter did not match the current version'] },
      }),
    );
    expectOldAlone(report, 'STORE_CONFLICT', /→ Somebody else changed the secret meanwhile/);
  });

  test('AWS takes no more requests: the same', async () => {
    const report = await rotate(
      'kind = "aws-secrets-manager"\nregion = "eu-west-1"\nsecret = "mail"',
      { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: freshValue(40) },
      (text) => ({
        VersionId: 'a'.repeat(32),
        SecretString: text,
        CreatedDate: 1_700_000_000.5,
        VersionIdsToStages: { ['a'.repeat(32)]: ['AWSCURRENT'] },
      }),
      () => ({ status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } }),
    );
    expectOldAlone(report, 'STORE_THROTTLED', /→ Run the command again later/);
  });

  test('Azure’s token expires: the same', async () => {
    const report = await rotate(
      'kind = "azure-key-vault"\nsecret = "mail"',
      { AZURE_KEY_VAULT_TOKEN: `eyJ.${freshValue()}` },
      (value) => ({ id: 'https://v.example/secrets/mail/abc', value, attributes: { created: 1_700_000_000 } }),
      () => ({ status: 401, body: { error: { code: 'Unauthorized', message: 'Token validation failed' } } }),
    );
    expectOldAlone(report, 'STORE_AUTH', /→ Get a new token for this store/);
  });
});
