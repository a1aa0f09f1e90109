import { createHash } from 'node:crypto';

import type { CheckFunction } from './check.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const CHARACTERS = 8;

/** The first eight base32 characters of the SHA-256 of latin1 text. */
export function sha256Base32Checksum(text: string): string {
  const hash = createHash('sha256').update(text, 'latin1').digest();
  let out = '';
  for (let i = 0; i < CHARACTERS; i++) {
    const bit = i * 5;
    const pair = ((hash[bit >> 3] ?? 0) << 8) | (hash[(bit >> 3) + 1] ?? 0);
    out += BASE32[(pair >> (11 - (bit & 7))) & 31] ?? '';
  }
  return out;
}

/**
 * `value` characters before the end stand eight that are a checksum of
 * everything before them, as in GitHub's fine-grained tokens (observed, not documented).
 */
export const sha256Base32: CheckFunction = ({ secret }, value) => {
  const at = secret.length - Number(value);
  return sha256Base32Checksum(secret.slice(0, at)) === secret.slice(at, at + CHARACTERS)
    ? null
    : 'checksum does not match';
};
