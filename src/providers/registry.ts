import { nearest } from '../core/nearest.ts';
import { ProviderError } from '../errors/provider.ts';
import type { CredentialKind, Provider } from './declaration.ts';
import { AWS } from './aws.ts';
import { DIGITALOCEAN } from './digitalocean.ts';
import { DISCORD } from './discord.ts';
import { DOPPLER } from './doppler.ts';
import { GITHUB } from './github.ts';
import { GITLAB } from './gitlab.ts';
import { HEROKU } from './heroku.ts';
import { HUGGINGFACE } from './huggingface.ts';
import { MAILGUN } from './mailgun.ts';
import { NPM } from './npm.ts';
import { RESEND } from './resend.ts';
import { SENDGRID } from './sendgrid.ts';
import { SLACK } from './slack.ts';
import { SMTP2GO } from './smtp2go.ts';
import { TWILIO } from './twilio.ts';
import { VAULT } from './vault.ts';
import { VONAGE } from './vonage.ts';
import { MAILOSAUR } from './mailosaur.ts';
import { MIGOSMTP, TELNXO } from './rackwave.ts';
import { TURBOSMTP } from './turbosmtp.ts';

/** Every provider this version knows. A new one is a file and a line here. */
export const PROVIDERS: readonly Provider[] = [
  MIGOSMTP,
  TELNXO,
  TURBOSMTP,
  MAILOSAUR,
  AWS,
  DIGITALOCEAN,
  DISCORD,
  DOPPLER,
  GITHUB,
  GITLAB,
  HEROKU,
  HUGGINGFACE,
  MAILGUN,
  NPM,
  RESEND,
  SENDGRID,
  SLACK,
  SMTP2GO,
  TWILIO,
  VAULT,
  VONAGE,
];

/** A provider and one of its kinds of credential. */
export interface Target {
  readonly provider: Provider;
  readonly kind: CredentialKind;
}

/** @throws ProviderError `PROVIDER_UNKNOWN` */
export function providerNamed(id: string, providers: readonly Provider[] = PROVIDERS): Provider {
  const found = providers.find((provider) => provider.id === id);
  if (found) return found;
  const near = nearest(
    id,
    providers.map((one) => one.id),
  );
  throw new ProviderError('PROVIDER_UNKNOWN', `No provider ${id}`, {
    ...(near !== null && { mend: `Did you mean ${near}?` }),
    facts: { provider: id },
  });
}

/** The kind that a rule's `verify` or `revoke` names; null where this version has no such declaration. */
export function targetNamed(kind: string, providers: readonly Provider[] = PROVIDERS): Target | null {
  for (const provider of providers) {
    const found = provider.kinds.find(({ id }) => id === kind);
    if (found) return { provider, kind: found };
  }
  return null;
}
