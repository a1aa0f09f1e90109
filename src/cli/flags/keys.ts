import { choiceFlag, countFlag } from './flag.ts';

export const MAX_AGE = countFlag({
  name: 'max-age',
  group: 'What counts',
  summary: 'days after which a key is to be rotated (default: 90)',
  value: 'DAYS',
  least: 1,
  most: 36_500,
});

export const UNUSED_FOR = countFlag({
  name: 'unused-for',
  group: 'What counts',
  summary: 'days without use after which a key is to be revoked (default: as --max-age)',
  value: 'DAYS',
  least: 1,
  most: 36_500,
});

export const KEYS_FORMAT = choiceFlag({
  name: 'format',
  short: 'f',
  group: 'Output',
  summary: 'how keys are listed',
  value: 'NAME',
  choices: ['pretty', 'json'],
  fallback: 'pretty',
});
