/** Writes docs/PROVIDERS.md from the declarations in src/providers/ and the list of calls that the simulator answered. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import answered from '../fixtures/simulator/answered.json' with { type: 'json' };
import type { Answer, CredentialKind, Operator, Provider, Sourced } from '../src/providers/declaration.ts';
import { type DeclaredCall, declaredCalls } from '../src/providers/declared-calls.ts';
import { PROVIDERS } from '../src/providers/registry.ts';

/** Calls that were made to the real provider, with the day. None has been: whoever tries one writes it here. */
const TRIED_LIVE: Readonly<Record<string, string>> = {};

const SIMULATED: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(answered));

const BASIS = { documented: 'documented', observed: 'observed', inferred: 'inferred' } as const;

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

/** The first address of a source as a link; what is no address stays text. */
function sourceText(source: string): string {
  const [url] = /https:\/\/[^\s,;)]+/.exec(source) ?? [];
  if (url === undefined) return cell(source);
  const rest = source.replace(url, '').replace(/^[\s,;:]+/, '');
  return `[${cell(url.replace(/^https:\/\//, ''))}](${url})${rest === '' ? '' : `, ${cell(rest)}`}`;
}

function basis({ sure, source }: Sourced): string {
  return `${BASIS[sure]}: ${sourceText(source)}`;
}

function requestText(call: DeclaredCall['call'], provider: Provider): string {
  if ('command' in call) return 'a command of your own';
  if ('smtp' in call) return `SMTP AUTH at \`${provider.bases[call.base] ?? ''}\``;
  const base = call.base === 'main' ? '' : (provider.bases[call.base] ?? '');
  return `\`${call.method} ${base}${call.path}\``;
}

function callRow(provider: Provider, { call, purposes }: DeclaredCall): string {
  const tried = TRIED_LIVE[`${provider.id} ${call.name}`] ?? 'no';
  const simulated = SIMULATED.get(provider.id)?.includes(call.name) === true ? 'yes' : 'no';
  const cells = [
    `\`${call.name}\``,
    purposes.join(', '),
    cell(requestText(call, provider)),
    basis(call),
    simulated,
    tried,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Rows of an answer table that rest on something else than the call's own source. */
function answerNotes(provider: Provider): string[] {
  const lines = declaredCalls(provider).flatMap(({ call }) => {
    if ('command' in call || 'smtp' in call) return [];
    const rows: readonly Answer<string>[] = call.answers;
    return rows.flatMap(({ sure, source, status, means }) =>
      sure === undefined || source === undefined || source === call.source
        ? []
        : [`- \`${call.name}\`, answer ${String(status)} as “${means}”: ${basis({ sure, source })}`],
    );
  });
  const seen = new Map<string, string[]>();
  for (const line of lines) {
    const [, head = '', tail = ''] = /^- `([^`]+)`, (.*)$/s.exec(line) ?? [];
    seen.set(tail, [...(seen.get(tail) ?? []), head]);
  }
  return [...seen].map(([tail, names]) => `- ${[...new Set(names)].map((name) => `\`${name}\``).join(', ')}, ${tail}`);
}

function revokeText({ revoke }: CredentialKind): string {
  if (revoke.kind === 'guided') return `by a person in the dashboard (${cell(revoke.why)}), or by your adapter`;
  const spends = {
    nothing: 'without any credential',
    leaked: 'with the leaked value itself',
    operator: 'with your operator credential',
  };
  const ways = revoke.ways.map((way) => {
    const needs = way.requires ? `, if its ${way.requires.learned} hold \`${way.requires.includes}\`` : '';
    const many = way.most === undefined ? '' : `, up to ${way.most} keys in one request`;
    return `${spends[way.spends]} (${way.calls.map(({ name }) => `\`${name}\``).join(', then ')})${many}${needs}`;
  });
  return `by API, ${ways.join('; else ')}`;
}

const IDENTIFY = {
  derived: 'its id is part of the value',
  asked: 'a request of its own names it',
  listed: 'beginning and end fit exactly one row of the list',
  only: 'it is the only one of the account',
  person: 'a person compares and types its label',
} as const;

function kindSection(kind: CredentialKind): string[] {
  const { create, limits, order, collateral, logs, dashboard } = kind;
  return [
    `- **\`${kind.id}\`**: ${cell(kind.title)}`,
    `  - revoked ${revokeText(kind)}; refused at the latest ${kind.settlesWithin} s later; known by: ${IDENTIFY[kind.identify.by]}${order === 'create-first' ? '; the replacement comes first' : ''}`,
    `  - replaced ${create ? `by API (\`${create.call.name}\`)` : 'by a person'}${limits ? `; at most ${limits.keys} keys (${basis(limits)})` : ''}`,
    `  - logs: ${logs ? `\`${logs.call.name}\`${logs.blind === undefined ? '' : `. ${cell(logs.blind)}`}` : 'an export that a person makes'}`,
    ...(collateral.length > 0 ? [`  - dies with it: ${cell(collateral.join('; '))}`] : []),
    `  - dashboard: <${dashboard.url}> (${basis(dashboard)})`,
  ];
}

function operatorText(operator: Operator | undefined): string[] {
  if (!operator) return [];
  const sets = operator.sets.map((set) => set.map(({ env, says }) => `\`${env}\` (${says})`).join(' and '));
  return ['', `Operator credential: ${sets.join('; or ')}.`];
}

