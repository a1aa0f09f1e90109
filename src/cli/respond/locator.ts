import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { BlobFinding, BlobPart, Detector } from '../../core/detector.ts';
import type { Finding, FindingPart, Occurrence } from '../../core/finding.ts';
import type { Rule } from '../../core/rule.ts';
import type { Secret } from '../../core/secret.ts';
import { RespondError } from '../../errors/respond.ts';
import { runGit } from '../../git/run.ts';
import type { Repository } from '../../git/repository.ts';
import type { LocatedSecret, SecretLocator } from '../../respond/services.ts';
import { type Fingerprinter, fingerprinter } from '../../triage/fingerprint.ts';

/** A blob larger than this is not read again. */
const LARGEST = 64 * 1024 * 1024;
/** Places tried for one finding. */
const TRIES = 20;

export interface LocatorOptions {
  readonly repository: Repository | null;
  readonly rules: readonly Rule[];
  readonly detector: Detector;
  /** Key of the fingerprints, where the user's configuration sets one. */
  readonly fingerprintKey: string | undefined;
  /** Folder of the files of a scan that this process has just made; null for a report from elsewhere. */
  readonly files: string | null;
  readonly signal: AbortSignal;
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

async function object(options: LocatorOptions, spec: string): Promise<Uint8Array | null> {
  const { repository, signal } = options;
  if (!repository) return null;
  const { stdout, code } = await runGit(repository.invocation, ['cat-file', 'blob', spec], {
    signal,
    accept: [0, 1, 128],
    maxOutput: LARGEST,
  });
  return code === 0 ? stdout : null;
}

/** A path as the index and the last commit know it: objects of the repository, not files that lie about. */
function specsOf(occurrence: Occurrence): string[] {
  if (occurrence.blob !== null) return OBJECT_ID.test(occurrence.blob) ? [occurrence.blob] : [];
  const name = occurrence.path;
  if (occurrence.kind !== 'file' || name === null || path.isAbsolute(name) || /[\n\0]/.test(name)) return [];
  return [`:0:${name}`, `HEAD:${name}`];
}

function file(options: LocatorOptions, occurrence: Occurrence): Uint8Array | null {
  if (options.files === null || occurrence.kind !== 'file' || occurrence.path === null) return null;
  try {
    return readFileSync(path.resolve(options.files, occurrence.path));
  } catch {
    return null;
  }
}

async function* contents(options: LocatorOptions, occurrence: Occurrence): AsyncGenerator<Uint8Array> {
  const own = file(options, occurrence);
  if (own) yield own;
  for (const spec of specsOf(occurrence)) {
    const bytes = await object(options, spec);
    if (bytes) yield bytes;
  }
}

function sameDecoding(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

/** At this offset, through these encodings; a checked-out file may have other line ends than its object. */
function standsAt(found: BlobPart | BlobFinding, occurrence: Occurrence): boolean {
  if (!sameDecoding(found.decoded, occurrence.decoded)) return false;
  return occurrence.blob === null || found.span.start === occurrence.offset;
}

function partsByRule(found: readonly BlobPart[]): Map<string, Secret[]> {
  const parts = new Map<string, Secret[]>();
  for (const { rule, secret } of found) parts.set(rule.id, [...(parts.get(rule.id) ?? []), secret]);
  return parts;
}

async function partElsewhere(options: LocatorOptions, part: FindingPart): Promise<Secret | null> {
  for (const occurrence of part.occurrences.slice(0, TRIES))
    for await (const bytes of contents(options, occurrence)) {
      const { findings, loose } = options.detector.scan(bytes);
      const all = [...loose, ...findings.flatMap(({ parts }) => parts)];
      const found = all.find((one) => one.rule.id === part.rule && standsAt(one, occurrence));
      if (found) return found.secret;
    }
  return null;
}

async function located(options: LocatorOptions, finding: Finding, found: BlobFinding): Promise<LocatedSecret> {
  const parts = partsByRule(found.parts);
  for (const part of finding.parts) {
    if (parts.has(part.rule)) continue;
    const secret = await partElsewhere(options, part);
    if (secret) parts.set(part.rule, [secret]);
  }
  return { secret: found.secret, parts: Object.fromEntries(parts) };
}

function makerFor(options: LocatorOptions, finding: Finding): Fingerprinter | null {
  return (
    [fingerprinter(), fingerprinter(options.fingerprintKey)].find(({ keyId }) => keyId === finding.fingerprintKey) ??
    null
  );
}

/**
 * Reads a reported value again, from objects of the repository the command line
 * names. The report may come from anywhere and point at anything: the rule must
 * match again at that place, and the fingerprint agree.
 */
export function repositoryLocator(options: LocatorOptions): SecretLocator {
  return {
    async locate(finding) {
      const maker = makerFor(options, finding);
      const known = options.rules.some(({ id }) => id === finding.rule);
      if (maker && known)
        for (const occurrence of finding.occurrences.slice(0, TRIES))
          for await (const bytes of contents(options, occurrence)) {
            const found = options.detector
              .scan(bytes)
              .findings.find(
                (one) =>
                  one.rule.id === finding.rule &&
                  standsAt(one, occurrence) &&
                  maker.of(one.rule.family, one.secret) === finding.fingerprint,
              );
            if (found) return located(options, finding, found);
          }
      throw new RespondError('SOURCE_CHANGED', `What ${finding.rule} found is not where the report says`, {
        facts: { rule: finding.rule, fingerprint: finding.fingerprint },
      });
    },
  };
}

/** Asks a person for a value without showing it; null for none. */
export type AskSecret = (question: string) => Promise<Secret | null>;

async function given(
  options: LocatorOptions,
  finding: Finding,
  secret: Secret,
  ask: AskSecret | null,
): Promise<LocatedSecret> {
  const rule = options.rules.find(({ id }) => id === finding.rule);
  const maker = makerFor(options, finding);
  if (!rule || maker?.of(rule.family, secret) !== finding.fingerprint)
    throw new RespondError('SOURCE_CHANGED', 'The value given is not the one that was reported');
  const parts = new Map<string, readonly Secret[]>();
  for (const part of finding.parts) {
    const found = (await partElsewhere(options, part)) ?? (await ask?.(`And its ${part.rule} ${part.redacted}:`));
    if (found) parts.set(part.rule, [found]);
  }
  return { secret, parts: Object.fromEntries(parts) };
}

/** A value that a person gives, where it cannot be read again. Its fingerprint must agree as well. */
export function givenLocator(options: LocatorOptions, secret: Secret): SecretLocator {
  return { locate: (finding) => given(options, finding, secret, null) };
}

/** Reads from the repository, and asks a person for what is not there any more. */
export function askingLocator(options: LocatorOptions, ask: AskSecret): SecretLocator {
  const repository = repositoryLocator(options);
  return {
    async locate(finding) {
      try {
        return await repository.locate(finding);
      } catch (error) {
        if (!(error instanceof RespondError) || error.code !== 'SOURCE_CHANGED') throw error;
        const question = `${finding.title} ${finding.redacted} is not where the report says. Type it, or nothing to leave it:`;
        const secret = await ask(question);
        if (secret === null) throw error;
        return given(options, finding, secret, ask);
      }
    },
  };
}
