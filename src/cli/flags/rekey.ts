import { switchFlag, textFlag } from './flag.ts';

export const OLD_KEY = textFlag({
  name: 'old-key',
  group: 'What counts',
  summary: 'the `fingerprint-key` that the ids were made with (default: the built-in one)',
  value: 'KEY',
});

export const IN_HISTORY = switchFlag({
  name: 'history',
  group: 'What is read',
  summary: 'look for the secrets in the whole history too, not only in the files',
});
