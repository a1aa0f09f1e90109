import { ALLOW_FLAGS } from '../flags/allow.ts';
import type { Flag } from '../flags/flag.ts';
import { HOOK_INSTALL_FLAGS } from '../flags/hook.ts';
import { FORMAT, NO_PROGRESS, OUTPUT, OUTPUT_FLAGS, QUIET } from '../flags/output.ts';
import { MAX_FILE_SIZE, REACHABLE, WHOLE_FILES } from '../flags/reading.ts';
import { CONFIG, RULE_FLAGS, RULES } from '../flags/rules.ts';
import { ALLOW_INCOMPLETE, VERDICT_FLAGS } from '../flags/verdict.ts';
import type { Command } from './command.ts';

const SCANNING: readonly Flag[] = [...RULE_FLAGS, ...VERDICT_FLAGS, ...OUTPUT_FLAGS];

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
    flags: [MAX_FILE_SIZE, ...SCANNING],
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
    name: 'history',
    takes: '[repo]',
    least: 0,
    most: 1,
    summary: 'the whole object store of a repository, reachable or not, and its messages',
    details:
      'Reads every blob, commit and tag that the repository holds: merged, amended, stashed, dropped and deleted ones too. Each finding says which commit introduced it.',
    flags: [REACHABLE, ...SCANNING],
    examples: [
      ['unleak history', 'this repository'],
      ['unleak history ../other.git --format json', 'another one, for a program'],
    ],
    load: async () => (await import('./history.ts')).run,
  },
  {
    name: 'hook install',
    takes: '[git-hook...]',
    least: 0,
    most: 2,
    summary: 'install the pre-commit hook, after whatever hook is there',
    details:
      'Works with plain .git/hooks, core.hooksPath and husky; for lefthook and the pre-commit framework it prints what to add. Installing again changes nothing.',
    flags: HOOK_INSTALL_FLAGS,
    examples: [['unleak hook install', 'once per clone']],
    load: async () => (await import('./hook.ts')).install,
  },
  {
    name: 'hook remove',
    takes: '[git-hook...]',
    least: 0,
    most: 2,
    summary: 'take the hook out again, and put back what was there before',
    details: 'The hook that was there before comes back byte for byte.',
    flags: HOOK_INSTALL_FLAGS,
    examples: [['unleak hook remove', '']],
    load: async () => (await import('./hook.ts')).remove,
  },
  {
    name: 'hook status',
    takes: '',
    least: 0,
    most: 0,
    summary: 'say whether commits are checked; exit 0 if they are, else 1',
    details: 'Finds hooks that are missing, shadowed by core.hooksPath, not executable or outdated.',
    flags: [],
    examples: [['unleak hook status', '']],
    load: async () => (await import('./hook.ts')).status,
  },
  {
    name: 'hook run',
    takes: '<git-hook>',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    summary: 'what the installed hook calls: pre-commit or pre-merge-commit',
    details: 'Exits 0 to let git go on and something else to stop it.',
    flags: [WHOLE_FILES, MAX_FILE_SIZE, ...SCANNING],
    examples: [['unleak hook run pre-commit', '']],
    load: async () => (await import('./staged.ts')).runHook,
  },
  {
    name: 'allow',
    takes: '<id>',
    least: 1,
    most: 1,
    summary: 'suppress one finding, with a reason',
    details: 'The id is the fingerprint that a report shows, 26 letters and digits.',
    flags: ALLOW_FLAGS,
    examples: [['unleak allow wneokkmhqyzzjgem2xgwldjqse --reason "revoked on 2 May" --expires 2027-05-02', '']],
    load: async () => (await import('./allow.ts')).run,
  },
  {
    name: 'baseline write',
    takes: '[path...]',
    least: 0,
    most: Number.POSITIVE_INFINITY,
    summary: 'accept what is there today, so that only new findings count',
    details: 'Scans like `unleak scan` and writes the fingerprints of what it finds.',
    flags: [...RULE_FLAGS, MAX_FILE_SIZE, ALLOW_INCOMPLETE, OUTPUT, QUIET, NO_PROGRESS],
    examples: [['unleak baseline write', '']],
    load: async () => (await import('./baseline.ts')).write,
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
    summary: 'check a rule file: its form, its examples and its counterexamples',
    details: '',
    flags: [],
    examples: [['unleak rules test my-rules.yaml', '']],
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
