/**
 * A configuration of gitleaks as rules of ours. Where the two differ is written
 * in docs/GITLEAKS.md; what has no counterpart comes back as a remark.
 */
import type { BlobFinding } from '../core/detector.ts';
import type { Place } from '../core/finding.ts';
import { LINE_REACH } from '../core/limits.ts';
import type { Filter, Matcher, PartSpec, Rule } from '../core/rule.ts';
import type { Regex, RegexFactory } from '../detect/regex.ts';
import { GitleaksError } from '../errors/gitleaks.ts';
import { type Adjustment, adjustment, isAdjusting, turnedOff } from './adjust.ts';
import { type Allowed, type PlaceTest, allowed, matchesAny } from './allowlist.ts';
import type { JoinedConfig } from './extend.ts';
import { GoPatternError, type GoPattern, readGoPattern } from '../detect/go/pattern.ts';
import { GoRegexes } from './go-regexes.ts';
import { listsOf } from './read.ts';
import { type Required, requiredBy } from './required.ts';
import type { GitleaksRuleSource, RequiredSource } from './schema.ts';

/** A configuration ready to be used. */
export interface GitleaksRules {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** Our own rules are to stand in for gitleaks' defaults. */
  readonly useDefault: boolean;
  readonly disabledRules: readonly string[];
  /** Those of them that must be ours, or are no rule at all. */
  readonly turnsOff: readonly string[];
  /** What rules of ours are held to besides, where they stand in for gitleaks' defaults. */
  readonly adjustments: readonly Adjustment[];
  /** For every other rule that is used beside these. */
  readonly filters: readonly Filter[];
  /** False where a finding at a place is none: a rule's path, or an allow-list. */
  readonly admits: (finding: Pick<BlobFinding, 'rule' | 'secret'>, place: Pick<Place, 'path' | 'commit'>) => boolean;
  /** Paths that need not be looked at. */
  readonly ignoresPath: (path: string) => boolean;
  /** What the configuration turns off, for the coverage. */
  readonly disables: readonly string[];
  /** What has no effect here, or another one. */
  readonly remarks: readonly string[];
  /** Rules that cannot be followed: without them the coverage is incomplete. */
  readonly untranslated: readonly string[];
}

/** A window on either side where a match has no greatest length, or its rule's keyword may stand apart from it. */
const WIDE = 8192;
/** Room around a match for what delimits it. */
const MARGIN = 64;
const WINDOW_LIMIT = 65_536;
/** Of rules whose id says so, the others are preferred. */
const GENERIC_SPECIFICITY = 50;
const SPECIFICITY = 100;
/** What the prefilter can look for. */
const LITERAL = /^[\x20-\x7e]{3,64}$/;
/** What a window's text holds as it is written. */
const LITERAL_CHARACTERS = /^[\x20-\x7e]+$/;
/** A line as people write it, for distances that are given in lines. */
const LINE_LENGTH = 120;

const FAULTS_NAMED = 3;

/** @param faults - of rules that cannot be followed */
function whyNone({ rules, disabledRules }: JoinedConfig, faults: readonly string[]): string {
  if (faults.length > 0)
    return `${faults.slice(0, FAULTS_NAMED).join('; ')}${faults.length > FAULTS_NAMED ? '; …' : ''}`;
  if (rules.length > 0) return 'its only rules are ones that others ask for (skipReport)';
  if (disabledRules.length > 0) return `disabledRules drops all that it extends (${disabledRules.join(', ')})`;
  return 'it has no [[rules]], and extends nothing that has any';
}

