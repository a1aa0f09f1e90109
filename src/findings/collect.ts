import type { Blob } from '../core/blob.ts';
import type { BlobFinding, BlobPart, BlobScan } from '../core/detector.ts';
import type { Holdings } from '../core/source.ts';
import type { Span } from '../core/span.ts';
import { plainSpans } from './look-again.ts';

/** A blob's finding with its fingerprint. */
export interface Held {
  readonly fingerprint: string;
  readonly finding: BlobFinding;
}

/** What scanning has found, by blob: all that is kept of a run until attribution. */
export class Collected {
  /** Blob id → its findings. */
  readonly findings = new Map<string, readonly Held[]>();
  /** Blob id → identifiers that no secret of the blob claimed. */
  readonly loose = new Map<string, readonly BlobPart[]>();
  /** Likewise, of blobs that only tell what was there before. */
  readonly #before = new Map<string, readonly Held[]>();
  readonly #holdings = new Map<string, Set<string>>();
  readonly #fingerprint: (finding: BlobFinding) => string;

  constructor(fingerprint: (finding: BlobFinding) => string) {
    this.#fingerprint = fingerprint;
  }

  add(blob: Pick<Blob, 'id'>, scan: BlobScan): void {
    if (scan.loose.length > 0) this.loose.set(blob.id, scan.loose);
    if (scan.findings.length === 0) return;
    this.findings.set(blob.id, this.#hold(blob, scan));
  }

  /** A blob that only tells what was there before. */
  addParent(blob: Blob, scan: BlobScan): void {
    this.#before.set(blob.id, this.#hold(blob, scan));
  }

  /** What is to be looked at of a blob if it is listed; null if it has to be read. */
  spansOf(blob: string): readonly Span[] | null {
    return plainSpans(this.findings.get(blob) ?? []);
  }

  /** Puts fingerprints in place of what stood for them. */
  settle(idOf: (name: string) => string): void {
    for (const held of [this.findings, this.#before])
      for (const [blob, list] of held)
        held.set(
          blob,
          list.map(({ fingerprint, finding }) => ({ fingerprint: idOf(fingerprint), finding })),
        );
  }

  /** The fingerprints that one of these blobs holds with an inline comment wherever it has them. */
  allowedIn(blobs: Iterable<string>): Set<string> {
    const allowed = new Set<string>();
    for (const blob of blobs) {
      const held = this.findings.get(blob) ?? this.#before.get(blob) ?? [];
      const bare = new Set(held.filter(({ finding }) => finding.allowedBy === null).map((one) => one.fingerprint));
      for (const { fingerprint } of held) if (!bare.has(fingerprint)) allowed.add(fingerprint);
    }
    return allowed;
  }

  /** Has attribution asked about a blob for another reason. */
  ask(blob: string, name: string): void {
    this.#entry(blob).add(name);
  }

  /**
   * What attribution is asked about. Where a secret lacks a part that other
   * blobs hold, those blobs are asked about too, under the name of the part's rule.
   */
  holdings(): Holdings {
    const wanted = this.#missingParts();
    for (const [blob, parts] of this.loose) {
      for (const { rule } of parts) if (wanted.has(rule.id)) this.#entry(blob).add(`part ${rule.id}`);
    }
    return this.#holdings;
  }

  #missingParts(): Set<string> {
    const missing = new Set<string>();
    for (const held of this.findings.values()) {
      for (const { finding } of held) {
        for (const spec of finding.rule.parts)
          if (!finding.parts.some(({ rule }) => rule.id === spec.rule)) missing.add(spec.rule);
      }
    }
    return missing;
  }

  #entry(blob: string): Set<string> {
    const known = this.#holdings.get(blob) ?? new Set<string>();
    this.#holdings.set(blob, known);
    return known;
  }

  #hold(blob: Pick<Blob, 'id'>, scan: BlobScan): Held[] {
    const held = scan.findings.map((finding): Held => ({ fingerprint: this.#fingerprint(finding), finding }));
    for (const { fingerprint } of held) this.#entry(blob.id).add(fingerprint);
    return held;
  }
}
