import { type ErrorNotes, ScanError } from './base.ts';

/** Ways a rule file can be unusable. Codes are API: add freely, never rename. */
export type RuleErrorCode =
  | 'RULE_TOO_LARGE'
  | 'RULE_YAML'
  | 'RULE_SHAPE'
  | 'RULE_NONE'
  | 'RULE_DUPLICATE_ID'
  | 'RULE_PATTERN'
  | 'RULE_LITERAL'
  | 'RULE_WINDOW'
  | 'RULE_CHECK'
  | 'RULE_PART'
  | 'RULE_TEMPLATE'
  | 'RULE_SAMPLES';

export const RULE_MENDS: Record<RuleErrorCode, string> = {
  RULE_TOO_LARGE: 'Split the file; a rule file may hold 1 MiB.',
  RULE_YAML: 'Correct the YAML at the line given; a pattern is best written between single quotes.',
  RULE_SHAPE:
    'Compare with docs/rule.schema.json; an editor that reads the first line of a built-in rule file completes keys.',
  RULE_NONE: 'Name a file or folder that holds at least one rule.',
  RULE_DUPLICATE_ID: 'Give every rule an id of its own, also across files.',
  RULE_PATTERN:
    'Write the pattern with bounded quantifiers, no look-around and one group named secret (docs/RULES.md, Patterns).',
  RULE_LITERAL:
    'Give literals of at least 3 ASCII bytes with which every match of the pattern begins (docs/RULES.md, Literals).',
  RULE_WINDOW: 'Widen before/after so that the longest match fits, at most 65,536 bytes each.',
  RULE_CHECK: 'Use a check named in docs/RULES.md, with a parameter of the kind stated there.',
  RULE_PART: 'Name the id of another rule in the same rule set.',
  RULE_SAMPLES: 'Give at least two keys of the same kind, one a line; revoked ones are best.',
  RULE_TEMPLATE: 'Use a generator named in docs/RULES.md; write $${ for the two characters ${.',
};

export class RuleError extends ScanError {
  override readonly name = 'RuleError';
  readonly code: RuleErrorCode;

  constructor(code: RuleErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: RULE_MENDS[code], ...notes });
    this.code = code;
  }
}
