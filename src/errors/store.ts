import { type ErrorNotes, ScanError } from './base.ts';

/** Ways a secret store cannot be read or written. Codes are API: add freely, never rename. */
export type StoreErrorCode =
  | 'STORE_CONFIG'
  | 'STORE_CREDENTIAL_MISSING'
  | 'STORE_AUTH'
  | 'STORE_REFUSED'
  | 'STORE_NOT_FOUND'
  | 'STORE_CONFLICT'
  | 'STORE_THROTTLED'
  | 'STORE_UNREACHABLE'
  | 'STORE_OUTCOME_UNKNOWN'
  | 'STORE_ANSWER'
  | 'STORE_VALUE'
  | 'STORE_FILE_TRACKED'
  | 'STORE_FILE';

export const STORE_MENDS: Record<StoreErrorCode, string> = {
  STORE_CONFIG: 'Correct the store in your providers file; docs/STORES.md shows each kind.',
  STORE_CREDENTIAL_MISSING: 'Set the variables named, give them with --credentials-fd, or name a credential-command.',
  STORE_AUTH: 'Get a new token for this store (they expire), then run the command again.',
  STORE_REFUSED: 'Give the credential the permissions that docs/STORES.md lists for this store.',
  STORE_NOT_FOUND: 'Create the secret with its first value, or correct its name in your providers file.',
  STORE_CONFLICT: 'Somebody else changed the secret meanwhile: look at it, then run the command again.',
  STORE_THROTTLED: 'Run the command again later; the store takes no more requests at present.',
  STORE_UNREACHABLE: 'Check your connection and the address in your providers file, then run the command again.',
  STORE_OUTCOME_UNKNOWN:
    'Look into the store: the write may have taken place. Writing the same value again does no harm.',
  STORE_ANSWER: 'Check that the address is really this store; nothing is written over what cannot be read.',
  STORE_VALUE: 'Store this value by hand: this kind of store cannot hold it as every reader expects.',
  STORE_FILE_TRACKED: 'Take the file out of git (`git rm --cached`, and into .gitignore), then run the command again.',
  STORE_FILE: 'Name a plain file of your own that can be written; links are not followed.',
};

export class StoreError extends ScanError {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: STORE_MENDS[code], ...notes });
    this.code = code;
  }
}
