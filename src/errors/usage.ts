import { type ErrorNotes, ScanError } from './base.ts';

/** Ways a command can be asked for something it cannot do. Codes are API: add freely, never rename. */
export type UsageErrorCode =
  | 'USAGE_ARGUMENTS'
  | 'USAGE_NO_SUCH_PATH'
  | 'USAGE_NOT_A_FILE'
  | 'USAGE_FILE_TOO_LARGE'
  | 'USAGE_NOT_A_REPOSITORY'
  | 'USAGE_NO_RULES'
  | 'USAGE_OUTPUT'
  | 'USAGE_REPORT'
  | 'USAGE_NO_SUCH_FINDING'
  | 'USAGE_HOOK'
  | 'USAGE_KEYS'
  | 'USAGE_FLAG_UNKNOWN'
  | 'USAGE_FLAG_UNSUPPORTED';

export const USAGE_MENDS: Record<UsageErrorCode, string> = {
  USAGE_ARGUMENTS: 'Run the command with --help to see what it takes.',
  USAGE_NO_SUCH_PATH: 'Check the spelling; paths are relative to the current directory.',
  USAGE_NOT_A_FILE: 'Put a plain file there, or take away what is in its place.',
  USAGE_FILE_TOO_LARGE: 'Check that it is the file you mean; split it if it is.',
  USAGE_NOT_A_REPOSITORY: 'Run it inside a git work tree, or name a repository.',
  USAGE_NO_RULES: 'Choose a rule set that has rules; `unleak rules list` shows the built-in ones.',
  USAGE_OUTPUT: 'Choose a file in an existing directory that you may write to.',
  USAGE_REPORT: 'Give a file written by `unleak … --format json`.',
  USAGE_NO_SUCH_FINDING: 'Copy the id from a report; it is the finding’s fingerprint.',
  USAGE_KEYS: 'Give keys on standard input, one a line, or in a variable named by --from-env; never as arguments.',
  USAGE_FLAG_UNKNOWN: 'Check the spelling; `unleak gitleaks --help` lists the flags of gitleaks that are understood.',
  USAGE_FLAG_UNSUPPORTED: 'Leave the flag out; docs/GITLEAKS.md says what to use in its place.',
  USAGE_HOOK: 'Run `unleak hook status` to see which hooks are in force.',
};

/** The command line, or what it names, is wrong: exit code 2. */
export class UsageError extends ScanError {
  override readonly name = 'UsageError';
  readonly code: UsageErrorCode;

  constructor(code: UsageErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: USAGE_MENDS[code], ...notes });
    this.code = code;
  }
}
