/**
 * unleak as a library: find leaked keys in texts, files and repositories.
 * Nothing here touches the network, executes what a repository brings, or
 * writes anywhere.
 */
import { Readable } from 'node:stream';

import type { Blob } from './core/blob.ts';
import type { BlobScan } from './core/detector.ts';
import type { Rule } from './core/rule.ts';
import type { Source } from './core/source.ts';
import { openArchive } from './detect/archive/open.ts';
import { createEngine } from './detect/engine.ts';
import { linearRegex } from './detect/linear-regex.ts';
import { openRepository } from './git/repository.ts';
import { BUILTIN_RULES } from './rules/builtin.generated.ts';
import { compileRules } from './rules/compile.ts';
import { loadRuleFile } from './rules/load.ts';
import { hunt } from './hunt.ts';
import { distinctKeys, knownKey } from './hunt/known-key.ts';
import { type ScanResult, scan } from './scan.ts';
import { filesSource } from './sources/files.ts';
import { historySource } from './sources/history.ts';
import { stdinSource } from './sources/stdin.ts';
import { fingerprinter } from './triage/fingerprint.ts';

export type { Blob, BlobKind } from './core/blob.ts';
export type { Coverage, Problem, Skipped } from './core/coverage.ts';
export type { BlobFinding, BlobScan } from './core/detector.ts';
export type { Finding, FindingPart, FirstSeen, Occurrence, Suppression } from './core/finding.ts';
export type { Confidence, Rule, Severity } from './core/rule.ts';
export type { Secret } from './core/secret.ts';
export type { Span, TextRange } from './core/span.ts';
export { ScanError } from './errors/base.ts';
export type { ScanResult } from './scan.ts';

export interface ScanOptions {
  /** Default: the rules of the package. See `loadRules`. */
  readonly rules?: readonly Rule[];
  /** Ends the scan; it then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Key of the fingerprints; default: the public one, so that they agree everywhere. */
  readonly fingerprintKey?: string;
  /** Puts the secrets themselves into `Finding.secret`. */
  readonly showSecrets?: boolean;
  /** Called after each blob, as soon as it is scanned: for streaming, and for progress. */
  readonly onBlob?: (blob: Pick<Blob, 'id' | 'kind'>, scan: BlobScan) => void;
}

/** The rules of the package. */
export function builtinRules(): readonly Rule[] {
  return BUILTIN_RULES;
}

/**
 * Rules from the text of a rule file (docs/RULES.md). They run in a linear-time
 * engine: no pattern of theirs can hang the scan.
 *
 * @param name - stands for the file in errors
 * @throws RuleError with line and column
 */
export function loadRules(text: string, name: string): readonly Rule[] {
  return compileRules([loadRuleFile(text, name)], { untrusted: true });
}

/**
 * Scans one text, or bytes of any kind: UTF-16, archives and encoded content are seen through.
 * @returns occurrences of kind `stdin`, without a path
 */
export function scanText(text: string | Uint8Array, options: ScanOptions = {}): Promise<ScanResult> {
  return run(stdinSource(Readable.from([Buffer.from(text)])), options);
}

export interface ScanFilesOptions extends ScanOptions {
  /** Paths are relative to it. Default: the current directory. */
  readonly cwd?: string;
  /** Bytes; larger files are skipped, and counted in `coverage.skipped`. Default: none. */
  readonly maxFileSize?: number;
}

/**
 * Scans files and folders: in a git work tree what git tracks or would track,
 * elsewhere all that no `.gitignore` leaves out.
 *
 * @throws SourceError `NO_SUCH_PATH`
 */
export function scanFiles(paths: readonly string[], options: ScanFilesOptions = {}): Promise<ScanResult> {
  const { cwd, maxFileSize } = options;
  return run(
    filesSource(paths, {
      ...(cwd === undefined ? {} : { cwd }),
      ...(maxFileSize === undefined ? {} : { maxFileSize }),
    }),
    options,
  );
}

export interface ScanRepositoryOptions extends ScanOptions {
  /** Leave out what no ref, reflog or index leads to. Default: everything stored. */
  readonly reachableOnly?: boolean;
}

/**
 * Scans everything a repository stores: every blob, commit and tag message,
 * note and name once, reachable or not.
 *
 * @param directory - the repository, or any folder inside it
 * @throws GitError `NOT_A_REPOSITORY`, `GIT_NOT_FOUND`
 */
export async function scanRepository(directory: string, options: ScanRepositoryOptions = {}): Promise<ScanResult> {
  const signal = options.signal ?? new AbortController().signal;
  const repository = await openRepository(directory, { signal });
  return run(historySource(repository, { reachableOnly: options.reachableOnly ?? false }), options);
}

export interface HuntOptions extends Omit<ScanOptions, 'rules'> {
  /** Hunts through all that this repository stores. */
  readonly repository?: string;
  /** Hunts through these files and folders too. */
  readonly paths?: readonly string[];
  /** Paths are relative to it. Default: the current directory. */
  readonly cwd?: string;
}

/**
 * Where exactly these keys are, in every encoding, and torn over lines or
 * string literals. Key number `n`, from 1, is named by the rule
 * `known-key-<n>`; a value given twice goes by its first number.
 *
 * @param keys - 8 to 8,192 characters of printable ASCII each
 * @throws UsageError `USAGE_KEYS` for a key that cannot be hunted for, without its text
 */
export async function huntKeys(keys: readonly string[], options: HuntOptions): Promise<ScanResult> {
  const signal = options.signal ?? new AbortController().signal;
  const known = distinctKeys(keys.map((key, i) => knownKey(key, String(i + 1), `number ${i + 1}`)));
  const repository = options.repository === undefined ? null : await openRepository(options.repository, { signal });
  return hunt(known, { ...options, repository, signal });
}

function run(source: Source, options: ScanOptions): Promise<ScanResult> {
  const { rules = BUILTIN_RULES, signal, showSecrets = false, onBlob } = options;
  return scan({
    source,
    detector: createEngine(rules, { linearRegex, openArchive }),
    fingerprinter: fingerprinter(options.fingerprintKey),
    showSecrets,
    ...(signal ? { signal } : {}),
    ...(onBlob ? { onBlob } : {}),
  });
}
