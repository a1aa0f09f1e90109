/** OpenPGP keys as files (RFC 4880, RFC 9580) and GnuPG's own expressions, put together from keys that the crypto library made. */
import { type KeyObject, type KeyPairKeyObjectResult, randomBytes } from 'node:crypto';

/** Half of a pair, or the whole of it: as it is, or under a passphrase (whose ciphertext is made up). */
export type PgpForm = 'public' | 'open' | 'protected' | 'protected, AEAD' | 'on a card';

const OIDS: Readonly<Record<string, string>> = {
  ed25519: '2b06010401da470f01',
  x25519: '2b060104019755010501',
  'P-256': '2a8648ce3d030107',
  'P-384': '2b81040022',
  'P-521': '2b81040023',
  secp256k1: '2b8104000a',
};

const PRIMARY = 5;

/** A multiprecision integer: its length in bits, then its bytes without zeros before them. */
function mpi(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const body = Buffer.from(start < 0 ? [] : bytes.subarray(start));
  const bits = body.length === 0 ? 0 : body.length * 8 - Math.clz32(body[0] ?? 0) + 24;
  return Buffer.concat([Buffer.from([bits >> 8, bits & 255]), body]);
}

const member = (key: KeyObject, name: 'n' | 'e' | 'd' | 'p' | 'q' | 'x' | 'y'): Buffer =>
  Buffer.from(key.export({ format: 'jwk' })[name] ?? '', 'base64url');

interface Halves {
  readonly algorithm: number;
  readonly open: readonly Buffer[];
  readonly hidden: readonly Buffer[];
}

function halvesOf({ privateKey }: KeyPairKeyObjectResult): Halves {
  const { asymmetricKeyType: kind = '' } = privateKey;
  if (kind === 'rsa') {
    const [n, e, d, p, q] = (['n', 'e', 'd', 'p', 'q'] as const).map((name) => mpi(member(privateKey, name)));
    const u = mpi(Buffer.concat([Buffer.from([0x81]), randomBytes(member(privateKey, 'p').length - 1)]));
    return { algorithm: 1, open: [n!, e!], hidden: [d!, p!, q!, u] };
  }
  const curve = privateKey.export({ format: 'jwk' }).crv ?? '';
  const oid = Buffer.from(OIDS[kind === 'ec' ? curve : kind] ?? '', 'hex');
  const named = Buffer.concat([Buffer.from([oid.length]), oid]);
  const [x, y] = [member(privateKey, 'x'), member(privateKey, 'y')];
  const point = mpi(Buffer.concat([Buffer.from([kind === 'ec' ? 4 : 0x40]), x, y]));
  const hidden = [mpi(member(privateKey, 'd'))];
  if (kind === 'x25519') return { algorithm: 18, open: [named, point, Buffer.from([3, 1, 8, 7])], hidden };
  return { algorithm: kind === 'ec' ? 19 : 22, open: [named, point], hidden };
}

function hiddenIn(form: PgpForm, hidden: readonly Buffer[]): Buffer {
  const size = Buffer.concat(hidden).length;
  const salted = Buffer.concat([Buffer.from([7, 3, 8]), randomBytes(8), Buffer.from([0xff])]);
  switch (form) {
    case 'public':
      return Buffer.alloc(0);
    case 'open':
      return Buffer.concat([Buffer.from([0]), ...hidden, randomBytes(2)]);
    case 'protected':
      return Buffer.concat([Buffer.from([0xfe]), salted, randomBytes(16 + size + 20)]);
    case 'protected, AEAD':
      return Buffer.concat([Buffer.from([0xfd, 7, 2]), salted.subarray(1), randomBytes(16 + size + 16)]);
    case 'on a card':
      return Buffer.concat([Buffer.from([0xff, 0, 101, 2]), Buffer.from('GNU\x02'), randomBytes(16)]);
  }
}

function packet(tag: number, body: Uint8Array): Buffer {
  const long = body.length > 255;
  const size = long ? [body.length >> 8, body.length & 255] : [body.length];
  return Buffer.concat([Buffer.from([0x80 | (tag << 2) | (long ? 1 : 0), ...size]), body]);
}

/** A key of version 4 with a user id and a signature that is made up, as `gpg --export` and `--export-secret-keys` write it. */
export function pgpKey(pair: KeyPairKeyObjectResult, form: PgpForm, tag = form === 'public' ? 6 : PRIMARY): Buffer {
  const { algorithm, open, hidden } = halvesOf(pair);
  const head = Buffer.from([4, 0x65, 0x43, 0x21, 0x0f, algorithm]);
  return Buffer.concat([
    packet(tag, Buffer.concat([head, ...open, hiddenIn(form, hidden)])),
    packet(13, Buffer.from('Somebody <somebody@host.test>')),
    packet(2, Buffer.concat([Buffer.from([4, 0x13, algorithm, 8]), randomBytes(96)])),
  ]);
}

/** An Ed25519 or X25519 key of version 6, without a passphrase. */
export function pgpKey6({ privateKey }: KeyPairKeyObjectResult, form: 'public' | 'open'): Buffer {
  const algorithm = privateKey.asymmetricKeyType === 'x25519' ? 25 : 27;
  const body = Buffer.concat([
    Buffer.from([6, 0x65, 0x43, 0x21, 0x0f, algorithm, 0, 0, 0, 32]),
    member(privateKey, 'x'),
    ...(form === 'open' ? [Buffer.from([0]), member(privateKey, 'd')] : []),
  ]);
  const tag = form === 'open' ? 0xc5 : 0xc6;
  return Buffer.concat([Buffer.from([tag, body.length]), body, Buffer.from([0xcd, 8]), Buffer.from('Somebody')]);
}

/** As GnuPG keeps a key in `private-keys-v1.d`: an expression in bytes, or in text. */
export function gnupgKeyFile({ privateKey }: KeyPairKeyObjectResult, form: 'bytes' | 'text'): Buffer {
  const parts = (['n', 'e', 'd', 'p', 'q'] as const).map((name) => [name, member(privateKey, name)] as const);
  if (form === 'text') {
    const list = parts.map(([name, bytes]) => `(${name}\n  #00${bytes.toString('hex').toUpperCase()}#)`).join('');
    return Buffer.from(`Created: 20231104T101112\nKey: (private-key (rsa ${list}))\n`);
  }
  const list = parts.map(([name, bytes]) =>
    Buffer.concat([Buffer.from(`(1:${name}${bytes.length}:`), bytes, Buffer.from(')')]),
  );
  return Buffer.concat([Buffer.from('(11:private-key(3:rsa'), ...list, Buffer.from('))')]);
}
