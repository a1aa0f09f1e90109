import { StoreError } from '../errors/store.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import type { StoreServices } from './services.ts';
import type { Store } from './store.ts';

/**
 * Opens a store of the user's providers file. The code of a kind is loaded when
 * a store of that kind is opened; nothing is asked or read before the first call.
 *
 * @throws StoreError `STORE_CONFIG`
 */
export async function openStore(config: StoreConfig, services: StoreServices): Promise<Store> {
  if (config.kind === 'env-file') return (await import('./env-file.ts')).openEnvFile(config, services);
  throw new StoreError('STORE_CONFIG', `store.${config.name}: this version cannot use ${config.kind} yet`);
}
