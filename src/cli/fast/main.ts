import { existsSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';

import { CONFIG_FILES } from '../../config/names.ts';
import type { Detector } from '../../core/detector.ts';
import { createEngine } from '../../detect/engine.ts';
import { gitEnvironment } from '../../git/environment.ts';
import { findGit } from '../../git/executable.ts';
import { findRoot, gitDirOf, isWorkTreeElsewhere, safeDirectories } from '../../git/locate.ts';
import { looseDirectory } from '../../git/loose-blobs.ts';
import { readBlobsSync } from '../../git/read-sync.ts';
import type { GitInvocation } from '../../git/spawn.ts';
import { PACKED_FILE } from '../../prefilter/packed.ts';
import type { WordsElsewhere } from '../../prefilter/packed-wasm.ts';
import { SCREENS_FILE } from '../../prefilter/screens.ts';
import { Names } from '../../sources/names.ts';
import { mergeHeads, type StagedEntry, stagedEntries, TELLING_ITS_END } from '../../sources/staged-entries.ts';
import { EXIT } from '../exit-code.ts';
import { NO_PROGRESS, QUIET } from '../flags/output.ts';
import { briefly } from './brief.ts';
import { openRulePack, RULE_PACK_LINES, type RulePackFile } from './rule-pack.ts';

/** Options that change nothing about the verdict, and nothing about an empty report. */
const UNDERSTOOD = new Set([QUIET, NO_PROGRESS].map((flag) => `--${flag.name}`));

/**
 * The verdict on what is staged, or on the message of a commit, where that is
 * plain: nothing in it is suspect. Undefined in every other case; the full
 * command then judges from the beginning.
 *
 * @param folder - holds the packed rules
 */
export function quickCheck(args: readonly string[], folder: string): number | undefined {
  if (args[0] === 'hook' && args[2] === 'commit-msg') return quickMessage(args.slice(3), folder);
  const rest = args[0] === 'staged' ? args.slice(1) : args.slice(3);
  if (args[0] === 'hook' && args[2] !== 'pre-commit') return undefined;
  if (rest.some((arg) => !UNDERSTOOD.has(arg))) return undefined;
  const project = unconfigured();
  if (project === null) return undefined;
  const { root, gitDir } = project;
  const invocation: GitInvocation = {
    executable: findGit(process.env),
    cwd: root,
    environment: { ...gitEnvironment(process.env, true), ...TELLING_ITS_END },
    safeDirectories: safeDirectories(root),
  };
  return isPlainlyClean(invocation, gitDir, folder) ? EXIT.clean : undefined;
}

/** The repository around, without asking git; null where there is no telling, or a configuration has a say. */
function unconfigured(): { readonly root: string; readonly gitDir: string } | null {
  const root = process.env['GIT_DIR'] === undefined ? findRoot(process.cwd()) : process.cwd();
  const gitDir = root === null ? null : gitDirOf(root, process.env);
  if (root === null || gitDir === null || CONFIG_FILES.some((name) => existsSync(path.join(root, name)))) return null;
  return isWorkTreeElsewhere(root, gitDir, process.env) ? null : { root, gitDir };
}

/** A message of any ordinary length; one that a person wrote out, or a merge of many. */
const LONGEST_MESSAGE = 1024 * 1024;

/**
 * All of the file, also what git will leave out of it: if nothing there is
 * suspect, nothing in the message is.
 */
function quickMessage([file, ...rest]: readonly string[], folder: string): number | undefined {
  if (file === undefined || rest.length > 0 || unconfigured() === null) return undefined;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > LONGEST_MESSAGE) return undefined;
  const { findings, problems } = engine(folder).scan(readFileSync(file));
  return findings.length + problems.length === 0 ? EXIT.clean : undefined;
}

function isPlainlyClean(invocation: GitInvocation, gitDir: string, folder: string): boolean {
  const { entries, unmerged } = stagedEntries(invocation, mergeHeads(gitDir));
  if (unmerged.length > 0) return false;
  return entries.length === 0 || briefly(() => areClean(entries, invocation, gitDir, folder));
}

function areClean(entries: readonly StagedEntry[], invocation: GitInvocation, gitDir: string, folder: string): boolean {
  const blobs = readBlobsSync(
    invocation,
    entries.map(({ id }) => id),
    looseDirectory(gitDir, process.env),
  );
  if (blobs === null) return false;
  if (blobs.length === 0) return true;
  const detector = engine(folder);
  return [...newNames(entries), ...blobs].every((bytes) => {
    const { findings, problems } = detector.scan(bytes);
    return findings.length === 0 && problems.length === 0;
  });
}

function newNames(entries: readonly StagedEntry[]): Uint8Array[] {
  const names = new Names();
  return entries
    .filter(({ before }) => before.length === 0)
    .flatMap(({ path: name }) => [...names.of(name)].map(({ content }) => content));
}

function engine(folder: string): Detector {
  const words = wordsOf(path.join(folder, PACKED_FILE));
  const screens = wordsOf(path.join(folder, SCREENS_FILE));
  const read = piecesOf(path.join(folder, RULE_PACK_LINES));
  return createEngine([], { ready: openRulePack({ words, screens, read }), openArchive: leaveArchives });
}

/** All of a file, read to where it is needed: it is large beside all else that a hook does. */
function wordsOf(file: string): WordsElsewhere {
  const opened = openSync(file, 'r');
  return { byteLength: fstatSync(opened).size, copyTo: (target) => fill(target, opened, file, 0) };
}

/** Reads pieces of a file, which stays open until the process ends. */
function piecesOf(file: string): RulePackFile['read'] {
  const opened = openSync(file, 'r');
  return (start, end) => {
    const piece = Buffer.allocUnsafe(end - start);
    fill(piece, opened, file, start);
    return piece.toString('latin1');
  };
}

function fill(target: Uint8Array, opened: number, file: string, start: number): void {
  let filled = 0;
  while (filled < target.length) {
    const count = readSync(opened, target, filled, target.length - filled, start + filled);
    if (count === 0) throw new RangeError(`${path.basename(file)} is shorter than it says`);
    filled += count;
  }
}

/** What unpacks is not loaded here: the full command is. */
function leaveArchives(): never {
  throw new RangeError('archives are not opened in the quick check');
}
