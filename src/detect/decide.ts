import type { AssignedFind, Matcher, Near, PatternFind, Rule } from '../core/rule.ts';
import type { Span } from '../core/span.ts';
import type { Target } from '../prefilter/literal-set.ts';
import type { NameSearch } from '../prefilter/packed-wasm.ts';
import { type AssignedValue, assignedValues } from './assignment.ts';
import { CHECKS } from './checks/registry.ts';
import { identifiersAround, identifiersIn, normalise } from './identifier.ts';
import type { Sink } from './item.ts';
import { knownValues } from './known.ts';
import { reachCost } from './reach.ts';
import type { Regex, RegexCache, RegexMatch } from './regex.ts';
import { filterFault } from './filter.ts';
import { readings } from './value.ts';
import type { View, Window } from './window.ts';

/** A candidate in a view: where the secret stands there, and what it is. */
interface Found {
  readonly at: Span;
  /** What matched around it, if that is more. */
  readonly match?: Span;
  readonly secret: string;
  readonly decoded: readonly string[];
  /** Asked last where a table has let the name pass: few values get that far, and the name's expression is dear to compile. */
  readonly isNamed?: () => boolean;
}

/** What decisions are made with; the same for every hit of a run. */
export interface Tools {
  readonly regexes: RegexCache;
  /** Knows the tables that rules refer to by `nameFilter`. */
  readonly names?: NameSearch | undefined;
}

/**
 * Decides one hit: a pure function of the window and of whether the blob's ends
 * cut it. Whatever it finds or turns down goes to the sink; nothing at all
 * means *none*.
 */
export function decide({ rule, matcher }: Target, window: Window, tools: Tools, sink: Sink): void {
  if (matcher.gate > 0 && !window.hasTokenAfter(matcher.gate, matcher.gateDigit === true)) return;
  if (!isSeeking(matcher)) {
    decideKnown(rule, matcher, window, sink);
    return;
  }
  if (!window.mayLead(matcher.find)) return;
  if (decideView(rule, matcher, window, window.raw, tools, sink)) return;
  if (!mayReadOtherwise(rule, matcher, window, tools)) return;
  for (const view of window.unescaped) if (decideView(rule, matcher, window, view, tools, sink)) return;
}

/**
 * Whether undoing escapes could make a candidate where the raw text has none.
 * Most windows hold an escape somewhere, and it is seldom where it would matter.
 */
function mayReadOtherwise(rule: Rule, { find }: Seeking, window: Window, tools: Tools): boolean {
  if (find.anchor === 'window') return true;
  return find.kind === 'pattern' || nameMayReadOtherwise(find, rule, window, tools);
}

/** The signs of an escape, and what the longest of them ends with. */
const SIGN = /[\\%&]/;
const SIGN_OR_END = /[\\%&;}]/;

/** Likewise for a name: it stays what it is if no escape touches it, and then only its value may read otherwise. */
function nameMayReadOtherwise(find: AssignedFind, rule: Rule, window: Window, tools: Tools): boolean {
  const { text, hit } = window.raw;
  let last: Span = { start: hit, end: hit + window.hitLength };
  for (const identifier of aroundHit(window.raw, window.hitLength)) {
    if (mayBeNamed(find, rule, tools, text.slice(identifier.start, identifier.end))) return true;
    // Without the dots and dashes that were taken off its end.
    if (SIGN.test(text[endOfPart(text, identifier.end)] ?? '')) return true;
    last = identifier;
  }
  return SIGN_OR_END.test(text[last.start - 1] ?? '') || SIGN.test(text.slice(last.end, last.end + 2));
}

function endOfPart(text: string, end: number): number {
  let at = end;
  while (/[.$-]/.test(text[at] ?? '')) at++;
  return at;
}

/** A matcher that looks for what it does not know beforehand. */
type Seeking = Matcher & { readonly find: PatternFind | AssignedFind };

function isSeeking(matcher: Matcher): matcher is Seeking {
  return matcher.find.kind !== 'known';
}

/** Every view is looked at: one copy may stand plain, and another torn beside it. */
function decideKnown(rule: Rule, { confidence, find }: Matcher, window: Window, sink: Sink): void {
  if (find.kind !== 'known') return;
  const { value } = find;
  for (const view of [window.raw, ...window.unescaped, ...window.joined]) {
    for (const at of knownValues(value, view))
      sink.item({ rule, span: view.locate(at), secret: value, confidence, decoded: view.decoded });
  }
}

