/**
 * Keys whose signs somebody's encoder wrote as escapes, and the letters not:
 * the prefix that gives a key away is then not to be seen as it is.
 */
import { describe, expect, test } from 'vitest';

import type { Rule } from '../../src/core/rule.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { seedOf, seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';

const hex = (sign: string): string => sign.charCodeAt(0).toString(16);

/** How a sign is written, and which signs are written so by anybody. */
const FORMS: Readonly<Record<string, readonly [signs: string, spell: (sign: string) => string]>> = {
  'percent (RFC 3986)': ['._-/:+=', (sign) => `%${hex(sign).toUpperCase()}`],
  'percent, small letters': ['._-/:+=', (sign) => `%${hex(sign)}`],
  'JSON, \\u00xx (RFC 8259)': ['._-/:+=', (sign) => `\\u00${hex(sign)}`],
  'JSON, a slash with a backslash': ['/', (sign) => `\\${sign}`],
  'ECMAScript, \\xhh': ['._-/:+=', (sign) => `\\x${hex(sign)}`],
  'ECMAScript, \\u{h}': ['._-', (sign) => `\\u{${hex(sign)}}`],
  'HTML, decimal': ['._-/:+=', (sign) => `&#${sign.charCodeAt(0)};`],
  'HTML, hexadecimal': ['._-/:+=', (sign) => `&#x${hex(sign)};`],
  'Markdown, a low line with a backslash': ['_', (sign) => `\\${sign}`],
};

/** Not searched in encoded form, or torn from the context that tells them: found by none of these. Escaped words are a password as they stand. */
const LOST: Readonly<Record<string, RegExp>> = {
  '.': /^kubeadm-bootstrap-token$/,
  ':': /^telegram-/,
  '/': /^(?:line-channel-token|azure-identifiable-key)$/,
  '+': /^(?:line-channel-token|azure-identifiable-key)$/,
  _: /^(?:dropbox-access-token|klaviyo-private-key|generic-passphrase)$/,
};

interface Sample {
  readonly rule: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const engine = createEngine(BUILTIN_RULES);

/** Every example whose secret stands there as it is. */
const SAMPLES = BUILTIN_SAMPLES.flatMap(({ rule, examples }) =>
  examples.flatMap((example): Sample[] => {
    const { text } = expandTemplate(example, seededRandom(seedOf(example)), rule);
    const found = engine.scan(Buffer.from(text)).findings.find((one) => one.rule.id === rule);
    if (found === undefined || found.decoded.length > 0) return [];
    return [{ rule, text: Buffer.from(text).toString('latin1'), ...found.span }];
  }),
);

/** Rules whose key nobody sees. */
function missed(scanner: typeof engine, signs: string, spell: (sign: string) => string): string[] {
  return [...signs].flatMap((sign) =>
    SAMPLES.filter(({ rule, text, start, end }) => {
      const secret = text.slice(start, end);
      if (!secret.includes(sign) || LOST[sign]?.test(rule)) return false;
      const written = text.slice(0, start) + secret.replaceAll(sign, spell(sign)) + text.slice(end);
      return !scanner
        .scan(Buffer.from(written, 'latin1'))
        .findings.some((one) => one.rule.id === rule || one.secret.reveal() === secret);
    }).map(({ rule }) => `${rule} ${sign}`),
  );
}

describe('signs of keys', () => {
  test.each(Object.entries(FORMS))('%s', (_, [signs, spell]) => {
    expect(SAMPLES.length).toBeGreaterThan(150);
    expect(missed(engine, signs, spell)).toEqual([]);
  });

  test('without encoded forms of literals most are missed (control)', () => {
    const plain = BUILTIN_RULES.map((rule): Rule => ({
      ...rule,
      matchers: rule.matchers.map((matcher) => ({ ...matcher, encoded: false })),
    }));
    expect(missed(createEngine(plain), '._-', (sign) => `%${hex(sign)}`).length).toBeGreaterThan(50);
  });
});
