import type { Finding } from '../core/finding.ts';
import { headlineIndex, pointAt } from '../core/place.ts';
import { isStandIn } from '../core/stand-in.ts';
import type { IdsAhead } from '../triage/fingerprint.ts';

/**
 * The id of a weak value takes tens of milliseconds, and a report for people needs it for one thing, the line that lets a finding stay. A file's
 * place does as well there, as `unleak allow PLACE` looks the secret up. Which findings have such a place is decided here.
 */

/**
 * Gives ids to the findings that have only stand-ins and no place that is theirs alone.
 *
 * @param shown - the findings as their places will be shown, in the same order
 */
export async function nameWhatHasNoPlace(
  findings: readonly Finding[],
  shown: readonly Finding[],
  { make, idOf }: Pick<IdsAhead, 'make' | 'idOf'>,
): Promise<readonly Finding[]> {
  const held = new Map<string, number>();
  for (const { occurrences } of shown) {
    for (const point of new Set(occurrences.map(pointAt)))
      if (point !== null) held.set(point, (held.get(point) ?? 0) + 1);
  }
  const isPointed = ({ occurrences }: Finding): boolean => {
    const first = occurrences[headlineIndex(occurrences)];
    const point = first === undefined ? null : pointAt(first);
    return point !== null && held.get(point) === 1;
  };
  const unnamed = new Set(
    findings
      .filter((one, i) => isStandIn(one.fingerprint) && !isPointed(shown[i] ?? one))
      .map((one) => one.fingerprint),
  );
  if (unnamed.size === 0) return findings;
  await make(unnamed);
  return findings.map((one) => (unnamed.has(one.fingerprint) ? { ...one, fingerprint: idOf(one.fingerprint) } : one));
}
