import { describe, expect, test } from 'vitest';

import { AzureFake } from './fakes.ts';
import { azureBench, azureLines } from './benches.ts';
import { storeContract } from './contract.ts';
import { clear, freshValue, secretsOf, storeOf } from './helpers.ts';

const azure = await start();

async function start(): Promise<AzureFake> {
  const fake = new AzureFake();
  await fake.server.listen();
  return fake;
}

const lines = (secret: string): string => azureLines(azure, secret);

const CREDENTIALS = { AZURE_KEY_VAULT_TOKEN: azure.token };

// No implementation of somebody else's can be had here: Lowkey Vault's server is not on Maven Central.
storeContract('Azure Key Vault (stand-in by its reference)', async () => azureBench(azure));

describe('Azure Key Vault', () => {
  test('a new version keeps type, tags and dates of the one before', async () => {
    azure.set('tagged', 'old', {
      contentType: 'text/plain',
      tags: { team: 'mail' },
      attributes: { enabled: true, created: 0, exp: 1_900_000_000 },
    });
    const store = await storeOf(lines('tagged'), { credentials: CREDENTIALS });
    await store.put(secretsOf({ secret: 'new' }), { expected: null, requestId: 'r-7' });
    expect(azure.secrets.get('tagged')?.at(-1)).toMatchObject({
      value: 'new',
      contentType: 'text/plain',
      tags: { team: 'mail', 'unleak-request': 'r-7' },
      attributes: { enabled: true, exp: 1_900_000_000 },
    });
  });

  test('a client secret is exchanged for a token, once while that is valid', async () => {
    azure.set('login', 'old');
    const credentials = {
      AZURE_TENANT_ID: 'tenant',
      AZURE_CLIENT_ID: 'client',
      AZURE_CLIENT_SECRET: azure.clientSecret,
    };
    const store = await storeOf(`${lines('login')}\nlogin = "${azure.server.url}"`, { credentials });
    const before = azure.server.seen.length;
    expect(clear(await store.read())).toEqual({ secret: 'old' });
    await store.read();
    const paths = azure.server.seen.slice(before).map(({ path }) => path);
    expect(paths).toEqual(['/tenant/oauth2/v2.0/token', '/secrets/login', '/secrets/login']);
    const wrong = await storeOf(`${lines('login')}\nlogin = "${azure.server.url}"`, {
      credentials: { ...credentials, AZURE_CLIENT_SECRET: freshValue() },
    });
    await expect(wrong.read()).rejects.toMatchObject({ code: 'STORE_AUTH' });
  });

  test('a list of versions that leads elsewhere is not followed with the token', async () => {
    azure.set('led', 'old');
    const store = await storeOf(lines('led'), { credentials: CREDENTIALS });
    azure.server.trouble = ({ path }) =>
      path.endsWith('/versions')
        ? { status: 200, body: { value: [], nextLink: 'https://elsewhere.example/secrets/led/versions' } }
        : null;
    await expect(store.find('r', secretsOf({ secret: 'x' }))).rejects.toMatchObject({ code: 'STORE_ANSWER' });
    azure.server.trouble = () => null;
  });
});
