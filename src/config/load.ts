import { createHash } from 'node:crypto';

import { type TomlDate, TomlError, parse } from 'smol-toml';
import type * as z from 'zod/mini';

import type { AllowRule } from '../core/allow.ts';
import type { ConfigurationUse } from '../core/coverage.ts';
import { nearest } from '../core/nearest.ts';
import { ConfigError } from '../errors/config.ts';
import { globFault, pathMatcher } from './path-match.ts';
import { placeOfKey } from './place.ts';
import { type AllowSource, ConfigSchema, type ConfigSource } from './schema.ts';
import { byteCount } from './size.ts';

const LARGEST = 1024 * 1024;

/** Far more tables in tables than the schema has. */
const DEEPEST = 32;

/** A configuration that was read and understood. */
export interface Config {
  /** As named by whoever asked for it. */
  readonly file: string;
  readonly fingerprintKey: string | undefined;
  /** True for paths that the person excluded. Relative to the configuration's folder, with `/`. */
  readonly ignoresPath: (path: string) => boolean;
  /** Rule ids or providers. */
  readonly disabledRules: readonly string[];
  /** Rule ids or providers; null for no restriction. */
  readonly onlyRules: readonly string[] | null;
  /** File, line and column of `[rules]`, for messages. */
  readonly rulesPlace: string;
  /** Rule files or folders, relative to the configuration's folder. */
  readonly ruleFiles: readonly string[];
  /** Bytes; null for no limit. */
  readonly maxFileSize: number | null;
  readonly allow: readonly AllowRule[];
  /** For coverage: what it turns off. */
  readonly use: ConfigurationUse;
}

/**
 * Reads `.unleak.toml`. Whether its owner is to be trusted is for the caller to
 * decide, who gives bytes: from the work tree of one's own repository, from the
 * base commit of a pull request, never from its head.
 *
 * @param bytes - the file, at most 1 MiB
 * @param file - its name, for messages and coverage
 * @throws ConfigError `CONFIG_TOO_LARGE`, `CONFIG_SYNTAX`, `CONFIG_UNKNOWN_KEY`, `CONFIG_VALUE`,
 *   all with file, line and column
 */
export function loadConfig(bytes: Uint8Array, file: string): Config {
  if (bytes.length > LARGEST) throw new ConfigError('CONFIG_TOO_LARGE', `${file} is larger than 1 MiB`);
  const text = new TextDecoder().decode(bytes);
  const source = validated(parsed(text, file), text, file);
  const ignored = source.paths?.ignore ?? [];
  checkGlobs(['paths', 'ignore'], ignored, text, file);
  const [disabledRules, onlyRules] = [source.rules?.disable ?? [], source.rules?.only ?? null];
  const size = source.limits?.['max-file-size'];
  return {
    file,
    fingerprintKey: source['fingerprint-key'],
    ignoresPath: pathMatcher(ignored),
    disabledRules,
    onlyRules,
    rulesPlace: spot(['rules', disabledRules.length > 0 ? 'disable' : 'only'], text, file),
    ruleFiles: source.rules?.files ?? [],
    maxFileSize: size === undefined ? null : byteCount(size),
    allow: (source.allow ?? []).map((allow, index) => allowRule(allow, index, text, file)),
    use: { file, digest: createHash('sha256').update(bytes).digest('hex'), disables: disables(source) },
  };
}

function parsed(text: string, file: string): unknown {
  try {
    return datesAsText(parse(text), 0, file);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // The parser's message goes on with an excerpt; its first line says what is wrong.
    const [what = ''] = cause.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new ConfigError('CONFIG_SYNTAX', `${file}:${cause.line}:${cause.column}: ${what}`, {
      facts: { file, line: cause.line, column: cause.column },
    });
  }
}

/** TOML has dates of its own; people write them with and without quotes. */
function datesAsText(value: unknown, depth: number, file: string): unknown {
  if (value instanceof Date) return dayText(value);
  if (typeof value !== 'object' || value === null) return value;
  // The parser counts brackets, and not the dots of a key.
  if (depth >= DEEPEST) throw new ConfigError('CONFIG_SYNTAX', `${file}: tables are nested more than ${DEEPEST} deep`);
  if (Array.isArray(value)) return value.map((inner) => datesAsText(inner, depth + 1, file));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, datesAsText(inner, depth + 1, file)] as const),
  );
}

function dayText(date: Date | TomlDate): string {
  return date.toISOString().replace(/T00:00:00\.000Z$/, '');
}

