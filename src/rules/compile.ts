/**
 * Turns rule files into the engine's rules, and refuses what would make a
 * rule unsafe, unreachable or unbounded.
 */
import type { Matcher, Near, PartSpec, PatternFind, AssignedFind, Reference, Rule } from '../core/rule.ts';
import { RuleError } from '../errors/rule.ts';
import { automatonOf, canContain, strayBeginning } from './automaton.ts';
import { compileCheck } from './checks.ts';
import { leadTable } from './lead-table.ts';
import type { LoadedFile } from './load.ts';
import { nearest } from '../core/nearest.ts';
import { type Node, maxLength, readPattern } from './pattern.ts';
import { type MatcherSource, type NearSource, type PartSource, type RuleSource, WINDOW_LIMIT } from './schema.ts';

const DEFAULT_WINDOW = 256;
const DEFAULT_PART_DISTANCE = 512;
const DEFAULT_SPECIFICITY = 100;
/** Room behind the longest match for what delimits it. */
const MARGIN = 64;
const SHORTEST_LITERAL = 3;
const LONGEST_LITERAL = 64;
/** Separators that identifiers are stripped of before names are compared. */
const SEPARATORS = /[-_. ]/g;
/** What a literal may end with that is no part of a name: `token="`. */
const AFTER_NAME = /[^A-Za-z0-9_.$-]+$/;

/** Matcher keys that a rule hands down to its matchers. */
const INHERITED = [
  'literals',
  'caseSensitive',
  'encoded',
  'before',
  'after',
  'gate',
  'gateDigit',
  'pattern',
  'ignoreCase',
  'assigned',
  'value',
  'anchor',
  'boundary',
  'decode',
  'near',
  'checks',
  'confidence',
] as const satisfies readonly (keyof MatcherSource)[];

export interface CompileOptions {
  /** Rules of other people: their expressions run in a linear-time engine. Default false. */
  readonly untrusted?: boolean;
}

/**
 * Compiles a whole rule set.
 *
 * @throws RuleError for the first thing that is wrong, with file, line and column
 */
export function compileRules(files: readonly LoadedFile[], { untrusted = false }: CompileOptions = {}): Rule[] {
  const places = new Map<string, string>();
  const rules = files.flatMap((file) =>
    file.content.rules.map((source, index) => {
      const where = file.locate(['rules', index, 'id']);
      const earlier = places.get(source.id);
      if (earlier !== undefined) {
        throw new RuleError('RULE_DUPLICATE_ID', `${where}: rule "${source.id}" is already at ${earlier}`);
      }
      places.set(source.id, where);
      const rule = compileRule(file, source, index);
      return untrusted ? { ...rule, untrusted } : rule;
    }),
  );
  if (rules.length === 0) throw new RuleError('RULE_NONE', 'There is no rule to scan with');
  for (const rule of rules) checkParts(rule, rules, places);
  return rules;
}

function compileRule(file: LoadedFile, source: RuleSource, index: number): Rule {
  const path = ['rules', index];
  const dashboard = source.dashboard ?? file.content.dashboard;
  const matchers = source.matchers?.map((matcher, i) => ({ matcher, at: [...path, 'matchers', i] })) ?? [
    { matcher: {}, at: path },
  ];
  return {
    id: source.id,
    provider: file.content.provider,
    title: source.title,
    severity: source.severity,
    role: source.role ?? 'secret',
    family: source.family ?? source.id,
    specificity: source.specificity ?? DEFAULT_SPECIFICITY,
    matchers: matchers.map(({ matcher, at }) => compileMatcher(inherit(source, matcher), file.locate(at))),
    parts: (source.parts ?? []).map(compilePart),
    ...(source.raisedBy === undefined ? {} : { raisedBy: source.raisedBy }),
    impact: source.impact,
    remediation: source.remediation,
    references: source.references.map(compileReference),
    ...(dashboard === undefined ? {} : { dashboard }),
    ...(source.verify === undefined ? {} : { verify: source.verify }),
    ...(source.revoke === undefined ? {} : { revoke: source.revoke }),
  };
}

