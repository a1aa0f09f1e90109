/**
 * What each code means, apart from the occasion: docs/ERRORS.md is made of it.
 * Nothing that runs imports this file.
 */
import { ACTION_MENDS, type ActionErrorCode } from './action.ts';
import { CONFIG_MENDS, type ConfigErrorCode } from './config.ts';
import { CONTENT_MENDS, type ContentProblemCode } from './content.ts';
import { GIT_MENDS, type GitErrorCode, type GitProblemCode } from './git.ts';
import { GITHUB_MENDS, type GitHubErrorCode } from './github.ts';
import { GITLEAKS_MENDS, type GitleaksErrorCode, type GitleaksProblemCode } from './gitleaks.ts';
import { HTTP_MENDS, type HttpErrorCode } from './http.ts';
import { KERNEL_MENDS, type KernelErrorCode } from './kernel.ts';
import { PACK_MENDS, type PackErrorCode } from './pack.ts';
import { PROVIDER_MENDS, type ProviderErrorCode } from './provider.ts';
import { REPORT_MENDS, type ReportErrorCode } from './report.ts';
import { RESPOND_MENDS, type RespondErrorCode } from './respond.ts';
import { RULE_MENDS, type RuleErrorCode } from './rule.ts';
import { SOURCE_MENDS, type SourceErrorCode, type SourceProblemCode } from './source.ts';
import { STORE_MENDS, type StoreErrorCode } from './store.ts';
import { SYSTEM_MENDS, type SystemErrorCode } from './system.ts';
import { TRIAL_MENDS, type TrialCode } from './trial.ts';
import { TRIAGE_MENDS, type TriageErrorCode } from './triage.ts';
import { USAGE_MENDS, type UsageErrorCode } from './usage.ts';

/** What a code does to the run that meets it, where it is not wrong use (exit code 2). */
export type Consequence =
  /** A gap in the coverage. */
  | 'gap'
  /** A step of `respond`, `rotate` or `verify` that did not succeed. */
  | 'step'
  /** A step of the Action that did not succeed. */
  | 'action'
  /** `unleak rules test` ends with 1. */
  | 'trial'
  /** Something was not posted; the verdict stands. */
  | 'none';

export interface ErrorFamily {
  readonly title: string;
  readonly consequence: Consequence;
  /** Code → what it means. */
  readonly meanings: Readonly<Record<string, string>>;
  /** Code → what to do. */
  readonly mends: Readonly<Record<string, string>>;
}

function family<C extends string>(
  title: string,
  consequence: Consequence,
  mends: Readonly<Record<C, string>>,
  meanings: Readonly<Record<C, string>>,
): ErrorFamily {
  return { title, consequence, mends, meanings };
}

