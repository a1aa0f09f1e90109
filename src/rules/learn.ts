/**
 * Turns a few sample keys into a rule that knows their form and none of their
 * content, for providers that publish no format.
 */
import { stringify } from 'yaml';

import type { Rule } from '../core/rule.ts';
import { RuleError } from '../errors/rule.ts';
import type { MatcherSource, RuleFile, RuleSource } from './schema.ts';

/** One stretch of a key: the same in every sample, or so many characters of an alphabet. */
export type Piece =
  | { readonly kind: 'same'; readonly text: string }
  | { readonly kind: 'varies'; readonly alphabet: Alphabet; readonly min: number; readonly max: number };

interface Alphabet {
  /** Inside of a character class. */
  readonly members: string;
  /** Generator of templates that stays within it. */
  readonly generator: string;
}

/** Narrowest first. */
const ALPHABETS: readonly Alphabet[] = [
  { members: '0-9', generator: 'digits' },
  { members: '0-9a-f', generator: 'hex' },
  { members: '0-9A-F', generator: 'upper-hex' },
  { members: '0-9a-z', generator: 'lower-alnum' },
  { members: '0-9A-Z', generator: 'upper-alnum' },
  { members: '0-9A-Za-z', generator: 'alnum' },
  { members: '0-9A-Za-z_-', generator: 'base64url' },
  { members: '0-9A-Za-z+/=', generator: 'base64' },
  { members: '!-~', generator: 'base64' },
];
const ALNUM = 5;
const BASE64URL = 6;
/** With fewer random characters than this, that `-` and `_` were not among them proves nothing. */
const PROOF_CHARACTERS = 300;

const FEWEST_SAMPLES = 2;
const SHORTEST_KEY = 12;
const LONGEST_KEY = 512;
const SHORTEST_PREFIX = 3;
const LONGEST_PREFIX = 32;
/** Words and versions, as prefixes have them; what is equal by chance does not look so. */
const FIXED_WORD = /^(?:[A-Za-z]{2,12}|[vV]?[0-9]{1,2})$/;

/**
 * The form that all samples share.
 *
 * @param samples - keys, one each; nothing of them but a shared prefix gets into the result
 * @throws RuleError `RULE_SAMPLES` if they are too few, too short, too long or equal
 */
export function learnShape(samples: readonly string[]): Piece[] {
  const distinct = [...new Set(samples)];
  if (distinct.length < FEWEST_SAMPLES) {
    throw new RuleError(
      'RULE_SAMPLES',
      `sample keys given: ${distinct.length}; ${FEWEST_SAMPLES} different ones are needed`,
    );
  }
  for (const sample of distinct) {
    const fits = sample.length >= SHORTEST_KEY && sample.length <= LONGEST_KEY && /^[!-~]+$/.test(sample);
    if (!fits) {
      throw new RuleError(
        'RULE_SAMPLES',
        `a sample is not a key of ${SHORTEST_KEY} to ${LONGEST_KEY} printable characters`,
      );
    }
  }
  const split = distinct.map((sample) => sample.split(/([._:-])/));
  const [first = []] = split;
  const alike = split.every(
    (parts) => parts.length === first.length && parts.every((part, i) => i % 2 === 0 || part === first[i]),
  );
  return alike ? piecesOf(split) : prefixed(distinct, split);
}

/** Same separators at the same places: each part is judged by itself. */
function piecesOf(split: readonly (readonly string[])[]): Piece[] {
  const pieces = (split[0] ?? []).map((part, i): Piece => {
    const column = split.map((parts) => parts[i] ?? '');
    const same = column.every((other) => other === part) && (i % 2 === 1 || FIXED_WORD.test(part));
    return same ? { kind: 'same', text: part } : varying(column);
  });
  return joined(pieces);
}

/** Separators are part of the alphabet: only leading words that all samples share are told apart. */
function prefixed(samples: readonly string[], split: readonly (readonly string[])[]): Piece[] {
  const [first = []] = split;
  let prefix = '';
  for (let i = 0; i + 1 < first.length; i += 2) {
    const step = `${first[i] ?? ''}${first[i + 1] ?? ''}`;
    const shared = FIXED_WORD.test(first[i] ?? '') && samples.every((sample) => sample.startsWith(prefix + step));
    if (!shared) break;
    prefix += step;
  }
  const rest = varying(samples.map((sample) => sample.slice(prefix.length)));
  return prefix === '' ? [rest] : [{ kind: 'same', text: prefix }, rest];
}

