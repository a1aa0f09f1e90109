/** Ways to handle a key badly, apart from its being where it was found. */
export type PolicyCode =
  | 'POLICY_ENV_FILE'
  | 'POLICY_CHAT_OR_MAIL'
  | 'POLICY_SHARED_KEY'
  | 'POLICY_WIDE_SCOPE'
  | 'POLICY_OLD_KEY'
  | 'POLICY_CLIENT_SIDE'
  | 'POLICY_UNUSED_ALIVE'
  | 'POLICY_PRODUCTION_FILE'
  | 'POLICY_WRONG_PLATFORM'
  | 'POLICY_WHITESPACE'
  | 'POLICY_QUERY_PARAMETER'
  | 'POLICY_NO_BEARER'
  | 'POLICY_BEARER_FORM'
  | 'POLICY_CUT_SHORT';

/** Additive to findings: it never changes what a leak is. */
export interface PolicyFinding {
  readonly code: PolicyCode;
  readonly level: 'warning' | 'note';
  readonly title: string;
  /** One thing to do. */
  readonly advice: string;
  /** The rule that is broken, such as `Rule 2 of "The 10 Rules of API Key Security"`. */
  readonly reference: string;
  /** Of the finding it is about, and that one's rule. */
  readonly fingerprint: string;
  readonly rule: string;
  /** The first places it shows at; empty where it is about the key as such. */
  readonly places: readonly PolicyPlace[];
  /** Places in all. */
  readonly count: number;
}

export interface PolicyPlace {
  readonly path: string | null;
  readonly line: number;
  readonly column: number;
  readonly commit: string | null;
}
