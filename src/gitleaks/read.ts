import { TomlError, parse } from 'smol-toml';

import { GitleaksError } from '../errors/gitleaks.ts';
import {
  type AllowlistSource,
  GITLEAKS_FILE,
  type GitleaksRuleSource,
  type GitleaksSource,
  KNOWN_KEYS,
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
  return { name, content: result.data, remarks: remarksOn(result.data, name) };
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
    Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inLowerCase(inner, depth + 1)]),
  );
}

function remarksOn(source: GitleaksSource, name: string): string[] {
  const rules = source.rules ?? [];
  return [
    ...strays(source, 'file', name),
    ...strays(source.extend ?? {}, 'extend', `${name}, [extend]`),
    ...listsOf(source).flatMap((list) => strays(list, 'allowlist', `${name}, an allow-list`)),
    ...rules.flatMap((rule) => ruleRemarks(rule, `${name}, rule ${JSON.stringify(rule.id)}`)),
  ];
}

function ruleRemarks(rule: GitleaksRuleSource, where: string): string[] {
  return [
    ...strays(rule, 'rule', where),
    ...listsOf(rule).flatMap((list) => strays(list, 'allowlist', `${where}, its allow-list`)),
    ...(rule.required ?? []).flatMap((one) => strays(one, 'required', where)),
  ];
}

/** Both spellings of allow-lists. */
export function listsOf(holder: Pick<GitleaksSource, 'allowlist' | 'allowlists'>): readonly AllowlistSource[] {
  return [...(holder.allowlist === undefined ? [] : [holder.allowlist]), ...(holder.allowlists ?? [])];
}

function strays(table: object, kind: keyof typeof KNOWN_KEYS, where: string): string[] {
  return Object.keys(table)
    .filter((key) => !KNOWN_KEYS[kind].includes(key))
    .map((key) => `${where}: ${JSON.stringify(key)} has no effect here`);
}
