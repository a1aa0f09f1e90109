import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';

import { selectRules } from '../../config/select-rules.ts';
import type { Rule } from '../../core/rule.ts';
import { RuleError } from '../../errors/rule.ts';
import { UsageError } from '../../errors/usage.ts';
import { BUILTIN_DIGEST, BUILTIN_RULES, MESSAGING_PROVIDERS } from '../../rules/builtin.generated.ts';
import { ONLY, RULES } from '../flags/rules.ts';
import type { Options } from '../options.ts';
import { SETTINGS_MOST, readNamed, readPlain } from './read-given.ts';
import type { Settings } from './settings.ts';

/** The rules in force. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  /** Changes whenever a rule does. */
  readonly digest: string;
}

/**
 * The rules that the command line and the configuration ask for.
 *
 * @throws RuleError, ConfigError `CONFIG_UNKNOWN_RULE`, `CONFIG_NO_RULES`; UsageError `USAGE_NO_SUCH_PATH`
 */
export async function ruleSet(options: Options, { config, root }: Settings): Promise<RuleSet> {
  const asked = options.get(RULES);
  const own = (config?.ruleFiles ?? []).map((file) => path.resolve(root, file));
  const parts = await Promise.all([
    ...(asked.length === 0 ? ['all'] : asked).map((name) => rulesOf(name, readNamed)),
    ...own.map((name) => rulesOf(name, readPlain)),
  ]);
  const all = parts.flat();
  checkDistinct(all);
  const configured = selected(all, config?.onlyRules ?? null, config?.disabledRules ?? [], config?.file ?? '');
  const only = options.get(ONLY);
  const rules = selected(configured, only.length === 0 ? null : only, [], '--only');
  return { rules, digest: rules === BUILTIN_RULES ? BUILTIN_DIGEST : digestOf(rules) };
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

async function rulesOf(name: string, read: typeof readNamed): Promise<readonly Rule[]> {
  if (name === 'all') return BUILTIN_RULES;
  if (name === 'messaging') return BUILTIN_RULES.filter(({ provider }) => MESSAGING_PROVIDERS.has(provider));
  const { compileRules } = await import('../../rules/compile.ts');
  const { loadRuleFile } = await import('../../rules/load.ts');
  const inside = filesOfFolder(name);
  const files = (inside ?? [name]).map((file) =>
    loadRuleFile(textOf((inside ? readPlain : read)(file, SETTINGS_MOST)), file),
  );
  if (files.length === 0) throw new UsageError('USAGE_NO_RULES', `${name} holds no rule file (*.yaml)`);
  // Patterns that nobody tested for runaway matching run in the linear-time engine.
  return compileRules(files, { untrusted: true });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** Rule files of a folder; null if it is none. */
function filesOfFolder(name: string): string[] | null {
  try {
    return readdirSync(name)
      .filter((entry) => /\.ya?ml$/.test(entry))
      .toSorted()
      .map((entry) => path.join(name, entry));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) {
      if (cause.code === 'ENOTDIR') return null;
      if (cause.code === 'ENOENT')
        throw new UsageError(
          'USAGE_NO_SUCH_PATH',
          `there is no rule set ${JSON.stringify(name)}, and no such file or folder`,
        );
    }
    throw new UsageError('USAGE_NO_SUCH_PATH', `${name} cannot be read`, { cause });
  }
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
