import { ALLOW_FLAGS } from '../flags/allow.ts';
import type { Flag } from '../flags/flag.ts';
import { GITLEAKS_FLAGS } from '../flags/gitleaks.ts';
import { HOOK_INSTALL_FLAGS } from '../flags/hook.ts';
import { WRITE } from '../flags/migrate.ts';
import { BASELINE_OUTPUT, FORMAT, NO_PROGRESS, OUTPUT, OUTPUT_FLAGS, QUIET } from '../flags/output.ts';
import {
  CONFIG_FROM,
  ENGINE,
  IN_HISTORY,
  JOBS,
  KEYS_FROM_ENV,
  MAX_FILE_SIZE,
  NO_CACHE,
  REACHABLE,
  VERIFY_OBJECTS,
  WHOLE_FILES,
} from '../flags/reading.ts';
import { KEYS_FORMAT, MAX_AGE, UNUSED_FOR } from '../flags/keys.ts';
import { OLD_KEY } from '../flags/rekey.ts';
import { BASELINE, CONFIG, EXPLAIN, IGNORE_REPO_CONFIG, ONLY, RULE_FLAGS, RULES } from '../flags/rules.ts';
import { ALLOW_INCOMPLETE, VERDICT_FLAGS } from '../flags/verdict.ts';
import {
  ASK,
  FINDING,
  FROM,
  OWN,
  PROVIDER_FLAGS,
  PROVIDERS_FILE,
  QUOTA,
  REPO,
  RESPOND_FLAGS,
  ROTATE_FLAGS,
  SECRET_FD,
  SINCE,
  VERIFY,
} from '../flags/respond.ts';
import type { Command } from './command.ts';

const SCANNING: readonly Flag[] = [...RULE_FLAGS, ...VERDICT_FLAGS, ...OUTPUT_FLAGS, VERIFY, ...PROVIDER_FLAGS];

