import { nestsDeeper } from '../bytes/json-depth.ts';
import { type Finding, gitleaksLine, type Occurrence } from '../core/finding.ts';
import { TriageError } from '../errors/triage.ts';

/** More brackets in brackets than a report has. */
const DEEPEST = 32;

/**
 * What gitleaks remembers of a finding that may stay: where it was. A different
 * secret in that place would be let through too, so these entries are honoured
 * for those who come from gitleaks, and never written.
 */
export interface PlaceEntry {
  /** Null: in any commit. */
  readonly commit: string | null;
  readonly path: string;
  readonly rule: string;
  readonly line: number;
  /** Where the entry stands, for people. */
  readonly origin: string;
  /** Of the secret, where a baseline holds it: another secret in that place is then new. */
  readonly lastFour?: string;
}

/**
 * Reads `.gitleaksignore`: `path:rule:line` or `commit:path:rule:line` a line.
 *
 * @throws TriageError `TRIAGE_FILE_INVALID` naming the line
 */
export function parseGitleaksIgnore(text: string, name: string): PlaceEntry[] {
  const entries: PlaceEntry[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = /^(?:([0-9a-f]{40}|[0-9a-f]{64}):)?(.+):([^:]+):(\d{1,9})$/.exec(line);
    if (match === null) throw new TriageError('TRIAGE_FILE_INVALID', `${name}:${index + 1} is no gitleaks fingerprint`);
    const [, commit = null, path = '', rule = '', at = ''] = match;
    entries.push({ commit, path: path.replaceAll('\\', '/'), rule, line: Number(at), origin: `${name}:${index + 1}` });
  }
  return entries;
}

/**
 * Reads a baseline of gitleaks, which is a JSON report of it.
 *
 * @throws TriageError `TRIAGE_FILE_INVALID`
 */
export function parseGitleaksBaseline(text: string, name: string): PlaceEntry[] {
  const records = parsed(text, name);
  if (!Array.isArray(records)) throw new TriageError('TRIAGE_FILE_INVALID', `${name} is no gitleaks report`);
  return records.map((record: unknown, index) => placeOf(record, `${name}, record ${index + 1}`));
}

function parsed(text: string, name: string): unknown {
  try {
    if (nestsDeeper(text, DEEPEST)) throw new RangeError('nested');
    const value: unknown = JSON.parse(text);
    // An empty report of betterleaks.
    return value ?? [];
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw new TriageError('TRIAGE_FILE_INVALID', `${name} is not valid JSON, or nested without end`);
  }
}

function placeOf(record: unknown, at: string): PlaceEntry {
  const fields = new Map(typeof record === 'object' && record !== null ? Object.entries(record) : []);
  const [rule, path, line, commit, secret] = ['RuleID', 'File', 'StartLine', 'Commit', 'Secret'].map((key): unknown =>
    fields.get(key),
  );
  if (typeof rule !== 'string' || typeof path !== 'string' || typeof line !== 'number') {
    throw new TriageError('TRIAGE_FILE_INVALID', `${at}, lacks RuleID, File or StartLine`);
  }
  const shown = typeof secret === 'string' && secret.length >= 20 && !secret.includes('REDACTED');
  return {
    commit: typeof commit === 'string' && commit !== '' ? commit : null,
    path: path.replaceAll('\\', '/'),
    rule,
    line,
    origin: at,
    ...(shown && { lastFour: secret.slice(-4) }),
  };
}

/** Looks entries up by rule, path and line; by path and line alone under the rule `*`. */
export type PlaceIndex = ReadonlyMap<string, readonly PlaceEntry[]>;

/** Stands for every rule. */
const ANY_RULE = '*';

/** @param isRule - whether a rule of that id is in force; the place of any other one holds for all rules */
export function placeIndex(entries: readonly PlaceEntry[], isRule: (id: string) => boolean): PlaceIndex {
  const index = new Map<string, PlaceEntry[]>();
  for (const entry of entries) {
    const key = keyOf(isRule(entry.rule) ? entry.rule : ANY_RULE, entry.path, entry.line);
    const same = index.get(key);
    if (same) same.push(entry);
    else index.set(key, [entry]);
  }
  return index;
}

/** The entry that lets a finding stay at one of its places. */
export function placeFor(
  { rule, lastFour }: Finding,
  occurrence: Occurrence,
  index: PlaceIndex,
): PlaceEntry | undefined {
  const { path, commit } = occurrence;
  const line = gitleaksLine(occurrence);
  const entries = [rule, ANY_RULE].flatMap((id) => index.get(keyOf(id, path ?? '', line)) ?? []);
  return entries.find(
    (entry) =>
      (entry.commit === null || entry.commit === commit) &&
      (entry.lastFour === undefined || lastFour === undefined || entry.lastFour === lastFour),
  );
}

function keyOf(rule: string, path: string, line: number): string {
  return `${rule}\0${path}\0${line}`;
}
