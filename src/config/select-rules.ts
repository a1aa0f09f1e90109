import type { AllowRule } from '../core/allow.ts';
import { nearest } from '../core/nearest.ts';
import type { Rule } from '../core/rule.ts';
import { ConfigError } from '../errors/config.ts';

/** Which rules are to hold, by rule id or provider. */
export interface RuleSelection {
  /** Null for no restriction. */
  readonly only: readonly string[] | null;
  readonly disable: readonly string[];
}

/**
 * The rules that are left. A rule that another one needs as its other half
 * stays with it, unless it is turned off by name.
 *
 * @param where - who asks, for messages: a file or an option
 * @throws ConfigError `CONFIG_UNKNOWN_RULE` for a name that no rule and no provider has;
 *   `CONFIG_NO_RULES` if nothing is left that could be reported: a scan without rules is never clean
 */
export function selectRules(rules: readonly Rule[], { only, disable }: RuleSelection, where: string): Rule[] {
  const known = new Set(rules.flatMap(({ id, provider }) => [id, provider]));
  for (const name of [...(only ?? []), ...disable]) if (!known.has(name)) throw unknownRule(name, known, where);
  const off = named(rules, disable);
  const wanted = only === null ? rules : withParts(rules, named(rules, only));
  const left = wanted.filter((rule) => !off.has(rule));
  if (left.some(({ role }) => role === 'secret')) return left;
  throw new ConfigError('CONFIG_NO_RULES', `${where} leaves no rule that could report anything`);
}

/**
 * Refuses permissions for rules that nobody has: what they were to allow would stay open, without a word.
 *
 * @param known - rules in force and built-in ones: a run with a part of them names the others all the same
 * @throws ConfigError `CONFIG_UNKNOWN_RULE`
 */
export function checkAllowed(allow: readonly AllowRule[], known: readonly Rule[]): void {
  const names = new Set(known.flatMap(({ id, provider }) => [id, provider]));
  for (const { rules, place, label } of allow)
    for (const name of rules ?? []) if (!names.has(name)) throw unknownRule(name, names, place ?? label);
}

function named(rules: readonly Rule[], names: readonly string[]): Set<Rule> {
  const asked = new Set(names);
  return new Set(rules.filter(({ id, provider }) => asked.has(id) || asked.has(provider)));
}

function withParts(rules: readonly Rule[], chosen: ReadonlySet<Rule>): Rule[] {
  const needed = new Set([...chosen].flatMap(({ parts }) => parts.map(({ rule }) => rule)));
  return rules.filter((rule) => chosen.has(rule) || (rule.role !== 'secret' && needed.has(rule.id)));
}

function unknownRule(name: string, known: ReadonlySet<string>, where: string): ConfigError {
  const meant = nearest(name, [...known]);
  const hint = meant === null ? '' : `; did you mean "${meant}"?`;
  return new ConfigError('CONFIG_UNKNOWN_RULE', `${where}: no rule or provider ${JSON.stringify(name)}${hint}`);
}
