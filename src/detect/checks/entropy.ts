import type { CheckFunction } from './check.ts';

/** Shannon entropy of a text in bits per character; 0 for the empty one. */
export function shannonEntropy(text: string): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** At least `value` bits per character. */
export const entropy: CheckFunction = ({ secret }, value) =>
  shannonEntropy(secret) < Number(value) ? 'entropy too low' : null;

/** More than `value` bits per character; nothing is asked for by 0. */
export const entropyAbove: CheckFunction = ({ secret }, value) =>
  Number(value) > 0 && shannonEntropy(secret) <= Number(value) ? 'entropy too low' : null;

/**
 * At least `value` (default 0.6) of what a random text of this length and alphabet
 * could have: a 16-character key cannot reach the entropy of a long one.
 */
export const entropyRatio: CheckFunction = ({ secret }, value = 0.6) => {
  const most = Math.min(Math.log2(secret.length), Math.log2(alphabetSize(secret)));
  return shannonEntropy(secret) < Number(value) * most ? 'entropy too low for its alphabet' : null;
};

function alphabetSize(text: string): number {
  if (/^[0-9]+$/.test(text)) return 10;
  if (/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(text)) return 16;
  if (/^(?:[0-9a-z]+|[0-9A-Z]+)$/.test(text)) return 36;
  return 62;
}
