/** Key files that the crypto library does not write itself, encoded by their formats from keys that it made. */
import { type KeyPairKeyObjectResult, randomBytes } from 'node:crypto';

/** One DER value. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

export function derSequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const DATA = oid('2a864886f70d010701');
const SHROUDED_KEY_BAG = oid('2a864886f70d010c0a0102');

/** A PKCS#12 file (RFC 7292) with one encrypted key; its integrity value is made up. */
export function pkcs12(encryptedKey: Uint8Array): Buffer {
  const bag = derSequence(SHROUDED_KEY_BAG, der(0xa0, encryptedKey));
  const content = derSequence(DATA, der(0xa0, der(0x04, derSequence(bag))));
  const safe = derSequence(DATA, der(0xa0, der(0x04, derSequence(content))));
  return derSequence(der(0x02, Buffer.from([3])), safe, derSequence(randomBytes(60)));
}

function javaText(text: string): Buffer {
  return Buffer.concat([u16(text.length), Buffer.from(text)]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A Java key store of version 2 with one entry: a key under Java's own cipher, or a certificate. */
export function javaKeyStore(content: Uint8Array, entry: 'key' | 'certificate'): Buffer {
  const head = Buffer.concat([Buffer.from('feedfeed', 'hex'), u32(2), u32(1)]);
  const named = Buffer.concat([u32(entry === 'key' ? 1 : 2), javaText('mykey'), randomBytes(8)]);
  const protector = derSequence(oid('2b060104012a02110101'), der(0x05));
  const key = derSequence(protector, der(0x04, content));
  const body =
    entry === 'key'
      ? Buffer.concat([u32(key.length), key, u32(0)])
      : Buffer.concat([javaText('X.509'), u32(content.length), content]);
  return Buffer.concat([head, named, body, randomBytes(20)]);
}

/** A key store of Bouncy Castle's (BKS, version 2) with one entry: a sealed key with its certificate, or a certificate. */
export function bouncyCastleStore(content: Uint8Array, entry: 'key' | 'certificate'): Buffer {
  const certificate = derSequence(randomBytes(700));
  const head = Buffer.concat([u32(2), u32(20), randomBytes(20), u32(1024 + 77)]);
  const date = Buffer.from('0000018c12345678', 'hex');
  const named = Buffer.concat([Buffer.from([entry === 'key' ? 4 : 1]), javaText('mykey'), date]);
  const shown = Buffer.concat([javaText('X.509'), u32(certificate.length), certificate]);
  const sealed = Buffer.concat([u32(content.length + 32), u32(20), randomBytes(20), u32(1100), content]);
  const body = entry === 'key' ? Buffer.concat([u32(1), shown, sealed]) : Buffer.concat([u32(0), shown]);
  return Buffer.concat([head, named, body, Buffer.from([0]), randomBytes(20)]);
}

function sshText(bytes: Uint8Array | string): Buffer {
  const content = Buffer.from(bytes as string);
  return Buffer.concat([u32(content.length), content]);
}

function wrapped(bytes: Uint8Array, width: number): string[] {
  return (
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  );
}

/** An Ed25519 key as ssh-keygen writes it without a passphrase. */
export function opensshKey({ privateKey, publicKey }: KeyPairKeyObjectResult): string {
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const open = Buffer.concat([sshText('ssh-ed25519'), sshText(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, open, sshText(Buffer.concat([seed, point])), sshText('me@host')]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, i) => i + 1));
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshText('none'),
    sshText('none'),
    sshText(''),
    u32(1),
    sshText(open),
    sshText(Buffer.concat([secret, padding])),
  ]);
  const kind = 'OPENSSH PRIVATE KEY';
  return [`-----BEGIN ${kind}-----`, ...wrapped(body, 70), `-----END ${kind}-----`, ''].join('\n');
}

/** A PuTTY key file; its integrity value is made up, its blobs have the lengths that PuTTY gives them. */
export function puttyKey(version: string, { privateKey, publicKey }: KeyPairKeyObjectResult): string {
  const open = publicKey.export({ type: 'spki', format: 'der' });
  const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
  const [shown, hidden] = [wrapped(open, 64), wrapped(secret, 64)];
  return [
    `PuTTY-User-Key-File-${version}: ssh-${privateKey.asymmetricKeyType ?? 'rsa'}`,
    'Encryption: none',
    'Comment: deploy@host',
    `Public-Lines: ${shown.length}`,
    ...shown,
    `Private-Lines: ${hidden.length}`,
    ...hidden,
    `Private-MAC: ${randomBytes(version === '3' ? 32 : 20).toString('hex')}`,
    '',
  ].join('\n');
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

function polymod(values: readonly number[]): number {
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [i, generator] of generators.entries()) if ((top >>> i) & 1) check ^= generator;
  }
  return check;
}

/** Text of bytes by BIP 173, without its limit on length. */
export function bech32(kind: string, bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const words = (bits.match(/.{1,5}/g) ?? []).map((group) => Number.parseInt(group.padEnd(5, '0'), 2));
  const codes = [...kind].map((char) => char.charCodeAt(0));
  const spread = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const check = polymod([...spread, ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const tail = [25, 20, 15, 10, 5, 0].map((shift) => (check >>> shift) & 31);
  return `${kind}1${[...words, ...tail].map((word) => BECH32[word] ?? '').join('')}`;
}
