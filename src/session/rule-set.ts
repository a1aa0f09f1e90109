import { createHash } from 'node:crypto';
import path from 'node:path';

import { checkAllowed, selectRules } from '../config/select-rules.ts';
import { LINE_REACH } from '../core/limits.ts';
import type { Filter, Rule } from '../core/rule.ts';
import { RuleError } from '../errors/rule.ts';
import { UsageError } from '../errors/usage.ts';
import { BUILTIN_DIGEST, BUILTIN_RULES, MESSAGING_PROVIDERS } from '../rules/builtin.generated.ts';
import { diskFiles, type ProjectFiles } from './project-files.ts';
import { readIfThere, SETTINGS_MOST } from './read-given.ts';
import type { Settings } from './settings.ts';
import type { Wishes } from './wishes.ts';

/** The rules in force. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  /** Changes whenever a rule does. */
  readonly digest: string;
  /** What is said of rules that there are none of, a sentence each. */
  readonly remarks?: readonly string[];
}

/**
 * The rules that a person and the configuration ask for.
 *
 * @throws RuleError, ConfigError `CONFIG_UNKNOWN_RULE`, `CONFIG_NO_RULES`; UsageError `USAGE_NO_SUCH_PATH`
 */
export async function ruleSet(
  wishes: Pick<Wishes, 'rules' | 'only'>,
  { config, gitleaks, files }: Pick<Settings, 'config' | 'gitleaks' | 'files'>,
): Promise<RuleSet> {
  const usual = gitleaks?.alone === true && !gitleaks.useDefault ? [] : ['all'];
  const asked = wishes.rules.length === 0 ? usual : wishes.rules;
  const parts = await Promise.all([
    ...asked.map((name) => rulesAsked(name, files)),
    ...(config?.ruleFiles ?? []).map((name) => rulesIn(name, files, name)),
  ]);
  const all = withGitleaks(parts.flat(), gitleaks);
  checkDistinct(all);
  const configured = selected(all, config?.onlyRules ?? null, config?.disabledRules ?? [], config?.rulesPlace ?? '');
  checkAllowed(config?.allow ?? [], [...BUILTIN_RULES, ...all]);
  const rules = selected(configured, wishes.only.length === 0 ? null : wishes.only, [], '--only');
  const remarks = unknownRemarks(parts.flat(), gitleaks);
  return { rules, digest: rules === BUILTIN_RULES ? BUILTIN_DIGEST : digestOf(rules), remarks };
}

function unknownRemarks(rules: readonly Rule[], gitleaks: Settings['gitleaks']): string[] {
  const unknown = gitleaks?.turnsOff.filter((id) => !rules.some((rule) => rule.id === id)) ?? [];
  return unknown.map((id) => `${gitleaks?.name ?? ''}: disabledRules names ${JSON.stringify(id)}, which is no rule`);
}

/** A rule of the same id takes the place of ours, and allow-lists for everything hold for ours too. */
function withGitleaks(rules: readonly Rule[], gitleaks: Settings['gitleaks']): readonly Rule[] {
  if (gitleaks === null) return rules;
  const replaced = new Set([...gitleaks.disabledRules, ...gitleaks.rules.map(({ id }) => id)]);
  const { filters, adjustments } = gitleaks;
  const kept = rules.filter(({ id }) => !replaced.has(id));
  const ours = kept.map((rule) => {
    const own = adjustments.filter((one) => one.rule === rule.id);
    const all = [...filters, ...own.flatMap((one) => one.filters)];
    const entropy = Math.min(...own.map((one) => one.entropy));
    const held = own.length === 0 || entropy === 0 ? rule : above(rule, entropy);
    return all.length === 0 ? held : filtered(held, all);
  });
  return [...ours, ...gitleaks.rules];
}

function above(rule: Rule, entropy: number): Rule {
  const check = { name: 'entropy-above', value: entropy };
  return { ...rule, matchers: rule.matchers.map((matcher) => ({ ...matcher, checks: [...matcher.checks, check] })) };
}

function filtered(rule: Rule, filters: readonly Filter[]): Rule {
  const reach = filters.some(({ target }) => target === 'line') ? LINE_REACH : 0;
  const matchers = rule.matchers.map((matcher) => ({
    ...matcher,
    before: Math.max(matcher.before, reach),
    after: Math.max(matcher.after, reach),
  }));
  return { ...rule, matchers, filters: [...(rule.filters ?? []), ...filters] };
}

/** Untouched where nothing is asked for, so that what was prepared for the built-in rules can be used. */
function selected(
  rules: readonly Rule[],
  only: readonly string[] | null,
  disable: readonly string[],
  where: string,
): readonly Rule[] {
  if (rules.length === 0) throw new UsageError('USAGE_NO_RULES', 'the rule set is empty');
  if (only === null && disable.length === 0)
    return rules.length === BUILTIN_RULES.length && rules.every((rule, i) => rule === BUILTIN_RULES[i])
      ? BUILTIN_RULES
      : rules;
  return selectRules(rules, { only, disable }, where);
}

async function rulesAsked(name: string, files: ProjectFiles): Promise<readonly Rule[]> {
  if (name === 'all') return BUILTIN_RULES;
  if (name === 'messaging') return BUILTIN_RULES.filter(({ provider }) => MESSAGING_PROVIDERS.has(provider));
  const own = await files.own(name);
  if (own !== null) return rulesIn(own, files, name);
  const top = path.resolve(name);
  const read: ProjectFiles['read'] = async (file, most) => readIfThere(file, { most, piped: file === top });
  return rulesIn(top, { ...diskFiles('.'), read }, name);
}

/** @param shown - what it is called in messages */
async function rulesIn(name: string, files: ProjectFiles, shown: string): Promise<readonly Rule[]> {
  const { compileRules } = await import('../rules/compile.ts');
  const { loadRuleFile } = await import('../rules/load.ts');
  const listed = (await files.list(name))?.filter((entry) => /\.ya?ml$/.test(entry));
  if (listed?.length === 0) throw new UsageError('USAGE_NO_RULES', `${shown} holds no rule file (*.yaml)`);
  const names = listed?.map((entry) => [`${name}/${entry}`, path.join(shown, entry)] as const) ?? [[name, shown]];
  const loaded = await Promise.all(
    names.map(async ([file = '', label = '']) => loadRuleFile(await textOf(file, files, label), label)),
  );
  // Patterns that nobody tested for runaway matching run in the linear-time engine.
  return compileRules(loaded, { untrusted: true });
}

async function textOf(file: string, files: ProjectFiles, shown: string): Promise<string> {
  const bytes = await files.read(file, SETTINGS_MOST);
  if (bytes !== null) return Buffer.from(bytes).toString('utf8');
  throw new UsageError(
    'USAGE_NO_SUCH_PATH',
    `there is no rule set ${JSON.stringify(shown)}, and no such file or folder`,
  );
}

function checkDistinct(rules: readonly Rule[]): void {
  const seen = new Set<string>();
  for (const { id } of rules) {
    if (seen.has(id)) throw new RuleError('RULE_DUPLICATE_ID', `rule "${id}" is given twice`);
    seen.add(id);
  }
}

function digestOf(rules: readonly Rule[]): string {
  return createHash('sha256').update(JSON.stringify(rules)).digest('hex');
}
