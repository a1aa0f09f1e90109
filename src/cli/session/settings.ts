import path from 'node:path';

import { CONFIG_FILE } from '../../config/names.ts';
import { type Config, loadConfig } from '../../config/load.ts';
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
import { SETTINGS_MOST, TRIAGE_MOST, readIfThere, readNamed } from './read-given.ts';

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
  const own = (name: string, most = TRIAGE_MOST): Given | null =>
    trusted ? unnamed(name, readIfThere(path.join(root, name), { most })) : null;
  const config = named(options.get(CONFIG), SETTINGS_MOST) ?? own(CONFIG_FILE, SETTINGS_MOST);
  const known = named(options.get(BASELINE), TRIAGE_MOST) ?? own(BASELINE_FILE);
  const baseline = known === null ? null : parseBaseline(textOf(known), known.name);
  const loaded = config === null ? null : loadConfig(config.bytes, config.name);
  return {
    config: loaded,
    suppressions: {
      entries: entriesOf(own(ALLOW_FILE)),
      baseline: baseline?.entries ?? [],
      places: [...placesOf(own(GITLEAKS_IGNORE_FILE)), ...(baseline?.places ?? [])],
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

function named(file: string | undefined, most: number): Given | null {
  return file === undefined ? null : { name: file, bytes: readNamed(file, most) };
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
