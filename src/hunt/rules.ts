import type { Matcher, Rule } from '../core/rule.ts';
import type { KnownKey } from './known-key.ts';
import { chunksOf, escapedSpellings, jsonSpelling, piecesOf } from './spellings.ts';

/** Fingerprints of hunted keys are made with it, whatever rule would find them. */
const FAMILY = 'known-key';
/** A piece that more keys than this have leads to too many of them. */
const MOST_SHARING = 8;
/** Of the window: every character as an escape of six, and room for the joints of a torn key. */
const ESCAPE_LENGTH = 6;
const JOINTS = 1024;

/** Rules that find exactly these keys, in every spelling the engine knows: one for each key. */
export function huntRules(keys: readonly KnownKey[]): readonly Rule[] {
  const shared = sharedPieces(keys);
  return keys.map((key) => huntRule(key, shared));
}

function sharedPieces(keys: readonly KnownKey[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { value } of keys)
    for (const text of new Set(piecesOf(value.reveal()).map((piece) => piece.text)))
      counts.set(text, (counts.get(text) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count > MOST_SHARING).map(([text]) => text));
}

function huntRule({ label, origin, value }: KnownKey, shared: ReadonlySet<string>): Rule {
  const text = value.reveal();
  const { encoded, plain } = chunksOf(text, shared);
  const spelled = [...plain, ...[...encoded, ...plain].flatMap(escapedSpellings)].filter(
    (one) => !encoded.some((piece) => one === jsonSpelling(piece)),
  );
  const matcher = (literals: readonly string[], isEncoded: boolean): Matcher => ({
    literals,
    caseSensitive: true,
    encoded: isEncoded,
    before: text.length * ESCAPE_LENGTH + JOINTS,
    after: text.length * ESCAPE_LENGTH + JOINTS,
    gate: 0,
    find: { kind: 'known', value: text },
    near: [],
    checks: [{ name: 'any-value' }],
    confidence: 'high',
  });
  return {
    id: `known-key-${label}`,
    provider: 'hunt',
    title: `Known key (${origin})`,
    severity: 'critical',
    role: 'secret',
    family: FAMILY,
    specificity: 100,
    overlaps: true,
    // In base64 there is often JSON.
    matchers: [
      matcher([...new Set(encoded.flatMap((piece) => [piece, jsonSpelling(piece)]))], true),
      ...(spelled.length === 0 ? [] : [matcher([...new Set(spelled)], false)]),
    ],
    parts: [],
    impact: 'The key that was hunted for stands here.',
    remediation:
      'Revoke the key if it still lives; then take it out of here, and out of the history if that is shared.',
    references: [],
  };
}
