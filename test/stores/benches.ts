/** Stand-ins as other sides of the tests that every store has to pass. */
import type { Bench } from './contract.ts';
import type { AzureFake, GoogleFake } from './fakes.ts';
import { freshValue } from './helpers.ts';

export function azureLines(azure: AzureFake, secret: string): string {
  return `kind = "azure-key-vault"\naddress = "${azure.server.url}"\nsecret = "${secret}"`;
}

export function azureBench(azure: AzureFake): Bench {
  return {
    credentials: { AZURE_KEY_VAULT_TOKEN: azure.token },
    expired: { AZURE_KEY_VAULT_TOKEN: `eyJ.${freshValue()}` },
    absent: azureLines(azure, 'absent'),
    retires: 'disabled',
    takesText: true,
    keepsText: true,
    async seed(text) {
      const name = `s-${freshValue(8).replaceAll('_', '-')}`;
      azure.set(name, text);
      return {
        lines: azureLines(azure, name),
        current: async () => azure.secrets.get(name)?.at(-1)?.value ?? '',
        change: async (other) => void azure.set(name, other),
      };
    },
  };
}

export function googleLines(google: GoogleFake, secret: string): string {
  return `kind = "google-secret-manager"\naddress = "${google.server.url}"\nproject = "shop"\nsecret = "${secret}"`;
}

export function googleBench(google: GoogleFake): Bench {
  return {
    credentials: { GOOGLE_OAUTH_ACCESS_TOKEN: google.token },
    expired: { GOOGLE_OAUTH_ACCESS_TOKEN: `ya29.${freshValue()}` },
    absent: googleLines(google, 'absent'),
    retires: 'destroyed',
    takesText: true,
    keepsText: true,
    async seed(text) {
      const name = `s-${freshValue(8)}`;
      google.add(name, text);
      return {
        lines: googleLines(google, name),
        current: async () => google.text(name),
        change: async (other) => void google.add(name, other),
      };
    },
  };
}
