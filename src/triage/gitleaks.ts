import { nestsDeeper } from '../bytes/json-depth.ts';
import { type Finding, gitleaksLine, type Occurrence } from '../core/finding.ts';
import { Secret } from '../core/secret.ts';
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
  /** Where a baseline holds it: another secret in that place is then new. */
  readonly secret?: Secret;
}

const IGNORE_ENTRY = /^(?:([0-9a-f]{40}|[0-9a-f]{64}):)?(.+):([^:]+):(\d{1,9})$/;

/** Whether a line of `.gitleaksignore` is an entry, a comment or empty. */
export function isGitleaksIgnoreLine(text: string): boolean {
  const line = text.trim();
  return line === '' || line.startsWith('#') || IGNORE_ENTRY.test(line);
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
    const match = IGNORE_ENTRY.exec(line);
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

/** `--redact` writes the word, or the beginning of the secret and dots. */
const REDACTED = /REDACTED|\.{3}$/;

function placeOf(record: unknown, at: string): PlaceEntry {
  const fields = new Map(typeof record === 'object' && record !== null ? Object.entries(record) : []);
  const [rule, path, line, commit, secret] = ['RuleID', 'File', 'StartLine', 'Commit', 'Secret'].map((key): unknown =>
    fields.get(key),
  );
  if (typeof rule !== 'string' || typeof path !== 'string' || typeof line !== 'number') {
    throw new TriageError('TRIAGE_FILE_INVALID', `${at}, lacks RuleID, File or StartLine`);
  }
  const shown = typeof secret === 'string' && secret !== '' && !REDACTED.test(secret);
  return {
    commit: typeof commit === 'string' && commit !== '' ? commit : null,
    path: path.replaceAll('\\', '/'),
    rule,
    line,
    origin: at,
    // A code unit for each byte, as ours.
    ...(shown && { secret: new Secret(Buffer.from(secret, 'utf8').toString('latin1')) }),
  };
}

/** What decides whether an entry is about a finding. */
export interface PlaceContext {
  /** Whether their rule reports what this one of ours does. */
  readonly means: (theirs: string, ours: string) => boolean;
  /** The secrets that had this fingerprint; they are kept only where a baseline holds values. */
  readonly secretsOf: (fingerprint: string) => readonly Secret[];
}

/** Looks entries up by path and line. */
export type PlaceIndex = ReadonlyMap<string, readonly PlaceEntry[]>;

export function placeIndex(entries: readonly PlaceEntry[]): PlaceIndex {
  const index = new Map<string, PlaceEntry[]>();
  for (const entry of entries) {
    const key = keyOf(entry.path, entry.line);
    const same = index.get(key);
    if (same) same.push(entry);
    else index.set(key, [entry]);
  }
  return index;
}

/** The entries that let a finding stay at one of its places. */
export function placesFor(
  { rule, fingerprint }: Finding,
  occurrence: Occurrence,
  index: PlaceIndex,
  { means, secretsOf }: PlaceContext,
): PlaceEntry[] {
  const entries = index.get(keyOf(occurrence.path ?? '', gitleaksLine(occurrence))) ?? [];
  return entries.filter(
    ({ commit, rule: theirs, secret }) =>
      (commit === null || commit === occurrence.commit) &&
      means(theirs, rule) &&
      (secret === undefined || secretsOf(fingerprint).some((ours) => isSame(ours.reveal(), secret.reveal()))),
  );
}

/** A shorter text may stand in another secret by chance. */
const LEAST_COMMON = 8;

/** Rules may differ in where a secret begins and ends, so one may hold the other. */
function isSame(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  const [shorter, longer] = ours.length < theirs.length ? [ours, theirs] : [theirs, ours];
  return shorter.length >= LEAST_COMMON && longer.includes(shorter);
}

function keyOf(path: string, line: number): string {
  return `${path}\0${line}`;
}
