import { createHash } from 'node:crypto';

/** Hexadecimal characters kept of each SHA-256. */
const KEPT = 32;

/**
 * Values that providers print in their own documentation and that people copy,
 * as the beginning of their SHA-256: turboSMTP's OpenAPI samples (seven),
 * Stripe's two test keys, the token of jwt.io, GitHub's installation tokens,
 * the two keys of Supabase's local development.
 */
const SAMPLES: ReadonlySet<string> = new Set([
  '7aa5212852967d444ab0fb1925ba8c81',
  'e18a442918f506c17462c68a30ac0a28',
  'd22922fe6f5b545c338d8dd436d5ce6b',
  '534b8e5b5a74c52131e1d1d2c615d2f1',
  '020e8d8d4a5c668f523b5f5364599fe9',
  '3acd38d456aa6ba6363bca45a901ef56',
  '3f741506bf5cf3a1bcfc702c2072b68f',
  '2cafc0970149a84f3b9e62eaf169f36f',
  'f2d6ca16515033e5dce14eba840b979d',
  '7f75367e7881255134e1375e723d1dea',
  '797c0ce414586cc8eb6929afe947c720',
  '44f05a069ba895c401634036b0a72b94',
  '0c5b6d9485adaed0df5130b3cccd5a37',
  '6804baa3d536719b4f978c8e3400a6a9',
]);

/** True for a value that is known from a provider's documentation. */
export function isPublishedSample(secret: string): boolean {
  return SAMPLES.has(createHash('sha256').update(secret, 'latin1').digest('hex').slice(0, KEPT));
}
