import { type ErrorNotes, ScanError } from './base.ts';

/** Ways an incident cannot go on. Codes are API: add freely, never rename. */
export type RespondErrorCode =
  | 'SOURCE_CHANGED'
  | 'REPORT_UNREADABLE'
  | 'NO_PROVIDER'
  | 'KEY_NOT_LIVE'
  | 'KEY_PROTECTED'
  | 'KEY_OWN_CREDENTIAL'
  | 'KEY_IN_USE'
  | 'KEY_AMBIGUOUS'
  | 'WRONG_ACCOUNT'
  | 'LIST_CHANGED'
  | 'COLLATERAL_NOT_ACCEPTED'
  | 'REVOCATION_NOT_ALLOWED'
  | 'REVOCATION_LIMIT'
  | 'REVOKE_NOT_CONFIRMED'
  | 'REVOKE_REFUSED'
  | 'REVOKE_OUTCOME_UNKNOWN'
  | 'UNTRUSTED_EVENT'
  | 'UNTRUSTED_REPORT'
  | 'NO_OPERATOR'
  | 'NO_FREE_SLOT'
  | 'CREATE_REFUSED'
  | 'CREATE_VALUE_LOST'
  | 'NEW_KEY_NOT_LIVE'
  | 'NEW_KEY_NOT_STORED'
  | 'HANDOVER_FAILED'
  | 'STORE_HOLDS_OTHER'
  | 'STILL_USED'
  | 'SEARCH_INCOMPLETE'
  | 'GRACE_PERIOD'
  | 'KEY_AGE_UNKNOWN'
  | 'ROLLED_BACK'
  | 'ROLLBACK_TOO_LATE'
  | 'ROLLBACK_BY_HAND'
  | 'INCIDENT_UNKNOWN'
  | 'INCIDENT_LOCKED'
  | 'INCIDENT_OTHER_USER'
  | 'INCIDENT_STATE_UNSAFE'
  | 'JOURNAL_DAMAGED'
  | 'JOURNAL_WRITE'
  | 'RUNTIME_UNSAFE'
  | 'LOG_UNREADABLE'
  | 'PERSON_NEEDED';

export const RESPOND_MENDS: Record<RespondErrorCode, string> = {
  SOURCE_CHANGED:
    'Run it in the repository of the finding (--repo), or scan again and use the new report, or give the value at the prompt or with --secret-fd.',
  REPORT_UNREADABLE: 'Give a report written by `unleak … --format json`.',
  NO_PROVIDER: 'Revoke it at its issuer by hand; see docs/PROVIDERS.md for what this version can do.',
  KEY_NOT_LIVE: 'Check that the value is whole; revoke in the dashboard, or type the label of the key when asked.',
  KEY_PROTECTED: 'Take the id off the protect list of your providers file if it really must go.',
  KEY_OWN_CREDENTIAL: 'Give unleak another operator credential, then revoke this one with it.',
  KEY_IN_USE:
    'Have the new key in that store (--hand-over), then resume; or repeat with --in-use-ok if an outage is acceptable.',
  KEY_AMBIGUOUS: 'Revoke in the dashboard; more than one key fits and a wrong one must not die.',
  WRONG_ACCOUNT: 'Give the operator credential of the account the key belongs to.',
  LIST_CHANGED: 'Make a new plan: the listed key is no longer the one that was confirmed.',
  COLLATERAL_NOT_ACCEPTED: 'Read what else dies, then repeat with --accept-collateral.',
  REVOCATION_NOT_ALLOWED: 'Confirm at the prompt, or repeat with --yes --allow-revoke PROVIDER.',
  REVOCATION_LIMIT: 'Repeat for the rest, or raise --max-revocations.',
  REVOKE_NOT_CONFIRMED:
    'Look in the dashboard, then `unleak respond --resume ID`: until its provider refuses it, the key counts as live.',
  REVOKE_REFUSED: 'Give an operator credential that may do this, or revoke in the dashboard with --wait.',
  REVOKE_OUTCOME_UNKNOWN: '`unleak respond --resume ID` asks the provider first and repeats nothing blindly.',
  UNTRUSTED_EVENT: 'Run this from a push to the default branch, a schedule, or by hand; never for a pull request.',
  UNTRUSTED_REPORT: 'Scan the repository yourself and respond to that report.',
  NO_OPERATOR: 'Set the variables named, or do it in the dashboard with --wait.',
  NO_FREE_SLOT: 'Revoke a key that nobody uses, or rotate in two steps during a maintenance window.',
  CREATE_REFUSED: 'Create the key in the dashboard, then `unleak respond --resume ID --done replace`.',
  CREATE_VALUE_LOST:
    'Delete the key with the label shown, nobody has its value, and resume; or `unleak rotate --resume ID --roll-back`.',
  NEW_KEY_NOT_LIVE: 'Do not deploy it; look at the key in the dashboard. The old one was left alone.',
  NEW_KEY_NOT_STORED:
    'See who wrote to that store. `--resume ID --overwrite` writes the new key there again, --roll-back puts the old one back everywhere.',
  HANDOVER_FAILED: 'Correct the target of --hand-over. A key whose value was lost must be deleted.',
  STORE_HOLDS_OTHER: 'Check that the store is the one of this key; --overwrite writes over whatever it holds.',
  STILL_USED: 'Change what still uses it, then resume; --still-used-ok revokes nevertheless, and is recorded.',
  SEARCH_INCOMPLETE: 'Mend what is named, then resume; --still-used-ok goes on without, and is recorded.',
  GRACE_PERIOD: 'Resume after that time; `--grace 0` ends the period now.',
  KEY_AGE_UNKNOWN: 'Give the operator credential of its provider, or rotate it with unleak, which remembers.',
  ROLLED_BACK: 'Begin again with `unleak rotate` when the cause is mended.',
  ROLLBACK_TOO_LATE: 'Go on with --resume: the new key is the one that lives.',
  ROLLBACK_BY_HAND:
    'Set what the store held before by hand, then repeat --roll-back; until then the new key is left alive.',
  INCIDENT_UNKNOWN: '`unleak respond --list` shows the incidents of this user.',
  INCIDENT_LOCKED: 'Wait for the other run, or end it; its process id is shown.',
  INCIDENT_OTHER_USER: 'Repeat with --take-over, which is recorded.',
  INCIDENT_STATE_UNSAFE: 'Give the folder mode 0700 and yourself as owner; it may not be a symbolic link.',
  JOURNAL_DAMAGED: 'Keep the file for the investigation and open a new incident; the chain says where it breaks.',
  JOURNAL_WRITE: 'Free some space or correct the permissions; nothing is sent that cannot be recorded.',
  RUNTIME_UNSAFE: 'Run node without these options: they could write a secret to disk or to a stranger.',
  LOG_UNREADABLE: 'Export CSV with a header line, or JSON; see docs/RESPONDING.md for the columns understood.',
  PERSON_NEEDED: 'Run it on a terminal, or give the flags named.',
};

export class RespondError extends ScanError {
  override readonly name = 'RespondError';
  readonly code: RespondErrorCode;

  constructor(code: RespondErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: RESPOND_MENDS[code], ...notes });
    this.code = code;
  }
}
