/** A standing permission of a configuration: findings of these rules under these paths may stay. */
export interface AllowRule {
  /** How the configuration's reader finds it again, such as `allow 2`. */
  readonly label: string;
  /** File, line and column of its rules, for messages. */
  readonly place?: string;
  readonly reason: string;
  /** Last day it holds, `YYYY-MM-DD`. */
  readonly expires?: string;
  /** Null: every rule. */
  readonly rules: readonly string[] | null;
  /** Null: everywhere. */
  readonly matchesPath: ((path: string) => boolean) | null;
}
