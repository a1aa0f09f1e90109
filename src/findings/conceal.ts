/**
 * Secrets stand in names too: of files, folders, branches and authors. A
 * report shows names, so what was found is taken out of all of them.
 */
import type { Blob } from '../core/blob.ts';
import type { Coverage } from '../core/coverage.ts';
import type { BlobScan, Detector } from '../core/detector.ts';
import type { Finding, FindingPart, Occurrence } from '../core/finding.ts';
import type { Secret } from '../core/secret.ts';
import { redact } from '../triage/redact.ts';

/** A shorter secret may be a word that means nothing where it stands in a path. */
const SHORTEST = 12;
/** Names are looked up by this many of their characters. */
const KEY = 4;

/** Collects the secrets of a run and takes them out of names. */
export class Concealer {
  /** First characters → secrets that begin so, and what is shown instead. */
  readonly #hidden = new Map<string, Map<string, string>>();
  /** Secrets that were learned already; one can be found thousands of times, mostly as the same object. */
  readonly #known = new Set<string>();
  readonly #knownSecrets = new WeakSet<Secret>();
  readonly #cleanHolds = new WeakMap<Occurrence['heldBy'], Occurrence['heldBy']>();

  /** Learns what was found in a blob; `content`, needed of names alone, is looked at now and not kept. */
  learn({ kind, content }: Pick<Blob, 'kind'> & Partial<Blob>, { findings, loose }: BlobScan): void {
    const bytes = content instanceof Uint8Array && isName(kind) ? Buffer.from(content) : null;
    for (const { secret, span, inner } of [...findings, ...findings.flatMap(({ parts }) => parts), ...loose]) {
      if (!isName(kind) && this.#isKnown(secret)) continue;
      const text = secret.reveal();
      const shown = redact(secret).redacted;
      const least = kind === 'path' ? KEY : SHORTEST;
      this.#hide(text, shown, least);
      this.#hide(Buffer.from(text, 'latin1').toString('utf8'), shown, least);
      // As it is written there, where that is encoded.
      if (bytes !== null && inner === undefined) this.#hide(bytes.toString('utf8', span.start, span.end), shown, least);
    }
  }

  /** Learns it. @returns whether it had been learned before */
  #isKnown(secret: Secret): boolean {
    if (this.#knownSecrets.has(secret)) return true;
    this.#knownSecrets.add(secret);
    const text = secret.reveal();
    if (this.#known.has(text)) return true;
    this.#known.add(text);
    return false;
  }

  #hide(text: string, shown: string, least: number): void {
    if (text.length < least) return;
    const key = text.slice(0, KEY);
    const same = this.#hidden.get(key) ?? new Map<string, string>();
    this.#hidden.set(key, same.set(text, shown));
  }

  /** The name without secrets. */
  clean(name: string): string {
    if (this.#hidden.size === 0) return name;
    let out = '';
    let at = 0;
    for (let i = 0; i + KEY <= name.length; i++) {
      const found = this.#longestAt(name, i);
      if (found === null) continue;
      out += name.slice(at, i) + found.shown;
      at = i + found.length;
      i = at - 1;
    }
    return out + name.slice(at);
  }

  #longestAt(name: string, at: number): { readonly length: number; readonly shown: string } | null {
    let best: { readonly length: number; readonly shown: string } | null = null;
    for (const [text, shown] of this.#hidden.get(name.slice(at, at + KEY)) ?? []) {
      if (text.length > (best?.length ?? 0) && name.startsWith(text, at)) best = { length: text.length, shown };
    }
    return best;
  }

  finding(finding: Finding): Finding {
    const { firstSeen } = finding;
    return {
      ...finding,
      firstSeen: firstSeen && { ...firstSeen, author: this.clean(firstSeen.author) },
      parts: finding.parts.map((part): FindingPart => ({
        ...part,
        occurrences: part.occurrences.map(this.#occurrence),
      })),
      occurrences: finding.occurrences.map(this.#occurrence),
    };
  }

  /**
   * Learns what else is secret in the names that these findings show: for runs that search for less than all.
   *
   * @param detector - one that searches for all
   */
  learnNames(findings: readonly Finding[], detector: Detector): void {
    for (const name of namesIn(findings)) {
      const content = Buffer.from(name);
      this.learn({ kind: 'path', content }, detector.scan(content));
    }
  }

  readonly #occurrence = (occurrence: Occurrence): Occurrence => ({
    ...occurrence,
    path: this.#optional(occurrence.path),
    author: this.#optional(occurrence.author),
    email: this.#optional(occurrence.email),
    heldBy: this.#holds(occurrence.heldBy),
  });

  /** Places of one commit share the list, and go on sharing it. */
  #holds(heldBy: Occurrence['heldBy']): Occurrence['heldBy'] {
    const known = this.#cleanHolds.get(heldBy) ?? heldBy.map(({ ref, inTip }) => ({ ref: this.clean(ref), inTip }));
    this.#cleanHolds.set(heldBy, known);
    return known;
  }

  #optional(name: string | null): string | null {
    return name === null ? null : this.clean(name);
  }

  coverage(coverage: Coverage): Coverage {
    return {
      ...coverage,
      skipped: coverage.skipped.map(({ setBy, ...one }) => ({
        ...one,
        examples: one.examples.map((name) => this.clean(name)),
        ...(setBy === undefined ? {} : { setBy: this.clean(setBy) }),
      })),
      configuration: coverage.configuration.map(({ file, digest, disables }) => ({
        file: this.clean(file),
        digest,
        disables: disables.map((name) => this.clean(name)),
      })),
      problems: coverage.problems.map((one) => ({ ...one, message: this.clean(one.message) })),
    };
  }
}

/** Paths, people and refs, each once. */
function namesIn(findings: readonly Finding[]): Set<string> {
  const names = new Set<string>();
  const add = (name: string | null | undefined): void => void (name && names.add(name));
  for (const { firstSeen, occurrences, parts } of findings) {
    add(firstSeen?.author);
    for (const { path, author, email, heldBy } of [...occurrences, ...parts.flatMap((part) => part.occurrences)]) {
      for (const name of [path, author, email]) add(name);
      for (const { ref } of heldBy) add(ref);
    }
  }
  return names;
}

/** Texts that are shown as names, or that hold such: a commit's author is part of its message. */
function isName(kind: Blob['kind']): boolean {
  return kind === 'path' || kind === 'commit-message' || kind === 'tag-message';
}
