import { realpathSync } from 'node:fs';
import path from 'node:path';

import { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import { readVariable, withVariable } from './dotenv.ts';
import { type Parts, byField, fieldsOf, holds, requireFields } from './fields.ts';
import { type OwnFile, readOwnFile, replaceOwnFile, requireReplaceable, sweep, writtenAt } from './own-file.ts';
import type { StoreServices } from './services.ts';
import type { Changes, PutHow, Retired, Store, StoreState, StoreVersion } from './store.ts';
import { refuseTracked } from './tracked.ts';

type Config = StoreConfig<'env-file'>;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

function variablesOf(config: Config): ReadonlyMap<string, string> {
  const fields = fieldsOf(config);
  if (!fields || [...fields.values()].some((variable) => !VARIABLE.test(variable)))
    throw new StoreError('STORE_CONFIG', `store.${config.name} needs fields that name variables`);
  return fields;
}

function stateOf(file: OwnFile, fields: ReadonlyMap<string, string>): StoreState & { readonly values: Parts } {
  const found = [...fields].flatMap(([part, variable]) => {
    const value = readVariable(file.text, variable);
    return value === null ? [] : [[part, value] as const];
  });
  const whole = new Secret(Buffer.from(file.text, 'latin1').toString('utf8'));
  return { id: null, createdAt: writtenAt(file.stat), values: Object.fromEntries(found), whole };
}

/** The file itself, by whatever way its folder is named. */
function locationOf(file: string): string {
  try {
    return path.join(realpathSync(path.dirname(file)), path.basename(file));
  } catch {
    return path.normalize(file);
  }
}

/** A plain `.env` file of this machine. It has no versions; the time of its last change stands in for one. */
export function openEnvFile(config: Config, { now, signal }: Pick<StoreServices, 'now' | 'signal'>): Store {
  const fields = variablesOf(config);
  const { name, path: file } = config;
  if (!path.isAbsolute(file)) throw new StoreError('STORE_CONFIG', `store.${name}.path is not an absolute path`);

  async function write(values: Changes, expected: StoreVersion | null): Promise<StoreVersion> {
    await refuseTracked(file, signal);
    sweep(file, now());
    const old = readOwnFile(file);
    const state = stateOf(old, fields);
    if (expected !== null && expected.createdAt !== state.createdAt)
      throw new StoreError('STORE_CONFLICT', `${file} was changed at ${state.createdAt}`, { facts: { file } });
    const wanted = byField(values, fields, name);
    if (holds(state.values, values)) return { id: null, createdAt: state.createdAt };
    const text = wanted.reduce((rest, [variable, value]) => withVariable(rest, variable, value), old.text);
    return { id: null, createdAt: writtenAt(replaceOwnFile(old, text).stat) };
  }

  return {
    name,
    kind: 'env-file',
    location: locationOf(file),
    description: `${file} (${[...fields.values()].join(', ')})`,
    async read() {
      return stateOf(readOwnFile(file), fields);
    },
    async check(parts) {
      requireFields(parts, fields, name);
      await refuseTracked(file, signal);
      requireReplaceable(file);
    },
    put: (values: Changes, { expected }: PutHow) => write(values, expected),
    async tidy() {
      sweep(file, null);
    },
    async find(_requestId: string, values: Parts) {
      sweep(file, now());
      const { id, createdAt, values: current } = stateOf(readOwnFile(file), fields);
      return holds(current, values) ? { id, createdAt } : null;
    },
    async retire(version: StoreVersion): Promise<Retired> {
      const { createdAt } = stateOf(readOwnFile(file), fields);
      return version.createdAt === createdAt ? 'kept' : 'overwritten';
    },
  };
}
