import { type Finding, type FindingsReport, gitleaksLine, isWholeFile, type Occurrence } from '../core/finding.ts';
import { openFindings } from './order.ts';

/** A finding as gitleaks writes it, in its order of keys. */
export interface GitleaksRecord {
  readonly RuleID: string;
  readonly Description: string;
  readonly StartLine: number;
  readonly EndLine: number;
  readonly StartColumn: number;
  readonly EndColumn: number;
  readonly Match: string;
  readonly Secret: string;
  readonly File: string;
  readonly SymlinkFile: string;
  readonly Commit: string;
  readonly Entropy: number;
  readonly Author: string;
  readonly Email: string;
  readonly Date: string;
  readonly Message: string;
  readonly Tags: readonly string[];
  readonly Fingerprint: string;
}

/** Stands for a secret that nobody asked to see. */
const REDACTED = 'REDACTED';

/**
 * The records of gitleaks' reports: one an occurrence, of findings that count.
 * Columns are ours (UTF-16 code units of the secret), the commit message is
 * left empty, `Match` and `Secret` are redacted unless secrets were asked for.
 */
export function* gitleaksRecords({
  findings,
}: Pick<FindingsReport, 'findings'>): Generator<GitleaksRecord, void, undefined> {
  for (const finding of openFindings(findings))
    for (const occurrence of finding.occurrences) yield recordOf(finding, occurrence);
}

function recordOf(finding: Finding, occurrence: Occurrence): GitleaksRecord {
  const { rule, title, secret = REDACTED, entropy, provider, verification, tags = [provider] } = finding;
  const { path, commit } = occurrence;
  const file = path ?? '';
  return {
    RuleID: rule,
    Description: title,
    ...(isWholeFile(occurrence) ? wholeFile(file) : inText(secret, occurrence)),
    File: file,
    SymlinkFile: '',
    Commit: commit ?? '',
    Entropy: entropy,
    Author: occurrence.author ?? '',
    Email: occurrence.email ?? '',
    Date: occurrence.authorDate ?? '',
    Message: '',
    Tags: [...tags, ...(verification === null ? [] : [`verified:${verification.status}`])],
    Fingerprint: [...(commit === null ? [] : [commit]), file, rule, gitleaksLine(occurrence)].join(':'),
  };
}

type Found = Pick<GitleaksRecord, 'StartLine' | 'EndLine' | 'StartColumn' | 'EndColumn' | 'Match' | 'Secret'>;

/** What was found by its path has neither place nor text. */
function wholeFile(file: string): Found {
  return { StartLine: 0, EndLine: 0, StartColumn: 0, EndColumn: 0, Match: `file detected: ${file}`, Secret: '' };
}

function inText(secret: string, { line, endLine, column, endColumn }: Occurrence): Found {
  return {
    StartLine: line,
    EndLine: endLine,
    StartColumn: column,
    EndColumn: Math.max(1, endColumn - 1),
    Match: secret,
    Secret: secret,
  };
}
