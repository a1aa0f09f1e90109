import { availableParallelism } from 'node:os';
import path from 'node:path';

import { CONFIG_FILE, GITLEAKS_CONFIG_FILES } from '../../config/names.ts';
import { TriageError } from '../../errors/triage.ts';
import { findRoot } from '../../git/locate.ts';
import { terminalText } from '../../report/escape/terminal.ts';
import { counted } from '../../report/words.ts';
import { projectRoot } from '../../session/project.ts';
import { diskFiles } from '../../session/project-files.ts';
import { readIfThere, SETTINGS_MOST, TRIAGE_MOST } from '../../session/read-given.ts';
import type { Scanned, ScanTask } from '../../session/scan-project.ts';
import { remarksOn } from '../../session/settings.ts';
import { filesSource } from '../../sources/files.ts';
import type { TriageEntry } from '../../triage/entry.ts';
import { type Migration, planMigration, type Sweep } from '../../triage/migration.ts';
import type { OldEntry } from '../../triage/old-entries.ts';
import {
  ALLOW_FILE,
  BASELINE_FILE,
  formatBaseline,
  withEntries,
  parseTriageFile,
  type TriageFile,
  withEntry,
} from '../../triage/triage-file.ts';
import { writeFileSafely } from '../../triage/write-file.ts';
import { fileThreads } from '../../workers/file-threads.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { JOBS } from '../flags/reading.ts';
import { WRITE } from '../flags/migrate.ts';
import { ALLOW_INCOMPLETE } from '../flags/verdict.ts';
import { sayProblems } from '../session/present.ts';
import { performScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';
import { historyTask } from './history.ts';

/**
 * `unleak migrate`: carries configuration and suppressions of other tools over.
 * Nothing of theirs is changed or deleted.
 */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, streams } = invocation;
  const root = projectRoot(process.cwd());
  const scans = await sweepsOf(invocation, root);
  const migration = planMigration(scans.map(sweepOf));
  const files = filesToWrite(root, migration, scans);
  const complete = scans.every(({ report }) => report.coverage.complete);
  streams.out.write(planText(migration, files, scans, { complete, root }));
  sayProblems([...new Map(scans.flatMap(problemsOf)).values()], streams);
  if (options.get(WRITE) && !complete && !options.get(ALLOW_INCOMPLETE))
    throw new TriageError('TRIAGE_INCOMPLETE', 'not everything could be looked at, so nothing was written');
  if (options.get(WRITE)) for (const { file, text } of files) writeFileSafely(path.join(root, file), [text], 0o644);
  else if (files.length > 0) streams.out.write('\nNothing was written; --write does.\n');
  return complete || options.get(ALLOW_INCOMPLETE) ? EXIT.clean : EXIT.incomplete;
}

/** All that suppressions may have been written for: the whole history, and the files as they lie there. */
async function sweepsOf(invocation: Invocation, root: string): Promise<Scanned[]> {
  const jobs = invocation.options.get(JOBS) ?? availableParallelism();
  const onDisk: ScanTask = {
    files: diskFiles(root),
    source: (settings) =>
      filesSource(['.'], { cwd: root, ...settings, scanner: fileThreads(settings.rules, { jobs }) }),
  };
  const swept = [await performScan(invocation, onDisk)];
  if (findRoot(root) !== null) swept.push(await performScan(invocation, await historyTask(invocation, root)));
  return swept;
}

function sweepOf({ findings, byOldEntries, settings }: Scanned): Sweep {
  const { places = [], hashes = [] } = settings.suppressions;
  return { findings, byOldEntries, entries: [...places, ...hashes] };
}

function problemsOf({ report }: Scanned): [string, Scanned['report']['coverage']['problems'][number]][] {
  return report.coverage.problems.map((problem) => [`${problem.code} ${problem.message}`, problem]);
}

interface FileToWrite {
  readonly file: string;
  readonly text: string;
  readonly about: string;
}

