import { textFlag } from './flag.ts';

export const OLD_KEY = textFlag({
  name: 'old-key',
  group: 'What counts',
  summary: 'the `fingerprint-key` that the ids were made with (default: the built-in one)',
  value: 'KEY',
});
