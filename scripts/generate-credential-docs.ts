/** Writes docs/CREDENTIALS.md from the compiled rules and the providers' declarations. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Confidence, Reference, Rule } from '../src/core/rule.ts';
import { targetNamed } from '../src/providers/registry.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';

const CONFIDENCES: readonly Confidence[] = ['high', 'medium', 'low'];

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

function sourceText({ sure, source }: Reference): string {
  const isAddress = /^https:\/\/\S+$/.test(source);
  return `${sure}${isAddress ? `: [${cell(new URL(source).host)}](${source})` : ''}`;
}

/** The surest way in which the rule finds it. */
function confidenceOf({ matchers }: Rule): Confidence {
  const known = new Set(matchers.map(({ confidence }) => confidence));
  return CONFIDENCES.find((one) => known.has(one)) ?? 'low';
}

function revokeText({ revoke }: Rule): string {
  const target = revoke === undefined ? null : targetNamed(revoke);
  if (target === null) return '';
  return target.kind.revoke.kind === 'guided' ? 'guided' : 'by API';
}

function row(rule: Rule): string {
  const cells = [
    rule.provider,
    cell(rule.title),
    `\`${rule.id}\``,
    rule.severity,
    confidenceOf(rule),
    rule.references.map(sourceText).join(', '),
    rule.verify === undefined || targetNamed(rule.verify) === null ? '' : 'yes',
    revokeText(rule),
  ];
  return `| ${cells.join(' | ')} |`;
}

function byProvider(a: Rule, b: Rule): number {
  return a.provider === b.provider ? (a.id < b.id ? -1 : 1) : a.provider < b.provider ? -1 : 1;
}

function page(): string {
  const secrets = BUILTIN_RULES.filter(({ role }) => role === 'secret').toSorted(byProvider);
  const identifiers = BUILTIN_RULES.filter(({ role }) => role === 'identifier').toSorted(byProvider);
  const providers = new Set(secrets.map(({ provider }) => provider));
  return [
    '# Credential types',
    '',
    'Written by `npm run generate` from `rules/` and `src/providers/`.',
    '',
    `${secrets.length} kinds of credential of ${providers.size} providers, one rule each; some rules know several forms of one kind.`,
    '*Source* says how sure we are of the form that a rule looks for: `documented` by the provider, `observed` in real keys, or `inferred`.',
    '*Confidence* is that of the surest form ([RULES.md](RULES.md#confidence-and-severity)). *Verify* and *revoke* are what `unleak verify`',
    'and `unleak respond` can do; where they are empty, the finding says where a person revokes it.',
    '',
    '| provider | credential | rule | severity | confidence | source | verify | revoke |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...secrets.map(row),
    '',
    '## Identifiers',
    '',
    `These complete a pair, and are never reported alone: ${identifiers.map(({ id }) => `\`${id}\``).join(', ')}.`,
    '',
  ].join('\n');
}

writeFileSync(fileURLToPath(new URL('../docs/CREDENTIALS.md', import.meta.url)), page());
