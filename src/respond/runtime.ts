/** Puts the pieces of a run together: clients, addresses of providers, the operator's access. */
import { ProviderError } from '../errors/provider.ts';
import { CLIENT_DEFAULTS, createClient } from '../http/client.ts';
import { sleeper } from '../http/clock.ts';
import { guardedFetch } from '../http/fetch.ts';
import { type Reach, systemResolve } from '../http/reach.ts';
import { smtpLogin } from '../http/smtp.ts';
import type { Endpoint, Wire } from '../providers/call.ts';
import type { Provider } from '../providers/declaration.ts';
import { type OperatorAccess, type OperatorSource, openOperator, operatorFields } from '../providers/operator.ts';
import type { Target } from '../providers/registry.ts';
import { sisterKind } from './verify.ts';

export interface NetworkOptions {
  readonly signal: AbortSignal;
  /** Hosts with private addresses that the user's own file names. */
  readonly allowPrivate: ReadonlySet<string>;
  readonly timeoutMs?: number;
  readonly paceMs?: number;
  readonly now?: () => Date;
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface Network {
  readonly wire: Wire;
  readonly sleep: (ms: number) => Promise<void>;
}

/** HTTP and SMTP with every guard in place. */
export function createNetwork(options: NetworkOptions): Network {
  const now = options.now ?? (() => new Date());
  const sleep = options.sleep ?? sleeper(options.signal);
  const reach: Reach = { allowPrivate: options.allowPrivate, resolve: systemResolve };
  const timeoutMs = options.timeoutMs ?? CLIENT_DEFAULTS.timeoutMs;
  const http = createClient({
    ...CLIENT_DEFAULTS,
    fetch: guardedFetch(reach),
    signal: options.signal,
    now,
    sleep,
    timeoutMs,
    paceMs: options.paceMs ?? CLIENT_DEFAULTS.paceMs,
  });
  const smtp: Wire['smtp'] = (probe) => smtpLogin(probe, { reach, signal: options.signal, now, timeoutMs });
  return { wire: { http, smtp, now }, sleep };
}

function parseUrl(text: string, name: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new ProviderError('PROVIDER_FILE_INVALID', `${name} is no URL`);
  }
}

/**
 * URLs of a provider: those of its declaration, replaced where the user says so
 * (`id` or `id.base`). With another main address the rest of the declaration's
 * addresses is not used: whoever tries the tool on a stand-in must not reach
 * the real provider by a side door.
 */
export function endpointOf(provider: Provider, overrides: ReadonlyMap<string, string>): Endpoint {
  const moved = overrides.has(provider.id);
  const bases = Object.entries(provider.bases).flatMap(([name, url]) => {
    const key = name === 'main' ? provider.id : `${provider.id}.${name}`;
    const kept = !moved || provider.given?.includes(name) === true;
    const text = overrides.get(key) ?? (kept ? url : undefined);
    return text === undefined || text === '' ? [] : [[name, parseUrl(text, key)] as const];
  });
  return { provider, bases: Object.fromEntries(bases) };
}

/** Everything about providers that a run looks up. */
export interface Directory {
  readonly endpoint: (target: Target) => Endpoint;
  readonly sister: (target: Target) => Target | null;
  readonly operator: (target: Target) => OperatorAccess | null;
  /** Ends all sessions. */
  close(): Promise<void>;
}

export function createDirectory(
  wire: Wire,
  providers: readonly Provider[],
  overrides: ReadonlyMap<string, string>,
  source: OperatorSource,
): Directory {
  const accesses = new Map<string, OperatorAccess | null>();
  const endpoint = ({ provider }: Target): Endpoint => endpointOf(provider, overrides);
  return {
    endpoint,
    sister(target) {
      const provider = providers.find(({ id }) => id === target.provider.sister);
      const kind = provider ? sisterKind(target, provider.kinds) : null;
      return provider && kind ? { provider, kind } : null;
    },
    operator(target) {
      const { provider } = target;
      if (!accesses.has(provider.id)) {
        const fields = operatorFields(provider.operator, source);
        accesses.set(provider.id, fields ? openOperator(wire, endpoint(target), fields) : null);
      }
      return accesses.get(provider.id) ?? null;
    },
    async close() {
      for (const access of accesses.values()) await access?.close();
    },
  };
}
