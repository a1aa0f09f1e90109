import type { Suppression } from '../core/finding.ts';

/**
 * A secret is allowed by comment only where every place that holds it carries
 * one: a copy without a comment is a leak that nobody looked at.
 *
 * @param allowedBy - one entry a place, null where no comment stands
 */
export function inlineSuppression(allowedBy: readonly (string | null)[]): Suppression | null {
  const [first] = allowedBy;
  if (first === undefined || first === null || allowedBy.includes(null)) return null;
  return { by: 'comment', reason: first };
}