/** Files that would change, whole. What is in them stays; an id that is there already keeps its line. */
function filesToWrite(root: string, { allow, baseline }: Migration, [scan]: readonly Scanned[]): FileToWrite[] {
  const [allowed, known] = [triageFile(root, ALLOW_FILE), triageFile(root, BASELINE_FILE)];
  const [newAllowed, newKnown] = [fresh(allow, allowed), fresh(baseline, known)];
  const files: FileToWrite[] = [];
  const config = scan?.settings.config?.file;
  if (config !== undefined && GITLEAKS_CONFIG_FILES.some((name) => name === config))
    files.push({ file: CONFIG_FILE, text: configText(config), about: `names ${config}, whose rules go on being read` });
  if (newAllowed.length > 0)
    files.push({
      file: ALLOW_FILE,
      text: withEntry(allowed, ...newAllowed),
      about: counted(newAllowed.length, 'new line'),
    });
  if (newKnown.length > 0)
    files.push({
      file: BASELINE_FILE,
      text: known === null ? formatBaseline(newKnown) : withEntries(known, [...known.entries, ...newKnown]),
      about: counted(newKnown.length, 'new line'),
    });
  return files;
}

function triageFile(root: string, name: string): TriageFile | null {
  const bytes = readIfThere(path.join(root, name), { most: TRIAGE_MOST });
  return bytes === null ? null : parseTriageFile(Buffer.from(bytes).toString('utf8'), name);
}

function fresh(entries: readonly TriageEntry[], file: TriageFile | null): TriageEntry[] {
  const known = new Set(file?.entries.map(({ fingerprint, key }) => `${fingerprint} ${key}`));
  return entries.filter(({ fingerprint, key }) => !known.has(`${fingerprint} ${key}`));
}

function configText(named: string): string {
  return [
    '# Written by `unleak migrate`. Rules and allow-lists stay in the file named; docs/GITLEAKS.md says how they are followed.',
    '[rules]',
    `files = [${JSON.stringify(named)}]`,
    '',
  ].join('\n');
}

const LISTED = 100;

function planText(
  { allow, baseline, left, shadowed, dead }: Migration,
  files: readonly FileToWrite[],
  scans: readonly Scanned[],
  { complete, root }: { readonly complete: boolean; readonly root: string },
): string {
  const remarks = [...new Set(scans.flatMap(({ settings }) => remarksOn(settings)))];
  const carried = [...allow, ...baseline];
  const dying = complete
    ? 'dead: nothing that they name is there'
    : 'not met; something could not be covered, so not dead';
  const unnamed = unnamedConfigs(root, scans);
  const told = [
    ...list(carried, ({ fingerprint, rule = '', reason }) => `${fingerprint} ${rule}: ${reason}`, [
      'suppression carried over, by id',
      'suppressions carried over, by id',
    ]),
    ...list(
      left,
      entryText,
      ['entry left', 'entries left'],
      ': the secret is open in another place, now or in the history',
    ),
    ...list(shadowed, entryText, ['entry', 'entries'], ' shadowed: another one before it says the same'),
    ...list(dead, entryText, ['entry', 'entries'], ` ${dying}`),
    ...list(remarks, (remark) => remark, [
      'thing has no effect, or another one',
      'things have no effect, or another one',
    ]),
  ];
  if (files.length + unnamed.length + told.length === 0)
    return 'nothing to carry over from gitleaks, betterleaks or detect-secrets\n';
  return [
    counted(files.length, 'file to write', 'files to write'),
    ...files.map(({ file, about }) => `  ${file}: ${about}`),
    ...unnamed,
    ...told,
    '',
  ].join('\n');
}

/** A configuration of ours is there: it is not touched, and it decides alone. */
function unnamedConfigs(root: string, [scan]: readonly Scanned[]): string[] {
  if (scan === undefined || scan.settings.config?.file !== CONFIG_FILE || scan.settings.gitleaks !== null) return [];
  return GITLEAKS_CONFIG_FILES.filter(
    (name) => readIfThere(path.join(root, name), { most: SETTINGS_MOST }) !== null,
  ).map((name) => `  ${CONFIG_FILE} is there and does not name ${name}: add it to [rules] files, or delete it`);
}

/** How many there are, and each on a line; nothing where there are none. */
function list<T>(
  items: readonly T[],
  text: (item: T) => string,
  [one, many]: readonly [one: string, many: string],
  more = '',
): string[] {
  if (items.length === 0) return [];
  const lines = items.slice(0, LISTED).map((item) => `  ${terminalText(text(item))}`);
  if (items.length > LISTED) lines.push(`  … and ${items.length - LISTED} more`);
  return [`${counted(items.length, one, many)}${more}`, ...lines];
}

function entryText(entry: OldEntry): string {
  if ('algorithm' in entry) return entry.origin;
  const { commit, path: name, rule, line } = entry;
  return `${entry.origin}: ${commit === null ? '' : `${commit.slice(0, 12)}:`}${name}:${rule}:${line}`;
}
