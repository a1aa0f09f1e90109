/** The flags of gitleaks 8, and of betterleaks 1 where scripts use them, as `unleak gitleaks` takes them. */
import { type Flag, countFlag, listFlag, switchFlag, textFlag } from './flag.ts';
import { SHOW_SECRETS } from './output.ts';
import { JOBS } from './reading.ts';
import { ALLOW_INCOMPLETE } from './verdict.ts';

export const G_CONFIG = textFlag({
  name: 'config',
  short: 'c',
  group: 'What counts',
  summary: 'configuration; else that of a variable, or .gitleaks.toml of what is scanned',
  value: 'FILE',
});
export const G_BASELINE = textFlag({
  name: 'baseline-path',
  short: 'b',
  group: 'What counts',
  summary: 'report of known findings',
  value: 'FILE',
});
export const G_IGNORE = textFlag({
  name: 'gitleaks-ignore-path',
  short: 'i',
  group: 'What counts',
  summary: '.gitleaksignore, or the folder it is in (default: the current one)',
  value: 'PATH',
});
export const G_IGNORE_COMMENTS = switchFlag({
  name: 'ignore-gitleaks-allow',
  group: 'What counts',
  summary: 'believe no inline comment',
});
export const G_ENABLE = listFlag({
  name: 'enable-rule',
  group: 'What counts',
  summary: 'only these rules',
  value: 'ID',
});
export const G_EXIT_CODE = countFlag({
  name: 'exit-code',
  group: 'What counts',
  summary: 'exit code where there are findings (default: 1)',
  value: 'N',
  least: 0,
  most: 255,
});
export const G_REPORT = textFlag({
  name: 'report-path',
  short: 'r',
  group: 'Output',
  summary: 'file for the report, `-` for standard output',
  value: 'FILE',
});
export const G_FORMAT = textFlag({
  name: 'report-format',
  short: 'f',
  group: 'Output',
  summary: 'json, csv, junit or sarif; else by the ending of the file',
  value: 'NAME',
});
export const G_VERBOSE = switchFlag({
  name: 'verbose',
  short: 'v',
  group: 'Output',
  summary: 'print findings as well as the report',
});
export const G_REDACT = textFlag({
  name: 'redact',
  group: 'Output',
  summary: 'of no effect: secrets are always redacted, unless --show-secrets is given',
  value: 'N',
});
export const G_MEGABYTES = countFlag({
  name: 'max-target-megabytes',
  group: 'What is read',
  summary: 'leave out files larger than this',
  value: 'N',
  least: 0,
  most: 1_000_000,
});
export const G_TIMEOUT = countFlag({
  name: 'timeout',
  group: 'What is read',
  summary: 'give up after so many seconds; 0: never',
  value: 'N',
  least: 0,
  most: 999_999,
});
export const G_STAGED = switchFlag({
  name: 'staged',
  group: 'What is read',
  summary: 'git, protect: what `git commit` would record',
});
export const G_PRE_COMMIT = switchFlag({
  name: 'pre-commit',
  group: 'What is read',
  summary: 'git: files with changes that are not staged; with --staged, what is',
});
export const G_LOG_OPTS = textFlag({
  name: 'log-opts',
  group: 'What is read',
  summary: 'git, detect: commits, as `git log` takes them: a range, --all, -n, --since and the like',
  value: 'TEXT',
});
export const G_SOURCE = textFlag({
  name: 'source',
  short: 's',
  group: 'What is read',
  summary: 'detect, protect: the repository or folder',
  value: 'PATH',
});
export const G_NO_GIT = switchFlag({
  name: 'no-git',
  group: 'What is read',
  summary: 'detect: files, whatever git knows of them',
});
export const G_PIPE = switchFlag({ name: 'pipe', group: 'What is read', summary: 'detect: standard input' });
export const G_FOLLOW = switchFlag({
  name: 'follow-symlinks',
  group: 'What is read',
  summary: 'dir, detect: read the files that links lead to',
});
export const G_NO_COLOR = switchFlag({ name: 'no-color', group: 'Output', summary: 'no colour' });
export const G_WORKERS = textFlag({
  name: 'git-workers',
  group: 'Other',
  summary: 'as --jobs, where it is not 0',
  value: 'N',
});

const silent = (name: string, short?: string): Flag<boolean> =>
  switchFlag({ name, group: 'Other', summary: 'nothing to do here', ...(short === undefined ? {} : { short }) });
const moot = (name: string, summary: string): Flag<string | undefined> =>
  textFlag({ name, group: 'Other', summary, value: 'X' });

/** Accepted without a word: what they ask for is so anyway. */
export const SILENT_FLAGS: readonly Flag[] = [
  silent('no-banner'),
  silent('legacy-print'),
  textFlag({ name: 'log-level', short: 'l', group: 'Other', summary: 'nothing to do here', value: 'LEVEL' }),
  moot('regex-engine', 'nothing to do here: expressions always run in linear time'),
  moot('regexp-engine', 'the same'),
];

/** Accepted, of no effect, and said so on standard error. */
export const MOOT_FLAGS: readonly Flag[] = [
  moot('max-decode-depth', 'of no effect: three layers are undone'),
  moot('max-archive-depth', 'of no effect: archives are read three deep'),
  moot('platform', 'of no effect: reports hold no links'),
  moot('match-context', 'of no effect: reports hold no context'),
  moot('experiments', 'of no effect'),
  moot('diagnostics', 'of no effect'),
  moot('diagnostics-dir', 'of no effect'),
];

/** Refused: what they ask for would change the result. */
export const REFUSED_FLAGS: readonly Flag[] = [
  moot('report-template', 'refused: templates are not supported'),
  silent('validation'),
  moot('validation-status', 'refused: `unleak verify` asks providers'),
];

const FOR_ALL: readonly Flag[] = [
  G_CONFIG,
  G_BASELINE,
  G_IGNORE,
  G_IGNORE_COMMENTS,
  G_ENABLE,
  G_EXIT_CODE,
  ALLOW_INCOMPLETE,
  G_REPORT,
  G_FORMAT,
  G_VERBOSE,
  G_REDACT,
  SHOW_SECRETS,
  G_NO_COLOR,
  G_MEGABYTES,
  G_TIMEOUT,
  JOBS,
  ...SILENT_FLAGS,
  ...MOOT_FLAGS.filter(({ name }) => name !== 'platform'),
  ...REFUSED_FLAGS,
];
const PLATFORM = MOOT_FLAGS.filter(({ name }) => name === 'platform');

/** What each command of gitleaks takes. */
export const FLAGS_OF: Readonly<Record<string, readonly Flag[]>> = {
  git: [...FOR_ALL, ...PLATFORM, G_STAGED, G_PRE_COMMIT, G_LOG_OPTS, G_WORKERS],
  dir: [...FOR_ALL, G_FOLLOW],
  stdin: FOR_ALL,
  detect: [...FOR_ALL, ...PLATFORM, G_NO_GIT, G_PIPE, G_FOLLOW, G_SOURCE, G_LOG_OPTS],
  protect: [...FOR_ALL, G_STAGED, G_SOURCE, G_LOG_OPTS],
  version: FOR_ALL,
};

/** All of them, once. */
export const GITLEAKS_FLAGS: readonly Flag[] = [...new Set(Object.values(FLAGS_OF).flat())];
