import { type ErrorNotes, ScanError } from './base.ts';

/** Ways a configuration can be wrong. Codes are API: add freely, never rename. */
export type ConfigErrorCode =
  | 'CONFIG_TOO_LARGE'
  | 'CONFIG_SYNTAX'
  | 'CONFIG_UNKNOWN_KEY'
  | 'CONFIG_VALUE'
  | 'CONFIG_UNKNOWN_RULE'
  | 'CONFIG_NO_RULES';

export const CONFIG_MENDS: Record<ConfigErrorCode, string> = {
  CONFIG_TOO_LARGE: 'A configuration is a page, not a database; move long lists to .unleak-allow.',
  CONFIG_SYNTAX: 'Correct the TOML at that line and column.',
  CONFIG_UNKNOWN_KEY: 'Remove the key or correct its spelling; docs/config.schema.json lists them all.',
  CONFIG_VALUE: 'Correct the value; docs/config.schema.json says what each key takes.',
  CONFIG_UNKNOWN_RULE: 'Correct the rule id; `unleak rules list` prints them all.',
  CONFIG_NO_RULES: 'Leave at least one rule in force: shorten [rules] disable, or correct [rules] only.',
};

export class ConfigError extends ScanError {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: CONFIG_MENDS[code], ...notes });
    this.code = code;
  }
}
