import type { Rule } from '../../core/rule.ts';
import { RuleError } from '../../errors/rule.ts';
import { UsageError } from '../../errors/usage.ts';
import { terminalText } from '../../report/escape/terminal.ts';
import { listed } from '../../report/words.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { projectRoot } from '../../session/project.ts';
import { diskFiles } from '../../session/project-files.ts';
import { SETTINGS_MOST, readNamed } from '../../session/read-given.ts';
import { ruleSet } from '../../session/rule-set.ts';
import { readSettings } from '../../session/settings.ts';
import { EXPLAIN, ONLY } from '../flags/rules.ts';
import { wishesOf } from '../session/wishes.ts';
import { closest } from '../suggest.ts';
import type { Invocation } from './command.ts';

/** `unleak rules list` */
export async function list(invocation: Invocation): Promise<ExitCode> {
  const rules = await rulesInForce(invocation);
  const width = Math.max(...rules.map(({ id }) => id.length));
  for (const { id, severity, title } of rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    invocation.streams.out.write(`${id.padEnd(width)}  ${severity.padEnd(8)}  ${terminalText(title)}\n`);
  return EXIT.clean;
}

/** `unleak rules show <id>` */
export async function show(invocation: Invocation): Promise<ExitCode> {
  const id = invocation.positionals[0] ?? '';
  const rules = await rulesInForce(invocation);
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) {
    throw new UsageError('USAGE_ARGUMENTS', `there is no rule ${JSON.stringify(id)}`, { mend: meant(id, rules) });
  }
  for (const [label, text] of facts(rule)) {
    if (text !== '') invocation.streams.out.write(`${label.padEnd(12)}${terminalText(text)}\n`);
  }
  return EXIT.clean;
}

/** What to try in place of an id that no rule has: the rules of the provider of that name, or what is spelt much like it. */
function meant(id: string, rules: readonly Rule[]): string {
  const ofProvider = rules.filter(({ provider }) => provider === id).map((one) => one.id);
  if (ofProvider.length > 0) return `That is a provider; its rules are ${listed(ofProvider)}.`;
  const near = closest(
    id,
    rules.map((one) => one.id),
  );
  return near === undefined ? 'unleak rules list prints them all.' : `Did you mean ${near}?`;
}

function facts(rule: Rule): (readonly [label: string, text: string])[] {
  return [
    ['id', rule.id],
    ['title', rule.title],
    ['provider', rule.provider],
    ['severity', rule.severity],
    ['role', rule.role],
    ['means', rule.impact],
    ['do', rule.remediation],
    ['dashboard', rule.dashboard ?? ''],
    ['together', rule.parts.map((part) => part.rule).join(', ')],
    ['looks for', [...new Set(rule.matchers.flatMap(({ literals }) => literals))].join(', ')],
    ...rule.references.map(({ sure, source }) => [sure, source] as const),
  ];
}

/** `unleak rules test <file>`: 0 if the file is right and its rules hold, else 1; 2 if it cannot be compiled. */
export async function test(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, streams } = invocation;
  const file = positionals[0] ?? '';
  if (options.get(EXPLAIN)) {
    const { explain } = await import('./rules-explain.ts');
    await explain(file, await rulesInForce(invocation), options.get(ONLY).length > 0, streams);
    return EXIT.clean;
  }
  const { testRules } = await import('./rules-test.ts');
  return testRules(file, readRuleFile(file), options.get(ONLY), streams);
}

/** Most bytes of sample keys that are read. */
const SAMPLES_MAX = 64 * 1024;

/** `unleak rules learn <provider>`: sample keys on standard input, a rule that knows their form on standard output. */
export async function learn({ positionals, streams }: Invocation): Promise<ExitCode> {
  const provider = positionals[0] ?? '';
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(provider))
    throw new UsageError('USAGE_ARGUMENTS', 'a provider is named in lower-case words joined by hyphens');
  const { BUILTIN_RULES } = await import('../../rules/builtin.generated.ts');
  const { learnShape, learnedRuleFile } = await import('../../rules/learn.ts');
  if ('isTTY' in streams.stdin && streams.stdin.isTTY === true)
    streams.err.write('unleak: type or paste keys, one a line, then an end of input (Ctrl-D)\n');
  let text = '';
  for await (const chunk of streams.stdin) {
    text += String(chunk);
    if (text.length > SAMPLES_MAX) throw new RuleError('RULE_SAMPLES', 'more than 64 KiB of sample keys');
  }
  const samples = text.split(/\s+/).filter((line) => line !== '');
  // The key that the liveness question of a provider is about is the one people have samples of.
  const secrets = BUILTIN_RULES.filter((rule) => rule.provider === provider && rule.role === 'secret');
  const builtin = secrets.find(({ verify }) => verify !== undefined) ?? secrets[0] ?? null;
  streams.out.write(learnedRuleFile(provider, learnShape(samples), builtin));
  streams.err.write(
    `unleak: learned from ${samples.length} keys; only their form is written, and a prefix they share\n`,
  );
  if (builtin === null) {
    const known = new Set(BUILTIN_RULES.map((rule) => rule.provider));
    const near = closest(provider, [...known]);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    streams.err.write(`unleak: ${provider} is a provider of your own, with no built-in rule${hint}\n`);
  }
  return EXIT.clean;
}

function readRuleFile(file: string): string {
  return Buffer.from(readNamed(file, SETTINGS_MOST)).toString('utf8');
}

async function rulesInForce({ options }: Invocation): Promise<readonly Rule[]> {
  const wishes = wishesOf(options);
  const { rules } = await ruleSet(wishes, await readSettings(diskFiles(projectRoot(process.cwd())), wishes));
  if (rules.length === 0) throw new RuleError('RULE_NONE', 'there is no rule');
  return rules;
}
