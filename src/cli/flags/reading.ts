import { choiceFlag, countFlag, listFlag, sizeFlag, switchFlag, textFlag } from './flag.ts';

export const MAX_FILE_SIZE = sizeFlag({
  name: 'max-file-size',
  group: 'What is read',
  summary: 'leave out what is larger, such as 20M (default: no limit)',
  value: 'SIZE',
});

export const WHOLE_FILES = switchFlag({
  name: 'whole-files',
  group: 'What is read',
  summary: 'judge everything in the staged files, not only what the commit introduces',
});

export const REACHABLE = switchFlag({
  name: 'reachable',
  group: 'What is read',
  summary: 'only objects that some ref or reflog reaches',
});

export const JOBS = countFlag({
  name: 'jobs',
  short: 'j',
  group: 'What is read',
  summary: 'threads to scan with (default: one for each processor; 1 starts none)',
  value: 'N',
  least: 1,
  most: 256,
});

export const ENGINE = choiceFlag({
  name: 'engine',
  group: 'What is read',
  summary: 'who reads objects: unleak itself, or git, slower and to compare with',
  value: 'NAME',
  choices: ['packs', 'cat-file'],
  fallback: 'packs',
});

export const VERIFY_OBJECTS = switchFlag({
  name: 'verify-objects',
  group: 'What is read',
  summary: 'compute the id of every object: finds what somebody stored under another id; several times slower',
});

export const CONFIG_FROM = textFlag({
  name: 'config-from',
  group: 'What counts',
  summary: 'commit whose configuration holds (default: the base of the range)',
  value: 'COMMIT',
});

export const KEYS_FROM_ENV = listFlag({
  name: 'from-env',
  group: 'What is read',
  summary: 'variables that hold keys to hunt for, instead of standard input',
  value: 'NAME',
});

export const NO_CACHE = switchFlag({
  name: 'no-cache',
  group: 'What is read',
  summary: 'decide every object anew, and remember nothing of this run',
});

export const IN_HISTORY = switchFlag({
  name: 'history',
  group: 'What is read',
  summary: 'look for the secrets in the whole history too, not only in the files',
});
