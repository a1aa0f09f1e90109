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
  switch (config.kind) {
    case 'aws-secrets-manager':
      return (await import('./aws.ts')).openAws(config, services);
    case 'vault':
      return (await import('./vault.ts')).openVault(config, services);
    case 'env-file':
      return (await import('./env-file.ts')).openEnvFile(config, services);
    case 'azure-key-vault':
      return (await import('./azure.ts')).openAzure(config, services);
    case 'github-actions':
      return (await import('./github.ts')).openGitHub(config, services);
    case 'google-secret-manager':
      return (await import('./google.ts')).openGoogle(config, services);
    case 'doppler':
      return (await import('./doppler.ts')).openDoppler(config, services);
  }
}
