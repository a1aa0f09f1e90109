import { randomBytes } from 'node:crypto';

import { Secret } from '../../src/core/secret.ts';
import { sleeper } from '../../src/http/clock.ts';
import type { ClientOptions } from '../../src/http/client.ts';
import { parseUserFile } from '../../src/providers/user-file.ts';
import { openStore } from '../../src/stores/open.ts';
import type { StoreServices } from '../../src/stores/services.ts';
import type { Store, StoreState, StoreVersion } from '../../src/stores/store.ts';
import { clientFor } from '../http/helpers.ts';

/** A value such as providers hand out; a new one each time. */
export function freshValue(length = 32): string {
  return randomBytes(length).toString('base64url').slice(0, length);
}

export interface ServicesSpec {
  readonly credentials?: Readonly<Record<string, string>>;
  readonly services?: Partial<StoreServices>;
  readonly client?: Partial<ClientOptions>;
}

export function servicesFor({ credentials = {}, services = {}, client = {} }: ServicesSpec = {}): StoreServices {
  const signal = new AbortController().signal;
  return {
    http: clientFor({ maxWaitMs: 2000, ...client }),
    credential: (name) => (credentials[name] === undefined ? null : new Secret(credentials[name])),
    child: () => Promise.reject(new Error('no command is to be run')),
    now: () => new Date(),
    sleep: sleeper(signal),
    signal,
    ...services,
  };
}

/** A store as a providers file declares it: `lines` are those under `[store.test]`. */
export async function storeOf(lines: string, spec: ServicesSpec = {}): Promise<Store> {
  const [config] = parseUserFile(`[store.test]\n${lines}\n`, 'providers.toml').secretStores;
  if (!config) throw new Error('the file declares no store');
  return openStore(config, servicesFor(spec));
}

export function secretsOf(values: Readonly<Record<string, string>>): Record<string, Secret> {
  return Object.fromEntries(Object.entries(values).map(([part, value]) => [part, new Secret(value)]));
}

/** Makes a former version current again, in a store that keeps versions. */
export async function restored(store: Store, { id, createdAt }: StoreVersion): Promise<StoreVersion> {
  if (!store.restore) throw new Error(`${store.kind} keeps no versions`);
  return store.restore({ id, createdAt });
}

/** Values in clear, by part. */
export function clear({ values }: StoreState): Record<string, string> | null {
  if (values === null) return null;
  return Object.fromEntries(Object.entries(values).map(([part, value]) => [part, value.reveal()]));
}