/** @throws GitleaksError `GITLEAKS_VALUE`, `GITLEAKS_REGEX`, `GITLEAKS_NO_RULES` */
export function translate(config: JoinedConfig, factory: RegexFactory): GitleaksRules {
  const regexes = new GoRegexes(factory);
  const global = config.allowlists.map((list) => allowed(list, `${config.name}, a global allow-list`, regexes));
  const pathOf = pathsAlone(config, regexes);
  const translated = config.rules
    .filter((source) => !isAdjusting(source, config))
    .map((source) => translateRule(source, config.name, global, regexes, pathOf));
  const adjusted = config.rules
    .filter((source) => isAdjusting(source, config))
    .map((source) => adjustment(source, ruleName(config.name, source.id), regexes));
  const adjustments = adjusted.flatMap((one) => one.adjustments);
  const off = turnedOff(config);
  const rules = translated.flatMap(({ rule }) => rule ?? []);
  const untranslated = translated.flatMap(({ fault }) => fault ?? []);
  if (rules.length === 0 && !config.useDefault) {
    const why = whyNone(config, untranslated);
    throw new GitleaksError('GITLEAKS_NO_RULES', `${config.name} leaves no rule to scan with: ${why}`);
  }
  const tests = new Map(translated.map(({ id, places, paths }) => [id, { places, paths }]));
  const everywhere = global.flatMap(({ place }) => place ?? []);
  const ignored = global.flatMap(({ paths }) => paths);
  return {
    name: config.name,
    rules,
    useDefault: config.useDefault,
    disabledRules: off.rules,
    turnsOff: off.others,
    adjustments,
    filters: filtersOf(global),
    admits(finding, place) {
      const { id } = finding.rule;
      const own = tests.get(id);
      const { path } = place;
      if (path !== null && own?.paths.some((regex) => !matchesAny([regex], path)) === true) return false;
      const further = adjustments.filter(({ rule }) => rule === id).flatMap(({ places }) => places);
      return ![...everywhere, ...(own?.places ?? []), ...further].some((test) => test(finding, place));
    },
    ignoresPath: (path) => matchesAny(ignored, path),
    disables: [
      ...off.rules.map((id) => `rule:${id}`),
      ...config.allowlists.map(({ description }, index) => `allow-list:${description ?? index + 1}`),
    ],
    remarks: [
      ...config.remarks,
      ...off.remarks,
      ...adjusted.flatMap(({ remarks }) => remarks),
      ...global.flatMap(({ remarks }) => remarks),
      ...translated.flatMap(({ remarks }) => remarks),
    ],
    untranslated,
  };
}

interface Translated {
  readonly id: string;
  readonly rule: Rule | null;
  /** All must match where it is reported. */
  readonly paths: readonly Regex[];
  readonly places: readonly PlaceTest[];
  readonly remarks: readonly string[];
  readonly fault: string | null;
}

/** Rules that have a path and no expression, by their id. */
function pathsAlone({ name, rules }: JoinedConfig, regexes: GoRegexes): ReadonlyMap<string, Regex> {
  const alone = new Map<string, Regex>();
  for (const { id, regex = '', path = '' } of rules)
    if (regex === '' && path !== '') alone.set(id, regexes.compile(path, ruleName(name, id)));
  return alone;
}

function ruleName(file: string, id: string): string {
  return `${file}, rule ${JSON.stringify(id)}`;
}

function translateRule(
  source: GitleaksRuleSource,
  file: string,
  global: readonly Allowed[],
  regexes: GoRegexes,
  pathOf: ReadonlyMap<string, Regex>,
): Translated {
  const where = ruleName(file, source.id);
  const path = source.path === undefined || source.path === '' ? [] : [regexes.compile(source.path, where)];
  const own = listsOf(source).map((list) => allowed(list, where, regexes));
  const common = {
    id: source.id,
    // What is required of the path is no part that stands in the text.
    paths: [...path, ...requirements(source).flatMap(({ id }) => pathOf.get(id) ?? [])],
    places: own.flatMap(({ place }) => place ?? []),
    remarks: own.flatMap(({ remarks }) => remarks),
  };
  const filters = filtersOf([...global, ...own]);
  if (source.regex === undefined || source.regex === '') {
    if (source.path === undefined || path.length === 0)
      throw new GitleaksError('GITLEAKS_VALUE', `${where} has neither regex nor path`);
    const ignored = (source.keywords ?? []).length > 0 ? ['by its path alone: its keywords have no effect'] : [];
    return {
      ...common,
      // As in gitleaks, it requires nothing else.
      paths: path,
      remarks: [...common.remarks, ...ignored.map((what) => `${where} is reported ${what}`)],
      // One that only others ask for is the path that these must have.
      rule: source.skipreport === true ? null : { ...ruleOf(source, [], [], []), files: source.path },
      fault: null,
    };
  }
  const matcher = matcherOf(source, source.regex, where, filters, regexes);
  if (matcher === null)
    return {
      ...common,
      rule: null,
      fault: `${where} has no keyword of three or more characters, and no text that all of its matches hold`,
    };
  const parts = (source.required ?? []).filter(({ id }) => !pathOf.has(id)).map(partOf);
  const rule = ruleOf(source, [matcher], parts, filters);
  // Whether it counts at a place is known later: until then it must not take what another rule would report there.
  const byPlace = common.paths.length > 0 || common.places.length > 0;
  return { ...common, rule: byPlace ? { ...rule, overlaps: true, byPlace } : rule, fault: null };
}

