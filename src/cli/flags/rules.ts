import { listFlag, switchFlag, textFlag } from './flag.ts';

export const RULES = listFlag({
  name: 'rules',
  group: 'What counts',
  summary: 'rule sets: all (the default), messaging, or files and folders of your own',
  value: 'SET',
});

export const ONLY = listFlag({
  name: 'only',
  group: 'What counts',
  summary: 'only these rules (ids or providers, comma separated)',
  value: 'ID',
});

export const CONFIG = textFlag({
  name: 'config',
  short: 'c',
  group: 'What counts',
  summary: 'configuration file, instead of the one in the repository',
  value: 'FILE',
});

export const BASELINE = textFlag({
  name: 'baseline',
  group: 'What counts',
  summary: 'baseline file of known findings',
  value: 'FILE',
});

export const IGNORE_REPO_CONFIG = switchFlag({
  name: 'ignore-repo-config',
  group: 'What counts',
  summary: 'trust no configuration, ignore file, baseline or inline comment of the repository',
});

export const EXPLAIN = switchFlag({
  name: 'explain',
  group: 'Other',
  summary: 'take the file for a text, and say what each rule decided in it and why; `-` reads standard input',
});

export const RULE_FLAGS = [RULES, ONLY, CONFIG, BASELINE, IGNORE_REPO_CONFIG] as const;
