import { TomlError, parse } from 'smol-toml';

import { GitleaksError } from '../errors/gitleaks.ts';
import { type Expression, readExpression } from './expression.ts';
import {
  type AllowlistSource,
  GITLEAKS_FILE,
  type GitleaksRuleSource,
  type GitleaksSource,
  KNOWN_KEYS,
  type ListsSource,
  type RequiredSource,
} from './schema.ts';

const LARGEST = 4 * 1024 * 1024;

/** One file, not yet joined with what it extends. */
export interface GitleaksFile {
  readonly name: string;
  readonly content: GitleaksSource;
  /** What is in the file and has no effect here, a sentence each. */
  readonly remarks: readonly string[];
}

/**
 * @param bytes - the file, at most 4 MiB
 * @param name - for messages
 * @throws GitleaksError `GITLEAKS_TOO_LARGE`, `GITLEAKS_SYNTAX`, `GITLEAKS_VALUE`
 */
export function readGitleaks(bytes: Uint8Array, name: string): GitleaksFile {
  if (bytes.length > LARGEST) throw new GitleaksError('GITLEAKS_TOO_LARGE', `${name} is larger than 4 MiB`);
  const value = inLowerCase(parsed(new TextDecoder().decode(bytes), name), 0);
  const result = GITLEAKS_FILE.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = (issue?.path ?? []).map((step) => (typeof step === 'number' ? `[${step + 1}]` : String(step)));
    throw new GitleaksError(
      'GITLEAKS_VALUE',
      `${name}: ${where.join('.') || 'the file'} has a value of the wrong kind`,
    );
  }
  const { content, remarks } = withExpressions(result.data, name);
  return { name, content, remarks: [...remarksOn(result.data, name), ...remarks] };
}

function parsed(text: string, name: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [what = ''] = cause.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new GitleaksError('GITLEAKS_SYNTAX', `${name}:${cause.line}:${cause.column}: ${what}`);
  }
}

const DEEPEST = 32;

function inLowerCase(value: unknown, depth: number): unknown {
  if (depth > DEEPEST) return null;
  if (Array.isArray(value)) return value.map((one) => inLowerCase(one, depth + 1));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [ordinary(key.toLowerCase()), inLowerCase(inner, depth + 1)]),
  );
}

/** A key that objects keep to themselves would be lost instead of named. */
function ordinary(key: string): string {
  return key === '__proto__' ? `${key}?` : key;
}

function remarksOn(source: GitleaksSource, name: string): string[] {
  const rules = source.rules ?? [];
  return [
    ...strays(source, 'file', name),
    ...strays(source.extend ?? {}, 'extend', `${name}, [extend]`),
    ...listsOf(source).flatMap((list) => strays(list, 'allowlist', `${name}, an allow-list`)),
    ...perRule(rules, (rule) => ruleRemarks(rule), name),
  ];
}

function ruleRemarks(rule: GitleaksRuleSource): string[] {
  return [
    ...strays(rule, 'rule', ''),
    ...listsOf(rule).flatMap((list) => strays(list, 'allowlist', 'its allow-list')),
    ...(rule.required ?? []).flatMap((one) => strays(one, 'required', 'what it requires')),
  ];
}

/** One sentence for all rules that it is true of. */
function perRule<T extends { readonly id: string }>(
  rules: readonly T[],
  remarks: (rule: T) => readonly string[],
  name: string,
): string[] {
  const rulesOf = new Map<string, string[]>();
  for (const rule of rules)
    for (const remark of remarks(rule)) rulesOf.set(remark, [...(rulesOf.get(remark) ?? []), rule.id]);
  return [...rulesOf].map(([remark, ids]) => {
    const [first = ''] = ids;
    const which = ids.length === 1 ? `rule ${JSON.stringify(first)}` : `${ids.length} rules`;
    return `${name}, ${which}: ${remark}`;
  });
}

interface Followed {
  readonly content: GitleaksSource;
  readonly remarks: readonly string[];
}

/** Expressions as allow-lists and entropy, components as what is required, where they can be. */
function withExpressions(source: GitleaksSource, name: string): Followed {
  const top = expressionsOf(source);
  const rules = (source.rules ?? []).map((rule) => ({ rule, read: expressionsOf(rule), parts: componentsOf(rule) }));
  const unfollowed = rules.map(({ rule, read, parts }) => ({ id: rule.id, said: [...notes(read), ...parts.remarks] }));
  return {
    content: {
      ...source,
      expressionlists: top.allowlists,
      rules: rules.map(({ rule, read, parts }) => ({
        ...rule,
        expressionlists: read.allowlists,
        required: [...(rule.required ?? []), ...parts.required],
        // The top's holds for every rule.
        entropy: Math.max(rule.entropy ?? 0, read.entropy, top.entropy),
      })),
    },
    remarks: [...notes(top).map((note) => `${name}: ${note}`), ...perRule(unfollowed, ({ said }) => said, name)],
  };
}

function expressionsOf({ filter, prefilter }: ListsSource): Expression {
  const read = [filter, prefilter].map((text) => readExpression(text ?? 'false'));
  return {
    allowlists: read.flatMap(({ allowlists }) => allowlists),
    entropy: Math.max(...read.map(({ entropy }) => entropy)),
    unfollowed: read.flatMap(({ unfollowed }) => unfollowed),
  };
}

function notes({ unfollowed }: Expression): string[] {
  return unfollowed.map((term) => `the filter ${term} is not followed, so more may be found`);
}

const WITHIN = /^\s*(?:(\d{1,6})L)?\s*,?\s*(?:(\d{1,6})C)?\s*$/i;

function componentsOf({ components = [] }: GitleaksRuleSource): {
  readonly required: readonly RequiredSource[];
  readonly remarks: readonly string[];
} {
  const remarks: string[] = [];
  const required = components.map(({ id, within = '', optional }) => {
    const match = WITHIN.exec(within);
    if (match === null) remarks.push(`the distance ${JSON.stringify(within)} is not followed, so more may be found`);
    const [, lines, columns] = match ?? [];
    return {
      id,
      ...(lines === undefined ? {} : { withinlines: Number(lines) }),
      ...(columns === undefined ? {} : { withincolumns: Number(columns) }),
      ...(optional === undefined ? {} : { optional }),
    };
  });
  return { required, remarks };
}

/** Both spellings of allow-lists, and what expressions say. */
export function listsOf({ allowlist, allowlists = [], expressionlists = [] }: ListsSource): readonly AllowlistSource[] {
  return [...(allowlist === undefined ? [] : [allowlist]), ...allowlists, ...expressionlists];
}

function strays(table: object, kind: keyof typeof KNOWN_KEYS, where: string): string[] {
  return Object.keys(table)
    .filter((key) => !KNOWN_KEYS[kind].includes(key))
    .map((key) => `${where === '' ? '' : `${where}: `}${JSON.stringify(key)} has no effect here`);
}
