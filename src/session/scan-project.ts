import type { ConfigurationUse, Coverage, Problem } from '../core/coverage.ts';
import type { BlobScan } from '../core/detector.ts';
import type { Finding, FindingsReport, Place } from '../core/finding.ts';
import type { Rule } from '../core/rule.ts';
import type { Source } from '../core/source.ts';
import { GITLEAKS_MENDS } from '../errors/gitleaks.ts';
import { maskLine } from '../report/snippet.ts';
import { type ScanOptions, type Unnamed, scan } from '../scan.ts';
import type { OnProgress } from '../sources/progress.ts';
import { applySuppressions, type SuppressionOutcome } from '../triage/apply.ts';
import { type Fingerprinter, fingerprinter } from '../triage/fingerprint.ts';
import { hashing } from '../triage/hashed.ts';
import type { OldContext } from '../triage/old-entries.ts';
import { BUILTIN_RULES } from '../rules/builtin.generated.ts';
import { detectorFor } from './detector.ts';
import { unlessNothingCovered } from './nothing-covered.ts';
import { theirRules } from './old-context.ts';
import { markPending, readProposals } from './pending.ts';
import type { ProjectFiles } from './project-files.ts';
import { type RuleSet, ruleSet } from './rule-set.ts';
import { fileRulesOf } from './file-rules.ts';
import { noSettings, readSettings, type Settings } from './settings.ts';
import { VERSION } from './version.ts';
import type { Wishes } from './wishes.ts';
import { withoutExcluded } from './without-excluded.ts';

/** What a source may use. */
export interface SourceSettings {
  /** In force, for sources that scan by themselves. */
  readonly rules: readonly Rule[];
  /** Changes whenever a rule does. */
  readonly rulesDigest: string;
  readonly maxFileSize?: number;
  readonly excluded?: (path: string) => string | null;
  readonly onProgress: OnProgress;
  /** The source may believe what it checks meanwhile. If it was not sound (`Source.isSound`), it is asked for again, without this. */
  readonly isProvisional: boolean;
}

/** What is to be scanned, and by whose configuration. */
export interface ScanTask {
  /** Where configuration, ignore files, baseline and rule files are read from. */
  readonly files: ProjectFiles;
  /** Where a change proposes to have them from. What it would let pass is `pending`, and so are new inline comments. */
  readonly proposed?: readonly ProjectFiles[];
  /** A reported path as the configuration knows it. Default: the same. */
  readonly fromRoot?: (path: string) => string;
  /** Asked a second time where the first source was not sound. */
  source(settings: SourceSettings): Promise<Source> | Source;
  /** Makes the fingerprints in place of the configuration's key. */
  readonly fingerprinting?: () => Fingerprinter;
  /** Instead of those that the command line and the configuration ask for. */
  readonly rules?: RuleSet;
  /** Nothing that the project says of itself counts: no configuration, no suppression, no comment. */
  readonly unconfigured?: boolean;
  /** False for a place that is not asked about. */
  readonly admits?: (place: Place) => boolean;
  /** Who asked that a reported path be left out, besides the configuration; null: nobody. */
  readonly leavesOut?: (path: string) => string | null;
  /** The source does not leave out excluded paths; the findings there are dropped. */
  readonly excludesAfterwards?: boolean;
  /** Which findings may go without an id, if nothing that was written down is compared with it. Default: none. */
  readonly unnamed?: Unnamed | undefined;
  /** Nobody asks what is suppressed, so that nothing is compared. */
  readonly comparesNothing?: boolean;
}

export interface ScanListeners {
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Told how many possible secrets a blob held. */
  readonly onSuspects?: (count: number) => void;
  /** Told why nothing counts that was told until then: all is scanned anew. */
  readonly onAnew?: (why: string) => void;
  /** See `ScanOptions`. */
  readonly rescue?: (error: unknown) => Problem | null;
  /** Told of what every blob gave away, secrets included, before anything else is done with it. */
  readonly onFound?: (scan: BlobScan) => void;
}

/** A finished scan, with what people let pass marked. */
export interface Scanned extends SuppressionOutcome {
  readonly report: FindingsReport;
  readonly settings: Settings;
  readonly ruleOf: (id: string) => Rule | undefined;
}

