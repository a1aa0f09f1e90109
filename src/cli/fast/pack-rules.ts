/** Lays the rules out for the hook. Runs when the command is built; nothing of it is loaded by a hook. */
import type { AssignedFind, Matcher, PatternFind, Rule } from '../../core/rule.ts';
import { ALLOW_MARKERS } from '../../detect/allow-mark.ts';
import { NOTATIONS, OPENER_SOURCE } from '../../detect/assignment.ts';
import { literalSet } from '../../prefilter/literal-set.ts';
import { packLiterals } from '../../prefilter/packed.ts';
import { type Needs, packScreens, type Screen, screenBits, type Table, type Value } from '../../prefilter/screens.ts';
import { nameFilter } from '../../rules/name-filter.ts';
import { neededRun } from '../../rules/needed-run.ts';
import { type NotationTable, notationTable } from '../../rules/notation-table.ts';
import { readPattern } from '../../rules/pattern.ts';
import { valueForm } from '../../rules/value-form.ts';
import { DIGITS, type RulePack, type RulePackFile } from './rule-pack.ts';

/** Always the same, and dear to make. */
let notations: NotationTable | undefined;

/** @returns what `openRulePack` reads */
export function packRules(rules: readonly Rule[]): RulePack {
  const { literals, targets } = literalSet(rules, ALLOW_MARKERS);
  const filters = new Map(rules.flatMap(({ matchers }) => matchers.map((matcher) => [matcher, filterOf(matcher)])));
  const { words: screens, places } = packScreens(
    targets.map((list) => list.map(({ matcher }) => screenOf(matcher, filters.get(matcher) ?? null))),
    [...filters.values()],
    (notations ??= notationTable(
      NOTATIONS.map(([, source]) => source),
      OPENER_SOURCE,
    )),
  );
  const placeOf = (matcher: Matcher): number | undefined => places.get(filters.get(matcher) ?? '');
  const texts = rules.map((rule) => inAscii(JSON.stringify(forTheHook(rule, placeOf))));
  const lists = targets.map((list, text) => {
    const bits = screenBits(screens, text, list.length);
    return JSON.stringify(
      list.flatMap(({ rule, matcher }, i) => [rules.indexOf(rule), rule.matchers.indexOf(matcher), bits[i] ?? 0]),
    );
  });
  return {
    ...packLiterals(literals),
    screens,
    lines: laidOut(lists, texts),
  };
}

/** As `rule-pack.ts` reads it. */
function laidOut(lists: readonly string[], rules: readonly string[]): string {
  const places = [0];
  for (const piece of [...lists, ...rules]) places.push((places.at(-1) ?? 0) + piece.length);
  const numbers = [lists.length, (places.length + 2) * DIGITS, ...places];
  return [...numbers.map((number) => String(number).padStart(DIGITS, '0')), ...lists, ...rules].join('');
}

/** A rule pack that is in memory. */
export function rulePackFile({ words, screens, lines }: RulePack): RulePackFile {
  return { words, screens, read: (start, end) => lines.slice(start, end) };
}

/** The expressions for names are the slowest to compile and seldom match: most names are turned down without them. */
function filterOf({ find }: Matcher): string | null {
  return find.kind === 'assigned' ? nameFilter(readPattern(find.name, 'a name', true).node) : null;
}

/** What must hold at a hit for the matcher to come to anything: no more than `decide` asks before it reads. */
function screenOf({ gate, gateDigit, before, after, find }: Matcher, filter: string | null): Screen {
  const common = { gate, ...(gateDigit === undefined ? {} : { gateDigit }), before, after, needs: needsOf(find) };
  if (find.kind === 'assigned') return { ...common, table: namesOf(find.anchor, filter), value: valueOf(find) };
  if (find.kind === 'known' || find.anchor === 'window') return { ...common, table: null };
  const notAfter = charactersBefore(find);
  const table: Table | null = find.lead === undefined ? null : { kind: 'lead', source: find.lead };
  return { ...common, table, ...(notAfter === null ? {} : { notAfter }) };
}

/** A secret that a hit begins with is none in the middle of a longer word. */
function charactersBefore({ source, boundary }: PatternFind): ReadonlySet<number> | null {
  if (boundary === '' || !source.startsWith('(?<secret>')) return null;
  const { node } = readPattern(`[${boundary}]`, 'a boundary');
  return node.kind === 'set' ? node.set : null;
}

function namesOf(anchor: AssignedFind['anchor'], filter: string | null): Table | null {
  return filter === null ? null : { kind: anchor === 'hit' ? 'name' : 'name-near', source: filter };
}

/** Other encodings than base64 are left to the expression. */
function valueOf({ value, decode }: AssignedFind): Value | null {
  const form = decode === 'none' || decode === 'auto' ? valueForm(readPattern(value, 'a value').node) : null;
  return form && { ...form, orBase64: decode === 'auto' };
}

/** A value may be in base64 as a whole; what a pattern matches stands there as it is. */
function needsOf(find: Matcher['find']): Needs | null {
  if (find.kind === 'known' || (find.kind === 'pattern' && find.goGroup !== undefined)) return null;
  const isValue = find.kind === 'assigned';
  const needed = neededRun(
    readPattern(isValue ? find.value : find.source, 'a match', !isValue && find.ignoreCase).node,
  );
  if (needed === null) return null;
  const orBase64 = isValue && (find.decode === 'auto' || find.decode === 'basic');
  return { ...needed, around: find.anchor === 'window', orBase64 };
}

/**
 * What is written about a finding for people is left out: the quick check says nothing but "plainly clean".
 * First bytes are looked at in its screens, and names have their tables there.
 */
function forTheHook(rule: Rule, placeOf: (matcher: Matcher) => number | undefined): Rule {
  const { dashboard: _, verify: _verify, revoke: _revoke, ...rest } = rule;
  const matchers = rule.matchers.map((matcher): Matcher => {
    if (matcher.find.kind === 'pattern') {
      const { lead: _lead, ...find } = matcher.find;
      return { ...matcher, find };
    }
    const place = placeOf(matcher);
    return place === undefined || matcher.find.kind !== 'assigned'
      ? matcher
      : { ...matcher, find: { ...matcher.find, nameFilter: place } };
  });
  return { ...rest, matchers, title: '', impact: '', remediation: '', references: [] };
}

/** Text of one byte a character is read without being decoded, and takes half the memory. */
function inAscii(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
