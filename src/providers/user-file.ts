import { constants, closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

import { TomlError, parse } from 'smol-toml';
import type * as z from 'zod/mini';

import { ProviderError } from '../errors/provider.ts';
import { SecretStoreSchema, StoreCommandsSchema, type StoreConfig } from './store-schema.ts';
import { type AdapterSource, UserFileSchema } from './user-schema.ts';

/** A named store of the user: commands that print its current value, and that take a new one. */
export interface StoreCommands {
  readonly name: string;
  readonly read: readonly string[] | null;
  readonly write: readonly string[] | null;
}

export interface UserFile {
  readonly protect: ReadonlySet<string>;
  readonly allowPrivate: ReadonlySet<string>;
  /** `id` or `id.base` → URL. */
  readonly urls: ReadonlyMap<string, string>;
  readonly webhook: string | null;
  readonly stores: readonly StoreCommands[];
  /** Secrets in stores that this program reads and writes itself. */
  readonly secretStores: readonly StoreConfig[];
  readonly adapters: ReadonlyMap<string, AdapterSource>;
}

export const EMPTY_USER_FILE: UserFile = {
  protect: new Set(),
  allowPrivate: new Set(),
  urls: new Map(),
  webhook: null,
  stores: [],
  secretStores: [],
  adapters: new Map(),
};

const LARGEST = 1024 * 1024;

/** `$XDG_CONFIG_HOME/unleak/providers.toml`, or the file that stands in for it. */
export function userFilePath(environment: Readonly<Record<string, string | undefined>>): string {
  const config = environment['XDG_CONFIG_HOME'];
  const base = config !== undefined && path.isAbsolute(config) ? config : path.join(homedir(), '.config');
  return path.join(base, 'unleak', 'providers.toml');
}

function invalid(file: string, what: string): ProviderError {
  return new ProviderError('PROVIDER_FILE_INVALID', `${file}: ${what}`, { facts: { file } });
}

/** The file's text; null without one. Whoever else could write it could send credentials anywhere. */
function readOwn(file: string): string | null {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw invalid(file, 'cannot be read');
  }
  try {
    const { uid, mode, size } = fstatSync(handle);
    const stranger = process.getuid !== undefined && uid !== process.getuid() && uid !== 0;
    if (stranger || (process.getuid !== undefined && (mode & 0o022) !== 0))
      throw invalid(file, 'belongs to someone else or is writable by others');
    if (size > LARGEST) throw invalid(file, 'is larger than 1 MiB');
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

/** @throws ProviderError `PROVIDER_FILE_INVALID` that names the place */
function checked<T>(schema: z.ZodMiniType<T>, value: unknown, file: string, above: readonly string[]): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const what = issue?.code === 'unrecognized_keys' ? `unknown key ${issue.keys.join(', ')}` : 'is not what it can be';
  throw invalid(file, `${[...above, ...(issue?.path ?? []).map(String)].join('.') || 'the file'}: ${what}`);
}

type StoreSource = Readonly<Record<string, unknown>>;

function commandStore(name: string, store: StoreSource, file: string): StoreCommands[] {
  if (Object.hasOwn(store, 'kind')) return [];
  const { read, write } = checked(StoreCommandsSchema, store, file, ['store', name]);
  return [{ name, read: read ?? null, write: write ?? null }];
}

function secretStore(name: string, store: StoreSource, file: string): StoreConfig[] {
  if (!Object.hasOwn(store, 'kind')) return [];
  return [{ name, ...checked(SecretStoreSchema, store, file, ['store', name]) }];
}

/**
 * Reads the text of a providers file.
 *
 * @throws ProviderError `PROVIDER_FILE_INVALID`
 */
export function parseUserFile(text: string, file: string): UserFile {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (error instanceof TomlError) throw invalid(file, `line ${error.line}: not TOML`);
    throw error;
  }
  const source = checked(UserFileSchema, value, file, []);
  const stores = Object.entries(source.store ?? {});
  return {
    protect: new Set(source.protect),
    allowPrivate: new Set((source['allow-private'] ?? []).map((host) => host.toLowerCase())),
    urls: new Map(Object.entries(source.url ?? {})),
    webhook: source.notify?.webhook ?? null,
    stores: stores.flatMap(([name, store]) => commandStore(name, store, file)),
    secretStores: stores.flatMap(([name, store]) => secretStore(name, store, file)),
    adapters: new Map(Object.entries(source.adapter ?? {})),
  };
}

/** Reads the user's providers file; an empty one where there is none. @throws ProviderError `PROVIDER_FILE_INVALID` */
export function readUserFile(file: string): UserFile {
  const text = readOwn(file);
  return text === null ? EMPTY_USER_FILE : parseUserFile(text, file);
}
