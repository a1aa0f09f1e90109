import type { Finding } from '../core/finding.ts';
import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { withDerived } from '../providers/identify.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';
import type { KeyRecord } from './journal/entry.ts';
import type { LeakedKey, LocatedSecret, SecretLocator } from './services.ts';

/** One secret beside more identifiers than this is a list of accounts, not a pair. */
const MAX_VARIANTS = 4;

/** Every way to complete the secret with one value for each part of its kind. */
function combinations(target: Target, located: LocatedSecret): Values[] {
  let sets: Values[] = [{ secret: located.secret }];
  for (const [part, rules] of Object.entries(target.kind.parts)) {
    const values = rules.flatMap((rule) => located.parts[rule] ?? []);
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [part]: value })));
  }
  return sets.slice(0, MAX_VARIANTS).map((set) => withDerived(target.kind, set));
}

const MAX_REFS = 100;

function refsOf(finding: Finding): string[] {
  const refs = finding.occurrences.flatMap(({ heldBy }) => heldBy.map(({ ref }) => ref));
  return [...new Set(refs)].slice(0, MAX_REFS);
}

/** What is known of a finding without its value. */
export function recordOf(finding: Finding, target: Target | null): KeyRecord {
  const place = finding.occurrences[0];
  const commit = place?.commit ? ` in ${place.commit.slice(0, 12)}` : '';
  return {
    fingerprint: finding.fingerprint,
    rule: finding.rule,
    provider: target?.provider.id ?? finding.provider,
    kind: target?.kind.id ?? null,
    title: finding.title,
    redacted: finding.redacted,
    lastFour: finding.lastFour ?? null,
    where: place ? `${place.path ?? place.kind}:${place.line}${commit}` : '-',
    exposure: finding.exposure,
    firstSeen: finding.firstSeen?.date ?? null,
    firstCommit: finding.firstSeen?.commit ?? null,
    refs: refsOf(finding),
  };
}

/** A leaked key with its value, or with the reason why the value cannot be read again. */
export async function leakedKey(finding: Finding, target: Target | null, locator: SecretLocator): Promise<LeakedKey> {
  const about = { record: recordOf(finding, target), finding, target };
  try {
    const located = await locator.locate(finding);
    const variants = target ? combinations(target, located) : [];
    return { ...about, variants, secret: located.secret, missing: null };
  } catch (error) {
    if (!isScanError(error)) throw error;
    return { ...about, variants: [], secret: null, missing: error.code };
  }
}

/** A key whose value a person gave, for `rotate` and for values that cannot be read again. */
export function givenKey(target: Target, record: KeyRecord, values: Values): LeakedKey {
  const secret = values['secret'];
  return {
    record,
    finding: null,
    target,
    variants: [withDerived(target.kind, values)],
    secret: secret instanceof Secret ? secret : null,
    missing: null,
  };
}
