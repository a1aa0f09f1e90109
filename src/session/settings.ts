import { CONFIG_FILE, GITLEAKS_CONFIG_FILES } from '../config/names.ts';
import type { Config } from '../config/load.ts';
import { ConfigError } from '../errors/config.ts';
import { UsageError } from '../errors/usage.ts';
import type { LoadedGitleaks } from '../gitleaks/load.ts';
import type { Suppressions } from '../triage/apply.ts';
import type { TriageEntry } from '../triage/entry.ts';
import { type OldEntries, parseBetterleaksIgnore, parseSecretsBaseline } from '../triage/hashed.ts';
import {
  ALLOW_FILE,
  BASELINE_FILE,
  OLD_FILES,
  SECRETS_BASELINE_FILE,
  parseBaseline,
  parseTriageFile,
} from '../triage/triage-file.ts';
import { type ProjectFiles, readAsked } from './project-files.ts';
import { SETTINGS_MOST, TRIAGE_MOST } from './read-given.ts';
import type { Wishes } from './wishes.ts';

/** What a person wrote down about a project: its configuration and what it lets pass. */
export interface Settings {
  readonly config: Config | null;
  /** In the format of gitleaks; `config` then says what of it is about paths. */
  readonly gitleaks: GitleaksInForce | null;
  readonly suppressions: Suppressions;
  /** False for a stranger's repository: inline comments are not believed either. */
  readonly trusted: boolean;
  /** Where it was read from, and where rule files that it names are. */
  readonly files: ProjectFiles;
}

/** A configuration of gitleaks, and how far it goes. */
export interface GitleaksInForce extends LoadedGitleaks {
  /** Named on the command line: then it alone says which rules there are, as with gitleaks. Else its rules are added to ours. */
  readonly alone: boolean;
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
  const asked = await named(wishes.config, files, SETTINGS_MOST);
  const theirs = asked !== null && (await isGitleaks(asked)) ? asked : null;
  const config = theirs === null ? (asked ?? (await own(CONFIG_FILE, SETTINGS_MOST))) : null;
  const ours = config === null ? null : await load(config);
  const gitleaks = ours === null ? await readGitleaks(theirs, own, files) : await importedGitleaks(ours, files);
  const known = (await named(wishes.baseline, files, TRIAGE_MOST)) ?? (await own(BASELINE_FILE));
  const baseline = known === null ? null : parseBaseline(textOf(known), known.name);
  const old = await Promise.all(OLD_FILES.map(async (name) => oldEntriesOf(await own(name))));
  const all = [...old, ...(baseline === null ? [] : [baseline])];
  const loaded = ours === null ? configOf(gitleaks) : joined(ours, gitleaks);
  return {
    config: loaded,
    gitleaks,
    suppressions: {
      entries: entriesOf(await own(ALLOW_FILE)),
      baseline: baseline?.entries ?? [],
      places: all.flatMap(({ places }) => places),
      hashes: all.flatMap(({ hashes }) => hashes),
      remarks: all.flatMap(({ remarks }) => remarks),
      rules: loaded?.allow ?? [],
    },
    trusted,
    files,
  };
}

/** What is in force where nothing is written down, or nothing of it is to count. */
export function noSettings(files: ProjectFiles): Settings {
  return {
    config: null,
    gitleaks: null,
    suppressions: { entries: [], baseline: [], places: [], rules: [] },
    trusted: false,
    files,
  };
}

/** What is written down in files of other tools and has no effect, or another one; a sentence each. */
export function remarksOn({ gitleaks, suppressions }: Pick<Settings, 'gitleaks' | 'suppressions'>): readonly string[] {
  return [...(gitleaks?.remarks ?? []), ...(suppressions.remarks ?? [])];
}

async function readGitleaks(
  asked: Given | null,
  own: (name: string, most: number) => Promise<Given | null>,
  files: ProjectFiles,
): Promise<GitleaksInForce | null> {
  let found = asked;
  for (const name of GITLEAKS_CONFIG_FILES) found ??= await own(name, SETTINGS_MOST);
  return found === null ? null : inForce(found, asked !== null, files);
}

/** What `[rules] files` names in the format of gitleaks. @throws UsageError `USAGE_NO_SUCH_PATH`; ConfigError `CONFIG_VALUE` */
async function importedGitleaks(config: Config, files: ProjectFiles): Promise<GitleaksInForce | null> {
  const [name, ...others] = config.ruleFiles.filter(isToml);
  if (name === undefined) return null;
  if (others.length > 0)
    throw new ConfigError('CONFIG_VALUE', `${config.file}: rules.files can name one configuration of gitleaks`);
  const bytes = await files.read(name, SETTINGS_MOST);
  if (bytes === null) throw new UsageError('USAGE_NO_SUCH_PATH', `${config.file}: there is no ${name}`);
  return inForce({ name, bytes }, false, files);
}

function isToml(name: string): boolean {
  return name.toLowerCase().endsWith('.toml');
}

/** Our own configuration, with what it takes from another. */
function joined(config: Config, gitleaks: LoadedGitleaks | null): Config {
  if (gitleaks === null) return config;
  return {
    ...config,
    ruleFiles: config.ruleFiles.filter((name) => !isToml(name)),
    ignoresPath: (path) => config.ignoresPath(path) || gitleaks.ignoresPath(path),
  };
}

async function inForce(found: Given, alone: boolean, files: ProjectFiles): Promise<GitleaksInForce> {
  const [{ linearRegex }, { loadGitleaks }] = await Promise.all([
    import('../detect/linear-regex.ts'),
    import('../gitleaks/load.ts'),
  ]);
  const loaded = await loadGitleaks(found, (name) => files.read(name, SETTINGS_MOST), linearRegex);
  return { ...loaded, alone };
}

/** What our own configuration would say of paths. */
function configOf(gitleaks: LoadedGitleaks | null): Config | null {
  if (gitleaks === null) return null;
  return {
    file: gitleaks.name,
    fingerprintKey: undefined,
    ignoresPath: gitleaks.ignoresPath,
    disabledRules: [],
    onlyRules: null,
    rulesPlace: gitleaks.name,
    ruleFiles: [],
    maxFileSize: null,
    allow: [],
    use: gitleaks.use,
  };
}

interface Given {
  readonly name: string;
  readonly bytes: Uint8Array;
}

async function named(file: string | undefined, files: ProjectFiles, most: number): Promise<Given | null> {
  return file === undefined ? null : { name: file, bytes: await readAsked(file, files, most) };
}

/** What reads configurations is loaded where there is one. */
async function isGitleaks({ bytes }: Given): Promise<boolean> {
  const format = await import('../gitleaks/load.ts');
  return format.isGitleaks(bytes);
}

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

function oldEntriesOf(given: Given | null): OldEntries {
  if (given === null) return { places: [], hashes: [], remarks: [] };
  const parse = given.name === SECRETS_BASELINE_FILE ? parseSecretsBaseline : parseBetterleaksIgnore;
  return parse(textOf(given), given.name);
}

function textOf({ bytes }: Given): string {
  return Buffer.from(bytes).toString('utf8');
}
