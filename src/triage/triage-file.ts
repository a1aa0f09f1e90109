import { type PlaceEntry, parseGitleaksBaseline } from './gitleaks.ts';
import { type HashEntry, isSecretsBaseline, parseSecretsBaseline } from './hashed.ts';
import { formatEntry, parseEntry, type TriageEntry } from './entry.ts';

/** Where suppressions stand, beside the configuration. */
export const ALLOW_FILE = '.unleak-allow';
export const BASELINE_FILE = '.unleak-baseline';
export const GITLEAKS_IGNORE_FILE = '.gitleaksignore';
export const BETTERLEAKS_IGNORE_FILE = '.betterleaksignore';
export const SECRETS_BASELINE_FILE = '.secrets.baseline';

/** Files of other tools that say what may stay. */
export const OLD_FILES = [GITLEAKS_IGNORE_FILE, BETTERLEAKS_IGNORE_FILE, SECRETS_BASELINE_FILE] as const;

const ALLOW_HEADER = [
  '# Findings that may stay, one a line. Written by `unleak allow`; edit it freely.',
  '# An id names one secret, wherever it stands; another secret in its place is a new finding.',
];

const BASELINE_HEADER = [
  '# Findings that were here before scanning began, one a line. Written by `unleak baseline write`.',
  '# Ids are keyed hashes: they slow down whoever guesses a weak secret, and do not stop him.',
];

/** A parsed file: its comments, and its entries in any order. */
export interface TriageFile {
  readonly comments: readonly string[];
  readonly entries: readonly TriageEntry[];
}

/**
 * Reads `.unleak-allow` or a baseline. Order and repeated lines do not matter,
 * so that git's `merge=union` gives a valid file.
 *
 * @param name - for errors
 * @throws TriageError `TRIAGE_FILE_INVALID` naming file and line, also for conflict markers
 */
export function parseTriageFile(text: string, name: string): TriageFile {
  const comments: string[] = [];
  const entries: TriageEntry[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim();
    if (line.startsWith('#')) comments.push(line);
    else if (line !== '') entries.push(parseEntry(line, `${name}:${index + 1}`));
  }
  return { comments, entries };
}

export interface Baseline {
  readonly entries: readonly TriageEntry[];
  readonly places: readonly PlaceEntry[];
  readonly hashes: readonly HashEntry[];
  readonly remarks: readonly string[];
}

/**
 * Reads a baseline, ours or, where it is JSON, one of gitleaks or detect-secrets.
 *
 * @throws TriageError `TRIAGE_FILE_INVALID`
 */
export function parseBaseline(text: string, name: string): Baseline {
  const nothing = { entries: [], places: [], hashes: [], remarks: [] };
  if (/^\s*(?:\[|null\s*$)/.test(text)) return { ...nothing, places: parseGitleaksBaseline(text, name) };
  if (isSecretsBaseline(text)) return { ...nothing, ...parseSecretsBaseline(text, name) };
  return { ...nothing, entries: parseTriageFile(text, name).entries };
}

/** The text of a file: comments first, then the entries sorted by id, each id once (the last given wins). */
function formatTriageFile(comments: readonly string[], entries: readonly TriageEntry[]): string {
  const byId = new Map(entries.map((entry) => [`${entry.fingerprint} ${entry.key}`, entry]));
  const lines = [...byId.values()].map(formatEntry).sort();
  return [...comments, ...lines, ''].join('\n');
}

/** `.unleak-allow` with more entries, which replace older ones of the same id. */
export function withEntry(file: TriageFile | null, ...added: readonly TriageEntry[]): string {
  const comments = file === null || file.comments.length === 0 ? ALLOW_HEADER : file.comments;
  return formatTriageFile(comments, [...(file?.entries ?? []), ...added]);
}

/** The same file with other entries. */
export function withEntries(file: TriageFile, entries: readonly TriageEntry[]): string {
  return formatTriageFile(file.comments, entries);
}

export function formatBaseline(entries: readonly TriageEntry[]): string {
  return formatTriageFile(BASELINE_HEADER, entries);
}
