import { isScanError } from '../errors/base.ts';

/** Exit codes of all scanning commands. They are API. */
export const EXIT = {
  /** Nothing found, everything covered. */
  clean: 0,
  /** Findings that count. */
  found: 1,
  /** The command line, a configuration or a rule set is wrong, or `--output` cannot be written. */
  usage: 2,
  /** Nothing found, but something was not covered. */
  incomplete: 3,
  /** `respond` and `rotate`: a step waits for a person. */
  waiting: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a finished scan looks like from outside. */
export interface Outcome {
  /** A finding that is neither suppressed nor below `--fail-on`. */
  readonly found: boolean;
  readonly complete: boolean;
  readonly allowIncomplete: boolean;
}

/** Findings win over incomplete coverage, and incomplete coverage is never clean unless asked for. */
export function exitCodeOf({ found, complete, allowIncomplete }: Outcome): ExitCode {
  if (found) return EXIT.found;
  return complete || allowIncomplete ? EXIT.clean : EXIT.incomplete;
}

/** Families of errors that mean "you asked for something that cannot be", by the first word of their codes. */
const USAGE_FAMILIES = new Set(['USAGE', 'CONFIG', 'RULE', 'GITLEAKS', 'TRIAGE', 'REPORT', 'RANGE']);
const USAGE_CODES = new Set([
  'NOT_A_REPOSITORY',
  'NO_SUCH_PATH',
  'GIT_NOT_FOUND',
  'RUNTIME_UNSAFE',
  'INCIDENT_UNKNOWN',
  'INCIDENT_OTHER_USER',
  'INCIDENT_LOCKED',
  'INCIDENT_STATE_UNSAFE',
  'SOURCE_CHANGED',
  'NO_OPERATOR',
  'NO_PROVIDER',
  'HANDOVER_FAILED',
  'STORE_CONFIG',
  'STORE_CREDENTIAL_MISSING',
  'LOG_UNREADABLE',
  'PROVIDER_UNKNOWN',
  'PROVIDER_FILE_INVALID',
  'PROVIDER_NOT_PUBLISHED',
  'PROVIDER_FIELD_MISSING',
]);

/** The code of a command that ended with an error before it could report: wrong use, else not covered. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (!isScanError(error)) return EXIT.incomplete;
  const family = error.code.split('_')[0] ?? '';
  return USAGE_FAMILIES.has(family) || USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.incomplete;
}
