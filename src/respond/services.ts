import type { Finding } from '../core/finding.ts';
import type { Secret } from '../core/secret.ts';
import type { Endpoint, Wire } from '../providers/call.ts';
import type { OperatorAccess, OperatorSource } from '../providers/operator.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';
import type { Store } from '../stores/store.ts';
import type { ChildAnswer } from './child.ts';
import type { KeyRecord, StepName } from './journal/entry.ts';
import type { Journal } from './journal/journal.ts';

/** A leaked value found again, with the values of the rules that complete it. */
export interface LocatedSecret {
  readonly secret: Secret;
  /** By rule id; several where the place holds more than one candidate. */
  readonly parts: Readonly<Record<string, readonly Secret[]>>;
}

/**
 * Reads a reported value again, only from objects of the repository that the
 * command line names, by blob, offset and decode chain. The rule must match
 * again and the fingerprint agree.
 */
export interface SecretLocator {
  /** @throws RespondError `SOURCE_CHANGED` */
  locate(finding: Finding): Promise<LocatedSecret>;
}

/** The person at the keyboard, or nobody. */
export interface Person {
  readonly present: boolean;
  tell(text: string): void;
  confirm(question: string): Promise<boolean>;
  /** What was typed; null where nobody is there. */
  type(question: string): Promise<string | null>;
}

/** Where a place of the leaked value is, for step 7. */
export interface AuditPlace {
  readonly kind: string;
  readonly path: string | null;
  readonly commit: string | null;
  readonly line: number | null;
  readonly refs: readonly string[];
  readonly encoding: string;
}

export interface AuditResult {
  readonly places: readonly AuditPlace[];
  /** Refs whose tip or history holds the value. */
  readonly refs: readonly string[];
  readonly complete: boolean;
  readonly problems: readonly string[];
}

/** Runs `history` and `hunt` for one exact value. */
export interface Auditor {
  audit(secret: Secret): Promise<AuditResult>;
}

/** Says that something waits for a person, or that it went on. Bodies hold no secret. */
export interface Notifier {
  send(event: Readonly<Record<string, unknown>>): Promise<void>;
}

/** The parts of a key by name. */
export type KeyParts = Readonly<Record<string, Secret>>;

/** A place that a value is given to once: a file, a pipe, a command of the user's own. */
export interface HandOver {
  /** Finds out what would make the delivery fail for certain. @throws RespondError `HANDOVER_FAILED` */
  check?(): Promise<void>;
  /** @throws RespondError `HANDOVER_FAILED` */
  deliver(parts: KeyParts, about: HandOverAbout): Promise<void>;
  /** What was delivered before, where the place gives it back; null: it does not. */
  readBack?(): Promise<KeyParts | null>;
}

/** A place for the replacement's value, in the order of the command line. */
export type Destination = {
  /** For people and the journal: `file /run/new-key`, `store production`. */
  readonly name: string;
  /** As on the command line: `file:/run/new-key`, `store:production`. */
  readonly target: string;
} & ({ readonly kind: 'store'; readonly store: Store } | { readonly kind: 'once'; readonly handOver: HandOver });

export interface HandOverAbout {
  readonly provider: string;
  readonly label: string;
  readonly id: string | null;
}

/** What the named stores give out at present. */
export interface StoresAnswer {
  /** Names of the stores that hold the value as their current version. */
  readonly holders: readonly string[];
  /** Names of the stores that hold the value elsewhere in the same secret: under another name, in an address. */
  readonly copies: readonly string[];
  /** Names of the stores that give no value back, so that nobody can tell. */
  readonly blind: readonly string[];
}

/** Compares a value with what every named store gives out. */
export interface StoreReader {
  /** @throws ScanError for a store that cannot be read: what it gives out is not known */
  ask(secret: Secret): Promise<StoresAnswer>;
  /** What each store of the providers file that tells gives out. @throws ScanError for one that cannot be read */
  given(): Promise<readonly StoreGives[]>;
}

export interface StoreGives {
  readonly name: string;
  readonly values: KeyParts;
}