function validated(value: unknown, text: string, file: string): ConfigSource {
  const result = ConfigSchema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A mistyped key is also a missing one; the mistake is what helps.
  for (const issue of issues) if (issue.code === 'unrecognized_keys') throw unknownKey(issue, text, file);
  const path = issues[0]?.path ?? [];
  throw failure(
    'CONFIG_VALUE',
    path,
    text,
    file,
    `${spelled(path)} ${issues[0] === undefined ? 'is wrong' : fault(issues[0], value)}`,
  );
}

function unknownKey({ path, keys }: z.core.$ZodIssueUnrecognizedKeys, text: string, file: string): ConfigError {
  const key = keys[0] ?? '';
  const meant = nearest(key, KEYS[path.filter((part) => typeof part === 'string').join('.')] ?? []);
  const hint = meant === null ? '' : `; did you mean "${meant}"?`;
  return failure(
    'CONFIG_UNKNOWN_KEY',
    [...path, key],
    text,
    file,
    `unknown key ${JSON.stringify(key.slice(0, 64))}${hint}`,
  );
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': ['fingerprint-key', 'paths', 'rules', 'limits', 'allow'],
  paths: ['ignore'],
  rules: ['disable', 'only', 'files'],
  limits: ['max-file-size'],
  allow: ['reason', 'rules', 'paths', 'owner', 'expires'],
};

function spelled(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part + 1}]` : String(part)))
    .join('.')
    .replaceAll('.[', ' [');
}

/** zod/mini carries no sentences of its own. */
function fault(issue: z.core.$ZodIssue, value: unknown): string {
  if (!isPresent(value, issue.path)) return 'is missing';
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  if (issue.code === 'too_small') return `is too small or too short; the least is ${issue.minimum}`;
  if (issue.code === 'too_big') return `is too large or too long; the most is ${issue.maximum}`;
  return issue.code === 'invalid_format' ? 'is not of the form asked for' : 'is not a value it can have';
}

function isPresent(value: unknown, path: readonly PropertyKey[]): boolean {
  let inner: unknown = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return false;
    inner = Object.entries(inner).find(([name]) => name === String(key))?.[1];
  }
  return true;
}

function failure(
  code: 'CONFIG_UNKNOWN_KEY' | 'CONFIG_VALUE',
  path: readonly PropertyKey[],
  text: string,
  file: string,
  what: string,
): ConfigError {
  const { line, column } = placeOfKey(text, path);
  return new ConfigError(code, `${file}:${line}:${column}: ${what}`, { facts: { file, line, column } });
}

function spot(path: readonly PropertyKey[], text: string, file: string): string {
  const { line, column } = placeOfKey(text, path);
  return `${file}:${line}:${column}`;
}

function allowRule(
  { reason, rules, paths, expires }: AllowSource,
  index: number,
  text: string,
  file: string,
): AllowRule {
  if (rules === undefined && paths === undefined) {
    throw failure(
      'CONFIG_VALUE',
      ['allow', index],
      text,
      file,
      'an allow entry needs rules or paths: it would allow everything',
    );
  }
  checkGlobs(['allow', index, 'paths'], paths ?? [], text, file);
  return {
    label: `allow ${index + 1}`,
    ...(rules !== undefined && { place: spot(['allow', index, 'rules'], text, file) }),
    reason,
    rules: rules ?? null,
    matchesPath: paths === undefined ? null : pathMatcher(paths),
    ...(expires !== undefined && { expires }),
  };
}

function checkGlobs(path: readonly PropertyKey[], globs: readonly string[], text: string, file: string): void {
  for (const glob of globs) {
    const wrong = globFault(glob);
    if (wrong !== null) throw failure('CONFIG_VALUE', path, text, file, `${JSON.stringify(glob)} ${wrong}`);
  }
}

function disables({ paths, rules, limits, allow }: ConfigSource): string[] {
  const size = limits?.['max-file-size'];
  return [
    ...(paths?.ignore ?? []).map((glob) => `path:${glob}`),
    ...(rules?.disable ?? []).map((id) => `rule:${id}`),
    ...(rules?.only === undefined ? [] : [`rules but:${rules.only.join(',')}`]),
    ...(size === undefined ? [] : [`files over:${size}`]),
    ...(allow ?? []).map((one) => `allow:${[...(one.rules ?? []), ...(one.paths ?? [])].join(',')}`),
  ];
}
