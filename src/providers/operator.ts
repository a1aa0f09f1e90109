import { Secret } from '../core/secret.ts';
import { ProviderError } from '../errors/provider.ts';
import { type Endpoint, type Wire, perform } from './call.ts';
import type { ActionMeaning, Call, Operator } from './declaration.ts';
import { allItems, expectOk } from './listing.ts';
import { textAt } from './path.ts';
import type { Values } from './template.ts';

/** Where the operator's fields come from: environment, descriptor or prompt. Null: not given. */
export type OperatorSource = (environmentName: string) => Secret | null;

/** An account the operator can act for: its own, or one below it. */
export interface OperatorAccount {
  readonly label: string;
  readonly values: Values;
}

/** The operator's access to one provider, opened when first needed. */
export interface OperatorAccess {
  /** The secrets themselves, to recognise the tool's own credential among leaked ones. */
  readonly secrets: readonly Secret[];
  main(): Promise<OperatorAccount>;
  /** The main account first, then those below it, one at a time. */
  accounts(): AsyncIterable<OperatorAccount>;
  /** Ends every session opened here; failing to is not an error, sessions also end by themselves. */
  close(): Promise<void>;
}

/** The first complete set of fields, by template name; null if none is complete. */
export function operatorFields(operator: Operator | undefined, source: OperatorSource): Values | null {
  for (const set of operator?.sets ?? []) {
    const found = set.map((field) => ({ field, value: source(field.env) }));
    if (found.every(({ value }) => value !== null))
      return Object.fromEntries(
        found.map(({ field, value }) => [
          field.name,
          field.secret ? (value ?? new Secret('')) : (value?.reveal().trim() ?? ''),
        ]),
      );
  }
  return null;
}

/** Names of the environment variables that would be needed, for people. */
export function operatorNeeds(operator: Operator | undefined): string {
  return (operator?.sets ?? []).map((set) => set.map(({ env }) => env).join(' and ')).join(', or ');
}

async function openSession(
  wire: Wire,
  endpoint: Endpoint,
  call: Call<ActionMeaning>,
  token: string,
  values: Values,
): Promise<Values> {
  const outcome = await perform(wire, endpoint, call, values);
  if (outcome.means === 'denied')
    throw new ProviderError(
      'PROVIDER_LOGIN_FAILED',
      `${endpoint.provider.title} refused the login (${outcome.error ?? outcome.status})`,
    );
  expectOk(call, outcome);
  const session = textAt(outcome.body, token);
  if (session === null) throw new ProviderError('PROVIDER_ANSWER_UNREADABLE', `${call.name} gave no session`);
  return { ...values, session: new Secret(session) };
}

function secretsIn(values: Values): Secret[] {
  return Object.values(values).filter((value) => value instanceof Secret);
}

/**
 * Access with the fields given. Without a declared session the fields are used
 * as they are.
 */
export function openOperator(wire: Wire, endpoint: Endpoint, fields: Values): OperatorAccess {
  const session = endpoint.provider.operator?.session;
  const opened: Values[] = [];
  let first: Promise<OperatorAccount> | null = null;
  const keep = async (opening: Promise<Values>): Promise<Values> => {
    const values = await opening;
    opened.push(values);
    return values;
  };
  const main = (): Promise<OperatorAccount> => {
    first ??= (async () => {
      if (!session) return { label: 'main', values: fields };
      return { label: 'main', values: await keep(openSession(wire, endpoint, session.open, session.token, fields)) };
    })();
    return first;
  };
  return {
    secrets: secretsIn(fields),
    main,
    async *accounts() {
      const top = await main();
      yield top;
      const nested = session?.nested;
      if (!nested) return;
      const probe = await perform(wire, endpoint, nested.list, top.values);
      if (probe.means === 'not-found') return;
      for (const item of await allItems(wire, endpoint, { ...nested, call: nested.list }, top.values)) {
        const extra = Object.fromEntries(
          Object.entries(nested.fields).map(([name, path]) => [name, textAt(item, path) ?? '']),
        );
        const values = await keep(openSession(wire, endpoint, nested.open, nested.token, { ...top.values, ...extra }));
        yield { label: Object.values(extra).join(' '), values };
      }
    },
    async close() {
      for (const values of opened.splice(0).toReversed()) {
        if (session) await perform(wire, endpoint, session.close, values).catch(() => null);
      }
    },
  };
}
