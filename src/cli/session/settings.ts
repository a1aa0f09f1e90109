import { readFileSync } from 'node:fs';
import path from 'node:path';

import { CONFIG_FILE } from '../../config/names.ts';
import { type Config, loadConfig } from '../../config/load.ts';
import { UsageError } from '../../errors/usage.ts';
import type { Suppressions } from '../../triage/apply.ts';
import type { TriageEntry } from '../../triage/entry.ts';
import { type PlaceEntry, parseGitleaksIgnore } from '../../triage/gitleaks.ts';
import {
  ALLOW_FILE,
  BASELINE_FILE,
  GITLEAKS_IGNORE_FILE,
  parseBaseline,
  parseTriageFile,
} from '../../triage/triage-file.ts';
import { BASELINE, CONFIG, IGNORE_REPO_CONFIG } from '../flags/rules.ts';
import type { Options } from '../options.ts';

/** What a person wrote down about a project: its configuration and what it lets pass. */
export interface Settings {
  readonly config: Config | null;
  readonly suppressions: Suppressions;
  /** False for a stranger's repository: inline comments are not believed either. */
  readonly trusted: boolean;
  /** Folder that the configuration's paths are relative to. */
  readonly root: string;
}

/**
 * Reads configuration, `.unleak-allow` and baseline of a project. Files named
 * on the command line must be there; the project's own may be absent.
 *
 * @param root - top of the work tree, or the current folder
 * @throws ConfigError, TriageError for what cannot be understood; UsageError `USAGE_NO_SUCH_PATH`
 */
export function readSettings(root: string, options: Options): Settings {
  const trusted = !options.get(IGNORE_REPO_CONFIG);
  const own = (name: string): Uint8Array | null => (trusted ? readIfThere(path.join(root, name)) : null);
  const config = named(options.get(CONFIG)) ?? unnamed(CONFIG_FILE, own(CONFIG_FILE));
  const known = named(options.get(BASELINE)) ?? unnamed(BASELINE_FILE, own(BASELINE_FILE));
  const baseline = known === null ? null : parseBaseline(textOf(known), known.name);
  const loaded = config === null ? null : loadConfig(config.bytes, config.name);
  return {
    config: loaded,
    suppressions: {
      entries: entriesOf(unnamed(ALLOW_FILE, own(ALLOW_FILE))),
      baseline: baseline?.entries ?? [],
      places: [...placesOf(unnamed(GITLEAKS_IGNORE_FILE, own(GITLEAKS_IGNORE_FILE))), ...(baseline?.places ?? [])],
      rules: loaded?.allow ?? [],
    },
    trusted,
    root,
  };
}

interface Given {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function named(file: string | undefined): Given | null {
  if (file === undefined) return null;
  const bytes = readIfThere(file);
  if (bytes === null) throw new UsageError('USAGE_NO_SUCH_PATH', `there is no ${file}`);
  return { name: file, bytes };
}

function unnamed(name: string, bytes: Uint8Array | null): Given | null {
  return bytes === null ? null : { name, bytes };
}

function entriesOf(given: Given | null): readonly TriageEntry[] {
  return given === null ? [] : parseTriageFile(textOf(given), given.name).entries;
}

function placesOf(given: Given | null): readonly PlaceEntry[] {
  return given === null ? [] : parseGitleaksIgnore(textOf(given), given.name);
}

function textOf({ bytes }: Given): string {
  return Buffer.from(bytes).toString('utf8');
}

/** Null only if there is nothing: a file that cannot be read must not count as an empty one. */
export function readIfThere(file: string): Uint8Array | null {
  try {
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return null;
    throw new UsageError('USAGE_NO_SUCH_PATH', `${file} cannot be read`, { cause });
  }
}
