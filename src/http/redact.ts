import type { Secret } from '../core/secret.ts';

/** Shorter texts are left alone: blanking two letters everywhere would hide nothing and ruin the sentence. */
const SHORTEST = 4;
const MASK = '[redacted]';

function spellings(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret, 'utf8').toString('base64'),
    Buffer.from(secret, 'utf8').toString('base64url'),
    Buffer.from(secret, 'utf8').toString('hex'),
  ];
}

/**
 * Takes every given secret out of a text, also where it is percent, JSON,
 * base64 or hex encoded. Servers echo what they were sent.
 */
export function redactSecrets(text: string, secrets: readonly Secret[]): string {
  const all = secrets
    .map((secret) => secret.reveal())
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap(spellings)
    .toSorted((a, b) => b.length - a.length);
  return all.reduce((rest, spelling) => rest.replaceAll(spelling, MASK), text);
}

/** A server's word made safe for a terminal and short enough for a line: no control or bidirectional characters. */
export function plainWord(text: string, longest = 200): string {
  // eslint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, ' ').trim();
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
