import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { ProviderError } from '../../errors/provider.ts';
import { UsageError } from '../../errors/usage.ts';
import { adaptProvider } from '../../providers/adapter.ts';
import { adapterTemplate } from '../../providers/adapter-template.ts';
import type { ActionMeaning, Call, CommandCall, CredentialKind, Provider } from '../../providers/declaration.ts';
import { listKeys } from '../../providers/listing.ts';
import { PROVIDERS, providerNamed } from '../../providers/registry.ts';
import { readUserFile, userFilePath } from '../../providers/user-file.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ASK, PROVIDERS_FILE } from '../flags/respond.ts';
import { openContext } from '../respond/context.ts';
import { askForOperators } from '../respond/operators.ts';
import { askable } from '../respond/person.ts';
import type { Invocation } from './command.ts';

function fileOf({ options }: Invocation): string {
  return options.get(PROVIDERS_FILE) ?? userFilePath(process.env);
}

/** `unleak provider init <provider>`: writes the adapter to fill in into the user's providers file. */
export async function init(invocation: Invocation): Promise<ExitCode> {
  const provider = providerNamed(invocation.positionals[0] ?? '');
  const file = fileOf(invocation);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (before !== '' && readUserFile(file).adapters.has(provider.id))
    throw new ProviderError('PROVIDER_FILE_INVALID', `${file} adapts ${provider.id} already`, {
      mend: `Change it there, then run \`unleak provider check ${provider.id}\`.`,
    });
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const gap = before === '' || before.endsWith('\n\n') ? '' : '\n';
  writeFileSync(file, `${before}${gap}${adapterTemplate(provider)}`, { mode: 0o600 });
  chmodSync(file, 0o600);
  invocation.streams.err.write(`unleak: wrote the adapter for ${provider.id} to ${file}; fill in url and credential\n`);
  return EXIT.clean;
}

function callText(provider: Provider, call: Call<ActionMeaning> | CommandCall): string {
  if ('command' in call) return `runs ${call.command.join(' ')}`;
  const body = call.body === undefined ? '' : `, body ${JSON.stringify(call.body.value)}`;
  return `${call.method} ${provider.bases[call.base] ?? ''}${call.path}${body}`;
}

function shown(provider: Provider, kind: CredentialKind): string[] {
  const ways = kind.revoke.kind === 'automatic' ? kind.revoke.ways.flatMap(({ calls }) => calls) : [];
  const { identify, listing, create } = kind;
  return [
    ...(listing ? [`list      ${callText(provider, listing.call)}`] : []),
    identify.by === 'asked'
      ? `identify  ${callText(provider, identify.call)} (with the leaked key)`
      : `identify  by ${identify.by}`,
    ...ways.map((call) => `revoke    ${callText(provider, call)}`),
    ...(create ? [`create    ${callText(provider, create.call)}`] : []),
  ];
}

/** `unleak provider check <provider>`: reads the adapter, shows its requests, and with --ask sends the list request. */
export async function check(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, streams } = invocation;
  const id = positionals[0] ?? '';
  const file = fileOf(invocation);
  const adapter = readUserFile(file).adapters.get(id);
  if (!adapter)
    throw new UsageError('USAGE_ARGUMENTS', `${file} has no adapter for ${JSON.stringify(id)}`, {
      mend: `Write one with \`unleak provider init ${id}\`.`,
    });
  const provider = adaptProvider(providerNamed(id, PROVIDERS), adapter);
  const kind = provider.kinds.find((one) => one.id === (adapter.kind ?? provider.kinds[0]?.id));
  for (const line of kind ? shown(provider, kind) : []) streams.out.write(`${line}\n`);
  if (!options.get(ASK) || !kind) return EXIT.clean;
  return askList(invocation, kind.id);
}

async function askList(invocation: Invocation, kindId: string): Promise<ExitCode> {
  const context = openContext(invocation);
  try {
    const provider = context.providers.find(({ kinds }) => kinds.some(({ id }) => id === kindId));
    const kind = provider?.kinds.find(({ id }) => id === kindId);
    if (provider && kind)
      await askForOperators([{ provider, kind }], context.credentials, askable(invocation.streams, false));
    const access = provider && kind ? context.directory.operator({ provider, kind }) : null;
    if (!provider || !kind?.listing || !access)
      throw new ProviderError('PROVIDER_FIELD_MISSING', 'The operator credential of the adapter is not set');
    const { values } = await access.main();
    const rows = await listKeys(
      context.network.wire,
      context.directory.endpoint({ provider, kind }),
      kind.listing,
      values,
    );
    invocation.streams.out.write(
      `list shows ${rows.length} keys: ${rows.map(({ label, id }) => label ?? id).join(', ')}\n`,
    );
    return EXIT.clean;
  } finally {
    await context.directory.close();
  }
}
