import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load.ts';

function load(text: string): ReturnType<typeof loadConfig> {
  return loadConfig(new TextEncoder().encode(text), '.unleak.toml');
}

const FULL = `
fingerprint-key = "sixteen characters or more"

[paths]
ignore = ["vendor/", "*.snap"]

[rules]
disable = ["generic-secret"]
only = ["turbosmtp", "generic"]
files = ["rules/ours.yaml"]

[limits]
max-file-size = "20 MB"

[[allow]]
rules = ["example-token"]
paths = ["docs/**"]
reason = "made up"
owner = "docs"
expires = 2027-01-31

[[allow]]
paths = ["/test/"]
reason = "fixtures"
`;

describe('loadConfig', () => {
  test('reads everything there is', () => {
    const config = load(FULL);
    expect(config).toMatchObject({
      fingerprintKey: 'sixteen characters or more',
      disabledRules: ['generic-secret'],
      onlyRules: ['turbosmtp', 'generic'],
      ruleFiles: ['rules/ours.yaml'],
      maxFileSize: 20_000_000,
      allow: [
        { label: 'allow 1', reason: 'made up', rules: ['example-token'], expires: '2027-01-31' },
        { label: 'allow 2', reason: 'fixtures', rules: null },
      ],
    });
    expect(config.ignoresPath('a/vendor/b.js')).toBe(true);
    expect(config.allow[0]?.matchesPath?.('docs/a/b.md')).toBe(true);
    expect(config.allow[1]?.matchesPath?.('a/test/b')).toBe(false);
  });

  test('an empty one turns nothing off', () => {
    expect(load('')).toMatchObject({ maxFileSize: null, onlyRules: null, allow: [], use: { disables: [] } });
    expect(load('').ignoresPath('anything')).toBe(false);
  });

  test('says for coverage what it turns off', () => {
    expect(load(FULL).use).toEqual({
      file: '.unleak.toml',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      disables: [
        'path:vendor/',
        'path:*.snap',
        'rule:generic-secret',
        'rules but:turbosmtp,generic',
        'files over:20 MB',
        'allow:example-token,docs/**',
        'allow:/test/',
      ],
    });
  });

  test.each([
    ['CONFIG_SYNTAX', '[paths]\nignore = [', '2:'],
    ['CONFIG_SYNTAX', 'a = 1\na = 2', '2:'],
    ['CONFIG_UNKNOWN_KEY', '[paths]\nignroe = []', '2:1: unknown key "ignroe"; did you mean "ignore"?'],
    ['CONFIG_UNKNOWN_KEY', '\n[pahts]\nignore = []', '2:1: unknown key "pahts"; did you mean "paths"?'],
    ['CONFIG_UNKNOWN_KEY', '"__proto__" = 1', '1:1: unknown key "__proto__"'],
    ['CONFIG_UNKNOWN_KEY', 'x = """\nfingerprint = 1\n"""\n  fingerprint = 2', '1:1: unknown key "x"'],
    [
      'CONFIG_UNKNOWN_KEY',
      '[[allow]]\nreason = "a"\npaths = ["x"]\n[[allow]]\nrule = "y"',
      '5:1: unknown key "rule"; did you mean "rules"?',
    ],
    ['CONFIG_VALUE', 'fingerprint-key = "short"', '1:1: fingerprint-key is too small'],
    ['CONFIG_VALUE', '[paths]\nignore = "vendor"', '2:1: paths.ignore must be of type array'],
    ['CONFIG_VALUE', '[paths]\nignore = ["a", "!b"]', '2:1: "!b" begins with'],
    ['CONFIG_VALUE', '[paths]\nignore = ["*a*a*a*"]', '2:1: "*a*a*a*" has more than 3 wildcards'],
    ['CONFIG_VALUE', '[[allow]]\nreason = "a"\npaths = ["{a/b,c}"]', '3:1: "{a/b,c}" holds braces'],
    ['CONFIG_VALUE', '[limits]\nmax-file-size = "many"', '2:1: limits.max-file-size'],
    ['CONFIG_VALUE', '[limits]\nmax-file-size = -1', '2:1: limits.max-file-size'],
    ['CONFIG_VALUE', '[[allow]]\npaths = ["x"]', '1:1: allow [1].reason is missing'],
    ['CONFIG_VALUE', '[[allow]]\nreason = "all"', '1:1: an allow entry needs rules or paths'],
    ['CONFIG_VALUE', '[rules]\nonly = []', '2:1: rules.only'],
  ])('answers %s to %j, with its place', (code, text, message) => {
    expect(() => load(text)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`.unleak.toml:${message}`) }),
    );
  });

  test.each([
    ['brackets', `x = ${'['.repeat(100_000)}`],
    ['tables in tables', `x = ${'{a='.repeat(100_000)}`],
    ['a dotted key', `a${'.a'.repeat(200_000)} = 1`],
    ['a dotted header', `[${'a.'.repeat(200_000)}a]`],
    ['a few dots too many', `a${'.a'.repeat(32)} = 1`],
  ])('refuses nesting without end, by %s', (_, text) => {
    expect(() => load(text)).toThrow(
      expect.objectContaining({ code: 'CONFIG_SYNTAX', message: expect.stringContaining('nest') }),
    );
    // Control: a depth that is merely no key of ours.
    expect(() => load(`a${'.a'.repeat(8)} = 1`)).toThrow(expect.objectContaining({ code: 'CONFIG_UNKNOWN_KEY' }));
  });

  test('repeats no more of a key than a line holds', () => {
    expect(() => load(`${'k'.repeat(500_000)} = 1`)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) }),
    );
  });

  test('refuses what is too large to be one', () => {
    expect(() => loadConfig(new Uint8Array(1024 * 1024 + 1), 'x')).toThrow(
      expect.objectContaining({ code: 'CONFIG_TOO_LARGE' }),
    );
  });
});

describe('docs/config.schema.json', () => {
  const schema = readFileSync(new URL('../../docs/config.schema.json', import.meta.url), 'utf8');
  const valid = new Ajv2020().compile(JSON.parse(schema) as object);

  test('accepts what the loader accepts, and refuses an unknown key', () => {
    const plain = FULL.replace('2027-01-31', '"2027-01-31"');
    expect(valid(parse(plain)) ? [] : valid.errors).toEqual([]);
    expect(valid(parse('[paths]\nignroe = []'))).toBe(false);
  });
});