/** Whether names are searched for all that we know, whatever else is asked for. */
function hasAllRules(rules: readonly Rule[]): boolean {
  const ids = new Set(rules.map(({ id }) => id));
  return BUILTIN_RULES.every(({ id }) => ids.has(id));
}

/**
 * One scan by a project's configuration, from reading that to a finished report.
 *
 * @throws ConfigError, TriageError, RuleError, UsageError for what cannot be understood; whatever the source throws
 */
export async function scanProject(task: ScanTask, wishes: Wishes, listeners: ScanListeners): Promise<Scanned> {
  const { signal, onProgress, onSuspects, onAnew, onFound, rescue } = listeners;
  const read =
    task.unconfigured === true
      ? noSettings(task.files)
      : seenFrom(await readSettings(task.files, wishes), task.fromRoot ?? ((name) => name));
  const { rules, digest, remarks = [] } = task.rules ?? (await ruleSet(wishes, read));
  const { fingerprinter: maker, ...compared } = hashing(
    task.fingerprinting?.() ?? fingerprinter(read.config?.fingerprintKey),
    read.suppressions,
  );
  const theirs = await theirRules(rules, read.suppressions);
  const context: OldContext = { means: theirs.means, ...compared };
  const settings = withRemarks(read, [...remarks, ...(wishes.only.length > 0 ? [] : theirs.remarks)]);
  const excluded = excludedBy(settings, task);
  const maxFileSize = wishes.maxFileSize ?? settings.config?.maxFileSize ?? undefined;
  const beginSource = async (isProvisional: boolean): Promise<Source> => {
    const asked = sourceSettings({ rules, digest }, excluded, maxFileSize, onProgress);
    const source = await task.source({ ...asked, isProvisional });
    for (const use of usesOf(settings)) source.coverage.configured(use);
    for (const message of settings.gitleaks?.untranslated ?? []) {
      source.coverage.problem({ code: 'UNTRANSLATED_RULE', message, mend: GITLEAKS_MENDS.UNTRANSLATED_RULE });
    }
    return source;
  };
  const fromRoot = task.fromRoot ?? ((name: string): string => name);
  const fileRules = await fileRulesOf(rules, fromRoot);
  const habitsOf = wishes.policy === true ? (await import('../policy/habits.ts')).habitsOf : undefined;
  const left = task.excludesAfterwards === true ? excluded : task.leavesOut;
  const scanning: Omit<ScanOptions, 'source'> = {
    detector: await detectorFor(rules),
    ...(hasAllRules(rules) ? {} : { nameDetector: () => detectorFor(BUILTIN_RULES) }),
    fingerprinter: maker,
    unnamed: mayGoUnnamed(task, settings) ? task.unnamed : undefined,
    maskLine,
    admits: (finding, place) =>
      task.admits?.(place) !== false && settings.gitleaks?.admits(finding, placeFrom(place, fromRoot)) !== false,
    ...(fileRules === null ? {} : { fileRules }),
    showSecrets: wishes.showSecrets,
    listing: {
      most: wishes.maxPlaces ?? Infinity,
      // Entries of other tools' files name lines, and habits are seen where a key stands.
      locatesAll: wishes.policy === true || task.proposed !== undefined || namesPlaces(settings),
      excluded: left,
    },
    ...(habitsOf === undefined ? {} : { habitsOf }),
    signal,
    ...(rescue === undefined ? {} : { rescue }),
    onBlob: (_, found) => {
      onFound?.(found);
      onSuspects?.(found.findings.length);
    },
  };
  const first = await beginSource(true);
  let result = await scan({ ...scanning, source: first });
  if (first.isSound?.() === false) {
    onAnew?.('a pack is not as its checksum says, so that each of its entries has to be checked');
    result = await scan({ ...scanning, source: await beginSource(false) });
  }
  // A file that is named itself is read although the configuration excludes it, and dropped if the task leaves it out.
  const { findings, coverage } = withoutExcluded(result, left);
  const isNew = ({ fingerprint }: Finding): boolean =>
    task.proposed !== undefined && !result.allowedBefore.has(fingerprint);
  const believed = findings.map((finding) =>
    believe(finding, settings.trusted && wishes.ignoreComments !== true, isNew(finding)),
  );
  const outcome = applySuppressions(believed, settings.suppressions, new Date(), maker.keyId, context);
  const proposals = await readProposals(task.proposed ?? [], wishes, outcome.findings);
  const meant = await theirRules(rules, { places: proposals.flatMap(({ suppressions }) => suppressions.places ?? []) });
  const pending = markPending(outcome.findings, proposals, maker.keyId, { ...context, means: meant.means });
  const marked = { ...outcome, findings: pending };
  const report = reportOf(marked.findings, unlessNothingCovered(coverage, settings.config), rules, digest);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return { ...marked, report, settings, ruleOf: (id) => byId.get(id) };
}

