import { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';

/** @throws StoreError `STORE_CONFIG` */
export async function sodiumLibrary() {
  try {
    const { default: sodium } = await import('libsodium-wrappers');
    await sodium.ready;
    return sodium;
  } catch (cause) {
    throw new StoreError('STORE_CONFIG', 'The package libsodium-wrappers is not installed', {
      mend: 'GitHub takes secrets in sealed boxes alone: run `npm install libsodium-wrappers` where unleak is installed.',
      cause,
    });
  }
}

/**
 * Seals a value for whoever has the other half of a key (`crypto_box_seal` of
 * libsodium). Only they can open it; we cannot.
 *
 * @param key - X25519 public key, base64
 * @returns base64
 * @throws StoreError `STORE_ANSWER` if that is no key, `STORE_CONFIG` without the library
 */
export async function sealed(value: Secret, key: string): Promise<Secret> {
  const sodium = await sodiumLibrary();
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== sodium.crypto_box_PUBLICKEYBYTES)
    throw new StoreError('STORE_ANSWER', 'The public key of the store is none');
  const box = sodium.crypto_box_seal(Buffer.from(value.reveal(), 'utf8'), bytes);
  return new Secret(Buffer.from(box).toString('base64'));
}
