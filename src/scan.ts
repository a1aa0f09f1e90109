import type { Blob } from './core/blob.ts';
import type { Coverage, Problem } from './core/coverage.ts';
import type { BlobFinding, BlobScan, Detector } from './core/detector.ts';
import type { Finding } from './core/finding.ts';
import { pause } from './core/pause.ts';
import type { FileRules } from './core/rule.ts';
import type { Source } from './core/source.ts';
import type { Span } from './core/span.ts';
import { contentMend } from './errors/content.ts';
import { Collected } from './findings/collect.ts';
import { fileFindings } from './findings/files.ts';
import { Gaps } from './findings/gaps.ts';
import { Concealer } from './findings/conceal.ts';
import {
  type Admits,
  type HabitsOf,
  type Listing,
  type MaskLine,
  type ReportedSecrets,
  assemble,
} from './findings/assemble.ts';
import { type Taken, salvage } from './findings/salvage.ts';
import { nameWhatHasNoPlace } from './findings/unnamed.ts';
import type { Fingerprinter, IdsAhead } from './triage/fingerprint.ts';

export interface ScanOptions {
  readonly source: Source;
  readonly detector: Detector;
  /** Names secrets; see triage/fingerprint.ts. */
  readonly fingerprinter: Fingerprinter;
  /** Masks the line that a secret stands on; without it findings have no `snippet`. */
  readonly maskLine?: MaskLine;
  /** Rules that go by paths alone, if there are any. */
  readonly fileRules?: FileRules;
  /** False for a place where a finding is none; default: every place counts. */
  readonly admits?: Admits;
  /** Looks at how each key is written, for `--policy`. */
  readonly habitsOf?: HabitsOf;
  /** Places above this number are not looked at again, and marked. Default: none. */
  readonly listing?: Listing;
  /** Searches the names that findings show for all that is secret, where `detector` searches for less. */
  readonly nameDetector?: () => Promise<Detector>;
  /**
   * Which findings have a stand-in (`isStandIn`) for an id that would take long to make: those that a place leads back to, or all. Default: none.
   * Not heeded where somebody must see each id made, nor of a source that makes them beside other work.
   */
  readonly unnamed?: Unnamed | undefined;
  /** Puts the secrets themselves into the findings. */
  readonly showSecrets?: boolean;
  readonly signal?: AbortSignal;
  /**
   * What becomes of an error once something was found: a problem, beside which that is reported with what is known of it; or null, and it is
   * thrown, as every error is where this is absent.
   */
  readonly rescue?: (error: unknown) => Problem | null;
  /**
   * Told of every blob's findings as they are found, before anything is known
   * about where the blob occurs; blobs without any may be left out.
   */
  readonly onBlob?: (blob: Pick<Blob, 'id' | 'kind'>, scan: BlobScan) => void;
}

export type Unnamed = 'pointed' | 'all';

export interface ScanResult {
  /** One per secret, unsorted, nothing suppressed but what inline comments allow. */
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  /** Fingerprints that an inline comment allowed before what was judged; see `Attribution.standing`. */
  readonly allowedBefore: ReadonlySet<string>;
}

/**
 * Sources → engine → findings. Scans every blob once, asks the source where
 * those with findings occur, and reads these a second time for lines and columns.
 *
 * @throws whatever the source throws for a wrong request (no such path); what it cannot read is in `coverage.problems`
 */
