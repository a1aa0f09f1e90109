import { createHash } from 'node:crypto';

/** Stands for an id that is itself a credential; 48 bits of a digest of something that cannot be guessed. */
export function digestOf(id: string): string {
  return `sha256:${createHash('sha256').update(id).digest('hex').slice(0, 12)}`;
}
