import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { crc32c } from '../../src/stores/crc32c.ts';
import { googleBench, googleLines } from './benches.ts';
import { storeContract } from './contract.ts';
import { GoogleFake } from './fakes.ts';
import { clear, restored, secretsOf, storeOf } from './helpers.ts';

const google = await start();

async function start(): Promise<GoogleFake> {
  const fake = new GoogleFake();
  await fake.server.listen();
  return fake;
}

const lines = (secret: string): string => googleLines(google, secret);

const CREDENTIALS = { GOOGLE_OAUTH_ACCESS_TOKEN: google.token };

// No emulator of this service exists in a package registry that could be had; the stand-in follows its reference.
storeContract('Google Secret Manager (stand-in by its reference)', async () => googleBench(google));

describe('Google Secret Manager', () => {
  test('checksums are those of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });

  test('a payload that does not match its checksum is refused', async () => {
    google.add('bent', 'old');
    const store = await storeOf(lines('bent'), { credentials: CREDENTIALS });
    const payload = { data: Buffer.from('new').toString('base64'), dataCrc32c: '1' };
    google.server.trouble = () => ({ status: 200, body: { name: 'projects/1/secrets/bent/versions/1', payload } });
    await expect(store.read()).rejects.toMatchObject({ code: 'STORE_ANSWER' });
    google.server.trouble = () => null;
  });

  test('a payload that is no text is refused, not damaged, and put back byte for byte', async () => {
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]);
    google.addBytes('binary', bytes);
    const store = await storeOf(`${lines('binary')}\nfield = "key"`, { credentials: CREDENTIALS });
    await expect(store.read()).rejects.toMatchObject({ code: 'STORE_VALUE' });
    const put = store.put(secretsOf({ secret: 'new' }), { expected: null, requestId: 'r' });
    await expect(put).rejects.toMatchObject({ code: 'STORE_VALUE' });
    google.add('binary', '{"key":"ours"}');
    expect(clear(await store.read())).toEqual({ secret: 'ours' });
    await restored(store, { id: '1', createdAt: null });
    expect(google.bytes('binary')).toEqual(bytes);
  });

  test('a service account signs for a token, which goes to Google’s address whatever its file says', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = JSON.stringify({
      type: 'service_account',
      client_email: 'unleak@shop.example',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: 'https://elsewhere.example/token',
    });
    google.assertion = (jwt) => {
      const [head = '', claims = '', signature = ''] = jwt.split('.');
      const told = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
      const open = Buffer.from(`${head}.${claims}`);
      const valid = verify(
        'sha256',
        open,
        createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
        Buffer.from(signature, 'base64url'),
      );
      return valid && told['iss'] === 'unleak@shop.example' && told['aud'] === 'https://oauth2.googleapis.com/token';
    };
    google.add('signed', 'old');
    const text = `${lines('signed')}\nlogin = "${google.server.url}"`;
    const store = await storeOf(text, { credentials: { GOOGLE_CREDENTIALS: key } });
    expect(clear(await store.read())).toEqual({ secret: 'old' });
    google.assertion = () => false;
    const other = await storeOf(text, { credentials: { GOOGLE_CREDENTIALS: key } });
    await expect(other.read()).rejects.toMatchObject({ code: 'STORE_AUTH' });
  });

  test.each(['{}', 'no key', JSON.stringify({ client_email: 'a@b', private_key: 'none' })])(
    'a key file that is none is refused, and not quoted: %s',
    async (key) => {
      const store = await storeOf(lines('signed'), { credentials: { GOOGLE_CREDENTIALS: key } });
      await expect(store.read()).rejects.toMatchObject({ code: 'STORE_CREDENTIAL_MISSING' });
    },
  );

  test('an unknown version is none', async () => {
    google.add('few', 'old');
    const store = await storeOf(lines('few'), { credentials: CREDENTIALS });
    const version = { id: '1/../../other', createdAt: null };
    await expect(restored(store, version)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  });
});
