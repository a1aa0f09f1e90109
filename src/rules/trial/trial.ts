/**
 * Tries rules on random keys of their own form, in every place a key may stand,
 * and on texts made to keep their patterns busy. The engine is passed in.
 */
import type { BlobScan } from '../../core/detector.ts';
import type { Matcher, Rule } from '../../core/rule.ts';
import type { TrialCode } from '../../errors/trial.ts';
import type { Node } from '../pattern.ts';
import { type Random, seedOf, seededRandom } from '../random.ts';
import { expandTemplate } from '../template.ts';
import { adversarialTexts, sampleMatch } from './adversary.ts';
import { ASSIGNMENTS, type Context, DELIMITERS, TEXTS } from './contexts.ts';
import { stepsOver } from './steps.ts';

export interface TrialOptions {
  /** Random keys a context. */
  readonly keys: number;
  readonly scan: (bytes: Uint8Array) => BlobScan;
  /** A pattern, read; null if it cannot be. */
  readonly nodeOf: (source: string, ignoreCase: boolean) => Node | null;
  /** Whether a pattern covers a whole text. */
  readonly covers: (source: string, text: string) => boolean;
}

export interface TrialFailure {
  readonly rule: string;
  readonly code: TrialCode;
  /** No key in it, only where it was missed. */
  readonly why: string;
}

export interface Trial {
  /** Texts that were scanned. */
  readonly tried: number;
  readonly failures: readonly TrialFailure[];
  /** What could not be tried, a sentence each. */
  readonly untried: readonly string[];
}

/** Of a hundred keys, so many are found in each context. */
const LEAST_PERCENT = 99;

/** Steps of the linear-time engine for a character of a text, at worst. */
const MOST_STEPS = 1000;

/** Characters of a text that is made to keep a pattern busy. */
const ADVERSARY_SIZE = 2000;

/** Whether a rule knows a key by its own form, wherever it stands. */
export function knowsByForm({ role, parts, matchers }: Pick<Rule, 'role' | 'parts' | 'matchers'>): boolean {
  return (
    role === 'secret' &&
    parts.every(({ absence }) => absence === 'ignored') &&
    matchers.every(({ find }) => find.kind === 'pattern' && find.source.startsWith('(?<secret>')) &&
    matchers.some(({ find, near }) => find.kind === 'pattern' && find.anchor === 'hit' && near.length === 0)
  );
}

/** @param examples - templates of the rule; none for a rule of another format */
export function tryRule(rule: Rule, examples: readonly string[], options: TrialOptions): Trial {
  const trials = [...recallTrials(rule, examples, options)];
  const failures = [
    ...trials.flatMap((trial) => recallFailure(rule, trial, options)),
    ...literalFailures(rule, options),
    ...stepFailures(rule, options),
  ];
  const untried = trials.length > 0 || rule.files !== undefined ? [] : [`${rule.id}: no key of its form could be made`];
  return { tried: trials.length * options.keys, failures, untried };
}

/** One context, and the texts of it. */
interface RecallTrial {
  readonly name: string;
  /** A text, and the secret that must be found in it; undefined if any will do. */
  readonly make: (random: Random) => { readonly text: string; readonly secret: string | undefined };
}

function* recallTrials(rule: Rule, examples: readonly string[], options: TrialOptions): Generator<RecallTrial> {
  for (const [index, template] of examples.entries()) {
    const expand = (random: Random): ReturnType<typeof expandTemplate> => expandTemplate(template, random, rule.id);
    for (const { name, write } of TEXTS) {
      yield {
        name: `example ${index + 1}, ${name}`,
        make: (random) => {
          const { text, values } = expand(random);
          return { text: write(text), secret: values.get('secret') };
        },
      };
    }
  }
  const keyOf = keyMaker(rule, examples, options);
  if (keyOf !== null && knowsByForm(rule)) yield* contextTrials(DELIMITERS, keyOf);
  if (keyOf !== null && rule.parts.every(({ absence }) => absence === 'ignored'))
    for (const matcher of rule.matchers) yield* assignmentTrials(matcher, keyOf, options);
  if (examples.length === 0) for (const matcher of rule.matchers) yield* matchTrials(rule, matcher, options);
}

function* contextTrials(contexts: readonly Context[], keyOf: (random: Random) => string): Generator<RecallTrial> {
  for (const { name, write } of contexts) {
    yield {
      name,
      make: (random) => {
        const secret = keyOf(random);
        return { text: write(secret), secret };
      },
    };
  }
}

/** A name that the rule knows, and a value of the form that this way of writing asks for. */
function* assignmentTrials(
  { find, near, literals, confidence }: Matcher,
  keyOf: (random: Random) => string,
  { nodeOf, covers }: TrialOptions,
): Generator<RecallTrial> {
  if (find.kind !== 'assigned' || find.anchor !== 'hit' || near.length > 0 || confidence === 'low') return;
  const node = nodeOf(find.name, true);
  if (node === null) return;
  const bare = literals.map(withoutJoints);
  const nameOf = (random: Random): string | null =>
    firstOf(
      () => sampleMatch(node, random, false),
      (name) => holdsOne(name, literals) && holdsOne(name, bare),
    );
  const valueOf = (random: Random): string | null =>
    firstOf(
      () => keyOf(random),
      (key) => covers(find.value, key),
    );
  const random = seededRandom(seedOf(find.name));
  if (nameOf(random) === null || valueOf(random) === null) return;
  for (const { name, write } of ASSIGNMENTS) {
    yield {
      name: `in ${name}`,
      make: (one) => {
        const secret = valueOf(one) ?? keyOf(one);
        return { text: write(nameOf(one) ?? '', secret), secret };
      },
    };
  }
}

const TRIES = 50;

