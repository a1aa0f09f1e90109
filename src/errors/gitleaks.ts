import { type ErrorNotes, ScanError } from './base.ts';

/** Ways a configuration of gitleaks or betterleaks can be wrong. Codes are API: add freely, never rename. */
export type GitleaksErrorCode =
  | 'GITLEAKS_TOO_LARGE'
  | 'GITLEAKS_SYNTAX'
  | 'GITLEAKS_VALUE'
  | 'GITLEAKS_REGEX'
  | 'GITLEAKS_EXTEND'
  | 'GITLEAKS_UNKNOWN_RULE'
  | 'GITLEAKS_NO_RULES';

/** What such a configuration can leave uncovered. */
export type GitleaksProblemCode = 'UNTRANSLATED_RULE';

export const GITLEAKS_MENDS: Record<GitleaksErrorCode | GitleaksProblemCode, string> = {
  UNTRANSLATED_RULE: 'Give the rule a keyword or write it as a rule of ours (docs/RULES.md); or remove it.',
  GITLEAKS_TOO_LARGE: 'Split the file: at most 4 MiB are read.',
  GITLEAKS_SYNTAX: 'Correct the TOML at that line and column.',
  GITLEAKS_VALUE: 'Correct the value; docs/GITLEAKS.md says which keys are read and how.',
  GITLEAKS_REGEX: 'Correct the expression; it is read as RE2, like in Go.',
  GITLEAKS_EXTEND: 'Name one readable file in [extend] path, at most two levels deep, or set useDefault, not both.',
  GITLEAKS_UNKNOWN_RULE: 'Correct the rule id, or remove what names it.',
  GITLEAKS_NO_RULES: 'Add rules, or [extend] useDefault = true: a configuration without either finds nothing.',
};

export class GitleaksError extends ScanError {
  override readonly name = 'GitleaksError';
  readonly code: GitleaksErrorCode;

  constructor(code: GitleaksErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: GITLEAKS_MENDS[code], ...notes });
    this.code = code;
  }
}
