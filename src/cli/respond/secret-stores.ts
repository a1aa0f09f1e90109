import { openStore } from '../../stores/open.ts';
import type { Store } from '../../stores/store.ts';
import type { RespondContext } from './context.ts';

/** The stores of the user's providers file that this program reads and writes itself. Nothing is asked yet. */
export function openStores(context: RespondContext, signal: AbortSignal): Promise<readonly Store[]> {
  const { userFile, network, credentials, child } = context;
  const { wire, sleep } = network;
  const services = { http: wire.http, credential: credentials.named, child, now: wire.now, sleep, signal };
  return Promise.all(userFile.secretStores.map((config) => openStore(config, services)));
}