/** @returns true if the view had a candidate that passed */
function decideView(rule: Rule, matcher: Seeking, window: Window, view: View, tools: Tools, sink: Sink): boolean {
  let passed = false;
  const candidates =
    matcher.find.kind === 'pattern'
      ? patterns(matcher.find, rule, matcher, window, view, tools, sink)
      : assignments(matcher.find, rule, matcher, window, view, tools);
  for (const found of candidates) {
    const reason =
      nearFault(matcher.near, view, found.at) ??
      checkFault(matcher, found.secret) ??
      filterFault(rule.filters ?? [], view.text, found, tools.regexes);
    const span = view.locate(found.at);
    if (reason === null) {
      if (found.isNamed?.() === false) continue;
      passed = true;
      sink.item({
        rule,
        span,
        secret: found.secret,
        confidence: matcher.confidence,
        decoded: [...view.decoded, ...found.decoded],
        ...distanceOf(matcher, view, window.hitLength, found.at),
      });
    } else {
      sink.reject({ rule, span, reason });
    }
  }
  return passed;
}

/** Only a match that may stand anywhere near its hit has a distance worth keeping. */
function distanceOf(matcher: Seeking, view: View, length: number, at: Span): { distance?: number } {
  if (matcher.find.anchor === 'hit') return {};
  const hit = view.hit < 0 ? { start: 0, end: 0 } : { start: view.hit, end: view.hit + length };
  return { distance: reachCost(view.text, hit, at) };
}

function* patterns(
  find: PatternFind,
  rule: Rule,
  matcher: Matcher,
  window: Window,
  view: View,
  tools: Tools,
  sink: Sink,
): Generator<Found> {
  const regex =
    find.goGroup === undefined
      ? tools.regexes.get(find.source, find.ignoreCase, rule.untrusted === true)
      : tools.regexes.go(find.source, find.goGroup);
  const matches = find.anchor === 'window' ? inStretch(regex, matcher, window, view) : atHit(regex, find, view);
  for (const match of matches) {
    const at = match.secret ?? match;
    if (touches(view, at, find.boundary)) {
      sink.reject({ rule, span: view.locate(at), reason: 'part of a longer token' });
      continue;
    }
    for (const { text, decoded } of readings(view.text.slice(at.start, at.end), find.decode).slice(0, 1)) {
      yield { at, match, secret: find.decode === 'basic' ? credentialOf(text) : text, decoded };
    }
  }
}

function inStretch(regex: Regex, matcher: Matcher, window: Window, view: View): ReturnType<Regex['all']> {
  const { from, to } = window.stretch(view, matcher.literals, matcher.caseSensitive);
  const matches = regex.all(view.text, from, to);
  return matcher.find.kind === 'pattern' && matcher.find.goGroup !== undefined && from > 0
    ? unclipped(matches, regex, view.text, from)
    : matches;
}

/** So far back a match may begin of which the search saw only the rest. */
const CLIPPED = 512;

/** A search that begins within a match finds what is left of it; filters want to see it whole. */
function* unclipped(
  matches: ReturnType<Regex['all']>,
  regex: Regex,
  text: string,
  from: number,
): Generator<RegexMatch> {
  for (const match of matches) {
    if (match.start > from) {
      yield match;
      continue;
    }
    let whole = match;
    for (const earlier of regex.all(text, Math.max(0, from - CLIPPED), from - 1)) {
      if (earlier.end <= match.start) continue;
      whole = earlier;
      break;
    }
    yield whole;
  }
}

function atHit(regex: Regex, { source, boundary }: PatternFind, view: View): ReturnType<Regex['all']> {
  // Known before a long match is tried at every hit of a run that is full of them.
  const within = source.startsWith('(?<secret>') && touchesBefore(view, view.hit, boundary);
  const match = view.hit < 0 || within ? null : regex.at(view.text, view.hit);
  return match ? [match] : [];
}

/** A password this short is none: `KEY:`, `KEY:x`. */
const LEAST_PASSWORD = 8;

/** What stands after the colon, or where that is next to nothing, as in `KEY:`, what stands before it. */
function credentialOf(pair: string): string {
  const colon = pair.indexOf(':');
  if (colon < 0) return pair;
  const [user, password] = [pair.slice(0, colon), pair.slice(colon + 1)];
  return password.length < Math.min(user.length, LEAST_PASSWORD) ? user : password;
}

function* assignments(
  find: AssignedFind,
  rule: Rule,
  matcher: Matcher,
  window: Window,
  view: View,
  tools: Tools,
): Generator<Found> {
  for (const { start, end } of identifiers(find, matcher, window, view, tools)) {
    const name = view.text.slice(start, end);
    if (!mayBeNamed(find, rule, tools, name)) continue;
    const value = tools.regexes.get(find.value, false, rule.untrusted === true);
    for (const written of assignedValues(view.text, end)) {
      const found = readValue(value, written, find);
      if (!found) continue;
      yield find.nameFilter === undefined ? found : { ...found, isNamed: () => isNamed(find, rule, tools, name) };
      break;
    }
  }
}

/** By table where there is one: then `isNamed` has the last word. */
function mayBeNamed(find: AssignedFind, rule: Rule, tools: Tools, identifier: string): boolean {
  const { nameFilter } = find;
  if (nameFilter === undefined) return isNamed(find, rule, tools, identifier);
  return tools.names?.mayBe(identifier, nameFilter) !== false;
}