export async function scan(options: ScanOptions): Promise<ScanResult> {
  const stop = (): void => options.fingerprinter.ahead?.stop();
  options.signal?.addEventListener('abort', stop);
  const gaps = new Gaps(options.source.coverage, options.listing?.excluded);
  const run: Run = { taken: [], concealer: new Concealer(), gaps };
  try {
    return await scanAll(options, run);
  } catch (error) {
    options.signal?.throwIfAborted();
    const problem = run.taken.some(({ result }) => result.findings.length > 0) ? options.rescue?.(error) : null;
    if (!problem) throw error;
    return await salvaged(options, run, problem).catch(() => {
      throw error;
    });
  } finally {
    options.signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** What a scan has come to so far. */
interface Run {
  /** Blobs with findings or loose parts. Named when all are known: what takes long is done beside the scan. */
  readonly taken: Taken[];
  readonly concealer: Concealer;
  readonly gaps: Gaps;
}

/** The report of a scan that broke off. */
async function salvaged(options: ScanOptions, { taken, concealer, gaps }: Run, problem: Problem): Promise<ScanResult> {
  const { source, fingerprinter, signal = new AbortController().signal } = options;
  gaps.settle({ places: [] });
  source.coverage.problem(problem);
  const findings = await salvage(source, taken, fingerprinter, reportedBy(options), signal);
  await learnNames(options, concealer, findings);
  return concealed(options, concealer, { findings, allowedBefore: new Set() });
}

async function scanAll(options: ScanOptions, { taken, concealer, gaps }: Run): Promise<ScanResult> {
  const { source, detector, fingerprinter } = options;
  const signal = options.signal ?? new AbortController().signal;
  const { ahead } = fingerprinter;
  // What takes long to name is named while it is being attributed, where the source can do without names, or later.
  const isPostponed = options.unnamed !== undefined && !source.attributeEarly && ahead?.standIn !== undefined;
  const standIn = source.attributeEarly || isPostponed ? ahead?.standIn : undefined;
  const collected = new Collected(({ rule: { family }, secret }: BlobFinding) =>
    standIn ? standIn(family, secret) : fingerprinter.of(family, secret),
  );

  const take = (blob: Pick<Blob, 'id' | 'kind'> & Partial<Blob>, result: BlobScan): void => {
    gaps.add(blob.id, blob.kind, result.problems);
    options.onBlob?.(blob, result);
    if (result.findings.length + result.loose.length > 0) taken.push({ id: blob.id, kind: blob.kind, result });
    for (const { rule, secret } of result.findings) {
      if (isPostponed) ahead.postpone(rule.family, secret);
      else ahead?.begin(rule.family, secret);
    }
    concealer.learn(blob, result);
  };

  for await (const blob of source.blobs(signal)) {
    signal.throwIfAborted();
    const result = await scanOne(detector, blob);
    source.coverage.add('bytesScanned', result.size);
    source.decided?.(blob.id, result);
    take(blob, result);
  }
  if (standIn) ahead?.beside();
  for (const { id, kind, scan: result } of source.scanned?.() ?? []) take({ id, kind }, result);
  const ids = async (): Promise<(name: string) => string> => {
    await ahead?.settled();
    signal.throwIfAborted();
    return (name) => ahead?.idOf(name) ?? name;
  };
  if (standIn === undefined) await ids();
  else await pause();
  for (const { id, result } of taken) collected.add({ id }, result);
  if (collected.findings.size > 0 && source.parentBlobs) {
    for await (const blob of source.parentBlobs(new Set(collected.findings.keys()), signal)) {
      collected.addParent(blob, await scanOne(detector, blob));
    }
  }
  if (standIn) await pause();
  gaps.askIn(collected);
  // How a key is written is seen where it stands.
  const spansOf = (blob: string): readonly Span[] | null =>
    options.habitsOf === undefined ? collected.spansOf(blob) : null;
  const attribution = source.attributeEarly
    ? await source.attributeEarly(collected.holdings(), { ids, spansOf }, signal)
    : await source.attribute(collected.holdings(), signal);
  gaps.settle(attribution);
  if (standIn && !isPostponed) collected.settle(await ids());
  const reported = reportedBy(options);
  const inFiles = await assemble(source, collected, attribution, reported, signal);
  const { fileRules } = options;
  const findings =
    fileRules === undefined
      ? inFiles
      : [...inFiles, ...(await fileFindings(source, fileRules, fingerprinter, reported, signal))];
  await learnNames(options, concealer, findings);
  const named = isPostponed ? await namedFor(options.unnamed, findings, concealer, ahead) : findings;
  const merged = fingerprinter.merged?.() ?? 0;
  if (merged > 0)
    source.coverage.problem({
      code: 'FINGERPRINT_LIMIT',
      message: 'Too many weak values to give each an id of its own',
      mend: contentMend('FINGERPRINT_LIMIT'),
      count: merged,
    });
  const allowedBefore = collected.allowedIn(attribution.standing ?? []);
  return concealed(options, concealer, { findings: named, allowedBefore });
}

/** With ids for those that have none yet and need one. Places count as they will be shown. */
function namedFor(
  unnamed: Unnamed | undefined,
  findings: readonly Finding[],
  concealer: Concealer,
  ahead: IdsAhead,
): Promise<readonly Finding[]> | readonly Finding[] {
  if (unnamed === 'all') return findings;
  return nameWhatHasNoPlace(
    findings,
    findings.map((one) => concealer.finding(one)),
    ahead,
  );
}

function reportedBy(options: ScanOptions): ReportedSecrets {
  return {
    keyId: options.fingerprinter.keyId,
    show: options.showSecrets ?? false,
    maskLine: options.maskLine,
    admits: options.admits ?? (() => true),
    habitsOf: options.habitsOf,
    listing: options.listing ?? { most: Infinity, locatesAll: true },
  };
}

/** Names show secrets that were not looked for, where few rules are in force. */
async function learnNames(
  { showSecrets = false, nameDetector }: ScanOptions,
  concealer: Concealer,
  findings: readonly Finding[],
): Promise<void> {
  if (!showSecrets && nameDetector !== undefined && findings.length > 0)
    concealer.learnNames(findings, await nameDetector());
}

/** The result as it is shown: without the secrets that stand in names, unless they were asked for. */
function concealed(
  { source, showSecrets = false }: ScanOptions,
  concealer: Concealer,
  { findings, allowedBefore }: Omit<ScanResult, 'coverage'>,
): ScanResult {
  const coverage = source.coverage.report(source.name);
  if (showSecrets) return { findings, coverage, allowedBefore };
  return {
    findings: findings.map((one) => concealer.finding(one)),
    coverage: concealer.coverage(coverage),
    allowedBefore,
  };
}

async function scanOne(detector: Detector, { content }: Blob): Promise<BlobScan> {
  return content instanceof Uint8Array ? detector.scan(content) : detector.scanStream(content);
}