/** Every code that there is but `INTERNAL`, by family. */
export const ERROR_FAMILIES: readonly ErrorFamily[] = [
  family<UsageErrorCode>('Use', 'gap', USAGE_MENDS, {
    USAGE_ARGUMENTS: 'An option, its value or an argument is not one that the command takes.',
    USAGE_NO_SUCH_PATH: 'A file that was named is not there, or cannot be read.',
    USAGE_NOT_A_FILE: 'Where a file of settings should be is a folder, a pipe or a device.',
    USAGE_FILE_TOO_LARGE: 'A file of settings is larger than any of its kind.',
    USAGE_NOT_A_REPOSITORY: 'The command needs a git work tree, and there is none.',
    USAGE_NO_RULES: 'The rule set that was chosen is empty.',
    USAGE_OUTPUT: 'The file of `--output`, or standard output, cannot be written.',
    USAGE_REPORT: 'What was given as a report is none.',
    USAGE_NO_SUCH_FINDING: 'The report has no finding of that id, or none at all.',
    USAGE_HOOK: 'A hook cannot be installed, removed or run as things are.',
    USAGE_FLAG_UNKNOWN: '`unleak gitleaks`: no flag of that name; exit code 126, as gitleaks.',
    USAGE_FLAG_UNSUPPORTED: '`unleak gitleaks`: a flag that would change the result, and cannot be followed.',
    USAGE_KEYS: 'Keys to hunt for are missing, too many, or of a kind that cannot be hunted for.',
  }),
  family<GitleaksErrorCode | GitleaksProblemCode>('Configurations of gitleaks', 'gap', GITLEAKS_MENDS, {
    GITLEAKS_TOO_LARGE: 'The file is larger than any configuration.',
    GITLEAKS_SYNTAX: 'The file is no TOML.',
    GITLEAKS_VALUE: 'A key has a value that gitleaks would refuse too.',
    GITLEAKS_REGEX: 'An expression is not one that Go accepts.',
    GITLEAKS_EXTEND: 'What `[extend]` names is not there, or cannot be followed.',
    GITLEAKS_UNKNOWN_RULE: 'A rule is named that the configuration does not have.',
    GITLEAKS_NO_RULES: 'The configuration leaves no rule.',
    UNTRANSLATED_RULE: 'A rule of the configuration cannot be followed, so what it would find was not looked for.',
  }),
  family<ConfigErrorCode>('Configuration', 'gap', CONFIG_MENDS, {
    CONFIG_TOO_LARGE: 'The configuration file is too large, or nested too deeply, to be one.',
    CONFIG_SYNTAX: 'The file is not TOML.',
    CONFIG_UNKNOWN_KEY: 'A key has no meaning; most often it is misspelt.',
    CONFIG_VALUE: 'A value is of the wrong kind or out of range.',
    CONFIG_UNKNOWN_RULE: 'A rule or provider is named that is not in the rule set.',
    CONFIG_NO_RULES: 'The configuration turns every rule off.',
  }),
  family<RuleErrorCode>('Rules', 'gap', RULE_MENDS, {
    RULE_TOO_LARGE: 'A rule file is too large.',
    RULE_YAML: 'A rule file is not YAML.',
    RULE_SHAPE: 'A key of a rule is unknown, missing or of the wrong kind.',
    RULE_NONE: 'A rule file or folder holds no rule.',
    RULE_DUPLICATE_ID: 'Two rules have one id.',
    RULE_PATTERN: 'A pattern is no regular expression, or one that this program does not run.',
    RULE_LITERAL: 'A literal is too short, or some match of the pattern does not begin with one.',
    RULE_WINDOW: 'A match can be longer than the window that the rule declares.',
    RULE_CHECK: 'A check is unknown, or its parameter is wrong.',
    RULE_PART: 'A part names a rule that is not there.',
    RULE_TEMPLATE: 'An example cannot be made: its template is wrong.',
    RULE_SAMPLES: 'The samples are too few, or have no shape in common.',
  }),
  family<TrialCode>('Trials of rules', 'trial', TRIAL_MENDS, {
    TRIAL_EXAMPLE: 'An example is not found, or a counterexample is.',
    TRIAL_RECALL: 'Fewer than 99 % of random keys are found in a place where keys stand.',
    TRIAL_LITERAL: 'A match need not hold any of the literals by which the rule is looked up.',
    TRIAL_STEPS: 'A text made for it keeps the pattern busy for more than 1,000 steps a character.',
  }),
  family<TriageErrorCode>('Suppressions', 'gap', TRIAGE_MENDS, {
    TRIAGE_FILE_INVALID: 'A line of `.unleak-allow`, a baseline or an ignore file is not of its format.',
    TRIAGE_ID_INVALID: 'What was given is not an id.',
    TRIAGE_ID_UNKNOWN: 'No finding has an id that begins so.',
    TRIAGE_ID_AMBIGUOUS: 'More than one id begins so.',
    TRIAGE_PLACE_EMPTY: 'No finding begins at the place that was given.',
    TRIAGE_PLACE_AMBIGUOUS: 'More than one finding begins at the place that was given.',
    TRIAGE_REASON_MISSING: 'A suppression was to be written without a reason.',
    TRIAGE_EXPIRY_INVALID: 'The date is none, or it is over.',
    TRIAGE_INCOMPLETE:
      'Entries of other tools cannot be judged after an incomplete scan, so they were not carried over.',
    TRIAGE_WRITE_REFUSED: 'The file cannot be replaced safely: it is a link, a folder, or in the way of one.',
  }),
  family<ReportErrorCode>('Stored reports', 'gap', REPORT_MENDS, {
    REPORT_TOO_LARGE: 'A stored report is too large to be read.',
    REPORT_NOT_JSON: 'A stored report is not JSON.',
    REPORT_SCHEMA: 'A stored report lacks what its schema asks for.',
    REPORT_VERSION: 'A stored report is of another version of the schema.',
    REPORT_FORMAT_UNKNOWN: 'There is no format of that name.',
  }),
  family<SourceErrorCode | SourceProblemCode>('Files', 'gap', SOURCE_MENDS, {
    NO_SUCH_PATH: 'A path that was to be scanned is not there.',
    SCAN_OUT_OF_TIME: 'The time that `--timeout` gives was over before the scan was.',
    HOOK_OUT_OF_TIME: 'A push was not judged within the time that a server gives its hook.',
    FILE_UNREADABLE: 'A file could not be read.',
    FOLDER_UNREADABLE: 'A folder could not be listed.',
    FILE_CHANGED: 'A file changed or vanished while it was scanned.',
    STAGED_UNMERGED: 'A staged file has a conflict, so what would be committed is not known.',
    OBJECTS_NOT_READ:
      'A git repository without a work tree was to be scanned as files, and what it holds is not in files.',
    NOTHING_COVERED: 'All that was there was left out, so the run has shown nothing.',
  }),
  family<ContentProblemCode>('Content', 'gap', CONTENT_MENDS, {
    ARCHIVE_DAMAGED: 'An archive, or an entry of one, is damaged or cut short.',
    ARCHIVE_ENCRYPTED: 'An entry of an archive is encrypted.',
    ARCHIVE_METHOD: 'An entry is packed by a method that is not read.',
    ARCHIVE_BYTES: 'An archive expands to more than 512 MiB.',
    ARCHIVE_ENTRIES: 'An archive has more than 100,000 entries.',
    ARCHIVE_DEPTH: 'Archives are nested more than three deep.',
    ARCHIVE_TOO_LARGE: 'An archive is larger than 32 MiB.',
    DECODE_DEPTH: 'Text is encoded more than three times over.',
    DECODE_LIMIT: 'One encoded run is longer than 8 MiB.',
    ITEM_LIMIT: 'One text has more than 100,000 candidates.',
    EXPRESSION_LIMIT:
      'An expression that is not ours took too many steps on one text, so the rule was not asked about the rest of it.',
    FINGERPRINT_LIMIT: 'More than 2,000 weak values: each id takes 26 ms, so the rest share one for each kind of key.',
  }),
  family<GitErrorCode | GitProblemCode>('git', 'gap', GIT_MENDS, {
    GIT_NOT_FOUND: 'There is no git to run.',
    GIT_FAILED: 'git ended with an error, or was killed.',
    GIT_OUTPUT_TOO_LARGE: 'git printed more than can be meant.',
    GIT_PROTOCOL: 'git answered otherwise than its documentation says.',
    NOT_A_REPOSITORY: 'There is no repository, or none that git can open.',
    RANGE_INVALID: 'What was given is not a range of commits.',
    RANGE_UNKNOWN_COMMIT: 'A commit of the range is not in this repository.',
    RANGE_NO_MERGE_BASE: 'The two ends of `a...b` have no commit in common here.',
    GIT_OBJECT_MALFORMED: 'A tree, commit or tag is not of its format.',
    GIT_SHALLOW: 'The clone is shallow, and commits beyond its boundary were needed.',
    GIT_OBJECT_MISSING: 'An object that another one names is not there.',
    GIT_OBJECT_CORRUPT: 'An object cannot be read, or is not what its id says.',
    GIT_PROMISED_ABSENT: 'A partial clone left objects on the server.',
    GIT_PACK_INCOMPLETE: 'A pack has no index, or an index no pack, so git passes over it.',
    GIT_STORE_UNREADABLE: 'A folder of the object store cannot be listed.',
    GIT_REF_BROKEN: 'A ref points at nothing that can be read.',
    GIT_MESSAGE: 'git wrote an error or a warning that this program does not know.',
    GIT_ATTRIBUTION_LIMIT: 'The trees that hold findings expand to too many paths to be named.',
  }),
  family<PackErrorCode>('Packs', 'gap', PACK_MENDS, {
    PACK_SIGNATURE: 'A file does not begin as a pack or an index does.',
    PACK_TRUNCATED: 'A file ends in the middle of what it states.',
    PACK_NUMBER_TOO_LARGE: 'A number is larger than the format allows.',
    PACK_COUNT_MISMATCH: 'Pack and index state different numbers of objects.',
    PACK_CHECKSUM: 'The checksum at the end of a pack does not match.',
    PACK_ENTRY_CRC: 'The CRC that the index keeps of an entry does not match.',
    PACK_ENTRY_TYPE: 'An entry is of a type that does not exist.',
    PACK_ENTRY_LENGTH: 'An entry is not as long as it states.',
    PACK_INFLATE: 'An entry’s compressed data is damaged.',
    PACK_ADLER: 'The checksum of an entry’s data does not match.',
    PACK_SIZE_IMPOSSIBLE: 'A stated size cannot be true.',
    PACK_DELTA_OUT_OF_BOUNDS: 'A delta copies from outside of its base.',
    PACK_DELTA_MALFORMED: 'A delta is not of its format.',
    PACK_DELTA_UNRESOLVED: 'A delta’s base is missing, or is the delta itself by a detour.',
    PACK_OBJECT_ID: 'An object’s content is not that of its id.',
    PACK_OBJECT_TOO_LARGE: 'An object is larger than this reader holds.',
    PACK_COPIES_DIFFER: 'Two copies of an object are not the same.',
    PACK_VANISHED: 'A pack was deleted during the scan.',
    PACK_UNREADABLE: 'A pack or index cannot be read from disk.',
    PACK_INDEX_MISSING: 'A pack has no index.',
    PACK_INDEX_INVALID: 'An index is not of its format.',
    PACK_INDEX_CHECKSUM: 'The checksum of an index does not match.',
    MIDX_INVALID: 'A multi-pack-index is not of its format.',
    MIDX_PACK_MISSING: 'A multi-pack-index names a pack that is not there.',
    LOOSE_INVALID: 'A loose object is not of its format.',
    LOOSE_VANISHED: 'A loose object was deleted during the scan.',
    OBJECT_MISSING: 'An object is in no pack and not loose.',
    OBJECT_DIRECTORY_UNREADABLE: 'An object folder cannot be read.',
    ALTERNATE_MISSING: 'An object folder borrowed from is not there.',
    ALTERNATE_TOO_DEEP: 'Object folders borrow from each other in too long a chain.',
    ALTERNATE_INVALID: 'The list of object folders to borrow from is not of its format.',
  }),
  family<SystemErrorCode>('The system', 'gap', SYSTEM_MENDS, {
    SYSTEM_LIMIT: 'The system lets this process open no more files, or start no more processes.',
  }),
  family<KernelErrorCode>('WebAssembly', 'gap', KERNEL_MENDS, {
    KERNEL_UNAVAILABLE: 'This Node.js cannot run the WebAssembly code.',
    KERNEL_MEMORY: 'There is not enough memory for the WebAssembly code.',
    KERNEL_LITERAL_INVALID: 'A rule’s literal is empty or too long to search for.',
  }),
  family<HttpErrorCode>('Requests', 'step', HTTP_MENDS, {
    HTTP_URL_INVALID: 'An address is no URL.',
    HTTP_NOT_HTTPS: 'A request would have gone out in clear.',
    HTTP_HOST_NOT_ALLOWED: 'A host is none of those that the provider is known to have.',
    HTTP_ADDRESS_REFUSED: 'A name leads to an address inside of a private network.',
    HTTP_NAME_NOT_FOUND: 'A host name cannot be resolved.',
    HTTP_REDIRECT: 'The server sent us elsewhere; credentials are not taken along.',
    HTTP_TIMEOUT: 'No answer came in time.',
    HTTP_BODY_TOO_LARGE: 'The answer was larger than any answer of its kind.',
    HTTP_NETWORK: 'The connection failed.',
    HTTP_ABORTED: 'The request was broken off by a person.',
    SMTP_PROTOCOL: 'A mail server did not answer as SMTP asks for.',
    SMTP_NO_TLS: 'A mail server offers no encryption.',
  }),
  family<ProviderErrorCode>('Providers', 'step', PROVIDER_MENDS, {
    PROVIDER_UNKNOWN: 'No provider has that name.',
    PROVIDER_FIELD_MISSING: 'A value that the provider’s calls need was not given.',
    PROVIDER_SECRET_IN_URL: 'An adapter would have put a credential into a URL.',
    PROVIDER_ANSWER_UNREADABLE: 'The provider’s answer is not as documented.',
    PROVIDER_REFUSED: 'The provider refused what it was asked.',
    PROVIDER_LOGIN_FAILED: 'The provider did not accept the operator’s credential.',
    PROVIDER_NOT_PUBLISHED: 'The provider publishes no way to do this.',
    PROVIDER_FILE_INVALID: 'A providers file is not of its format.',
    PROVIDER_COMMAND_FAILED: 'The program of an adapter failed.',
    PROVIDER_LIST_TOO_LONG: 'The provider lists more keys than are looked through.',
  }),
  family<RespondErrorCode>('Responding', 'step', RESPOND_MENDS, {
    SOURCE_CHANGED: 'The place that a report names no longer holds the secret.',
    REPORT_UNREADABLE: 'The report cannot be read.',
    NO_PROVIDER: 'Nothing is known of whoever issued the key.',
    KEY_NOT_LIVE: 'The provider does not know the key, or could not be asked, so nothing is revoked by API.',
    KEY_PROTECTED: 'The key is on the list of those that must not be revoked.',
    KEY_OWN_CREDENTIAL: 'The key is the one that this program works with.',
    KEY_IN_USE: 'A store that you named gives the key out at present.',
    KEY_AMBIGUOUS: 'More than one key of the account could be the leaked one.',
    WRONG_ACCOUNT: 'The operator’s credential is of another account than the key.',
    LIST_CHANGED: 'The keys of the account are not those that the plan was made of.',
    COLLATERAL_NOT_ACCEPTED: 'Revoking the key would end something else too.',
    REVOCATION_NOT_ALLOWED: 'Nobody has agreed to the revocation.',
    REVOCATION_LIMIT: 'More keys were to be revoked than the limit allows.',
    REVOKE_NOT_CONFIRMED:
      'The key is not proved dead: it still lived when the provider was asked, or is not revoked yet.',
    REVOKE_REFUSED: 'The provider refused to revoke the key.',
    REVOKE_OUTCOME_UNKNOWN: 'Whether the revocation took place is not known.',
    UNTRUSTED_EVENT: 'A pull request or the like must not revoke anything.',
    UNTRUSTED_REPORT: 'The report comes from somewhere that a stranger can write to.',
    NO_OPERATOR: 'There is no credential to revoke or create keys with.',
    NO_FREE_SLOT: 'The account may have no more keys, so there is no room for a new one.',
    CREATE_REFUSED: 'The provider refused to make a new key.',
    CREATE_VALUE_LOST: 'A new key was made, and its value was lost on the way.',
    NEW_KEY_NOT_LIVE: 'A new key was made, and the provider does not accept it.',
    NEW_KEY_NOT_STORED: 'A store does not give out the new key that was written to it.',
    HANDOVER_FAILED: 'A new key could not be put where it belongs.',
    STORE_HOLDS_OTHER: 'A store that is to get the new key holds neither the old one nor nothing.',
    STILL_USED: 'The old key was found where it would be missed, or was used since the new one is there.',
    SEARCH_INCOMPLETE: 'Something that was to be searched for the old key could not be.',
    GRACE_PERIOD: 'The time that the old key was to live on is not over.',
    KEY_AGE_UNKNOWN: 'Nobody tells when a key was made, so whether it is too old is not known.',
    ROLLED_BACK: 'The old key is back in every store, and the new one deleted.',
    ROLLBACK_TOO_LATE: 'The old key was revoked, so it cannot be put back.',
    ROLLBACK_BY_HAND: 'A store holds something that cannot be put back as it was, so the new key is left alive.',
    INCIDENT_UNKNOWN: 'There is no incident of that id.',
    INCIDENT_LOCKED: 'Another run works on the incident.',
    INCIDENT_OTHER_USER: 'The incident belongs to another user.',
    INCIDENT_STATE_UNSAFE: 'The folder of the journals can be written to by others.',
    JOURNAL_DAMAGED: 'A journal’s chain of hashes is broken.',
    JOURNAL_WRITE: 'A step could not be recorded, so it was not taken.',
    RUNTIME_UNSAFE: 'Node runs with options that could give a secret away.',
    LOG_UNREADABLE: 'A log is of a format that is not read.',
    PERSON_NEEDED: 'A decision is a person’s, and there is none at a terminal.',
  }),
  family<StoreErrorCode>('Secret stores', 'step', STORE_MENDS, {
    STORE_CONFIG: 'A store of the providers file lacks something, or names what its kind does not have.',
    STORE_CREDENTIAL_MISSING: 'There is no credential for a store.',
    STORE_AUTH: 'A store does not accept the credential: it is wrong, or has expired.',
    STORE_REFUSED: 'A store knows the credential and does not let it do this.',
    STORE_NOT_FOUND: 'The secret, its version or its field is not in the store.',
    STORE_CONFLICT: 'The secret is no longer the version that was read.',
    STORE_THROTTLED: 'A store takes no more requests for now, also after waiting as it asked.',
    STORE_UNREACHABLE: 'A store did not answer.',
    STORE_OUTCOME_UNKNOWN: 'Whether a write took place cannot be told.',
    STORE_ANSWER: 'A store answered otherwise than its documentation says.',
    STORE_VALUE: 'The store cannot hold the value, or the secret is not of the form that a field needs.',
    STORE_FILE_TRACKED: 'The file is tracked by git, so that a key in it would be committed.',
    STORE_FILE: 'A file is no plain file, or cannot be replaced as it was.',
  }),
  family<ActionErrorCode>('GitHub Action', 'action', ACTION_MENDS, {
    ACTION_ENVIRONMENT: 'The Action does not run in a workflow.',
    ACTION_INPUT: 'An input is not one that the Action takes.',
    ACTION_EVENT: 'The Action does not know what to scan on this event.',
    ACTION_PAYLOAD: 'The event’s payload lacks what it should have.',
    ACTION_FETCH: 'Commits that were to be scanned could not be fetched.',
    ACTION_REVOKE_REFUSED: 'Revoking was asked for on an event that must not do it.',
  }),
  family<GitHubErrorCode>('GitHub', 'none', GITHUB_MENDS, {
    GITHUB_FORBIDDEN: 'The token may not do this.',
    GITHUB_NOT_FOUND: 'GitHub does not show the token what it asked for.',
    GITHUB_REJECTED: 'GitHub did not accept the request.',
    GITHUB_RATE_LIMIT: 'The token has used up its requests.',
    GITHUB_UNREACHABLE: 'GitHub did not answer.',
  }),
];
