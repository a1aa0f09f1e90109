import { Secret } from '../../core/secret.ts';
import type { CredentialKind, Operator, Provider } from '../../providers/declaration.ts';
import { operatorFields } from '../../providers/operator.ts';
import type { Target } from '../../providers/registry.ts';
import type { Credentials } from './credentials.ts';
import type { Terminal } from './terminal.ts';

/** Whether anything that could be done for this kind spends the operator's credential. */
function spendsOperator({ revoke, create, logs, mints }: CredentialKind): boolean {
  const ways = revoke.kind === 'automatic' ? revoke.ways : [];
  const looks = mints.flatMap(({ look }) => (look ? [look] : []));
  return [...ways, ...(create ? [create] : []), ...(logs ? [logs] : []), ...looks].some(
    ({ spends }) => spends === 'operator',
  );
}

type Field = Operator['sets'][number][number];

async function openAnswer(terminal: Terminal, question: string): Promise<Secret | null> {
  const text = (await terminal.line(question))?.trim() ?? '';
  return text === '' ? null : new Secret(text);
}

async function askFields(
  provider: Provider,
  fields: readonly Field[],
  terminal: Terminal,
): Promise<Map<string, Secret> | null> {
  const given = new Map<string, Secret>();
  for (const { env, says, secret } of fields) {
    if (given.has(env)) continue;
    const question = `${provider.title}, ${says} (${env}), or nothing to do without:`;
    const value = secret ? await terminal.secret(question) : await openAnswer(terminal, question);
    if (value === null) return null;
    given.set(env, value);
  }
  return given;
}

/**
 * Asks, without echo, for the operator credentials that are not given yet and
 * would be used. An empty answer leaves that provider to a person.
 */
export async function askForOperators(
  targets: readonly Target[],
  credentials: Credentials,
  terminal: Terminal | null,
): Promise<void> {
  if (terminal === null) return;
  const asked = new Set<string>();
  for (const { provider, kind } of targets) {
    const [set] = provider.operator?.sets ?? [];
    if (!set || asked.has(provider.id) || !spendsOperator(kind)) continue;
    asked.add(provider.id);
    if (operatorFields(provider.operator, credentials.source) !== null) continue;
    const open = set.filter(({ env }) => credentials.source(env) === null);
    const given = await askFields(provider, open, terminal);
    for (const [name, value] of given ?? []) credentials.give(name, value);
  }
}
