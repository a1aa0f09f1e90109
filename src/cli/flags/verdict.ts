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

export const POLICY = switchFlag({
  name: 'policy',
  group: 'What counts',
  summary: 'also say how the keys that were found are handled badly (docs/POLICY.md); the exit code stays',
});

export const FAIL_ON_POLICY = switchFlag({
  name: 'fail-on-policy',
  group: 'What counts',
  summary: 'as --policy, and what it says makes the exit code 1',
});

export const VERDICT_FLAGS = [FAIL_ON, ALLOW_INCOMPLETE, POLICY, FAIL_ON_POLICY] as const;
