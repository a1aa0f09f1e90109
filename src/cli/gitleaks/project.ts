import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

import { CONFIG_FILE, GITLEAKS_CONFIG_FILES } from '../../config/names.ts';
import { diskFiles, type ProjectFiles } from '../../session/project-files.ts';
import { BETTERLEAKS_IGNORE_FILE, GITLEAKS_IGNORE_FILE, SECRETS_BASELINE_FILE } from '../../triage/triage-file.ts';
import { isIgnoreLine } from '../../triage/hashed.ts';
import { readIfThere, TRIAGE_MOST } from '../../session/read-given.ts';

/** Where gitleaks would look for what it is told. */
export interface GitleaksProject {
  readonly files: ProjectFiles;
  /** The configuration in force; undefined: none of gitleaks', so ours holds. */
  readonly config: string | undefined;
  /** What of ignore files was passed over; complete once they have been read. */
  readonly warnings: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Stands for the text in a variable, where a file's name is asked for. */
const FROM_ENVIRONMENT = 'GITLEAKS_CONFIG_TOML';

/**
 * Configuration and ignore files as gitleaks finds them: by flag, by variable,
 * beside what is scanned.
 *
 * @param target - what is scanned, a folder or a file; `.` for standard input
 * @param ignorePath - `--gitleaks-ignore-path`
 */
export function gitleaksProject(
  target: string,
  asked: string | undefined,
  ignorePath: string | undefined,
  environment: Environment,
): GitleaksProject {
  const named = asked ?? environment['BETTERLEAKS_CONFIG'] ?? environment['GITLEAKS_CONFIG'];
  const text = environment['BETTERLEAKS_CONFIG_TOML'] ?? environment[FROM_ENVIRONMENT];
  const config = configFor(target, named, text);
  const disk = diskFiles(process.cwd());
  const folder = isFolder(target) ? path.resolve(target) : process.cwd();
  const beside = diskFiles(folder);
  const ours = config === undefined && existsSync(path.join(folder, CONFIG_FILE));
  const warnings: string[] = [];
  const files: ProjectFiles = {
    async read(name, most) {
      if (name === FROM_ENVIRONMENT && text !== undefined) return new TextEncoder().encode(text);
      if (name === GITLEAKS_IGNORE_FILE) return ignored(ignorePath ?? '.', target, warnings);
      // Together with the one before.
      if (name === BETTERLEAKS_IGNORE_FILE || name === SECRETS_BASELINE_FILE) return null;
      if (name.startsWith('.unleak')) return beside.read(name, most);
      // Only what was found above is in force; another file can only be one that it extends or names.
      if (ours) return beside.read(name, most);
      return config === undefined ? null : disk.read(name, most);
    },
    list: (name) => (ours ? beside : disk).list(name),
    // Only what somebody names may be a pipe.
    own: (file) => Promise.resolve(file === config && file !== named ? file : null),
  };
  return { files, config, warnings };
}

function configFor(target: string, named: string | undefined, text: string | undefined): string | undefined {
  if (named !== undefined && named !== '') return named;
  if (text !== undefined && text !== '') return FROM_ENVIRONMENT;
  if (!isFolder(target)) return undefined;
  return GITLEAKS_CONFIG_FILES.map((name) => path.join(target, name)).find((file) => existsSync(file));
}

/**
 * All that apply, one after the other: the file or folder named, and the folder
 * that is scanned. As in gitleaks, a line that is no entry is a warning.
 */
function ignored(named: string, target: string, warnings: string[]): Uint8Array | null {
  const inFolder = (folder: string): string[] =>
    [BETTERLEAKS_IGNORE_FILE, GITLEAKS_IGNORE_FILE].map((name) => path.join(folder, name));
  const candidates = [...(isFolder(named) ? inFolder(named) : [named]), ...inFolder(target)];
  const distinct = [...new Set(candidates.map((file) => path.resolve(file)))];
  const read = distinct.flatMap((file) => {
    const bytes = readIfThere(file, { most: TRIAGE_MOST });
    return bytes === null ? [] : [entriesOnly(Buffer.from(bytes).toString('utf8'), shownName(file), warnings)];
  });
  return read.length === 0 ? null : Buffer.from(read.join('\n'));
}

/** The line is not quoted: it may hold a secret. */
function entriesOnly(text: string, name: string, warnings: string[]): string {
  const lines = text.split(/\r?\n/).map((line, index) => {
    if (isIgnoreLine(line)) return line;
    warnings.push(`${name}:${index + 1} is no gitleaks fingerprint and lets nothing pass`);
    return '';
  });
  return lines.join('\n');
}

function shownName(file: string): string {
  const below = path.relative('.', file);
  return below.startsWith('..') ? file : below;
}

function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}
