import type { CheckFunction } from './check.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIGITS = 6;

let table: Uint32Array | undefined;

/** Made when it is first needed: most hooks never do. */
function crcTable(): Uint32Array {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    return c >>> 0;
  });
  return table;
}

/** CRC-32 (ISO 3309) of latin1 text. */
export function crc32(text: string): number {
  const values = crcTable();
  let c = 0xffffffff;
  for (let i = 0; i < text.length; i++) c = (c >>> 8) ^ (values[(c ^ text.charCodeAt(i)) & 0xff] ?? 0);
  return (c ^ 0xffffffff) >>> 0;
}

/** A CRC-32 as six base62 digits, digits before capitals before small letters. */
export function base62Checksum(text: string): string {
  let rest = crc32(text);
  let out = '';
  for (let i = 0; i < DIGITS; i++) {
    out = (BASE62[rest % 62] ?? '') + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}

/**
 * The last six characters are the checksum of those between the last `_` of the
 * prefix and them, as in GitHub and npm tokens.
 */
export const crc32Base62: CheckFunction = ({ secret }) => {
  const body = secret.slice(secret.indexOf('_') + 1, -DIGITS);
  return base62Checksum(body) === secret.slice(-DIGITS) ? null : 'checksum does not match';
};
