import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import {
  bech32,
  bouncyCastleStore,
  derSequence,
  javaKeyStore,
  opensshKey,
  pkcs12,
  puttyKey,
} from '../helpers/key-files.ts';

/** Keys as programs write them: made here, by the crypto library and by encoders of the formats. */
const engine = createEngine(BUILTIN_RULES);
const rulesAt = (content: string | Uint8Array): string[] => [
  ...new Set(engine.scan(Buffer.from(content as string)).findings.map(({ rule }) => rule.id)),
];

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
const curves = ['prime256v1', 'secp384r1', 'secp521r1', 'secp256k1'].map(
  (namedCurve) => [namedCurve, generateKeyPairSync('ec', { namedCurve })] as const,
);
const ed25519 = generateKeyPairSync('ed25519');
const x25519 = generateKeyPairSync('x25519');
const ed448 = generateKeyPairSync('ed448');
const pairs = [['rsa', rsa], ...curves, ['ed25519', ed25519], ['x25519', x25519], ['ed448', ed448]] as const;
const all = [...pairs, ['dsa', dsa]] as const;
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const locked = { ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'a passphrase' } as const;
const encryptedDer = rsa.privateKey.export({ ...locked, format: 'der' });

describe('a private key in PEM', () => {
  test.each(all)('of %s, PKCS#8', (_, { privateKey }) => {
    expect(rulesAt(privateKey.export(pkcs8))).toEqual(['private-key-pem']);
  });

  test.each(all)('of %s, with a passphrase', (_, { privateKey }) => {
    expect(rulesAt(privateKey.export(locked))).toEqual(['private-key-pem']);
  });

  test.each([
    ['PKCS#1', () => rsa.privateKey.export({ type: 'pkcs1', format: 'pem' })],
    ['PKCS#1 with a passphrase', () => rsa.privateKey.export({ ...locked, type: 'pkcs1' })],
    ['SEC 1', () => curves[0]![1].privateKey.export({ type: 'sec1', format: 'pem' })],
    ['OpenSSH', () => opensshKey(ed25519)],
    ['PKCS#8 in JSON', () => JSON.stringify({ private_key: rsa.privateKey.export(pkcs8) })],
  ])('%s', (_, make) => {
    expect(rulesAt(make())).toEqual(['private-key-pem']);
  });

  test('in base64 once more, as environments hold it', () => {
    const text = Buffer.from(rsa.privateKey.export(pkcs8)).toString('base64');
    expect(rulesAt(`KNOCK_SIGNING_KEY=${text}`)).toEqual(['private-key-pem']);
  });

  test('is allowed by a comment on its last line, and by none on a line beside it', () => {
    const text = rsa.privateKey.export(pkcs8).toString().trimEnd();
    const allowed = (content: string) => engine.scan(Buffer.from(content)).findings.map(({ allowedBy }) => allowedBy);
    expect(allowed(`key = \`${text}\`; // unleak:allow\n`)).toEqual(['unleak:allow']);
    expect(allowed(`key = \`${text.replaceAll('\n', '\r\n')}\`; // unleak:allow\r\n`)).toEqual(['unleak:allow']);
    for (const other of [`// unleak:allow\n${text}`, `${text}\n// unleak:allow`])
      expect(allowed(other)).toEqual([null]);
  });

  test('and its public half is none', () => {
    for (const [, { publicKey }] of all) expect(rulesAt(publicKey.export({ type: 'spki', format: 'pem' }))).toEqual([]);
  });
});

