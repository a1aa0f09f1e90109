/**
 * One run of an incident that kills itself, for real, right after the journal
 * entry that it is told; bundled and started by `crash.test.ts`.
 */
import type { Simulator } from '../../fixtures/simulator/server.ts';
import { fileHandOver } from '../../src/respond/handover.ts';
import type { Incident } from '../../src/respond/journal/store.ts';
import type { Services } from '../../src/respond/services.ts';
import { Harness, type RunSpec } from './harness.ts';

export interface CrashOrder {
  readonly url: string;
  readonly smtpUrl: string;
  readonly root: string;
  readonly spec: RunSpec;
  readonly handOver: string;
  /** The incident to go on with; without one, a new one is begun. */
  readonly resume?: string;
  /** Entries written before the end; 0 to live. */
  readonly killAfter: number;
}

function deadly(incident: Incident, killAfter: number): Services['journal'] {
  const { journal } = incident;
  return {
    get entries() {
      return journal.entries;
    },
    append(entry) {
      const recorded = journal.append(entry);
      if (recorded.seq === killAfter) process.kill(process.pid, 'SIGKILL');
      return recorded;
    },
    close() {
      journal.close();
    },
  };
}

export async function runOrder(order: CrashOrder): Promise<void> {
  const remote = { url: order.url, smtp: { url: order.smtpUrl } } as unknown as Simulator;
  const harness = new Harness(remote, order.root);
  const spec: RunSpec = {
    ...order.spec,
    ...(order.spec.stores === undefined
      ? { services: { ...order.spec.services, destinations: [fileHandOver(order.handOver)] } }
      : {}),
    wrap: (incident) => deadly(incident, order.killAfter),
  };
  await (order.resume === undefined ? harness.run(spec) : harness.resume(order.resume, spec));
}

const given = process.env['CRASH_ORDER'];
if (given !== undefined) await runOrder(JSON.parse(given) as CrashOrder);
