import { textFlag } from './flag.ts';

export const REASON = textFlag({
  name: 'reason',
  group: 'Other',
  summary: 'why it may stay (required)',
  value: 'TEXT',
});

export const EXPIRES = textFlag({
  name: 'expires',
  group: 'Other',
  summary: 'last day on which it is suppressed, such as 2027-05-31',
  value: 'DATE',
});

export const OWNER = textFlag({
  name: 'owner',
  group: 'Other',
  summary: 'who answers for it (default: git’s user.email)',
  value: 'NAME',
});

export const ALLOW_FLAGS = [REASON, EXPIRES, OWNER] as const;
