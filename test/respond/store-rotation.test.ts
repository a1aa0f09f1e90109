/** Rotations into each kind of store that can be played here; the others run against real servers in test/integration. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import { parseUserFile } from '../../src/providers/user-file.ts';
import { makeFolder } from '../helpers/repository.ts';
import { azureBench, googleBench } from '../stores/benches.ts';
import { type Answer, type Asked, FakeServer } from '../stores/fake-server.ts';
import { AzureFake, DopplerFake, GoogleFake } from '../stores/fakes.ts';
import { GitHubFake } from '../stores/github-fake.ts';
import { freshValue } from '../stores/helpers.ts';
import { Harness, type RunReport } from './harness.ts';
import { type Pair, documentBench, rotationContract } from './rotation-contract.ts';

/** A new file with both parts. */
function envFile(pair: Pair): { lines: string; current: () => Promise<Pair>; change: (other: Pair) => Promise<void> } {
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
}

rotationContract(
  'an .env file',
  async () => ({ credentials: {}, expired: {}, retires: 'overwritten', seed: async (pair) => envFile(pair) }),
  { credentialed: false },
);

// GitHub gives no value back, so a file comes first: it is what a run that was killed reads the new key from.
rotationContract(
  'an .env file and GitHub Actions secrets',
  async () => {
    const github = new GitHubFake();
    await github.server.listen();
    let count = 0;
    return {
      credentials: { GH_TOKEN: github.token },
      expired: { GH_TOKEN: `ghp_${freshValue(36).replaceAll(/[_-]/g, 'x')}` },
      retires: 'overwritten',
      problems: () => github.faults,
      writes: { server: github.server, is: ({ method }) => method === 'PUT', count: 2 },
      async seed(pair) {
        const names = { consumerKey: `MAIL_KEY_${++count}`, secret: `MAIL_SECRET_${count}` };
        const at = (part: keyof Pair): string => `/repos/acme/shop/actions/secrets/${names[part]}`;
        const change = async (other: Pair): Promise<void> => {
          for (const part of ['consumerKey', 'secret'] as const)
            github.secrets.set(at(part), { value: other[part], updated: ++github.clock });
        };
        await change(pair);
        return {
          first: envFile(pair).lines,
          lines: `kind = "github-actions"\naddress = "${github.server.url}"\nrepository = "acme/shop"\nfields = { consumerKey = "${names.consumerKey}", secret = "${names.secret}" }`,
          current: async () => ({
            consumerKey: github.secrets.get(at('consumerKey'))?.value ?? '',
            secret: github.secrets.get(at('secret'))?.value ?? '',
          }),
          change,
        };
      },
    };
  },
  { standIn: true },
);

rotationContract(
  'Azure Key Vault',
  async () => {
    const azure = new AzureFake();
    const server = await azure.server.listen();
    const writes = { server, is: ({ method }: Asked) => method === 'PUT', count: 1 };
    return { ...documentBench(azureBench(azure)), writes };
  },
  { standIn: true },
);

rotationContract(
  'Google Secret Manager',
  async () => {
    const google = new GoogleFake();
    const server = await google.server.listen();
    const writes = { server, is: ({ path: asked }: Asked) => asked.endsWith(':addVersion'), count: 1 };
    return { ...documentBench(googleBench(google)), writes };
  },
  { standIn: true },
);

rotationContract(
  'Doppler',
  async () => {
    const doppler = new DopplerFake();
    const server = await doppler.server.listen();
    return {
      writes: { server, is: ({ method }) => method === 'POST', count: 1 },
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
  },
  { standIn: true },
);

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
