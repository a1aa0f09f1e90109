import { describe, expect, test } from 'vitest';

import type { Secret } from '../../src/core/secret.ts';
import { takeCredentials } from '../../src/cli/respond/credentials.ts';
import { parseUserFile } from '../../src/providers/user-file.ts';
import { credentialNames, credentialOf } from '../../src/stores/credentials.ts';
import { freshValue, servicesFor } from './helpers.ts';

function configs(text: string) {
  return parseUserFile(text, 'providers.toml').secretStores;
}

const VAULT = '[store.a]\nkind = "vault"\naddress = "https://vault.example"\npath = "mail"\nfield = "key"\n';
const AWS = '[store.b]\nkind = "aws-secrets-manager"\nregion = "eu-west-1"\nsecret = "mail"\n';

function printing(output: string, code = 0) {
  const commands: (readonly string[])[] = [];
  const child = (command: readonly string[], input: Secret | null) => {
    commands.push(command);
    return Promise.resolve({ code: input === null ? code : 99, output });
  };
  return { commands, child };
}

async function credential(text: string, output: string, code = 0) {
  const { child, commands } = printing(output, code);
  const [config] = configs(text);
  if (!config) throw new Error('no store');
  const found = await credentialOf(config, servicesFor({ services: { child } }));
  const values = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, value.reveal()]));
  return { values, commands };
}

describe('credentials of stores', () => {
  test('are taken out of the environment, under the names that the file gives them', () => {
    const stores = configs(`${VAULT}credential-env = { token = "PROD_TOKEN" }\n${AWS}`);
    expect(stores.flatMap(credentialNames)).toEqual([
      'PROD_TOKEN',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
    ]);
    const environment = { PROD_TOKEN: 'one', AWS_SECRET_ACCESS_KEY: 'two', VAULT_TOKEN: 'not ours', PATH: '/bin' };
    const { named } = takeCredentials([], environment, undefined, stores);
    expect(environment).toEqual({ VAULT_TOKEN: 'not ours', PATH: '/bin' });
    expect(['PROD_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'VAULT_TOKEN'].map((name) => named(name)?.reveal())).toEqual([
      'one',
      'two',
      undefined,
    ]);
  });

  test('come from a command of the user’s own, which gets no input', async () => {
    const token = freshValue();
    const text = `${VAULT}credential-command = ["vault", "print", "token"]\n`;
    expect(await credential(text, `${token}\n`)).toEqual({
      values: { token },
      commands: [['vault', 'print', 'token']],
    });
  });

  test('can be what `aws configure export-credentials` prints', async () => {
    const secret = freshValue();
    const printed = { Version: 1, AccessKeyId: 'AKID', SecretAccessKey: secret, SessionToken: 'st' };
    const text = `${AWS}credential-command = ["aws"]\n`;
    expect((await credential(text, JSON.stringify(printed))).values).toEqual({ keyId: 'AKID', secret, session: 'st' });
  });

  test.each([
    ['nothing', '', 0],
    ['an object without it', '{"error":"expired"}', 0],
    ['a failure', 'a-token', 1],
  ])('are missing where the command prints %s', async (_, output, code) => {
    const text = `${VAULT}credential-command = ["x"]\n`;
    await expect(credential(text, output, code)).rejects.toMatchObject({ code: 'STORE_CREDENTIAL_MISSING' });
  });

  test('are named where they are missing', async () => {
    const [config] = configs(AWS);
    if (!config) throw new Error('no store');
    await expect(credentialOf(config, servicesFor())).rejects.toMatchObject({
      message: expect.stringContaining('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'),
    });
  });
});
