/** What `unleak rules test` finds wrong with a rule. Codes are API: add freely, never rename. */
export type TrialCode = 'TRIAL_EXAMPLE' | 'TRIAL_RECALL' | 'TRIAL_LITERAL' | 'TRIAL_STEPS';

export const TRIAL_MENDS: Record<TrialCode, string> = {
  TRIAL_EXAMPLE: 'Correct the example, or the pattern.',
  TRIAL_RECALL: 'Let the pattern end where the alphabet of the key ends, and hold its examples to its checks.',
  TRIAL_LITERAL: 'Give literals (or keywords) that stand in every key, or in the name that it is given to.',
  TRIAL_STEPS: 'Bound the quantifiers, and let a match begin with a text of its own.',
};