function inherit(rule: RuleSource, matcher: MatcherSource): MatcherSource {
  const entries = INHERITED.flatMap((key) => {
    // What finds the secret is not mixed: a matcher with a pattern inherits no name.
    if (key === 'assigned' && matcher.pattern !== undefined) return [];
    if (key === 'pattern' && matcher.assigned !== undefined) return [];
    const value = matcher[key] ?? rule[key];
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

function compileMatcher(source: MatcherSource, where: string): Matcher {
  const isPattern = source.pattern !== undefined;
  const atHit = (source.anchor ?? 'hit') === 'hit';
  const caseSensitive = source.caseSensitive ?? (isPattern && atHit && source.ignoreCase !== true);
  const literals = compileLiterals(source.literals ?? [], caseSensitive, where);
  const { find, node } = isPattern ? compilePattern(source, where) : compileAssigned(source, where);
  const before = source.before ?? DEFAULT_WINDOW;
  const after = source.after ?? Math.max(DEFAULT_WINDOW, Math.min(maxLength(node) + MARGIN, WINDOW_LIMIT));
  checkWindow(find, maxLength(node), { before, after, literals }, where);
  checkReach(find, node, literals, caseSensitive, where);
  return {
    literals,
    caseSensitive,
    encoded: source.encoded ?? true,
    before,
    after,
    gate: source.gate ?? 0,
    ...(source.gateDigit === true ? { gateDigit: true } : {}),
    find,
    near: (source.near ?? []).map((near) => compileNear(near, where)),
    checks: (source.checks ?? []).map((check) => compileCheck(check, where)),
    confidence: source.confidence ?? 'high',
  };
}

function compileLiterals(literals: readonly string[], caseSensitive: boolean, where: string): string[] {
  if (literals.length === 0) throw new RuleError('RULE_LITERAL', `${where}: a matcher needs literals`);
  for (const literal of literals) {
    const fits = literal.length >= SHORTEST_LITERAL && literal.length <= LONGEST_LITERAL;
    // Control characters too: files of keys have object identifiers in them.
    if (!fits || !/^[\x00-\x7e]+$/.test(literal)) {
      const shown = JSON.stringify(literal);
      throw new RuleError('RULE_LITERAL', `${where}: literal ${shown} is not of 3 to 64 ASCII bytes`);
    }
  }
  return [...new Set(caseSensitive ? literals : literals.map((literal) => literal.toLowerCase()))];
}

interface Compiled<Find> {
  readonly find: Find;
  /** What bounds the match: the pattern, or the value that is assigned. */
  readonly node: Node;
}

function compilePattern(source: MatcherSource, where: string): Compiled<PatternFind> {
  const text = source.pattern ?? '';
  if (source.assigned !== undefined) {
    throw new RuleError('RULE_PATTERN', `${where}: a matcher has either pattern or assigned, not both`);
  }
  const { node, secrets } = readPattern(text, where, source.ignoreCase ?? false);
  if (secrets !== 1 || !certain(node)) {
    throw new RuleError('RULE_PATTERN', `${where}: a pattern needs exactly one group named secret in every match`);
  }
  if (source.boundary !== undefined && source.boundary !== '') readPattern(`[${source.boundary}]`, where);
  buildRegExp(text, where);
  const lead = leadTable(node);
  return {
    node,
    find: {
      kind: 'pattern',
      source: text,
      ...(lead === null ? {} : { lead }),
      ignoreCase: source.ignoreCase ?? false,
      anchor: source.anchor ?? 'hit',
      boundary: source.boundary ?? '',
      decode: source.decode ?? 'none',
    },
  };
}

function compileAssigned(source: MatcherSource, where: string): Compiled<AssignedFind> {
  const { assigned, value } = source;
  if (assigned === undefined || value === undefined) {
    throw new RuleError('RULE_PATTERN', `${where}: a matcher needs a pattern, or assigned together with value`);
  }
  const name = readPattern(assigned, where, true);
  const { node, secrets } = readPattern(value, where);
  if (name.secrets > 0 || (secrets > 0 && !certain(node)) || secrets > 1) {
    throw new RuleError('RULE_PATTERN', `${where}: assigned has no group; value may have one named secret`);
  }
  buildRegExp(assigned, where);
  buildRegExp(value, where);
  return {
    node,
    find: { kind: 'assigned', name: assigned, anchor: source.anchor ?? 'hit', value, decode: source.decode ?? 'auto' },
  };
}

/** True if the one group named secret takes part in every match, once: on no branch and in no repeat. */
function certain(node: Node): boolean {
  switch (node.kind) {
    case 'group':
      return node.named || certain(node.item);
    case 'sequence':
      return node.items.some(certain);
    case 'repeat':
      return node.min === 1 && node.max === 1 && certain(node.item);
    case 'set':
    case 'edge':
    case 'choice':
      return false;
  }
}

/** Our reader accepts a subset of what JavaScript does; this catches a mistake of ours. */
function buildRegExp(source: string, where: string): void {
  try {
    RegExp(source, 'd');
  } catch (cause) {
    throw new RuleError('RULE_PATTERN', `${where}: not a regular expression: ${source}`, { cause });
  }
}

function checkWindow(
  find: PatternFind | AssignedFind,
  longest: number,
  window: { readonly before: number; readonly after: number; readonly literals: readonly string[] },
  where: string,
): void {
  const hit = Math.min(...window.literals.map((literal) => literal.length));
  const room = find.anchor === 'window' ? window.before + hit + window.after : hit + window.after;
  if (longest > room) {
    throw new RuleError('RULE_WINDOW', `${where}: a match can have ${longest} characters, the window ${room}`);
  }
}

/** Refuses a matcher whose literals cannot lead to a match, or miss some of its matches. */
function checkReach(
  find: PatternFind | AssignedFind,
  node: Node,
  literals: readonly string[],
  caseSensitive: boolean,
  where: string,
): void {
  if (find.anchor === 'window') return;
  const automaton = automatonOf(find.kind === 'pattern' ? node : readPattern(find.name, where, true).node);
  if (automaton === null) throw new RuleError('RULE_PATTERN', `${where}: the pattern is too large`);
  if (find.kind === 'assigned') {
    const stray = literals.find(
      (literal) => !canContain(automaton, literal.replace(AFTER_NAME, '').replaceAll(SEPARATORS, '')),
    );
    if (stray === undefined) return;
    throw new RuleError('RULE_LITERAL', `${where}: no name that matches ${find.name} contains "${stray}"`);
  }
  const stray = strayBeginning(automaton, literals, !caseSensitive);
  if (stray !== null) {
    const shown = JSON.stringify(stray);
    throw new RuleError('RULE_LITERAL', `${where}: a match can begin with ${shown}, which is none of its literals`);
  }
}

function compileNear(source: NearSource, where: string): Near {
  const any = source.any.map((text) => text.toLowerCase());
  if (any.some((text) => !/^[\x20-\x7e]+$/.test(text))) {
    throw new RuleError('RULE_LITERAL', `${where}: texts of near must be printable ASCII`);
  }
  return { any, within: source.within ?? DEFAULT_WINDOW, not: source.not ?? false };
}

function compilePart(source: PartSource): PartSpec {
  return {
    rule: source.rule,
    within: source.within ?? DEFAULT_PART_DISTANCE,
    absence: source.absence ?? 'required',
    sameLength: source.sameLength ?? false,
  };
}

function compileReference(source: RuleSource['references'][number]): Reference {
  if (source.documented !== undefined) return { sure: 'documented', source: source.documented };
  if (source.observed !== undefined) return { sure: 'observed', source: source.observed };
  return { sure: 'inferred', source: source.inferred ?? '' };
}

function checkParts(rule: Rule, rules: readonly Rule[], places: ReadonlyMap<string, string>): void {
  const ids = rules.map(({ id }) => id).filter((id) => id !== rule.id);
  for (const named of [...rule.parts.map((part) => part.rule), ...(rule.raisedBy ?? [])]) {
    if (ids.includes(named)) continue;
    const meant = nearest(named, ids);
    throw new RuleError(
      'RULE_PART',
      `${places.get(rule.id) ?? rule.id}: rule "${rule.id}" names "${named}", which is no other rule${meant === null ? '' : `; did you mean "${meant}"?`}`,
    );
  }
}