/** What it cannot be reported without. */
function requirements({ required = [] }: GitleaksRuleSource): readonly RequiredSource[] {
  return required.filter(({ optional }) => optional !== true);
}

function filtersOf(lists: readonly Allowed[]): Filter[] {
  return lists.flatMap(({ filter }) => filter ?? []);
}

function ruleOf(
  source: GitleaksRuleSource,
  matchers: readonly Matcher[],
  parts: readonly PartSpec[],
  filters: readonly Filter[],
): Rule {
  const generic = source.id.toLowerCase().includes('generic');
  const text = source.description === undefined || source.description === '' ? source.id : source.description;
  return {
    id: source.id,
    provider: 'custom',
    title: text,
    severity: 'high',
    role: source.skipreport === true ? 'identifier' : 'secret',
    family: source.id,
    specificity: source.specificity ?? (generic ? GENERIC_SPECIFICITY : SPECIFICITY),
    matchers,
    parts,
    untrusted: true,
    tags: source.tags ?? [],
    ...(filters.length === 0 ? {} : { filters }),
    impact: text,
    remediation: 'Revoke the secret where it was issued, then replace it.',
    references: [{ sure: 'inferred', source: 'a configuration in the format of gitleaks' }],
  };
}

/** Distances in lines and columns become one in bytes; without either the part may stand anywhere in the file. */
function partOf({ id, withinlines, withincolumns, optional }: RequiredSource): PartSpec {
  const within =
    withinlines === undefined && withincolumns === undefined
      ? Number.MAX_SAFE_INTEGER
      : ((withinlines ?? 0) + 1) * LINE_LENGTH + (withincolumns ?? 0);
  return { rule: id, within, absence: optional === true ? 'ignored' : 'required', sameLength: false };
}

function matcherOf(
  source: GitleaksRuleSource,
  regex: string,
  where: string,
  filters: readonly Filter[],
  regexes: GoRegexes,
): Matcher | null {
  regexes.compile(regex, where);
  const pattern = read(regex, where);
  const group = source.secretgroup ?? 0;
  if (pattern !== null && group > pattern.groups)
    throw new GitleaksError(
      'GITLEAKS_VALUE',
      `${where}: secretGroup ${group} of an expression with ${pattern.groups} groups`,
    );
  const required: Required = pattern === null ? { texts: null, longest: Infinity } : requiredBy(pattern.node);
  const keywords = [
    ...new Set((source.keywords ?? []).map((word) => word.toLowerCase()).filter((word) => word !== '')),
  ];
  const literals = required.texts ?? keywords;
  if (literals.length === 0 || literals.some((word) => !LITERAL.test(word))) return null;
  // Where every text holds a keyword, a match has one.
  const isInside = literals.every((text) => keywords.some((word) => text.toLowerCase().includes(word)));
  const apart = required.texts === null || (keywords.length > 0 && !isInside);
  const reach = Math.max(
    Math.min(required.longest + MARGIN, WIDE, WINDOW_LIMIT),
    apart ? WIDE : 0,
    filters.some(({ target }) => target === 'line') ? LINE_REACH : 0,
  );
  return {
    literals,
    caseSensitive: false,
    encoded: true,
    before: reach,
    after: reach,
    gate: 0,
    find: {
      kind: 'pattern',
      source: regex,
      ignoreCase: false,
      anchor: 'window',
      boundary: '',
      decode: 'none',
      goGroup: group,
    },
    near:
      apart && required.texts !== null && keywords.every((word) => LITERAL_CHARACTERS.test(word))
        ? [{ any: keywords, within: WIDE, not: false }]
        : [],
    checks: [{ name: 'any-value' }, { name: 'entropy-above', value: source.entropy ?? 0 }],
    confidence: 'high',
  };
}

/** Null for an expression that only the engine can follow. */
function read(regex: string, where: string): GoPattern | null {
  try {
    return readGoPattern(regex);
  } catch (error) {
    if (error instanceof GoPatternError) return null;
    throw new GitleaksError('GITLEAKS_REGEX', `${where}: ${regex}`, { cause: error });
  }
}
