/** What a store wants to know of whoever writes to it, and where that comes from. */
import { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import { parseJson } from '../http/body.ts';
import type { StoreConfig, StoreKind } from '../providers/store-schema.ts';
import type { StoreServices } from './services.ts';

interface Field {
  readonly name: string;
  /** The usual environment variable. */
  readonly env: string;
  /** Its name in what a `credential-command` prints as JSON, where that has another. */
  readonly printed?: string;
  readonly optional?: true;
}

/** By kind: sets of fields, the first complete one counts. */
const SETS: Readonly<Record<StoreKind, readonly (readonly Field[])[]>> = {
  'aws-secrets-manager': [
    [
      { name: 'keyId', env: 'AWS_ACCESS_KEY_ID', printed: 'AccessKeyId' },
      { name: 'secret', env: 'AWS_SECRET_ACCESS_KEY', printed: 'SecretAccessKey' },
      { name: 'session', env: 'AWS_SESSION_TOKEN', printed: 'SessionToken', optional: true },
    ],
  ],
  vault: [[{ name: 'token', env: 'VAULT_TOKEN' }]],
  'azure-key-vault': [
    [{ name: 'token', env: 'AZURE_KEY_VAULT_TOKEN', printed: 'accessToken' }],
    [
      { name: 'tenant', env: 'AZURE_TENANT_ID' },
      { name: 'client', env: 'AZURE_CLIENT_ID' },
      { name: 'secret', env: 'AZURE_CLIENT_SECRET' },
    ],
  ],
  'github-actions': [[{ name: 'token', env: 'GH_TOKEN' }], [{ name: 'token', env: 'GITHUB_TOKEN' }]],
  'google-secret-manager': [
    [{ name: 'token', env: 'GOOGLE_OAUTH_ACCESS_TOKEN' }],
    [{ name: 'key', env: 'GOOGLE_CREDENTIALS' }],
  ],
  doppler: [[{ name: 'token', env: 'DOPPLER_TOKEN' }]],
  'env-file': [],
};

export type Credential = Readonly<Record<string, Secret>>;

function variable(field: Field, config: StoreConfig): string {
  return config['credential-env']?.[field.name] ?? field.env;
}

/** Environment variables that may hold this store's credential; the caller takes them out of the environment. */
export function credentialNames(config: StoreConfig): readonly string[] {
  const names = SETS[config.kind].flat().map((field) => variable(field, config));
  return [...new Set(names)];
}

function complete(set: readonly Field[], value: (field: Field) => Secret | null): Credential | null {
  const found = set.map((field) => ({ field, value: value(field) }));
  if (found.some(({ field, value: one }) => one === null && field.optional !== true)) return null;
  return Object.fromEntries(found.flatMap(({ field, value: one }) => (one ? [[field.name, one]] : [])));
}

function missing(config: StoreConfig): StoreError {
  const sets = SETS[config.kind].map((set) =>
    set
      .filter(({ optional }) => optional !== true)
      .map((field) => variable(field, config))
      .join(' and '),
  );
  return new StoreError('STORE_CREDENTIAL_MISSING', `No credential for store.${config.name}: ${sets.join(', or ')}`);
}

/** What a command printed: a JSON object of the fields, or the one field as it is. */
function printed(output: string, config: StoreConfig): Credential | null {
  const text = output.trim();
  const value = parseJson(text);
  const texts = typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)) : null;
  for (const set of SETS[config.kind]) {
    const found = complete(set, (field) => {
      const one = texts?.get(field.printed ?? field.name) ?? texts?.get(field.env);
      if (typeof one === 'string' && one !== '') return new Secret(one);
      return set.length === 1 && text !== '' && (texts === null || field.name === 'key') ? new Secret(text) : null;
    });
    if (found) return found;
  }
  return null;
}

async function fromCommand(config: StoreConfig, command: readonly string[], services: StoreServices) {
  const { code, output } = await services.child(command, null);
  const found = code === 0 ? printed(output, config) : null;
  if (found) return found;
  const why = code === 0 ? 'prints no credential' : `ended with code ${code}`;
  throw new StoreError('STORE_CREDENTIAL_MISSING', `credential-command of store.${config.name} ${why}`);
}

/**
 * The credential of a store, asked for when it is needed: a command of the
 * user's own if one is named, else what was given to this run.
 *
 * @throws StoreError `STORE_CREDENTIAL_MISSING`
 */
export async function credentialOf(config: StoreConfig, services: StoreServices): Promise<Credential> {
  const command = config['credential-command'];
  if (command) return fromCommand(config, command, services);
  for (const set of SETS[config.kind]) {
    const found = complete(set, (field) => services.credential(variable(field, config)));
    if (found) return found;
  }
  throw missing(config);
}

/** One part of a credential that its set has. @throws StoreError `STORE_CREDENTIAL_MISSING` */
export function need(credential: Credential, name: string): Secret {
  const value = credential[name];
  if (!value) throw new StoreError('STORE_CREDENTIAL_MISSING', `The credential has no ${name}`);
  return value;
}

const MARGIN_MS = 60_000;

/** Something that is asked for once and again when it has expired. */
export function keptWhileValid<T>(
  now: () => Date,
  get: () => Promise<{ value: T; validMs: number }>,
): () => Promise<T> {
  let kept: { value: T; until: number } | null = null;
  return async () => {
    if (kept && kept.until > now().getTime()) return kept.value;
    const { value, validMs } = await get();
    kept = { value, until: now().getTime() + validMs - MARGIN_MS };
    return value;
  };
}
