import { readFileSync } from 'node:fs';

import { Secret } from '../../core/secret.ts';
import { UsageError } from '../../errors/usage.ts';
import { parseJson } from '../../http/body.ts';
import type { Provider } from '../../providers/declaration.ts';
import type { OperatorSource } from '../../providers/operator.ts';
import type { StoreConfig } from '../../providers/store-schema.ts';
import { credentialNames } from '../../stores/credentials.ts';

/** Everything a descriptor gives, to its end. @throws UsageError `USAGE_NO_SUCH_PATH` */
export function readDescriptor(descriptor: number): string {
  try {
    return readFileSync(descriptor, 'utf8');
  } catch (cause) {
    throw new UsageError('USAGE_NO_SUCH_PATH', `file descriptor ${descriptor} cannot be read`, { cause });
  }
}

function fromDescriptor(descriptor: number): Map<string, Secret> {
  const value = parseJson(readDescriptor(descriptor));
  if (typeof value !== 'object' || value === null)
    throw new UsageError('USAGE_ARGUMENTS', '--credentials-fd gives no JSON object');
  const texts = Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return new Map(texts.map(([name, text]) => [name, new Secret(text)]));
}

/** The operator's credentials, and a way to add what a person types. */
export interface Credentials {
  readonly source: OperatorSource;
  /** A store's credential by the name of its variable. */
  readonly named: (name: string) => Secret | null;
  give(name: string, value: Secret): void;
}

/**
 * Takes the operator credentials of all providers and stores out of the
 * environment, once: afterwards no child, crash report or later code finds them there.
 */
export function takeCredentials(
  providers: readonly Provider[],
  environment: NodeJS.ProcessEnv,
  descriptor: number | undefined,
  stores: readonly StoreConfig[] = [],
): Credentials {
  const given = descriptor === undefined ? new Map<string, Secret>() : fromDescriptor(descriptor);
  const take = (name: string): void => {
    const value = environment[name];
    if (value === undefined) return;
    if (!given.has(name) && value !== '') given.set(name, new Secret(value));
    delete environment[name];
  };
  const ofProviders = providers.flatMap(({ operator }) => (operator?.sets ?? []).flat().map(({ env }) => env));
  const names = new Set([...ofProviders, ...stores.flatMap(credentialNames)]);
  for (const name of names) take(name);
  return {
    source: (name) => given.get(name) ?? null,
    named: (name) => given.get(name) ?? null,
    give(name, value) {
      given.set(name, value);
    },
  };
}