function varying(column: readonly string[]): Piece {
  const lengths = column.map(({ length }) => length);
  const together = column.join('');
  let index = ALPHABETS.findIndex(({ members }) => new RegExp(`^[${members}]*$`).test(together));
  if (index === ALNUM && together.length < PROOF_CHARACTERS) index = BASE64URL;
  const alphabet = ALPHABETS[index];
  if (alphabet === undefined) throw new RuleError('RULE_SAMPLES', 'a sample has characters outside ASCII');
  return { kind: 'varies', alphabet, min: Math.min(...lengths), max: Math.max(...lengths) };
}

/** Neighbouring equal stretches become one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (piece.kind === 'same' && last?.kind === 'same')
      out[out.length - 1] = { kind: 'same', text: last.text + piece.text };
    else if (piece.kind === 'same' ? piece.text !== '' : piece.max > 0) out.push(piece);
  }
  return out;
}

/** The form as an expression. */
export function expressionOf(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => {
      if (piece.kind === 'same') return piece.text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
      const { alphabet, min, max } = piece;
      return `[${alphabet.members}]{${min === max ? min : `${min},${max}`}}`;
    })
    .join('');
}

/** The form as a template of examples, `change` characters shorter or longer at its end. */
function templateOf(pieces: readonly Piece[], change = 0): string {
  return pieces
    .map((piece, i) => {
      if (piece.kind === 'same') return piece.text;
      return `\${${piece.alphabet.generator}:${piece.min + (i === pieces.length - 1 ? change : 0)}}`;
    })
    .join('');
}

/**
 * A rule file for keys of this form.
 *
 * @param provider - its name; of a built-in provider, the built-in rule lends names, family and advice
 * @param builtin - that provider's rule for this credential, if there is one
 */
export function learnedRuleFile(provider: string, pieces: readonly Piece[], builtin: Rule | null): string {
  const [first] = pieces;
  const prefix =
    first?.kind === 'same' && first.text.length >= SHORTEST_PREFIX ? first.text.slice(0, LONGEST_PREFIX) : null;
  const name = provider.toUpperCase().replaceAll('-', '_');
  const file: RuleFile = {
    provider,
    rules: [
      {
        id: `${provider}-learned-key`,
        title: `${builtin?.title ?? `${provider} key`} (by its learned form)`,
        severity: builtin?.severity ?? 'critical',
        family: builtin?.family ?? `${provider}-learned-key`,
        specificity: 150,
        ...(prefix === null ? named(provider, pieces, builtin) : fixed(prefix, pieces)),
        impact: builtin?.impact ?? `Acts in the name of the account at ${provider}.`,
        remediation: builtin?.remediation ?? `Revoke it at ${provider} and replace it.`,
        references: [{ observed: 'Learned from sample keys; only their form is written down.' }],
        ...(builtin?.verify === undefined ? {} : { verify: builtin.verify }),
        ...(builtin?.revoke === undefined ? {} : { revoke: builtin.revoke }),
        examples: [`${name}_API_KEY=\${secret=text:${templateOf(pieces)}}`],
        counterexamples: [`${name}_API_KEY=your_api_key_here`, `${name}_API_KEY=${templateOf(pieces, -1)}`],
      },
    ],
  };
  return stringify(file, { lineWidth: 0 });
}

/** A prefix is found wherever it stands. */
function fixed(prefix: string, pieces: readonly Piece[]): MatcherSource {
  const last = pieces.at(-1);
  const members = last?.kind === 'varies' && last.alphabet.members !== '!-~' ? last.alphabet.members : '0-9A-Za-z';
  return { literals: [prefix], pattern: `(?<secret>${expressionOf(pieces)})`, boundary: members };
}

/** Without one, names and hosts must speak for it, as before; the form makes them surer. */
function named(
  provider: string,
  pieces: readonly Piece[],
  builtin: Rule | null,
): Pick<RuleSource, 'value' | 'matchers'> {
  const value = expressionOf(pieces);
  const matchers = (builtin?.matchers ?? []).flatMap((matcher): MatcherSource[] => {
    const { find, literals, before, after, near } = matcher;
    if (find.kind !== 'assigned') return [];
    return [
      {
        literals,
        anchor: find.anchor,
        before,
        after: Math.max(after, LONGEST_KEY),
        assigned: find.name,
        ...(near.length === 0 ? {} : { near }),
      },
    ];
  });
  const plain = provider.replaceAll('-', '');
  const own: MatcherSource = {
    literals: [provider],
    assigned: `[a-z0-9]{0,40}${plain}[a-z0-9]{0,24}(?:key|token|secret|password)[a-z0-9]{0,12}`,
  };
  return { value, matchers: matchers.length > 0 ? matchers : [own] };
}
