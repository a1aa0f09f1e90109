import type { Finding } from '../core/finding.ts';
import { TriageError } from '../errors/triage.ts';

/** A place in a file, as reports write it. Lines and columns from 1. */
export interface Point {
  readonly path: string;
  readonly line: number;
  readonly column: number | null;
}

/** `PATH:LINE` or `PATH:LINE:COLUMN` of a file that there is; null for anything else. */
export function pointMeant(text: string, isFile: (path: string) => boolean): Point | null {
  // As reports write it first: `a:3` may be a file too, and is not the one that `a:3:14` tells of in them.
  for (const form of [/^(.+):(\d{1,9}):(\d{1,9})$/s, /^(.+):(\d{1,9})$/s]) {
    const [, path, line, column] = form.exec(text.trim()) ?? [];
    if (path !== undefined && isFile(path))
      return { path, line: Number(line), column: column === undefined ? null : Number(column) };
  }
  return null;
}

/** Of the findings of one file, those that begin there. */
export function findingsAt({ line, column }: Point, findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ occurrences }) =>
    occurrences.some((one) => one.kind === 'file' && one.line === line && (column ?? one.column) === one.column),
  );
}

/** Of more secrets than this at one place the ids are not told. */
const MOST_TOLD = 10;

/**
 * The one that is meant, with its id.
 *
 * @param idOf - what a stand-in stands for; of an id, itself
 * @throws TriageError `TRIAGE_PLACE_EMPTY`, `TRIAGE_PLACE_AMBIGUOUS`
 */
export function theOnlyOne(point: Point, found: readonly Finding[], idOf: (standIn: string) => string): Finding {
  const where = [point.path, point.line, point.column ?? []].flat().join(':');
  const [first, ...others] = found.slice(0, MOST_TOLD).map((one) => ({ ...one, fingerprint: idOf(one.fingerprint) }));
  if (first === undefined) throw new TriageError('TRIAGE_PLACE_EMPTY', `nothing is found at ${where}`);
  if (others.length === 0) return first;
  const ids = [first, ...others].map(({ fingerprint, rule }) => `${fingerprint} (${rule})`);
  const told = [...ids, ...(found.length > ids.length ? ['…'] : [])].join(', ');
  throw new TriageError('TRIAGE_PLACE_AMBIGUOUS', `${found.length} secrets begin at ${where}: ${told}`);
}