/** Every command there is, in the order help lists them. Each one's code is loaded when it is chosen. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'scan',
    takes: '[path...]',
    least: 0,
    most: Number.POSITIVE_INFINITY,
    summary: 'files and folders',
    details:
      'Without a path, the current directory. In a git work tree it reads what git tracks or would track; elsewhere every file. `-` reads standard input.',
    flags: [MAX_FILE_SIZE, JOBS, ...SCANNING],
    examples: [
      ['unleak scan', 'this project'],
      ['unleak scan src config/app.yaml', 'some of it'],
      ['docker logs web | unleak scan -', 'anything that prints'],
      ['unleak scan --format sarif --output unleak.sarif', 'for a code-scanning service'],
    ],
    load: async () => (await import('./scan.ts')).run,
  },
  {
    name: 'staged',
    takes: '',
    least: 0,
    most: 0,
    summary: 'what `git commit` would record now (the pre-commit hook)',
    details:
      'Reads the index, not the work tree, and reports what the commit would introduce: a secret that HEAD, or any head being merged, already has at that path is not reported again. It fails on findings of high confidence and warns of the others; --fail-on changes that.',
    flags: [WHOLE_FILES, MAX_FILE_SIZE, ...SCANNING],
    examples: [
      ['unleak staged', 'before a commit'],
      ['unleak staged --whole-files', 'old secrets in the staged files too'],
    ],
    load: async () => (await import('./staged.ts')).run,
  },
  {
    name: 'commits',
    takes: '<range>',
    least: 1,
    most: 1,
    summary: 'every commit of a range: a..b, a...b (from their merge base), or a single one',
    details:
      'Reports what a commit of the range introduces, also if a later one removes it: content, messages and names; of a merge what no parent has. Configuration, ignore files and baselines are read from the base of the range, never from its end: what the range itself brings along to let a finding pass is pending, and counts.',
    flags: [CONFIG_FROM, MAX_FILE_SIZE, ...SCANNING],
    examples: [
      ['unleak commits origin/main...HEAD', 'a branch, before it is merged'],
      ['unleak commits HEAD', 'the last commit'],
      ['unleak commits v1.0..v1.1 --format json', 'a release, for a program'],
    ],
    load: async () => (await import('./commits.ts')).run,
  },
  {
    name: 'history',
    takes: '[repo]',
    least: 0,
    most: 1,
    summary: 'the whole object store of a repository, reachable or not, and its messages',
    details:
      'Reads every blob, commit and tag that the repository holds: merged, amended, stashed, dropped and deleted ones too. Each finding says which commit introduced it.',
    flags: [REACHABLE, JOBS, NO_CACHE, ENGINE, VERIFY_OBJECTS, ...SCANNING],
    examples: [
      ['unleak history', 'this repository'],
      ['unleak history ../other.git --format json', 'another one, for a program'],
    ],
    load: async () => (await import('./history.ts')).run,
  },
  {
    name: 'hunt',
    takes: '[repo] [path...]',
    least: 0,
    most: Number.POSITIVE_INFINITY,
    summary: 'where exactly known keys are, in every encoding; needs no rule',
    details:
      'Keys come on standard input, one a line, or from variables; never as arguments. Looks through the whole history of the repository, its work tree, and the paths named; without any, through the repository around the current directory. Finds keys also in base64, hex, percent and other escapes, in UTF-16 and archives, and torn over lines or string literals. Configuration, baseline and inline comments of the repository do not count.',
    flags: [KEYS_FROM_ENV, REACHABLE, JOBS, ENGINE, VERIFY_OBJECTS, MAX_FILE_SIZE, ALLOW_INCOMPLETE, ...OUTPUT_FLAGS],
    examples: [
      ['unleak hunt < leaked.txt', 'this repository and its history'],
      ['unleak hunt --from-env OLD_KEY ../other.git', 'one key in another repository'],
      ['unleak hunt --from-env OLD_KEY . ~/.config build/', 'further folders, also ignored ones'],
    ],
    load: async () => (await import('./hunt.ts')).run,
  },
  {
    name: 'verify',
    takes: '[report]',
    least: 0,
    most: 1,
    summary: 'ask the providers which findings are alive (read-only requests)',
    details:
      'Without a report it scans the history of the repository first. Values are read again from the repository, never from the report. It exits 0 only if every finding is proven dead; a value that was never seen live is `rejected`, which is not dead.',
    flags: [
      REPO,
      SECRET_FD,
      FINDING,
      ...PROVIDER_FLAGS,
      RULES,
      ONLY,
      CONFIG,
      BASELINE,
      IGNORE_REPO_CONFIG,
      ...OUTPUT_FLAGS,
    ],
    examples: [
      ['unleak verify', 'every finding of this history'],
      ['unleak verify findings.json --format json', 'of a stored report, for a program'],
    ],
    load: async () => (await import('./verify.ts')).run,
  },
  {
    name: 'respond',
    takes: '[report]',
    least: 0,
    most: 1,
    summary: 'the compromised-key playbook for findings: plan, then run, then resume',
    details:
      'Seven steps: revoke, replace, review logs, assess damage, notify, contact support, audit. Each ends done, waiting for a person, failed or skipped, and is written down. A key counts as dead only when its provider proves it. Exit code 0: everything confirmed; 1: something failed; 4: a person is needed.',
    flags: [...RESPOND_FLAGS, RULES, ONLY, CONFIG, BASELINE, IGNORE_REPO_CONFIG, MAX_FILE_SIZE, QUIET, NO_PROGRESS],
    examples: [
      ['unleak respond --plan', 'what would be done'],
      ['unleak respond findings.json --wait 30m', 'guided: go on the moment the key is dead'],
      ['unleak respond --yes --allow-revoke turbosmtp --hand-over file:new-key.json', 'without a question'],
      ['unleak respond --resume 20261121-0a1b2c3d --done notify', 'after a person has done a step'],
    ],
    load: async () => (await import('./respond.ts')).run,
  },
  {
    name: 'rotate',
    takes: '',
    least: 0,
    most: 0,
    summary: 'the planned rotation of a key that has not leaked',
    details:
      'Create, verify, write to each store in the order named, look for uses of the old key, and revoke that last, once the new one is deployed; then retire its versions. A failure half-way is resumed, or taken back with --roll-back. It refuses when the account has no free slot.',
    flags: ROTATE_FLAGS,
    examples: [
      ['unleak rotate --kind turbosmtp-pair --from-env consumerKey=KEY,secret=SECRET --hand-over store:production', ''],
      [
        'unleak rotate --resume 20261121-0a1b2c3d --from-env consumerKey=KEY,secret=SECRET --deployed',
        'the old key dies',
      ],
      [
        'unleak rotate --resume 20261121-0a1b2c3d --from-env consumerKey=KEY,secret=SECRET --roll-back',
        'the old key back into every store',
      ],
    ],
    load: async () => (await import('./rotate.ts')).run,
  },
  {
    name: 'keys',
    takes: '[provider...]',
    least: 0,
    most: Number.POSITIVE_INFINITY,
    summary: 'list the keys you have; exit 1 if one is too old, unused, or leaked and alive',
    details:
      'From the lists of providers whose operator credential is given, adapters, the named stores and the journals of incidents. For a scheduled job: rotate every 90 days, revoke what nobody uses. What could not be asked, and a key whose age nobody knows, make the exit code 3, never 0.',
    flags: [MAX_AGE, UNUSED_FOR, KEYS_FORMAT, ALLOW_INCOMPLETE, ...PROVIDER_FLAGS],
    examples: [
      ['unleak keys', 'everything that is known'],
      ['unleak keys turbosmtp --max-age 30 --format json', 'one provider, for a program'],
    ],
    load: async () => (await import('./keys.ts')).run,
  },
  {
    name: 'logs review',
    takes: '[provider]',
    least: 0,
    most: 1,
    summary: 'look for warning signs in a usage log; exit 1 if there are any',
    details:
      'Spikes, unknown recipients, quota used early, foreign addresses and countries, jumps of bounces and complaints, each against the time before. For a scheduled job.',
    flags: [FROM, SINCE, QUOTA, OWN, ...PROVIDER_FLAGS],
    examples: [
      ['unleak logs review turbosmtp --since 24h', 'by API, with your credential'],
      ['unleak logs review --from export.csv --since 7d --quota 10000', 'an export'],
    ],
    load: async () => (await import('./logs.ts')).run,
  },
  {
    name: 'provider init',
    takes: '<provider>',
    least: 1,
    most: 1,
    summary: 'write an adapter for a provider that publishes no key endpoint',
    details: 'Into your own providers file, complete but for URL and credential.',
    flags: [PROVIDERS_FILE],
    examples: [['unleak provider init migosmtp', '']],
    load: async () => (await import('./provider.ts')).init,
  },
  {
    name: 'provider check',
    takes: '<provider>',
    least: 1,
    most: 1,
    summary: 'read an adapter and show its requests without sending any',
    details: 'With --ask it sends the one request that lists keys.',
    flags: [ASK, ...PROVIDER_FLAGS],
    examples: [['unleak provider check migosmtp', '']],
    load: async () => (await import('./provider.ts')).check,
  },
  {
    name: 'hook install',
    takes: '[git-hook...]',
    least: 0,
    most: 5,
    summary: 'install hooks, after whatever hook is there: pre-commit unless others are named',
    details:
      'There are pre-commit, pre-merge-commit, commit-msg and pre-push, and pre-receive for the repository of a server. Works with plain .git/hooks, core.hooksPath and husky; for lefthook and the pre-commit framework it prints what to add. Installing again changes nothing.',
    flags: HOOK_INSTALL_FLAGS,
    examples: [
      ['unleak hook install', 'once per clone'],
      ['unleak hook install pre-commit commit-msg pre-push', 'messages and pushes too'],
      ['cd /srv/project.git && unleak hook install', 'on a server: pre-receive'],
    ],
    load: async () => (await import('./hook.ts')).install,
  },
  {
    name: 'hook remove',
    takes: '[git-hook...]',
    least: 0,
    most: 5,
    summary: 'take hooks out again, and put back what was there before',
    details: 'Without a name, every hook of ours. The hook that was there before comes back byte for byte.',
    flags: HOOK_INSTALL_FLAGS,
    examples: [['unleak hook remove', '']],
    load: async () => (await import('./hook.ts')).remove,
  },
  {
    name: 'hook status',
    takes: '',
    least: 0,
    most: 0,
    summary: 'say whether commits, or pushes to a server, are checked; exit 0 if they are, else 1',
    details: 'Finds hooks that are missing, shadowed by core.hooksPath, not executable or outdated.',
    flags: [],
    examples: [['unleak hook status', '']],
    load: async () => (await import('./hook.ts')).status,
  },
  {
    name: 'hook run',
    takes: '<git-hook> [argument...]',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    summary: 'what the installed hook calls, with whatever git gives it',
    details: 'Exits 0 to let git go on and something else to stop it.',
    flags: [WHOLE_FILES, MAX_FILE_SIZE, ...SCANNING],
    examples: [['unleak hook run pre-commit', '']],
    load: async () => (await import('./hook-run.ts')).run,
  },
  {
    name: 'allow',
    takes: '<id or place>',
    least: 1,
    most: 1,
    summary: 'suppress one finding, with a reason',
    details:
      'The id is the fingerprint that a report shows, 26 letters and digits; its first eight do if one finding of the project’s files begins so. A place is PATH:LINE:COLUMN of a file, where the secret is looked up.',
    flags: ALLOW_FLAGS,
    examples: [
      ['unleak allow wneokkmhqyzzjgem2xgwldjqse --reason "revoked on 2 May" --expires 2027-05-02', ''],
      [
        'unleak allow config/dev.ini:12:12 --reason "the password of the sample database"',
        'the secret that begins there',
      ],
    ],
    load: async () => (await import('./allow.ts')).run,
  },
  {
    name: 'baseline write',
    takes: '[path...]',
    least: 0,
    most: Number.POSITIVE_INFINITY,
    summary: 'accept what is there today, so that only new findings count',
    details:
      'Scans like `unleak scan`, with --history like `unleak history` too, and writes the fingerprints of what it finds.',
    flags: [...RULE_FLAGS, MAX_FILE_SIZE, IN_HISTORY, ALLOW_INCOMPLETE, BASELINE_OUTPUT, QUIET, NO_PROGRESS],
    examples: [
      ['unleak baseline write', 'for scans of files'],
      ['unleak baseline write --history', 'for audits of the history as well'],
    ],
    load: async () => (await import('./baseline.ts')).write,
  },
  {
    name: 'baseline prune',
    takes: '[path...]',
    least: 0,
    most: Number.POSITIVE_INFINITY,
    summary: 'drop from the baseline what is not there any more',
    details:
      'Scan the same paths that the baseline was written for, and the history if it was written or migrated with that. After an incomplete scan nothing is dropped.',
    flags: [...RULE_FLAGS, MAX_FILE_SIZE, IN_HISTORY, QUIET, NO_PROGRESS],
    examples: [['unleak baseline prune --history', '']],
    load: async () => (await import('./baseline.ts')).prune,
  },
  {
    name: 'baseline rekey',
    takes: '[path...]',
    least: 0,
    most: Number.POSITIVE_INFINITY,
    summary: 'carry ids over after fingerprint-key was changed',
    details:
      'Set the new key in .unleak.toml first. An id says nothing of its secret, so the secrets are looked for once more; what is not found keeps its old id, is counted, and makes the exit code 3. Covers .unleak-allow and the baseline.',
    flags: [RULES, CONFIG, BASELINE, OLD_KEY, IN_HISTORY, QUIET, NO_PROGRESS],
    examples: [
      ['unleak baseline rekey --history', 'from the built-in key to your own'],
      ['unleak baseline rekey --old-key "the key before"', 'from one of your own to another'],
    ],
    load: async () => (await import('./rekey.ts')).run,
  },
  {
    name: 'rules list',
    takes: '',
    least: 0,
    most: 0,
    summary: 'the rules in force',
    details: '',
    flags: [RULES, CONFIG],
    examples: [['unleak rules list --rules messaging', '']],
    load: async () => (await import('./rules.ts')).list,
  },
  {
    name: 'rules show',
    takes: '<id>',
    least: 1,
    most: 1,
    summary: 'all there is to know about one rule',
    details: '',
    flags: [RULES, CONFIG],
    examples: [],
    load: async () => (await import('./rules.ts')).show,
  },
  {
    name: 'rules test',
    takes: '<file>',
    least: 1,
    most: 1,
    summary: 'check a rule file: its form, its examples, and random keys in every place where keys stand',
    details:
      'Takes rule files and configurations of gitleaks (.toml), whose rules are tried on what their expressions match. --only names the rules to be tried. ' +
      'With --explain the file is a text instead: each candidate in it, with the rule that looked at it, and why it was found or turned down. With --only, also why a rule says nothing. No secret is shown.',
    flags: [EXPLAIN, RULES, ONLY, CONFIG],
    examples: [
      ['unleak rules test my-rules.yaml', ''],
      ['unleak rules test --explain config.ini --only migosmtp', 'why is it found, or not?'],
    ],
    load: async () => (await import('./rules.ts')).test,
  },
  {
    name: 'rules learn',
    takes: '<provider>',
    least: 1,
    most: 1,
    summary: 'make a rule from sample keys on standard input',
    details:
      'For providers that publish no key format. Writes a rule file that holds the form of the keys and a prefix of words they ' +
      'share, nothing else of them. Two keys are enough, more are better, revoked ones are best.',
    flags: [],
    examples: [['unleak rules learn migosmtp < revoked-keys.txt > migosmtp-form.yaml', '']],
    load: async () => (await import('./rules.ts')).learn,
  },
  {
    name: 'migrate',
    takes: '',
    least: 0,
    most: 0,
    summary: 'carry configuration and suppressions of gitleaks, betterleaks or detect-secrets over',
    details:
      'Looks through the files and the whole history for what entries of .gitleaksignore, .betterleaksignore, .secrets.baseline and of a baseline given name, and writes ids of these secrets into .unleak-allow and .unleak-baseline. Lists entries that meet nothing, entries that cannot be carried over without letting more pass, and all that has no effect here. Old files stay as they are; running it again changes nothing.',
    flags: [WRITE, BASELINE, JOBS, ALLOW_INCOMPLETE, QUIET, NO_PROGRESS],
    examples: [
      ['unleak migrate', 'what would be done'],
      ['unleak migrate --baseline gitleaks-report.json --write', 'with a baseline'],
    ],
    load: async () => (await import('./migrate.ts')).run,
  },
  {
    name: 'gitleaks',
    takes: '<git|dir|stdin|detect|protect|version> [path]',
    least: 1,
    most: 2,
    summary: 'the command line of gitleaks, so that a job changes one word',
    details:
      'Takes the flags, variables and files of gitleaks 8, writes its reports and ends with its exit codes: 0, --exit-code with findings, 1 after an error or where something could not be covered, 126 for an unknown flag. Secrets are redacted unless --show-secrets is given. docs/GITLEAKS.md lists what differs.',
    flags: GITLEAKS_FLAGS,
    ownArguments: true,
    examples: [
      ['unleak gitleaks git --redact --report-path leaks.sarif', 'was: gitleaks git …'],
      ['unleak gitleaks git --pre-commit --staged --redact --verbose', 'a hook'],
      ['unleak gitleaks detect --no-git --source app --exit-code 2', 'the older spelling'],
    ],
    load: async () => (await import('./gitleaks.ts')).run,
  },
  {
    name: 'report',
    takes: '<findings.json>',
    least: 1,
    most: 1,
    summary: 'turn stored findings into another format',
    details: 'Reads what `--format json` wrote. Nothing is scanned again.',
    flags: [FORMAT, OUTPUT, QUIET],
    examples: [['unleak report findings.json --format html --output findings.html', '']],
    load: async () => (await import('./report.ts')).run,
  },
];