/** A place where a key still stands. */
export interface UsePlace {
  /** `path:line`, with the commit where it is one of history. */
  readonly where: string;
  /** False: only former versions have it. */
  readonly current: boolean;
}

export interface UseSearch {
  readonly places: readonly UsePlace[];
  readonly complete: boolean;
  readonly problems: readonly string[];
}

/** Hunts for a value through the folders and histories that were named. */
export interface UseSearcher {
  readonly folders: readonly string[];
  search(secret: Secret): Promise<UseSearch>;
}

/** What the person at the keyboard allowed on the command line and in their providers file. */
export interface Policy {
  readonly yes: boolean;
  readonly allowRevoke: ReadonlySet<string>;
  readonly maxRevocations: number;
  readonly acceptCollateral: boolean;
  readonly inUseOk: boolean;
  /** Ids, labels and fingerprints that are never revoked. */
  readonly protect: ReadonlySet<string>;
  /** Why nothing may be revoked in this run: a pull-request event, a stranger's report. Null: it may. */
  readonly distrust: { readonly code: 'UNTRUSTED_EVENT' | 'UNTRUSTED_REPORT'; readonly why: string } | null;
  /** Poll for a person's revocation for so long; null: do not wait. */
  readonly waitMs: number | null;
  /** Longest wait for a provider to act on its own answer, over what it declares. */
  readonly confirmMs: number | null;
  /** Steps a person says are done; never step 1, which only a provider confirms. */
  readonly done: readonly StepName[];
  readonly skip: ReadonlyMap<StepName, string>;
  /** For `rotate`: the new key is deployed wherever the old one was used. */
  readonly deployed: boolean;
  /** For `rotate`: so long after the last write the old key lives on; null: as planned, or not at all. */
  readonly graceMs: number | null;
  /** For `rotate`: revoke although the old key was found in use, or could not be looked for everywhere. */
  readonly stillUsedOk: boolean;
  /** Write the new key over another value than the old key. */
  readonly overwrite: boolean;
}

/** A leaked key in memory: what the journal knows, and the value. */
export interface LeakedKey {
  readonly record: KeyRecord;
  readonly finding: Finding | null;
  readonly target: Target | null;
  /** Complete sets of values to try; empty where the value could not be read again. */
  readonly variants: readonly Values[];
  /** The value itself; null where it could not be read again. */
  readonly secret: Secret | null;
  /** Code of what kept it from being read. */
  readonly missing: string | null;
}

/** Everything a run works with. */
export interface Services {
  /** All keys of the run, for calls that take many at once. */
  readonly keys?: readonly LeakedKey[];
  readonly mode: 'respond' | 'rotate';
  readonly wire: Wire;
  readonly sleep: (ms: number) => Promise<void>;
  /** Runs a command of the user's own, with a short environment and a time limit. */
  readonly child: (command: readonly string[], input: Secret | null) => Promise<ChildAnswer>;
  readonly endpoint: (target: Target) => Endpoint;
  readonly sister: (target: Target) => Target | null;
  readonly operatorSource: OperatorSource;
  /** Opened once a provider and kept for the run; null without credentials. */
  readonly operator: (target: Target) => OperatorAccess | null;
  readonly journal: Journal;
  readonly folder: string;
  readonly incident: string;
  readonly person: Person;
  readonly policy: Policy;
  /** Where a new key goes, in this order; empty: a person makes and deploys it. */
  readonly destinations: readonly Destination[];
  readonly stores: StoreReader;
  /** Null: nothing was named to be searched. */
  readonly searcher: UseSearcher | null;
  /** The id of a value that reports show: the same for the same value, and telling nothing of it. */
  readonly fingerprint: (kind: string, secret: Secret) => string;
  readonly auditor: Auditor | null;
  readonly notifier: Notifier;
  readonly logs: LogSource;
}

/** An exported log given on the command line, or none. */
export interface LogSource {
  /** Text of the export; null: ask the provider. */
  readonly text: string | null;
  readonly name: string | null;
  readonly quota: number | null;
  readonly own: readonly string[];
}
