import { type ErrorNotes, ScanError } from './base.ts';

/** Ways asking or commanding a provider can fail. Codes are API: add freely, never rename. */
export type ProviderErrorCode =
  | 'PROVIDER_UNKNOWN'
  | 'PROVIDER_FIELD_MISSING'
  | 'PROVIDER_SECRET_IN_URL'
  | 'PROVIDER_ANSWER_UNREADABLE'
  | 'PROVIDER_REFUSED'
  | 'PROVIDER_LOGIN_FAILED'
  | 'PROVIDER_NOT_PUBLISHED'
  | 'PROVIDER_FILE_INVALID'
  | 'PROVIDER_COMMAND_FAILED'
  | 'PROVIDER_LIST_TOO_LONG';

export const PROVIDER_MENDS: Record<ProviderErrorCode, string> = {
  PROVIDER_UNKNOWN: 'See docs/PROVIDERS.md for the providers this version knows.',
  PROVIDER_FIELD_MISSING: 'Give the value in the environment, in your providers file, or at the prompt.',
  PROVIDER_SECRET_IN_URL: 'Put the credential into a header or the body of the adapter, never into path or query.',
  PROVIDER_ANSWER_UNREADABLE:
    'Run the command again; if it stays so, the provider has changed its API: revoke by hand.',
  PROVIDER_REFUSED: 'Check the rights of the operator credential, or revoke in the dashboard with --wait.',
  PROVIDER_LOGIN_FAILED: 'Check the operator credential; too many tries can lock the account.',
  PROVIDER_NOT_PUBLISHED:
    'The provider publishes no such endpoint. Revoke in the dashboard with --wait, or fill in the adapter if you have a private one.',
  PROVIDER_FILE_INVALID: 'Correct the providers file; `unleak provider check` reads it without sending anything.',
  PROVIDER_COMMAND_FAILED: 'Run the adapter command by hand to see what it needs.',
  PROVIDER_LIST_TOO_LONG: 'Revoke in the dashboard with --wait; a key that cannot be listed is not revoked blindly.',
};

export class ProviderError extends ScanError {
  override readonly name = 'ProviderError';
  readonly code: ProviderErrorCode;

  constructor(code: ProviderErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: PROVIDER_MENDS[code], ...notes });
    this.code = code;
  }
}