describe('a private key without armour', () => {
  test.each(pairs)('of %s, as bytes', (_, { privateKey }) => {
    expect(rulesAt(privateKey.export({ type: 'pkcs8', format: 'der' }))).toEqual(['private-key-der']);
  });

  // A report shows the line around a secret, and here the rest of the line would be the rest of the key.
  test('is the secret to its last byte', () => {
    const bytes = rsa.privateKey.export({ type: 'pkcs8', format: 'der' });
    expect(engine.scan(bytes).findings.map(({ span }) => span.end)).toEqual([bytes.length]);
    const store = pkcs12(encryptedDer);
    expect(engine.scan(store).findings.map(({ span }) => span.end)).toEqual([store.length]);
  });

  test.each(pairs)('of %s, in base64', (_, { privateKey }) => {
    const text = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    expect(rulesAt(`SIGNING=${text}\nNEXT=1`)).toEqual(['private-key-der']);
    expect(rulesAt(`signing: |\n  ${text.match(/.{1,76}/g)?.join('\n  ') ?? ''}\n`)).toEqual(['private-key-der']);
  });

  const others = [
    ['PKCS#1', rsa.privateKey.export({ type: 'pkcs1', format: 'der' })],
    ...curves.map(
      ([name, { privateKey }]) => [`SEC 1, ${name}`, privateKey.export({ type: 'sec1', format: 'der' })] as const,
    ),
    ...[rsa, curves[0]![1], ed25519].map(
      ({ privateKey }) =>
        [
          `under a passphrase, ${privateKey.asymmetricKeyType ?? ''}`,
          privateKey.export({ ...locked, format: 'der' }),
        ] as const,
    ),
  ] as const;

  test.each(others)('%s, as bytes', (_, bytes) => {
    expect(rulesAt(bytes)).toEqual(['private-key-der']);
    expect(engine.scan(bytes).findings).toHaveLength(1);
  });

  test.each(others)('%s, in base64', (_, bytes) => {
    const text = bytes.toString('base64');
    expect(rulesAt(`SIGNING=${text}\nNEXT=1`)).toEqual(['private-key-der']);
    expect(rulesAt(`signing: |\n  ${text.match(/.{1,76}/g)?.join('\n  ') ?? ''}\n`)).toEqual(['private-key-der']);
  });

  test('PKCS#1 is the secret from its private exponent to its last byte', () => {
    const bytes = rsa.privateKey.export({ type: 'pkcs1', format: 'der' });
    const exponent = Buffer.from(rsa.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
    const [found] = engine.scan(bytes).findings;
    expect(found?.span.end).toBe(bytes.length);
    expect(found?.span.start).toBeLessThanOrEqual(bytes.indexOf(exponent));
  });

  // As Java writes them: the curve is named outside, and the point left out.
  test.each(curves.slice(0, 3))('of %s, with nothing behind the number', (_, { privateKey }) => {
    const number = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
    const short = derSequence(Buffer.from([2, 1, 1, 4, number.length]), number);
    expect(rulesAt(Buffer.concat([Buffer.from('a file of keys\0'), short]))).toEqual(['private-key-der']);
  });

  test('and its public half is none', () => {
    expect(rulesAt(rsa.publicKey.export({ type: 'pkcs1', format: 'der' }))).toEqual([]);
    for (const [, { publicKey }] of pairs) {
      const bytes = publicKey.export({ type: 'spki', format: 'der' });
      expect(rulesAt(bytes)).toEqual([]);
      expect(rulesAt(`PUBLIC=${bytes.toString('base64')}`)).toEqual([]);
    }
  });
});

describe('a JSON Web Key', () => {
  test.each(pairs.filter(([name]) => name !== 'ed448'))('of %s', (_, { privateKey, publicKey }) => {
    const whole = privateKey.export({ format: 'jwk' });
    const turned = Object.fromEntries(Object.entries(whole).toReversed());
    for (const key of [whole, turned, { keys: [whole, publicKey.export({ format: 'jwk' })] }]) {
      expect(rulesAt(JSON.stringify(key))).toEqual(['private-key-jwk']);
      expect(rulesAt(JSON.stringify(key, null, 2))).toEqual(['private-key-jwk']);
      expect(rulesAt(JSON.stringify({ text: JSON.stringify(key) }))).toEqual(['private-key-jwk']);
    }
  });

  test('of two keys is two findings', () => {
    const keys = [rsa, ed25519].map(({ privateKey }) => privateKey.export({ format: 'jwk' }));
    expect(engine.scan(Buffer.from(JSON.stringify({ keys }))).findings).toHaveLength(2);
  });

  test('and its public half is none', () => {
    for (const [, { publicKey }] of pairs)
      expect(rulesAt(JSON.stringify(publicKey.export({ format: 'jwk' })))).toEqual([]);
  });
});

describe('a key store', () => {
  const stores = [
    ['PKCS#12', pkcs12(encryptedDer)],
    ['Java', javaKeyStore(encryptedDer, 'key')],
    ['Bouncy Castle', bouncyCastleStore(encryptedDer, 'key')],
  ] as const;

  test.each(stores)('%s, as bytes', (_, bytes) => {
    expect(rulesAt(bytes)).toEqual(['pkcs12-base64']);
  });

  test.each(stores.slice(0, 2))('%s, in base64', (_, bytes) => {
    expect(rulesAt(`KEYSTORE_BASE64=${bytes.toString('base64')}`)).toEqual(['pkcs12-base64']);
  });

  test('of certificates alone is none', () => {
    const certificate = derSequence(randomBytes(700));
    expect(rulesAt(javaKeyStore(certificate, 'certificate'))).toEqual([]);
    expect(rulesAt(bouncyCastleStore(certificate, 'certificate'))).toEqual([]);
    expect(rulesAt(`TRUST=${javaKeyStore(certificate, 'certificate').toString('base64')}`)).toEqual([]);
  });
});

describe('other keys', () => {
  test('of age, of both kinds', () => {
    const seed = createHash('sha256').update('age').digest();
    const text = ['age-secret-key-', 'age-secret-key-pq-'].map((kind) => bech32(kind, seed).toUpperCase());
    for (const key of text) expect(rulesAt(`# public key: age1…\n${key}\n`)).toEqual(['age-secret-key']);
    // Of the sample in its manual: the same length
    expect(text[0]).toHaveLength(74);
  });

  test.each(['2', '3'])('of PuTTY, version %s', (version) => {
    for (const pair of [rsa, ed25519, curves[2]![1]]) {
      expect(rulesAt(puttyKey(version, pair))).toEqual(['private-key-putty']);
      expect(rulesAt(puttyKey(version, pair).replaceAll('\n', '\r\n'))).toEqual(['private-key-putty']);
    }
  });
});

describe('what is encrypted under a password that is not there', () => {
  test('by Ansible is no finding: guessing that password takes 10,000 rounds each', () => {
    const lines =
      randomBytes(600)
        .toString('hex')
        .match(/.{1,80}/g) ?? [];
    expect(rulesAt(`$ANSIBLE_VAULT;1.1;AES256\n${lines.join('\n')}\n`)).toEqual([]);
    expect(rulesAt(`db_password: !vault |\n  $ANSIBLE_VAULT;1.2;AES256;prod\n  ${lines.join('\n  ')}\n`)).toEqual([]);
  });

  test('but its password is one (control)', () => {
    expect(rulesAt(`ANSIBLE_VAULT_PASSWORD=${['q8Xk2mZp7L', 'r4TnV9sdQw'].join('')}`)).toEqual(['ansible-password']);
  });
});
