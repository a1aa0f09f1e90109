/** An account with one key, two stores that hold it, and a rotation of it. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { Recorded } from '../../src/respond/journal/entry.ts';
import type { Destination, Policy, Services } from '../../src/respond/services.ts';
import { namedStores } from '../../src/respond/stores.ts';
import { type Harness, type RunReport, type RunSpec, everything } from './harness.ts';
import { MemoryStore } from './memory-store.ts';

export interface Wish {
  readonly places?: readonly Destination[];
  readonly policy?: Partial<Policy>;
  readonly services?: Partial<Services>;
  readonly run?: RunSpec['run'];
}

/** Intents and results in order, as `action` and `action → outcome`. */
export function acts(entries: readonly Recorded[]): string[] {
  return entries.flatMap((entry) => {
    if (entry.type === 'intent') return [entry.action];
    return entry.type === 'result' ? [`${entry.action} → ${entry.outcome}`] : [];
  });
}

/** Methods of the requests that changed something at a provider. */
export function methodsOf(harness: Harness): (string | undefined)[] {
  return harness.effects().map((effect) => effect.split(' ')[0]);
}

/** All that was written below the folder of a harness. */
export function writtenBy(harness: Harness): string {
  return readdirSync(path.dirname(harness.root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

export class TwoStores {
  readonly harness: Harness;
  readonly account: TurboAccount;
  readonly old: TurboKey;
  readonly first: MemoryStore;
  readonly second: MemoryStore;

  constructor(harness: Harness) {
    this.harness = harness;
    this.account = addTurboAccount(harness.simulator.state.turbosmtp);
    this.old = addTurboKey(this.account, { label: 'prod-shop', creationTime: '2026-01-01 00:00:00' });
    const values = { consumerKey: this.old.consumerKey, secret: this.old.consumerSecret, host: 'kept' };
    this.first = new MemoryStore('first', values);
    this.second = new MemoryStore('second', values);
  }

  spec({ places, policy, services, run }: Wish = {}): RunSpec {
    const { old, account } = this;
    const stores = [this.first, this.second];
    return {
      keys: [
        { kind: 'turbosmtp-pair', secret: old.consumerSecret, parts: { 'turbosmtp-consumer-key': [old.consumerKey] } },
      ],
      environment: { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password },
      policy: { deployed: true, ...policy },
      services: {
        mode: 'rotate',
        destinations: places ?? stores.map((store) => store.destination()),
        stores: namedStores([], stores, async () => ({ code: 1, output: '' })),
        ...services,
      },
      ...(run ? { run } : {}),
    };
  }

  isOldAlive(): boolean {
    return this.account.keys.some(({ consumerKey }) => consumerKey === this.old.consumerKey);
  }

  newKeys(): TurboKey[] {
    return this.account.keys.filter(({ consumerKey }) => consumerKey !== this.old.consumerKey);
  }

  methods(): (string | undefined)[] {
    return methodsOf(this.harness);
  }

  /** All bytes that a run left behind, on disk and in what it said. */
  traces(report: RunReport): string {
    return everything(report) + writtenBy(this.harness);
  }
}
