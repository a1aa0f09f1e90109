import { choiceFlag, switchFlag } from './flag.ts';

export const FAIL_ON = choiceFlag({
  name: 'fail-on',
  group: 'What counts',
  summary: 'least confidence that makes the exit code 1',
  value: 'LEVEL',
  choices: ['high', 'medium', 'low'],
  fallback: undefined,
});

export const ALLOW_INCOMPLETE = switchFlag({
  name: 'allow-incomplete',
  group: 'What counts',
  summary: 'exit 0 instead of 3 if something could not be covered',
});

export const VERDICT_FLAGS = [FAIL_ON, ALLOW_INCOMPLETE] as const;
