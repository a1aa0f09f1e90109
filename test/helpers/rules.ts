import type { AssignedFind, Matcher, PatternFind, Rule } from '../../src/core/rule.ts';

/** A rule for tests, everything not said being ordinary. */
export function makeRule(id: string, matchers: readonly Matcher[], over: Partial<Rule> = {}): Rule {
  return {
    id,
    provider: id.split('-')[0] ?? id,
    title: id,
    severity: 'critical',
    role: 'secret',
    family: id,
    specificity: 100,
    matchers,
    parts: [],
    impact: 'Impact.',
    remediation: 'Remediation.',
    references: [],
    ...over,
  };
}

export function pattern(
  literals: readonly string[],
  source: string,
  over: Partial<Matcher> = {},
  find: Partial<PatternFind> = {},
): Matcher {
  return {
    literals,
    caseSensitive: true,
    encoded: true,
    before: 64,
    after: 256,
    gate: 0,
    find: {
      kind: 'pattern',
      source,
      ignoreCase: false,
      anchor: 'hit',
      boundary: 'A-Za-z0-9_',
      decode: 'none',
      ...find,
    },
    near: [],
    checks: [],
    confidence: 'high',
    ...over,
  };
}

export function assigned(
  literals: readonly string[],
  name: string,
  value: string,
  over: Partial<Matcher> = {},
  find: Partial<AssignedFind> = {},
): Matcher {
  return {
    literals,
    caseSensitive: false,
    encoded: true,
    before: 256,
    after: 512,
    gate: 0,
    find: { kind: 'assigned', name, anchor: 'hit', value, decode: 'auto', ...find },
    near: [],
    checks: [],
    confidence: 'high',
    ...over,
  };
}