function isNamed(find: AssignedFind, rule: Rule, tools: Tools, identifier: string): boolean {
  const name = tools.regexes.get(find.name, true, rule.untrusted === true);
  const known = VERDICTS.get(name) ?? new Map<string, boolean>();
  VERDICTS.set(name, known);
  name.countCovers?.(identifier.length);
  // Asked of every identifier near a hit: the same few, again and again.
  const before = known.get(identifier);
  if (before !== undefined) return before;
  const now = hasName(identifier, (one) => name.covers(one));
  if (known.size >= VERDICTS_KEPT) known.clear();
  known.set(identifier, now);
  return now;
}

/** By a name's expression: identifiers that were asked about. */
const VERDICTS = new WeakMap<Regex, Map<string, boolean>>();
const VERDICTS_KEPT = 2048;

function identifiers(find: AssignedFind, matcher: Matcher, window: Window, view: View, tools: Tools): Iterable<Span> {
  if (find.anchor === 'window') {
    const { from, to } = window.stretch(view, matcher.literals, matcher.caseSensitive);
    if (find.nameFilter === undefined || !tools.names) return identifiersIn(view.text, from, to);
    return spansOf(tools.names.within(view.bytes, from, to, find.nameFilter));
  }
  return aroundHit(view, window.hitLength);
}

/** All matchers of one literal ask for them. */
function aroundHit(view: View, length: number): readonly Span[] {
  if (view.hit < 0) return [];
  const known = AROUND.get(view) ?? [...identifiersAround(view.text, view.hit, view.hit + length)];
  AROUND.set(view, known);
  return known;
}

const AROUND = new WeakMap<View, readonly Span[]>();

function spansOf(ends: Uint32Array): Span[] {
  const spans: Span[] = [];
  for (let i = 0; i < ends.length; i += 2) spans.push({ start: ends[i] ?? 0, end: ends[i + 1] ?? 0 });
  return spans;
}

/** The whole name is one, or what follows one of its dots: `process.env.NAME`. */
function hasName(identifier: string, isOne: (normalised: string) => boolean): boolean {
  for (let from = 0; ;) {
    if (isOne(normalise(identifier.slice(from)))) return true;
    const dot = identifier.indexOf('.', from);
    if (dot < 0) return false;
    from = dot + 1;
  }
}

function readValue(value: Regex, written: AssignedValue, find: AssignedFind): Found | null {
  for (const { text, decoded } of readings(written.text, find.decode)) {
    const match = value.whole(text);
    if (!match) continue;
    const { secret } = match;
    // Within a decoded value only the whole has a place in the blob.
    const at =
      secret && decoded.length === 0
        ? { start: written.start + secret.start, end: written.start + secret.end }
        : { start: written.start, end: written.end };
    return { at, secret: secret ? text.slice(secret.start, secret.end) : text, decoded };
  }
  return null;
}

const ESCAPE_BEFORE = /(?:\\(?:[nrtbfv0"'\\/]|x[0-9a-f]{2}|u[0-9a-f]{4})|%[0-9a-f]{2}|\x1b\[[0-9;]{0,8}m)$/i;
const boundaries = new Map<string, RegExp>();

/** Whether a character of the secret's own alphabet stands directly before or after it, within the window or just beyond its edge. */
function touches(view: View, { start, end }: Span, boundary: string): boolean {
  if (boundary === '') return false;
  const after = end < view.text.length ? view.text[end] : view.beside.after;
  return alphabetOf(boundary).test(after ?? '') || touchesBefore(view, start, boundary);
}

function touchesBefore({ text, beside }: View, start: number, boundary: string): boolean {
  if (boundary === '' || start < 0) return false;
  const before = start > 0 ? text[start - 1] : beside.before;
  if (!alphabetOf(boundary).test(before ?? '')) return false;
  return !ESCAPE_BEFORE.test(text.slice(Math.max(0, start - 12), start));
}

function alphabetOf(boundary: string): RegExp {
  const known = boundaries.get(boundary) ?? new RegExp(`[${boundary}]`);
  boundaries.set(boundary, known);
  return known;
}

/** The first `near` condition that does not hold. */
function nearFault(conditions: readonly Near[], view: View, at: Span): string | null {
  for (const { any, within, not } of conditions) {
    const reach = view.text.slice(Math.max(0, at.start - within), at.end + within).toLowerCase();
    if (any.some((text) => reach.includes(text)) === not) return not ? 'context of another kind' : 'no context';
  }
  return null;
}

/** The rule's own checks first: most values fail them, and the expressions for placeholders are slow to compile. */
function checkFault({ checks }: Matcher, secret: string): string | null {
  for (const { name, value } of checks) {
    const reason = CHECKS.get(name)?.({ secret }, value) ?? null;
    if (reason !== null) return reason;
  }
  if (checks.some(({ name }) => name === 'any-value')) return null;
  return CHECKS.get('not-placeholder')?.({ secret }, undefined) ?? null;
}
