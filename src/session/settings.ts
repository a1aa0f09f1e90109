import { CONFIG_FILE } from '../config/names.ts';
import type { Config } from '../config/load.ts';
import type { Suppressions } from '../triage/apply.ts';
import type { TriageEntry } from '../triage/entry.ts';
import { type PlaceEntry, parseGitleaksIgnore } from '../triage/gitleaks.ts';
import {
  ALLOW_FILE,
  BASELINE_FILE,
  GITLEAKS_IGNORE_FILE,
  parseBaseline,
  parseTriageFile,
} from '../triage/triage-file.ts';
import { type ProjectFiles, readAsked } from './project-files.ts';
import { SETTINGS_MOST, TRIAGE_MOST } from './read-given.ts';
import type { Wishes } from './wishes.ts';

/** What a person wrote down about a project: its configuration and what it lets pass. */
export interface Settings {
  readonly config: Config | null;
  readonly suppressions: Suppressions;
  /** False for a stranger's repository: inline comments are not believed either. */
  readonly trusted: boolean;
  /** Where it was read from, and where rule files that it names are. */
  readonly files: ProjectFiles;
}

/**
 * Reads configuration, `.unleak-allow` and baseline of a project. Files named
 * on the command line must be there; the project's own may be absent.
 *
 * @throws ConfigError, TriageError for what cannot be understood; UsageError `USAGE_NO_SUCH_PATH`
 */
export async function readSettings(
  files: ProjectFiles,
  wishes: Pick<Wishes, 'config' | 'baseline' | 'ignoreRepoConfig'>,
): Promise<Settings> {
  const trusted = !wishes.ignoreRepoConfig;
  const own = async (name: string, most = TRIAGE_MOST): Promise<Given | null> =>
    trusted ? unnamed(name, await files.read(name, most)) : null;
  const config = (await named(wishes.config, files, SETTINGS_MOST)) ?? (await own(CONFIG_FILE, SETTINGS_MOST));
  const known = (await named(wishes.baseline, files, TRIAGE_MOST)) ?? (await own(BASELINE_FILE));
  const baseline = known === null ? null : parseBaseline(textOf(known), known.name);
  const loaded = config === null ? null : await load(config);
  return {
    config: loaded,
    suppressions: {
      entries: entriesOf(await own(ALLOW_FILE)),
      baseline: baseline?.entries ?? [],
      places: [...placesOf(await own(GITLEAKS_IGNORE_FILE)), ...(baseline?.places ?? [])],
      rules: loaded?.allow ?? [],
    },
    trusted,
    files,
  };
}

/** What is in force where nothing is written down, or nothing of it is to count. */
export function noSettings(files: ProjectFiles): Settings {
  return { config: null, suppressions: { entries: [], baseline: [], places: [], rules: [] }, trusted: false, files };
}

interface Given {
  readonly name: string;
  readonly bytes: Uint8Array;
}

async function named(file: string | undefined, files: ProjectFiles, most: number): Promise<Given | null> {
  return file === undefined ? null : { name: file, bytes: await readAsked(file, files, most) };
}

/** What reads configurations is loaded where there is one. */
async function load({ bytes, name }: Given): Promise<Config> {
  const { loadConfig } = await import('../config/load.ts');
  return loadConfig(bytes, name);
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
