/**
 * Default rules of gitleaks that a configuration adjusts or turns off. Ours
 * stand in for them, so what is said of them is said of ours of the same kind.
 */
import type { Filter } from '../core/rule.ts';
import { type Allowed, type PlaceTest, allowed } from './allowlist.ts';
import { oursFor, oursForEither, oursOnlyFor } from './default-rules.ts';
import type { JoinedConfig } from './extend.ts';
import type { GoRegexes } from './go-regexes.ts';
import { listsOf } from './read.ts';
import type { GitleaksRuleSource } from './schema.ts';

/** What one of our rules has to be held to besides. */
export interface Adjustment {
  /** Id of the rule of ours. */
  readonly rule: string;
  readonly filters: readonly Filter[];
  /** A secret is kept only above it; 0: nothing is asked. */
  readonly entropy: number;
  readonly places: readonly PlaceTest[];
}

export interface Adjusted {
  readonly adjustments: readonly Adjustment[];
  readonly remarks: readonly string[];
}

/** The default rule that has a path and no expression: with a path given it is a rule of its own. */
const BY_PATH = 'pkcs12-file';

/** Whether a rule says something of a default rule instead of being one. */
export function isAdjusting({ id, regex = '', path = '' }: GitleaksRuleSource, { useDefault }: JoinedConfig): boolean {
  return useDefault && regex === '' && oursFor(id) !== undefined && (id !== BY_PATH || path === '');
}

/** @throws GitleaksError `GITLEAKS_VALUE`, `GITLEAKS_REGEX` */
export function adjustment(source: GitleaksRuleSource, where: string, regexes: GoRegexes): Adjusted {
  const ours = oursFor(source.id) ?? [];
  const lists = listsOf(source).map((list) => allowed(list, where, regexes));
  const { entropy = 0 } = source;
  const common = {
    filters: lists.flatMap(({ filter }) => filter ?? []),
    entropy,
    places: lists.flatMap(({ place }) => place ?? []),
  };
  return {
    adjustments: ours.map((rule) => ({ rule, ...common })),
    remarks: [...lists.flatMap(({ remarks }) => remarks), `${where} ${effectOf(source, ours, lists)}`],
  };
}

/** What can be said of ours, and what cannot. */
function effectOf(source: GitleaksRuleSource, ours: readonly string[], lists: readonly Allowed[]): string {
  const followed = [
    ...(lists.length > 0 ? ['its allow-lists'] : []),
    ...((source.entropy ?? 0) > 0 ? ['entropy'] : []),
  ];
  const given = Object.keys(source).filter((key) => LOST.has(key) && !isEmpty(source, key));
  if (ours.length === 0) return 'adjusts a default rule that has no counterpart here: it has no effect';
  const held = followed.length === 0 ? '' : `: ${followed.join(', ')} now hold for ours (${ours.join(', ')})`;
  return `adjusts a default rule${held}${given.length === 0 ? '' : `; ${given.join(', ')} have no effect`}`;
}

/** Keys that say nothing of a rule that is written otherwise. */
const LOST: ReadonlySet<string> = new Set([
  'description',
  'path',
  'secretgroup',
  'keywords',
  'tags',
  'required',
  'skipreport',
  'specificity',
]);

function isEmpty(source: GitleaksRuleSource, key: string): boolean {
  const value = Object.entries(source).find(([name]) => name === key)?.[1];
  return Array.isArray(value) && value.length === 0;
}

export interface TurnedOff {
  /** Ids of ours, and those that are called the same. */
  readonly rules: readonly string[];
  /** Those that are no default rule of gitleaks: if no rule of ours is called so either, they name nothing. */
  readonly others: readonly string[];
  readonly remarks: readonly string[];
}

/** What `disabledRules` comes to. One of ours that stands in for others too stays. */
export function turnedOff({ name, disabledRules, useDefault }: JoinedConfig): TurnedOff {
  if (!useDefault) return { rules: disabledRules, others: [], remarks: [] };
  const rules = new Set([...disabledRules, ...oursOnlyFor(new Set(disabledRules))]);
  const remarks = disabledRules.flatMap((id) => {
    const left = (oursForEither(id) ?? []).filter((one) => !rules.has(one));
    const where = `${name}: disabledRules names ${JSON.stringify(id)}`;
    return left.length === 0
      ? []
      : [`${where}, whose counterpart (${left.join(', ')}) reports other kinds too and stays`];
  });
  return { rules: [...rules], others: disabledRules.filter((id) => oursForEither(id) === undefined), remarks };
}
