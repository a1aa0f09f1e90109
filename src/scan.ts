import type { Blob } from './core/blob.ts';
import type { Coverage } from './core/coverage.ts';
import type { BlobFinding, BlobScan, Detector } from './core/detector.ts';
import type { Finding } from './core/finding.ts';
import { pause } from './core/pause.ts';
import type { FileRules } from './core/rule.ts';
import type { Source } from './core/source.ts';
import type { Span } from './core/span.ts';
import { contentMend } from './errors/content.ts';
import { Collected } from './findings/collect.ts';
import { fileFindings } from './findings/files.ts';
import { Concealer } from './findings/conceal.ts';
import {
  type Admits,
  type HabitsOf,
  type Listing,
  type MaskLine,
  type ReportedSecrets,
  assemble,
} from './findings/assemble.ts';
import type { Fingerprinter } from './triage/fingerprint.ts';

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
  /** Puts the secrets themselves into the findings. */
  readonly showSecrets?: boolean;
  readonly signal?: AbortSignal;
  /**
   * Told of every blob's findings as they are found, before anything is known
   * about where the blob occurs; blobs without any may be left out.
   */
  readonly onBlob?: (blob: Pick<Blob, 'id' | 'kind'>, scan: BlobScan) => void;
}

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
  try {
    return await scanAll(options);
  } finally {
    options.signal?.removeEventListener('abort', stop);
    stop();
  }
}

async function scanAll(options: ScanOptions): Promise<ScanResult> {
  const { source, detector, fingerprinter } = options;
  const signal = options.signal ?? new AbortController().signal;
  const { ahead } = fingerprinter;
  // What takes long to name is named while it is being attributed, where the source can do without names.
  const standIn = source.attributeEarly ? ahead?.standIn : undefined;
  const collected = new Collected(({ rule: { family }, secret }: BlobFinding) =>
    standIn ? standIn(family, secret) : fingerprinter.of(family, secret),
  );
  const concealer = new Concealer();
  /** Named when all are known: what takes long is done beside the scan. */
  const unnamed: { readonly id: string; readonly result: BlobScan }[] = [];

  const take = (blob: Pick<Blob, 'id' | 'kind'> & Partial<Blob>, result: BlobScan): void => {
    for (const problem of result.problems)
      source.coverage.problem({ ...problem, message: `${problem.message} (${blob.id})` });
    options.onBlob?.(blob, result);
    if (result.findings.length + result.loose.length > 0) unnamed.push({ id: blob.id, result });
    for (const { rule, secret } of result.findings) ahead?.begin(rule.family, secret);
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
  const named = async (): Promise<(name: string) => string> => {
    await ahead?.settled();
    signal.throwIfAborted();
    return (name) => ahead?.idOf(name) ?? name;
  };
  if (standIn === undefined) await named();
  else await pause();
  for (const { id, result } of unnamed) collected.add({ id }, result);
  if (collected.findings.size > 0 && source.parentBlobs) {
    for await (const blob of source.parentBlobs(new Set(collected.findings.keys()), signal)) {
      collected.addParent(blob, await scanOne(detector, blob));
    }
  }
  if (standIn) await pause();
  // How a key is written is seen where it stands.
  const spansOf = (blob: string): readonly Span[] | null =>
    options.habitsOf === undefined ? collected.spansOf(blob) : null;
  const attribution = source.attributeEarly
    ? await source.attributeEarly(collected.holdings(), { ids: named, spansOf }, signal)
    : await source.attribute(collected.holdings(), signal);
  if (standIn) collected.settle(await named());
  const reported: ReportedSecrets = {
    keyId: fingerprinter.keyId,
    show: options.showSecrets ?? false,
    maskLine: options.maskLine,
    admits: options.admits ?? (() => true),
    habitsOf: options.habitsOf,
    listing: options.listing ?? { most: Infinity, locatesAll: true },
  };
  const inFiles = await assemble(source, collected, attribution, reported, signal);
  const { fileRules } = options;
  const findings =
    fileRules === undefined
      ? inFiles
      : [...inFiles, ...(await fileFindings(source, fileRules, fingerprinter, reported, signal))];
  const merged = fingerprinter.merged?.() ?? 0;
  if (merged > 0)
    source.coverage.problem({
      code: 'FINGERPRINT_LIMIT',
      message: 'Too many weak values to give each an id of its own',
      mend: contentMend('FINGERPRINT_LIMIT'),
      count: merged,
    });
  const coverage = source.coverage.report(source.name);
  const allowedBefore = collected.allowedIn(attribution.standing ?? []);
  if (reported.show) return { findings, coverage, allowedBefore };
  if (options.nameDetector !== undefined && findings.length > 0)
    concealer.learnNames(findings, await options.nameDetector());
  return {
    findings: findings.map((one) => concealer.finding(one)),
    coverage: concealer.coverage(coverage),
    allowedBefore,
  };
}

async function scanOne(detector: Detector, { content }: Blob): Promise<BlobScan> {
  return content instanceof Uint8Array ? detector.scan(content) : detector.scanStream(content);
}