function mayGoUnnamed({ proposed, comparesNothing }: ScanTask, settings: Settings): boolean {
  return comparesNothing === true || (namesNothing(settings) && proposed === undefined);
}

/** No id stands anywhere that a finding could have. */
function namesNothing({ suppressions: { entries = [], baseline = [], places = [], hashes = [] } }: Settings): boolean {
  return entries.length + baseline.length + places.length + hashes.length === 0;
}

function namesPlaces({ suppressions: { places = [], hashes = [] } }: Settings): boolean {
  return places.length + hashes.length > 0;
}

/**
 * In a stranger's repository, comments in the code allow nothing; those that a
 * change brings along do not allow it yet.
 */
function believe(finding: Finding, trusted: boolean, isNew: boolean): Finding {
  const { suppressed } = finding;
  if (suppressed === null) return finding;
  if (!trusted) return { ...finding, suppressed: null };
  return isNew ? { ...finding, suppressed: null, pending: suppressed } : finding;
}

/** The place as the configuration knows it. */
function placeFrom(place: Place, fromRoot: (path: string) => string): Place {
  return place.path === null ? place : { ...place, path: fromRoot(place.path) };
}

function withRemarks(settings: Settings, more: readonly string[]): Settings {
  const { suppressions } = settings;
  return { ...settings, suppressions: { ...suppressions, remarks: [...(suppressions.remarks ?? []), ...more] } };
}

/** Each configuration that is in force, once. */
function usesOf({ config, gitleaks }: Settings): ConfigurationUse[] {
  const uses = [config?.use, gitleaks?.use].filter((use) => use !== undefined);
  return uses.filter(({ file }, index) => uses.findIndex((use) => use.file === file) === index);
}

/** The configuration speaks of paths from its own folder. */
function seenFrom(settings: Settings, fromRoot: (path: string) => string): Settings {
  const { config } = settings;
  if (config === null) return settings;
  const rules = config.allow.map((rule) => {
    const { matchesPath } = rule;
    return matchesPath === null ? rule : { ...rule, matchesPath: (name: string) => matchesPath(fromRoot(name)) };
  });
  return {
    ...settings,
    config: { ...config, allow: rules, ignoresPath: (name) => config.ignoresPath(fromRoot(name)) },
    suppressions: { ...settings.suppressions, rules },
  };
}

/** Undefined where no path can be excluded. */
function excludedBy({ config }: Settings, { leavesOut }: ScanTask): SourceSettings['excluded'] {
  if (config === null) return leavesOut;
  return (path) => (config.ignoresPath(path) ? config.file : (leavesOut?.(path) ?? null));
}

function sourceSettings(
  { rules, digest }: RuleSet,
  excluded: SourceSettings['excluded'],
  maxFileSize: number | undefined,
  onProgress: OnProgress = () => undefined,
): Omit<SourceSettings, 'isProvisional'> {
  return {
    rules,
    rulesDigest: digest,
    ...(maxFileSize === undefined ? {} : { maxFileSize }),
    ...(excluded === undefined ? {} : { excluded }),
    onProgress,
  };
}

function reportOf(
  findings: readonly Finding[],
  coverage: Coverage,
  rules: readonly Rule[],
  rulesDigest: string,
): FindingsReport {
  return {
    schema: 'unleak.findings/1',
    tool: { name: 'unleak', version: VERSION, rules: rules.length, rulesDigest },
    coverage,
    findings,
  };
}
