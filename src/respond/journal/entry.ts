import type { Finding } from '../../core/finding.ts';
import type { Spends } from '../../providers/declaration.ts';

/** The seven steps of the compromised-key playbook, in its order. */
export const STEPS = ['revoke', 'replace', 'logs', 'assess', 'notify', 'support', 'audit'] as const;
export type StepName = (typeof STEPS)[number];

export type StepStatus = 'done' | 'waiting' | 'failed' | 'skipped';

/** What is known of a leaked key without knowing the key. */
export interface KeyRecord {
  readonly fingerprint: string;
  readonly rule: string;
  readonly provider: string;
  /** Kind of credential; null where this version has no declaration. */
  readonly kind: string | null;
  readonly title: string;
  readonly redacted: string;
  readonly lastFour: string | null;
  /** Where it was read, for people: `path` at a commit, or `-`. */
  readonly where: string;
  readonly exposure: 'local' | 'remote' | 'unknown';
  readonly firstSeen: string | null;
  readonly firstCommit: string | null;
  /** Refs that held it when it was reported. */
  readonly refs: readonly string[];
}

/** A row of the provider's list, as it was when the plan was made. */
export interface ListedKey {
  readonly id: string;
  readonly label: string | null;
  readonly createdAt: string | null;
  /** The account that listed it: `main`, or the label of one below it. */
  readonly account: string;
  readonly permissions: readonly string[];
  readonly ips: readonly string[];
}

export type RevokePlan =
  | {
      readonly kind: 'automatic';
      readonly spends: Spends;
      readonly calls: readonly string[];
      readonly id: string | null;
      readonly listed: ListedKey | null;
      readonly collateral: readonly string[];
    }
  | { readonly kind: 'guided'; readonly code: string; readonly why: string };

export interface KeyPlan {
  readonly key: string;
  readonly verdict: string;
  readonly revoke: RevokePlan;
  readonly order: 'revoke-first' | 'create-first';
}

/** One thing that happened. `key` is a fingerprint. Nothing here may hold a secret. */
export type Entry =
  | {
      readonly type: 'opened';
      readonly version: string;
      readonly user: string;
      readonly uid: number;
      readonly repository: string | null;
      readonly mode: 'respond' | 'rotate';
      readonly keys: readonly KeyRecord[];
      /** Why nothing may be revoked in this incident, as it began. */
      readonly distrust?: { readonly code: 'UNTRUSTED_EVENT' | 'UNTRUSTED_REPORT'; readonly why: string } | null;
      /** Where to read the values again. */
      readonly findings?: readonly Finding[];
    }
  | { readonly type: 'planned'; readonly plans: readonly KeyPlan[] }
  | {
      readonly type: 'approved';
      readonly how: 'typed' | 'flags';
      readonly keys: readonly string[];
      readonly by: string;
    }
  | {
      readonly type: 'probe';
      readonly key: string;
      readonly provider: string;
      readonly probe: string;
      readonly means: string;
      readonly status: number;
      readonly error: string | null;
      readonly asked: string;
    }
  | {
      readonly type: 'verdict';
      readonly key: string;
      readonly status: string;
      readonly provider: string;
      readonly detail: string;
      readonly may: Readonly<Record<string, readonly string[]>>;
    }
  | {
      readonly type: 'listed';
      readonly key: string;
      readonly id: string;
      readonly present: boolean;
      readonly account: string;
    }
  | {
      readonly type: 'intent';
      readonly key: string;
      readonly step: StepName;
      readonly action: string;
      readonly target: string;
    }
  | {
      readonly type: 'result';
      readonly key: string;
      readonly step: StepName;
      readonly action: string;
      readonly outcome: string;
      readonly status: number | null;
      readonly error: string | null;
    }
  | {
      readonly type: 'step';
      readonly key: string;
      readonly step: StepName;
      readonly status: StepStatus;
      readonly code: string | null;
      readonly reason: string;
      /** Figures, items, file names: whatever the evidence shows of this step. */
      readonly facts: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'resumed'; readonly by: string }
  | { readonly type: 'taken-over'; readonly from: string; readonly by: string }
  | { readonly type: 'closed'; readonly outcome: 'confirmed' | 'waiting' | 'failed' };

/** An entry as it stands in the file. */
export type Recorded = Entry & {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Hash of the line before; 64 zeros for the first. */
  readonly prev: string;
  readonly hash: string;
};
