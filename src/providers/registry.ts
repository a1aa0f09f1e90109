import { ProviderError } from '../errors/provider.ts';
import type { CredentialKind, Provider } from './declaration.ts';
import { MAILOSAUR } from './mailosaur.ts';
import { MIGOSMTP, TELNXO } from './rackwave.ts';
import { TURBOSMTP } from './turbosmtp.ts';

/** Every provider this version knows. A new one is a file and a line here. */
export const PROVIDERS: readonly Provider[] = [MIGOSMTP, TELNXO, TURBOSMTP, MAILOSAUR];

/** A provider and one of its kinds of credential. */
export interface Target {
  readonly provider: Provider;
  readonly kind: CredentialKind;
}

/** @throws ProviderError `PROVIDER_UNKNOWN` */
export function providerNamed(id: string, providers: readonly Provider[] = PROVIDERS): Provider {
  const found = providers.find((provider) => provider.id === id);
  if (!found) throw new ProviderError('PROVIDER_UNKNOWN', `No provider ${id}`, { facts: { provider: id } });
  return found;
}

/** The kind that a rule's `verify` or `revoke` names; null where this version has no such declaration. */
export function targetNamed(kind: string, providers: readonly Provider[] = PROVIDERS): Target | null {
  for (const provider of providers) {
    const found = provider.kinds.find(({ id }) => id === kind);
    if (found) return { provider, kind: found };
  }
  return null;
}
