import { createHash } from 'node:crypto';

import { parse } from 'smol-toml';

import type { ConfigurationUse } from '../core/coverage.ts';
import type { RegexFactory } from '../detect/regex.ts';
import { type ReadFile, joinConfig } from './extend.ts';
import { readGitleaks } from './read.ts';
import { type GitleaksRules, translate } from './translate.ts';

/** A configuration of gitleaks that is in force. */
export interface LoadedGitleaks extends GitleaksRules {
  /** For the coverage. */
  readonly use: ConfigurationUse;
}

/** A file as it was read, wherever from. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * @param readFile - gives what `[extend] path` names
 * @throws GitleaksError
 */
export async function loadGitleaks(
  file: GivenFile,
  readFile: ReadFile,
  factory: RegexFactory,
): Promise<LoadedGitleaks> {
  const rules = translate(await joinConfig(readGitleaks(file.bytes, file.name), readFile), factory);
  const digest = createHash('sha256').update(file.bytes).digest('hex');
  return { ...rules, use: { file: file.name, digest, disables: rules.disables } };
}

/** Keys that stand at the top of theirs alone. */
const THEIRS = ['extend', 'allowlist', 'allowlists', 'title', 'description', 'minversion', 'betterleaksminversion'];

/** Whether a TOML text is a configuration of gitleaks rather than ours: theirs has a list of rules, ours a table. */
export function isGitleaks(bytes: Uint8Array): boolean {
  let value: unknown;
  try {
    value = parse(new TextDecoder().decode(bytes));
  } catch {
    return false;
  }
  if (typeof value !== 'object' || value === null) return false;
  const keys = new Map(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]));
  return Array.isArray(keys.get('rules')) || THEIRS.some((key) => keys.has(key));
}
