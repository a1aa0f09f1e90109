import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { control } from '../../fixtures/simulator/control.ts';
import {
  type LogEntry,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../fixtures/simulator/server.ts';
import type { Finding } from '../../src/core/finding.ts';
import { Secret } from '../../src/core/secret.ts';
import { sleeper } from '../../src/http/clock.ts';
import type { Provider } from '../../src/providers/declaration.ts';
import { PROVIDERS, type Target, targetNamed } from '../../src/providers/registry.ts';
import { runChild } from '../../src/respond/child.ts';
import { type RunOptions, runIncident } from '../../src/respond/incident.ts';
import type { IncidentOutcome, Recorded, StepName } from '../../src/respond/journal/entry.ts';
import {
  type Incident,
  createIncident,
  currentUser,
  readIncident,
  resumeIncident,
} from '../../src/respond/journal/store.ts';
import { leakedKey } from '../../src/respond/locate.ts';
import { stepOf } from '../../src/respond/memory.ts';
import { createDirectory, createNetwork } from '../../src/respond/runtime.ts';
import { namedStores, storeDestination } from '../../src/respond/stores.ts';
import { openStore } from '../../src/stores/open.ts';
import type { StoreConfig } from '../../src/providers/store-schema.ts';
import type { Destination, HandOver, LeakedKey, LocatedSecret, Policy, Services } from '../../src/respond/services.ts';
import { fingerprinter } from '../../src/triage/fingerprint.ts';

/** A finding as a scan reports it, with nothing in it that matters here but what responding reads. */
export function findingOf(rule: string, provider: string, extra: Partial<Finding> = {}): Finding {
  return {
    rule,
    provider,
    title: `Test ${rule}`,
    severity: 'critical',
    confidence: 'high',
    fingerprint: `${rule.replaceAll(/[^a-z]/g, '')}abcdefghijklmnopqrstuvwxyz`.slice(0, 26),
    fingerprintKey: 'public',
    redacted: '…tail',
    lastFour: 'tail',
    entropy: 4,
    exposure: 'remote',
    parts: [],
    suppressed: null,
    verification: null,
    firstSeen: null,
    occurrences: [],
    ...extra,
  };
}

const ids = fingerprinter();

/** A place that takes a value once, such as a file. */
export function placeCalled(name: string, deliver: HandOver['deliver'] = async () => {}): Destination {
  return { kind: 'once', name, target: name, handOver: { deliver } };
}

export const POLICY: Policy = {
  yes: true,
  allowRevoke: new Set(PROVIDERS.map(({ id }) => id)),
  maxRevocations: 1,
  acceptCollateral: false,
  inUseOk: false,
  protect: new Set(),
  distrust: null,
  waitMs: null,
  confirmMs: 120,
  done: [],
  skip: new Map(),
  deployed: false,
  graceMs: null,
  stillUsedOk: false,
  overwrite: false,
};

export interface KeySpec {
  readonly kind: string;
  readonly secret: string;
  /** Values by rule id. */
  readonly parts?: Readonly<Record<string, readonly string[]>>;
  readonly finding?: Partial<Finding>;
}

export interface RunSpec {
  readonly keys: readonly KeySpec[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly policy?: Partial<Policy>;
  readonly services?: Partial<Services>;
  readonly run?: Partial<RunOptions>;
  readonly providers?: readonly Provider[];
  readonly overrides?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Stores of the providers file; the new key goes to all of them, in this order. */
  readonly stores?: readonly StoreConfig[];
  /** Their credentials, by name of variable. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** Wraps the journal, for crash tests. */
  readonly wrap?: (incident: Incident) => Services['journal'];
}

export interface RunReport {
  readonly id: string;
  readonly outcome: IncidentOutcome;
  readonly entries: readonly Recorded[];
  readonly said: string;
  step(name: StepName): {
    readonly status: string;
    readonly code: string | null;
    readonly reason: string;
    readonly facts: Readonly<Record<string, unknown>>;
  } | null;
}

export class Harness {
  readonly root: string;
  readonly simulator: Simulator;

  constructor(
    simulator: Simulator,
    root = path.join(mkdtempSync(path.join(tmpdir(), 'unleak-respond-')), 'incidents'),
  ) {
    this.simulator = simulator;
    this.root = root;
  }

  static async start(options: SimulatorOptions = {}): Promise<Harness> {
    return new Harness(await startSimulator(options, control));
  }

  async close(): Promise<void> {
    await this.simulator.close();
    rmSync(path.dirname(this.root), { recursive: true, force: true });
  }

  /** Requests that changed something at a provider, as `METHOD target status`. */
  effects(): string[] {
    return this.simulator.log.filter(({ effect }) => effect).map((entry) => shown(entry));
  }

  overrides(): Map<string, string> {
    const { url, smtp } = this.simulator;
    return new Map([
      ['migosmtp', `${url}/migosmtp/v1`],
      ['migosmtp.smtp', smtp.url],
      ['telnxo', `${url}/telnxo/v1`],
      ['turbosmtp', `${url}/turbosmtp/api/v2`],
      ['turbosmtp.smtp', smtp.url],
      ['mailosaur', `${url}/mailosaur`],
    ]);
  }

  async run(spec: RunSpec): Promise<RunReport> {
    const incident = createIncident(this.root, () => new Date());
    const { user, uid } = currentUser();
    const keys = await keysOf(spec);
    const records = keys.map(({ record }) => record);
    const { mode = 'respond' } = spec.services ?? {};
    const journal = spec.wrap?.(incident) ?? incident.journal;
    journal.append({ type: 'opened', version: 'test', user, uid, repository: null, mode, keys: records });
    return this.#go({ ...incident, journal }, keys, spec);
  }

  async resume(id: string, spec: RunSpec): Promise<RunReport> {
    const { user, uid } = currentUser();
    const incident = resumeIncident(this.root, id, { now: () => new Date(), user, uid, takeOver: false });
    const journal = spec.wrap?.(incident) ?? incident.journal;
    return this.#go({ ...incident, journal }, await keysOf(spec), spec);
  }

  async #go(incident: Incident, keys: readonly LeakedKey[], spec: RunSpec): Promise<RunReport> {
    const said: string[] = [];
    const signal = new AbortController().signal;
    const network = createNetwork({
      signal,
      allowPrivate: new Set(),
      timeoutMs: spec.timeoutMs ?? 10_000,
      paceMs: 0,
      sleep: quickSleep(signal),
    });
    const environment = spec.environment ?? {};
    const overrides = new Map([...this.overrides(), ...Object.entries(spec.overrides ?? {})]);
    const directory = createDirectory(network.wire, spec.providers ?? PROVIDERS, overrides, (name) => {
      const value = environment[name];
      return value === undefined ? null : new Secret(value);
    });
    const child: Services['child'] = (command, input) => runChild({ command, input, timeoutMs: 5000, signal });
    const given = new Map(Object.entries(spec.credentials ?? {}));
    const stores = await Promise.all(
      (spec.stores ?? []).map((config) =>
        openStore(config, {
          http: network.wire.http,
          credential: (name) => (given.has(name) ? new Secret(given.get(name) ?? '') : null),
          child,
          now: network.wire.now,
          sleep: network.sleep,
          signal,
        }),
      ),
    );
    const services: Services = {
      mode: 'respond',
      wire: network.wire,
      sleep: network.sleep,
      child,
      ...directory,
      operatorSource: () => null,
      journal: incident.journal,
      folder: incident.folder,
      incident: incident.id,
      person: { present: false, tell: (text) => said.push(text), confirm: async () => false, type: async () => null },
      destinations: stores.map((store) => storeDestination(store.name, [], stores, child)),
      stores: namedStores([], stores, child),
      searcher: null,
      fingerprint: (kind, secret) => ids.of(kind, secret),
      auditor: null,
      notifier: { send: async () => {} },
      logs: { text: null, name: null, quota: null, own: [] },
      ...spec.services,
      policy: { ...POLICY, ...spec.policy },
    };
    try {
      const outcome = await runIncident(services, keys, {
        planOnly: false,
        replan: false,
        user: 'tester',
        ...spec.run,
      });
      const entries = [...incident.journal.entries];
      const key = keys[0]?.record.fingerprint ?? '';
      return {
        id: incident.id,
        outcome,
        entries,
        said: said.join(''),
        step: (name) => stepOf(entries, key, name),
      };
    } finally {
      await directory.close();
      incident.close();
    }
  }

  journal(id: string): readonly Recorded[] {
    return readIncident(this.root, id);
  }
}

/** Waits a fiftieth of what is asked, so that polls are many and tests short. */
function quickSleep(signal: AbortSignal): (ms: number) => Promise<void> {
  const sleep = sleeper(signal);
  return (ms) => sleep(Math.min(ms / 50, 50));
}

export function shown(entry: LogEntry): string {
  return `${entry.method} ${entry.product}${entry.target.replace(/\?.*/, '')} ${entry.status}`;
}

export function targetOf(kind: string, providers: readonly Provider[] = PROVIDERS): Target {
  const target = targetNamed(kind, providers);
  if (!target) throw new Error(`no kind ${kind}`);
  return target;
}

async function keysOf(spec: RunSpec): Promise<LeakedKey[]> {
  return Promise.all(
    spec.keys.map((key, index) => {
      const target = targetOf(key.kind, spec.providers);
      const located: LocatedSecret = {
        secret: new Secret(key.secret),
        parts: Object.fromEntries(
          Object.entries(key.parts ?? {}).map(([rule, values]) => [rule, values.map((value) => new Secret(value))]),
        ),
      };
      const fingerprint = `${String.fromCodePoint(97 + index).repeat(4)}${findingOf(key.kind, '').fingerprint}`.slice(
        0,
        26,
      );
      const finding = findingOf(key.kind, target.provider.id, { fingerprint, ...key.finding });
      return leakedKey(finding, target, { locate: async () => located });
    }),
  );
}

/** All bytes an incident left behind. */
export function everything(report: RunReport): string {
  return JSON.stringify(report.entries) + report.said;
}