function section(provider: Provider): string[] {
  const { id, title, kinds, unpublished, support } = provider;
  const bases = Object.entries(provider.bases).map(([name, url]) => `${name} ${url === '' ? '(yours)' : `\`${url}\``}`);
  const notes = answerNotes(provider);
  return [
    '',
    `## ${title} (\`${id}\`)`,
    '',
    `Addresses: ${bases.join(', ')}.`,
    ...operatorText(provider.operator),
    '',
    ...kinds.flatMap(kindSection),
    '',
    '| call | for | request | basis | simulator | live |',
    '| --- | --- | --- | --- | --- | --- |',
    ...declaredCalls(provider).map((call) => callRow(provider, call)),
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
    `Support: ${cell(support.how)} (${basis(support)}).`,
    ...(unpublished.length > 0 ? ['', `Not published: ${cell(unpublished.join('; '))}.`] : []),
  ];
}

function summaryRow(provider: Provider): string {
  const kinds = provider.kinds.map(({ revoke }) => (revoke.kind === 'automatic' ? 'by API' : 'guided, or by adapter'));
  const calls = declaredCalls(provider).map(({ call }) => call);
  const count = (sure: Sourced['sure']): number => calls.filter((call) => call.sure === sure).length;
  const simulated = calls.filter(({ name }) => SIMULATED.get(provider.id)?.includes(name) === true).length;
  const live = calls.filter(({ name }) => `${provider.id} ${name}` in TRIED_LIVE).length;
  const cells = [
    `[${provider.title}](#${anchor(provider)})`,
    [...new Set(kinds)].join('; '),
    calls.length,
    count('documented'),
    count('observed'),
    count('inferred'),
    simulated,
    live,
  ];
  return `| ${cells.join(' | ')} |`;
}

function anchor({ id, title }: Provider): string {
  return `${title} (${id})`
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function page(): string {
  return [
    '# Providers',
    '',
    'Written by `npm run generate` from `src/providers/`. What each call rests on:',
    '',
    '- **documented**: the provider’s own documentation or API description says so, read in a copy from 2025 or 2026.',
    '- **observed**: not in the documentation that we could read, but in public code of the provider or of others.',
    '- **inferred**: our reading of either; it may be wrong.',
    '- **simulator**: the simulator in `fixtures/simulator/` answered this call in the tests. It behaves as documented, which proves our side, not the provider’s.',
    `- **live**: made to the real provider on that day. ${Object.keys(TRIED_LIVE).length === 0 ? 'None has been tried live so far: nobody here has accounts with these providers.' : ''}`,
    '',
    'So “confirmed dead” means: the provider answered a read-only request as this table says a dead key is answered, after it had answered the same',
    'request as for a living one; or it no longer lists the id that it had listed. An answer that no row has is `unknown`, never dead.',
    '',
    '| provider | revoked | calls | documented | observed | inferred | simulator | live |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...PROVIDERS.map(summaryRow),
    ...PROVIDERS.flatMap(section),
    '',
  ].join('\n');
}

writeFileSync(fileURLToPath(new URL('../docs/PROVIDERS.md', import.meta.url)), page());