function firstOf(make: () => string, fits: (text: string) => boolean): string | null {
  for (let i = 0; i < TRIES; i++) {
    const text = make();
    if (fits(text)) return text;
  }
  return null;
}

/** Names are compared without what joins their words. */
function withoutJoints(text: string): string {
  return text.replaceAll(/[-_. ]/g, '');
}

/** What of a literal is of a name: not what stands between it and a value. */
function nameIn(literal: string): string {
  return withoutJoints(literal.replace(/^[^A-Za-z0-9$]+/, '').replace(/[^-A-Za-z0-9$_. ].*$/s, ''));
}

/** Makes keys as the examples have them; null if none says which of it is the secret. */
function keyMaker(
  rule: Rule,
  examples: readonly string[],
  { nodeOf }: TrialOptions,
): ((random: Random) => string) | null {
  const named = examples.filter((template) => template.includes('${secret='));
  if (named.length > 0) {
    return (random) => {
      const template = named[random.below(named.length)] ?? '';
      return expandTemplate(template, random, rule.id).values.get('secret') ?? '';
    };
  }
  const [find] = rule.matchers.map((matcher) => matcher.find);
  if (find?.kind !== 'pattern' || find.goGroup !== undefined) return null;
  const pattern = nodeOf(find.source, find.ignoreCase);
  const secret = pattern === null ? null : secretGroup(pattern);
  return secret === null ? null : (random) => sampleMatch(secret, random, false);
}

function secretGroup(node: Node): Node | null {
  if (node.kind === 'group' && node.named) return node.item;
  if (node.kind === 'group' || node.kind === 'repeat') return secretGroup(node.item);
  const inner = node.kind === 'sequence' ? node.items : node.kind === 'choice' ? node.options : [];
  for (const item of inner) {
    const found = secretGroup(item);
    if (found !== null) return found;
  }
  return null;
}

/** Without examples: what the pattern matches, in lines of its own, with a keyword before it where it holds none. */
function* matchTrials(rule: Rule, { find, literals }: Matcher, { nodeOf }: TrialOptions): Generator<RecallTrial> {
  const node = find.kind === 'pattern' && rule.parts.length === 0 ? nodeOf(find.source, find.ignoreCase) : null;
  if (node === null) return;
  for (const { name, write } of TEXTS) {
    yield {
      name: `a match, ${name}`,
      make: (random) => {
        const match = sampleMatch(node, random, false);
        const led = holdsOne(match, literals) ? match : `${literals[0] ?? ''}\n${match}`;
        return { text: write(`${led}\n`), secret: undefined };
      },
    };
  }
}

function recallFailure(rule: Rule, { name, make }: RecallTrial, { keys, scan }: TrialOptions): TrialFailure[] {
  const random = seededRandom(seedOf(`${rule.id} ${name}`));
  let missed = 0;
  for (let i = 0; i < keys; i++) {
    const { text, secret } = make(random);
    if (!isFound(rule, scan(Buffer.from(text, 'latin1')), secret)) missed++;
  }
  if ((keys - missed) * 100 >= keys * LEAST_PERCENT) return [];
  return [{ rule: rule.id, code: 'TRIAL_RECALL', why: `${missed} of ${keys} keys are missed: ${name}` }];
}

/** By whatever rule: a more specific one may have taken it. */
function isFound(rule: Rule, { findings, loose }: BlobScan, secret: string | undefined): boolean {
  const all = [...findings.flatMap((finding) => [finding, ...finding.parts]), ...loose];
  return all.some((one) => (secret === undefined ? one.rule.id === rule.id : one.secret.reveal() === secret));
}

/** Where no literal stands, nothing is looked at. */
function literalFailures(rule: Rule, { nodeOf }: TrialOptions): TrialFailure[] {
  return rule.matchers.flatMap(({ find, literals }, index) => {
    // Those of other formats may stand apart from the match.
    if (find.kind === 'known' || (find.kind === 'pattern' && find.goGroup !== undefined)) return [];
    const [source, ignoreCase] = find.kind === 'pattern' ? [find.source, find.ignoreCase] : [find.name, true];
    const node = find.anchor === 'hit' ? nodeOf(source, ignoreCase) : null;
    if (node === null) return [];
    const random = seededRandom(seedOf(`${rule.id} literals ${index}`));
    const made = Array.from({ length: 200 }, () => sampleMatch(node, random, false));
    const sought = find.kind === 'assigned' ? literals.map(nameIn) : literals;
    const unreached = sought.filter((literal) => literal === '' || !made.some((text) => holdsOne(text, [literal])));
    if (unreached.length < sought.length) return [];
    const named = literals.map((literal) => JSON.stringify(literal)).join(', ');
    return [{ rule: rule.id, code: 'TRIAL_LITERAL', why: `nothing that it matches holds ${named}` }];
  });
}

function holdsOne(text: string, literals: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return literals.some((literal) => lower.includes(literal.toLowerCase()));
}

function stepFailures(rule: Rule, { nodeOf }: TrialOptions): TrialFailure[] {
  return rule.matchers.flatMap(({ find, literals }) => {
    if (find.kind !== 'pattern') return [];
    const node = nodeOf(find.source, find.ignoreCase);
    if (node === null) return [];
    const stepsOf = stepsOver(node, { anywhere: find.anchor === 'window', enough: 2 * MOST_STEPS });
    const random = seededRandom(seedOf(`${rule.id} steps`));
    let most = 0;
    for (const text of adversarialTexts(node, literals[0] ?? '', ADVERSARY_SIZE, random))
      most = Math.max(most, stepsOf(text));
    if (most <= MOST_STEPS) return [];
    const why = `a text can take more than ${MOST_STEPS} steps a character`;
    return [{ rule: rule.id, code: 'TRIAL_STEPS', why }];
  });
}
