import type { Finding } from '../../core/finding.ts';
import type { Spends } from '../../providers/declaration.ts';
import type { StoreVersion } from '../../stores/store.ts';

/** The seven steps of the compromised-key playbook, in its order. */
export const STEPS = ['revoke', 'replace', 'logs', 'assess', 'notify', 'support', 'audit'] as const;

/** The steps of a planned rotation. `retire` ends an incident too, where a store held the leaked value. */
export const ROTATION = ['replace', 'search', 'revoke', 'retire'] as const;
export type StepName = (typeof STEPS)[number] | (typeof ROTATION)[number];

export type StepStatus = 'done' | 'waiting' | 'failed' | 'skipped';

/** What is known of a leaked key without knowing the key. */
export interface KeyRecord {
  readonly fingerprint: string;
  /** Further fingerprints of the same value, as scans report it by their rules. */
  readonly also?: readonly string[];
  /** Of a rotation: one fingerprint of all parts together, which must be the same when it is gone on with. */
  readonly whole?: string;
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

/** What a store gave out when it was looked at. */
export type Holding = 'old-key' | 'another-value' | 'nothing' | 'not-told';

/** One part of the old key as a store has it. */
export type PartHolding = 'old' | 'other' | 'empty' | 'absent';

/** Version and holding of a store; never the value. */
export interface StoreView extends StoreVersion {
  readonly holds: Holding;
  /** By part of the key, what undoing a write has to put back. Absent where the store never tells, and in older journals. */
  readonly parts?: Readonly<Record<string, PartHolding>>;
}

/** A place for the new key, as the plan found it. */
export interface PlannedDestination {
  readonly name: string;
  readonly target: string;
  /** What it is, for people. */
  readonly description: string;
  /** Null for a place without versions, and for a store that could not be read. */
  readonly before: StoreView | null;
  /** Code of what would make a write fail, or kept the store from being read. */
  readonly problem: string | null;
  /** The problem as a sentence. */
  readonly why?: string;
}

export interface KeyPlan {
  readonly key: string;
  readonly verdict: string;
  readonly revoke: RevokePlan;
  readonly order: 'revoke-first' | 'create-first';
  /** In the order of writing. Absent in older journals. */
  readonly destinations?: readonly PlannedDestination[];
  /** Folders to be searched before the old key dies. */
  readonly search?: readonly string[];
  readonly graceMs?: number;
}

/** A key as its provider made it. */
export interface MadeKey {
  readonly id: string | null;
  readonly label: string;
  /** Tells the value when it is read back from a store. */
  readonly fingerprint: string;
  /** Of all parts together, where there are several. Absent in older journals. */
  readonly whole?: string;
}

export type IncidentOutcome = 'confirmed' | 'waiting' | 'failed' | 'rolled-back';

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
      /** Of a write to a store: names this write and its repetitions. */
      readonly request?: string;
      /** Of a write to a store: what was there before. */
      readonly before?: StoreView;
    }
  | {
      readonly type: 'result';
      readonly key: string;
      readonly step: StepName;
      readonly action: string;
      readonly outcome: string;
      readonly status: number | null;
      readonly error: string | null;
      /** Of a creation. */
      readonly made?: MadeKey;
      /** Of a write to a store: the version it made. */
      readonly version?: StoreVersion;
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
  | { readonly type: 'closed'; readonly outcome: IncidentOutcome };

/** An entry as it stands in the file. */
export type Recorded = Entry & {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Hash of the line before; 64 zeros for the first. */
  readonly prev: string;
  readonly hash: string;
};
