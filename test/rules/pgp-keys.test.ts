import { type KeyPairKeyObjectResult, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { type PgpForm, gnupgKeyFile, pgpKey, pgpKey6 } from '../helpers/pgp-files.ts';

/** GnuPG's key rings and exported keys, as bytes. */
const engine = createEngine(BUILTIN_RULES);
const rulesAt = (content: string | Uint8Array): string[] =>
  engine.scan(Buffer.from(content as string)).findings.map(({ rule }) => rule.id);

const PEM = {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
} as const;

/**
 * Keys that have nothing to do with the job that made them: Node 20 waits for itself for ever if it collects that job
 * while it exports its key.
 */
function pairOf({ privateKey }: { readonly privateKey: unknown }): KeyPairKeyObjectResult {
  if (typeof privateKey !== 'string') throw new TypeError('it is not in PEM');
  return { privateKey: createPrivateKey(privateKey), publicKey: createPublicKey(privateKey) };
}

/** An integer is written without the zeros before it, so that one key in some is shorter: not these. */
function rsaOf(modulusLength: number): KeyPairKeyObjectResult {
  for (;;) {
    const pair = pairOf(generateKeyPairSync('rsa', { modulusLength, ...PEM }));
    if (Buffer.from(pair.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')[0] !== 0) return pair;
  }
}

const rsa = [1024, 2048, 3072].map((size) => [`RSA ${size}`, rsaOf(size)] as const);
const curves = ['prime256v1', 'secp384r1', 'secp521r1', 'secp256k1'].map(
  (namedCurve) => [namedCurve, pairOf(generateKeyPairSync('ec', { namedCurve, ...PEM }))] as const,
);
const ed25519 = pairOf(generateKeyPairSync('ed25519', PEM));
const x25519 = pairOf(generateKeyPairSync('x25519', PEM));
const pairs = [...rsa, ...curves, ['Ed25519', ed25519], ['X25519', x25519]] as const;
const SECRET: readonly PgpForm[] = ['open', 'protected', 'protected, AEAD'];

describe.each(pairs)('an OpenPGP key of %s', (_, pair) => {
  test.each(SECRET)('%s, is found as bytes, primary or not', (form) => {
    expect(rulesAt(pgpKey(pair, form))).toEqual(['private-key-pgp']);
    expect(rulesAt(pgpKey(pair, form, 7))).toEqual(['private-key-pgp']);
  });

  test('its public half is none, nor is one on a card', () => {
    expect(rulesAt(pgpKey(pair, 'public'))).toEqual([]);
    expect(rulesAt(pgpKey(pair, 'public', 14))).toEqual([]);
    expect(rulesAt(pgpKey(pair, 'on a card'))).toEqual([]);
  });
});

describe('a key ring', () => {
  const ring = (form: PgpForm): Buffer => Buffer.concat(pairs.map(([, pair]) => pgpKey(pair, form)));

  test.each(SECRET)('of keys that are %s has each of them', (form) => {
    expect(rulesAt(ring(form))).toEqual(pairs.map(() => 'private-key-pgp'));
  });

  test('shows no byte of a private exponent beside what is masked', () => {
    for (const [, pair] of pairs) {
      const bytes = pgpKey(pair, 'open');
      const padded = Buffer.from(pair.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
      const exponent = padded.subarray(padded.findIndex((byte) => byte !== 0));
      const start = bytes.indexOf(exponent);
      const [found] = engine.scan(bytes).findings;
      expect(start).toBeGreaterThan(0);
      expect(found?.span.start).toBeLessThan(start);
      expect(found?.span.end).toBeGreaterThanOrEqual(start + exponent.length);
    }
  });

  test('in base64 without armour', () => {
    for (const [, pair] of [rsa[1]!, rsa[2]!, ['', ed25519] as const])
      for (const form of ['open', 'protected'] as const) {
        const text = pgpKey(pair, form).toString('base64');
        expect(rulesAt(`GPG_KEY=${text}\n`)).toEqual(['private-key-pgp']);
        expect(rulesAt(`gpg: |\n  ${text.match(/.{1,76}/g)?.join('\n  ') ?? ''}\n`)).toEqual(['private-key-pgp']);
        expect(rulesAt(`GPG_KEY=${pgpKey(pair, 'public').toString('base64')}\n`)).toEqual([]);
      }
  });
});

describe('other forms', () => {
  test.each([ed25519, x25519].map((pair) => [pair.privateKey.asymmetricKeyType, pair] as const))(
    'version 6, %s',
    (_, pair) => {
      expect(rulesAt(pgpKey6(pair, 'open'))).toEqual(['private-key-pgp']);
      expect(rulesAt(pgpKey6(pair, 'public'))).toEqual([]);
    },
  );

  test.each(['bytes', 'text'] as const)('as GnuPG keeps each key of its own, in %s', (form) => {
    expect(rulesAt(gnupgKeyFile(rsa[1]![1], form))).toEqual(['private-key-pgp']);
    expect(rulesAt(gnupgKeyFile(rsa[1]![1], form).subarray(0, 40))).toEqual([]);
  });
});
