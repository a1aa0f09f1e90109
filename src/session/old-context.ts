import type { Rule } from '../core/rule.ts';
import type { Suppressions } from '../triage/apply.ts';

/** What the ids of rules in other tools' files come to. */
export interface TheirRules {
  /** Whether their rule reports what this one of ours does. */
  readonly means: (theirs: string, ours: string) => boolean;
  /** What has no effect because nothing in force corresponds to it, a sentence each. */
  readonly remarks: readonly string[];
}

/** @param rules - in force */
export async function theirRules(
  rules: readonly Rule[],
  { places = [] }: Pick<Suppressions, 'places'>,
): Promise<TheirRules> {
  if (places.length === 0) return { means: () => false, remarks: [] };
  const { GENERIC_RULES, oursForEither } = await import('../gitleaks/default-rules.ts');
  const inForce = new Map(rules.map((rule) => [rule.id, rule]));
  const generic = rules.filter(({ provider }) => provider === 'generic').map(({ id }) => id);
  const byContext = rules.filter(goesByContext).map(({ id }) => id);
  const meant = (id: string): ReadonlySet<string> => {
    const same = inForce.get(id);
    // A rule of their configuration is meant by its id; one of ours may only happen to have it.
    const ours = same?.untrusted === true ? undefined : oursForEither(id);
    if (ours === undefined) return new Set(same === undefined ? [] : [id]);
    const alike = [...ours, id].filter((one) => inForce.has(one));
    return new Set([...alike, ...generic, ...(GENERIC_RULES.has(id) ? byContext : [])]);
  };
  const known = new Map([...new Set(places.map(({ rule }) => rule))].map((id) => [id, meant(id)]));
  const without = [...known].flatMap(([id, ours]) => (ours.size === 0 ? [id] : []));
  return {
    means: (theirs, ours) => (known.get(theirs) ?? meant(theirs)).has(ours),
    remarks: without.map((id) => {
      const [first, ...others] = places.filter(({ rule }) => rule === id);
      const more = others.length > 0 ? ` and ${others.length} more` : '';
      return `${first?.origin ?? ''}${more}: no rule in force is ${JSON.stringify(id)} or its like, so this allows nothing`;
    }),
  };
}

/** Found by a name or by what stands near, not by a form of its own: what a generic rule reports. */
function goesByContext({ matchers }: Rule): boolean {
  return matchers.some(({ find, near }) => find.kind === 'assigned' || near.length > 0);
}
