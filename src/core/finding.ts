import type { BlobKind } from './blob.ts';
import type { Coverage } from './coverage.ts';
import type { PolicyCode, PolicyFinding } from './policy.ts';
import type { Confidence, Severity } from './rule.ts';

/** The machine contract of `--format json`: only ever added to. */
export interface FindingsReport {
  readonly schema: 'unleak.findings/1';
  readonly tool: ToolInfo;
  readonly coverage: Coverage;
  readonly findings: readonly Finding[];
  /** Only with `--policy`. */
  readonly policy?: readonly PolicyFinding[];
}

export interface ToolInfo {
  readonly name: 'unleak';
  readonly version: string;
  /** Number of rules in force. */
  readonly rules: number;
  readonly rulesDigest: string;
}

/** One secret, with every place that holds it. */
export interface Finding {
  readonly rule: string;
  readonly provider: string;
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Stable across commits, paths, lines and machines. */
  readonly fingerprint: string;
  /** Id of the key the fingerprint was made with. */
  readonly fingerprintKey: string;
  /** Never more than the last four characters; the length is never shown. */
  readonly redacted: string;
  /** Only for secrets of 20 or more characters. */
  readonly lastFour?: string;
  /** Shannon entropy in bits per character. */
  readonly entropy: number;
  /** Where a copy may have gone: `local` is on no remote-tracking ref. */
  readonly exposure: 'local' | 'remote' | 'unknown';
  /** Only with `--show-secrets`. */
  readonly secret?: string;
  /** Of a rule in gitleaks' format, as its configuration gives them. */
  readonly tags?: readonly string[];
  readonly parts: readonly FindingPart[];
  readonly suppressed: Suppression | null;
  /** What the change that brings the finding would let it pass by. It counts until that is on the base. */
  readonly pending?: Suppression;
  readonly verification: VerificationResult | null;
  readonly firstSeen: FirstSeen | null;
  /** Oldest first; of very many, those that are listed. */
  readonly occurrences: readonly Occurrence[];
  /** Only where not every place is listed. */
  readonly unlisted?: Unlisted;
}

/** What is true of the places that a report leaves out because there are too many. */
export interface Unlisted {
  readonly places: number;
  /** Commits that removed the secret from one of these, and from none that is listed. */
  readonly removedIn: number;
  /** How to have them listed. */
  readonly mend: string;
}

export interface FindingPart {
  readonly rule: string;
  readonly redacted: string;
  readonly occurrences: readonly Occurrence[];
}

export interface Suppression {
  readonly by: 'baseline' | 'comment' | 'ignore-file' | 'config';
  readonly reason: string;
  /** The file of another tool that it stands in. */
  readonly file?: string;
  /** ISO date; past it the suppression no longer holds. */
  readonly expires?: string;
}

export interface VerificationResult {
  readonly status: 'live' | 'live-limited' | 'dormant' | 'rejected' | 'dead' | 'wrong-platform' | 'unknown';
  readonly checkedAt: string;
  readonly detail: string;
}

export interface FirstSeen {
  readonly commit: string;
  readonly author: string;
  /** ISO 8601. */
  readonly date: string;
}

export interface RefHold {
  readonly ref: string;
  readonly inTip: boolean;
}

/** Where a source found a blob, before lines and columns are known. */
export interface Place {
  readonly kind: BlobKind;
  /** Null where there is none: a loose blob, a commit message. */
  readonly path: string | null;
  readonly commit: string | null;
  readonly author: string | null;
  readonly email: string | null;
  readonly authorDate: string | null;
  readonly commitDate: string | null;
  /** A parent holds the same secret at another path. */
  readonly moved: boolean;
  readonly removedIn: readonly string[];
  /** Object id; null for plain files and standard input. */
  readonly blob: string | null;
  /** How many versions carry the secret at this path since this introduction. */
  readonly blobs: number;
  readonly reach: 'ref' | 'reflog' | 'index' | 'none';
  readonly heldBy: readonly RefHold[];
  readonly heldByCount: number;
  /** A parent is cut off by a shallow boundary, so this may not be the introduction. */
  readonly atBoundary?: boolean;
}

export interface Occurrence extends Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** False where line and column are not known, and given as 1: what was scanned could not be read a second time. */
  readonly located?: false;
  /** Byte offset of the secret, or of its encoded characters, in the blob; inside of an archive, in its entry. */
  readonly offset: number;
  /** Bytes; 0 where the file as a whole is what was found. */
  readonly length: number;
  /** Encodings from the outside in, such as `["base64", "json"]`. */
  readonly decoded: readonly string[];
  /** The line with the secret masked, for people; not part of the JSON contract. */
  readonly snippet?: string;
  /** The report leaves it out; line and column were not looked for. It counts like any other until then. */
  readonly unlisted?: true;
  /** What is wrong with how the key is written here; for `policy/`, not part of the JSON contract. */
  readonly habits?: readonly PolicyCode[];
}

/** Whether a rule found the file by its path, and nothing in it. */
export function isWholeFile({ length }: Pick<Occurrence, 'length'>): boolean {
  return length === 0;
}

/** The line as gitleaks numbers it: 0 for a file that was found by its path. */
export function gitleaksLine(occurrence: Occurrence): number {
  return isWholeFile(occurrence) ? 0 : occurrence.line;
}
