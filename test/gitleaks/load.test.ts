import { describe, expect, test } from 'vitest';

import { linearRegex } from '../../src/detect/linear-regex.ts';
import { isGitleaks, loadGitleaks, type LoadedGitleaks } from '../../src/gitleaks/load.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { Secret } from '../../src/core/secret.ts';
import { makeRule } from '../helpers/rules.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function load(text: string, others: Record<string, string> = {}): Promise<LoadedGitleaks> {
  const read = (name: string): Promise<Uint8Array | null> =>
    Promise.resolve(others[name] === undefined ? null : bytes(others[name]));
  return loadGitleaks({ name: 'g.toml', bytes: bytes(text) }, read, linearRegex);
}

/** Secrets found in a text by a configuration, as `rule=secret`. */
async function found(config: string, text: string, others?: Record<string, string>): Promise<string[]> {
  const { rules } = await load(config, others);
  return createEngine(rules, { linearRegex })
    .scan(bytes(text))
    .findings.map(({ rule, secret }) => `${rule.id}=${secret.reveal()}`)
    .toSorted();
}

const RULE = `[[rules]]
id = "acme"
description = "Acme key"
regex = '''acme_([a-z0-9]{16})'''
keywords = ["acme_"]
`;
const KEY = ['4f9', 'k2m8', 'qz71x', 'w0p3'].join('');

describe('a rule', () => {
  test('reports the first group, else the match', async () => {
    expect(await found(RULE, `a = acme_${KEY}\n`)).toEqual([`acme=${KEY}`]);
    expect(await found(RULE.replace('([a-z0-9]{16})', '[a-z0-9]{16}'), `a = acme_${KEY}\n`)).toEqual([
      `acme=acme_${KEY}`,
    ]);
    expect(await found(RULE, 'a = acme_short\n')).toEqual([]);
  });

  test('is asked only where one of its keywords stands, in the match or near it', async () => {
    const rule = RULE.replace('"acme_"', '"Zebra", "owl"');
    expect(await found(rule, `acme_${KEY}\n`)).toEqual([]);
    expect(await found(rule, `ZEBRAS\n\nacme_${KEY}\n`)).toEqual([`acme=${KEY}`]);
    expect(await found(rule, `owl${' '.repeat(9000)}acme_${KEY}\n`)).toEqual([]);
    expect(await found(RULE.replace('"acme_"', '"cm"'), `acme_${KEY}\n`)).toEqual([`acme=${KEY}`]);
    expect(await found(RULE.replace('"acme_"', '"x", "é"'), `acme_${KEY}\n`)).toEqual([`acme=${KEY}`]);
  });

  test('keeps its tags', async () => {
    const { rules } = await load(`${RULE}tags = ["a", "b"]\n`);
    expect(rules.map(({ tags }) => tags)).toEqual([['a', 'b']]);
  });

  test('reports the group that secretGroup names', async () => {
    const rule = RULE.replace('acme_([a-z0-9]{16})', '(acme)_([a-z0-9]{16})');
    expect(await found(rule, `acme_${KEY}\n`)).toEqual(['acme=acme']);
    expect(await found(`${rule}secretGroup = 2\n`, `acme_${KEY}\n`)).toEqual([`acme=${KEY}`]);
    await expect(load(`${rule}secretGroup = 3\n`)).rejects.toMatchObject({ code: 'GITLEAKS_VALUE' });
  });

  test('asks for more than its entropy', async () => {
    expect(await found(`${RULE}entropy = 3.5\n`, `acme_${KEY}\n`)).toHaveLength(1);
    expect(await found(`${RULE}entropy = 3.5\n`, `acme_${'ab'.repeat(8)}\n`)).toEqual([]);
    expect(await found(RULE, `acme_${'ab'.repeat(8)}\n`)).toHaveLength(1);
  });

  test('keeps flags in the middle of an expression', async () => {
    const rule = RULE.replace('acme_([a-z0-9]{16})', '(?i:ACME)_((?-i:[a-z0-9]{16}))');
    expect(await found(rule, `AcMe_${KEY}\n`)).toEqual([`acme=${KEY}`]);
    expect(await found(rule, `AcMe_${KEY.toUpperCase()}\n`)).toEqual([]);
  });

  test('is found by its keyword where its expression has no text of its own', async () => {
    const rule = `[[rules]]\nid = "hex"\nregex = '''\\b[0-9a-f]{32}\\b'''\nkeywords = ["facebook"]\n`;
    const hex = '8f3a'.repeat(8);
    expect(await found(rule, `facebook\n\n\n${hex}\n`)).toEqual([`hex=${hex}`]);
    expect(await found(rule, `somebody\n\n\n${hex}\n`)).toEqual([]);
  });

  test('is judged by its whole match, also where another one follows', async () => {
    const rule = `[[rules]]\nid = "k"\nregex = '''[\\w]{0,20}?key: ([a-z0-9]{16})'''\nkeywords = ["key"]\n`;
    const list = `[[rules.allowlists]]\nregexTarget = "match"\nregexes = ['''primary_key''']\n`;
    const text = `primary_key: ${KEY}\n  other_key: ${KEY.toUpperCase()}${KEY}\n  third_key: ${KEY.replace('4', '5')}\n`;
    expect(await found(rule, text)).toEqual([`k=${KEY}`, `k=${KEY.replace('4', '5')}`].toSorted());
    expect(await found(rule + list, text)).toEqual([`k=${KEY.replace('4', '5')}`]);
  });

  test('without keyword and text is named, not dropped in silence', async () => {
    const { untranslated } = await load(`${RULE}[[rules]]\nid = "hex"\nregex = '''[0-9a-f]{32}'''\n`);
    expect(untranslated).toEqual([expect.stringContaining('"hex" has no keyword')]);
  });

  test('that asks for another one is found beside that alone', async () => {
    const pair = `${RULE}[[rules.required]]\nid = "who"\nwithinLines = 2\n[[rules]]\nid = "who"\nregex = '''user_[0-9]{6}'''\nkeywords = ["user_"]\nskipReport = true\n`;
    expect(await found(pair, `user_123456\nacme_${KEY}\n`)).toEqual([`acme=${KEY}`]);
    expect(await found(pair, `acme_${KEY}\n`)).toEqual([]);
    await expect(load(pair.replace('id = "who"\nwithin', 'id = "nobody"\nwithin'))).rejects.toMatchObject({
      code: 'GITLEAKS_UNKNOWN_RULE',
    });
  });
});

describe('allow-lists', () => {
  const finding = { rule: { id: 'acme' }, secret: new Secret(KEY) };

  test('by stop word, and by expression on secret, match and line', async () => {
    const text = `x = acme_${KEY} # fine\n`;
    for (const [list, left] of [
      [`stopwords = ["${KEY.slice(2, 8).toUpperCase()}"]`, 0],
      ['stopwords = ["zzzzzz"]', 1],
      // Every text has the empty word in it.
      ['stopwords = [""]', 1],
      ['condition = "AND"\nregexes = [".*"]\nstopwords = [""]', 1],
      ["regexes = ['''^acme''']", 1],
      ["regexTarget = 'match'\nregexes = ['''^acme''']", 0],
      ["regexTarget = 'line'\nregexes = ['''# fine$''']", 0],
      ["regexTarget = 'line'\nregexes = ['''# bad$''']", 1],
    ] as const) {
      expect([list, await found(`${RULE}[[rules.allowlists]]\n${list}\n`, text)]).toEqual([
        list,
        expect.toSatisfy((all: string[]) => all.length === left),
      ]);
      expect(await found(`${RULE}[allowlist]\n${list}\n`, text)).toHaveLength(left);
    }
  });

  test('of which all must hold', async () => {
    const list = (word: string): string =>
      `${RULE}[[rules.allowlists]]\ncondition = "AND"\nregexes = ['''^4f9''']\nstopwords = ["${word}"]\n`;
    expect(await found(list('k2m8'), `acme_${KEY}\n`)).toEqual([]);
    expect(await found(list('nothing'), `acme_${KEY}\n`)).toHaveLength(1);
  });

  test('by path and commit, once the place is known', async () => {
    const { admits, ignoresPath } = await load(
      `${RULE}[[rules.allowlists]]\npaths = ['''(?i)\\.MD$''']\n[[allowlists]]\npaths = ['''^vendor/''']\n[[allowlists]]\ncommits = ["${'A'.repeat(40)}"]\n`,
    );
    const at = (path: string | null, commit: string | null = null): boolean =>
      admits(finding as never, { path, commit });
    expect([at('a.md'), at('a.ts'), at('vendor/a.ts'), at(null)]).toEqual([false, true, false, true]);
    expect([at('a.ts', 'a'.repeat(40)), at('a.ts', 'b'.repeat(40))]).toEqual([false, true]);
    expect([ignoresPath('vendor/a.ts'), ignoresPath('a.md')]).toEqual([true, false]);
  });

  test('by path and secret at once', async () => {
    const { admits } = await load(
      `${RULE}[[allowlists]]\ncondition = "AND"\npaths = ['''^test/''']\nregexes = ['''^4f9''']\n`,
    );
    const at = (path: string, secret: string): boolean =>
      admits({ ...finding, secret: new Secret(secret) } as never, { path, commit: null });
    expect([at('test/a', KEY), at('src/a', KEY), at('test/a', 'other')]).toEqual([false, true, true]);
  });

  test('that say nothing, or what nobody knows, are refused', async () => {
    for (const list of [
      'description = "x"',
      "condition = 'XOR'\nstopwords = ['a']",
      "regexTarget = 'file'\nregexes = ['a']",
    ])
      await expect(load(`${RULE}[allowlist]\n${list}\n`)).rejects.toMatchObject({ code: 'GITLEAKS_VALUE' });
    await expect(load(`${RULE}[allowlist]\nregexes = ["("]\n`)).rejects.toMatchObject({ code: 'GITLEAKS_REGEX' });
  });
});

function none(why: RegExp) {
  return { code: 'GITLEAKS_NO_RULES', message: expect.stringMatching(why) };
}

describe('extending', () => {
  test('replaces what is given, and adds to lists', async () => {
    const base = RULE;
    const child = `[extend]\npath = "base.toml"\n[[rules]]\nid = "acme"\nentropy = 4.9\n`;
    expect(await found(child, `acme_${KEY}\n`, { 'base.toml': base })).toEqual([]);
    expect(await found(child.replace('4.9', '1.0'), `acme_${KEY}\n`, { 'base.toml': base })).toHaveLength(1);
  });

  test('drops disabled rules, and refuses to be left with none', async () => {
    const child = '[extend]\npath = "base.toml"\ndisabledRules = ["acme"]\n';
    await expect(load(child, { 'base.toml': RULE })).rejects.toMatchObject(none(/disabledRules drops .* \(acme\)$/));
    await expect(load('title = "empty"\n')).rejects.toMatchObject(none(/no \[\[rules\]\], and extends nothing/));
    const part = '[[rules]]\nid = "part"\npath = "a"\nskipReport = true\n';
    await expect(load(part)).rejects.toMatchObject(none(/others ask for \(skipReport\)$/));
    const vague = '[[rules]]\nid = "vague"\nregex = "[a-z]{30}"\n';
    await expect(load(vague)).rejects.toMatchObject(none(/scan with: .*"vague" has no keyword/));
    const both = `${vague}${vague.replace('"vague"', '"vaguer"')}`;
    await expect(load(both)).rejects.toMatchObject(none(/scan with: .*"vague" has.*; .*"vaguer" has/));
    await expect(load(child)).rejects.toMatchObject({ code: 'GITLEAKS_EXTEND' });
    await expect(load('[extend]\npath = "a"\nuseDefault = true\n')).rejects.toMatchObject({ code: 'GITLEAKS_EXTEND' });
  });

  test('asks for our own rules with useDefault', async () => {
    const { useDefault, rules } = await load('[extend]\nuseDefault = true\n');
    expect([useDefault, rules]).toEqual([true, []]);
  });
});

test('keys that have no effect are named', async () => {
  const { remarks } = await load(`${RULE}tokenEfficiency = true\n[extend]\nurl = "https://example.com"\n`);
  expect(remarks).toEqual([expect.stringContaining('"url"'), expect.stringContaining('"tokenefficiency"')]);
});

test('tells its own kind from ours', () => {
  expect(isGitleaks(bytes(RULE))).toBe(true);
  expect(isGitleaks(bytes('[Extend]\nuseDefault = true\n'))).toBe(true);
  expect(isGitleaks(bytes('[rules]\ndisable = ["x"]\n'))).toBe(false);
  expect(isGitleaks(bytes('not toml ['))).toBe(false);
});

describe('betterleaks', () => {
  const text = `acme_${KEY}\n`;

  test('a filter discards as an allow-list does', async () => {
    const filter = (term: string): string => `${RULE}filter = '''\n${term}\n'''\n`;
    expect(await found(filter('entropy(finding["secret"]) <= 3.5'), text)).toHaveLength(1);
    expect(await found(filter('entropy(finding["secret"]) <= 3.99'), text)).toHaveLength(1);
    expect(await found(filter('entropy(finding["secret"]) <= 4.5'), text)).toEqual([]);
    expect(await found(filter('matchesAny(finding["secret"], [`^4f9`])'), text)).toEqual([]);
    expect(await found(filter('containsAny(finding["secret"], ["k2m8"])'), text)).toEqual([]);
    expect(await found(`filter = 'containsAny(finding["secret"], ["k2m8"])'\n${RULE}`, text)).toEqual([]);
    expect(await found(`prefilter = 'matchesAny(attributes["path"], ["x"])'\n${RULE}`, text)).toHaveLength(1);
  });

  test('paths of a prefilter need not be looked at', async () => {
    const { ignoresPath } = await load(`prefilter = 'matchesAny(get(attributes, "path", ""), ["[.]lock$"])'\n${RULE}`);
    expect(['a.lock', 'a.ts'].map(ignoresPath)).toEqual([true, false]);
  });

  test('what is not followed is named once for all rules', async () => {
    const filter = 'filter = \'failsTokenEfficiency(finding["secret"])\'\n';
    const other = RULE.replace('"acme"', '"other"').replace('acme_', 'other_').replace('"acme_"', '"other_"');
    const { remarks } = await load(`${RULE}${filter}${other}${filter}`);
    expect(remarks).toEqual([expect.stringMatching(/2 rules: the filter failsTokenEfficiency.* is not followed/)]);
  });

  test('components are required parts, unless they are optional', async () => {
    const who = `[[rules]]\nid = "who"\nregex = '''user_[0-9]{6}'''\nkeywords = ["user_"]\nskipReport = true\n`;
    const needs = (more: string): string => `${RULE}components = [{ id = "who", ${more} }]\n${who}`;
    expect(await found(needs('within = "2L"'), text)).toEqual([]);
    expect(await found(needs('within = "2L,10C"'), `user_123456\n${text}`)).toEqual([`acme=${KEY}`]);
    expect(await found(needs('optional = true'), text)).toEqual([`acme=${KEY}`]);
    expect((await load(needs('within = "-2L"'))).remarks).toEqual([expect.stringContaining('"-2L" is not followed')]);
  });
});

test('a rule that goes by paths takes nothing from another one', async () => {
  const other = `[[rules]]\nid = "generic"\nregex = '''key=(acme_[a-z0-9]{16})'''\nkeywords = ["key"]\n`;
  const alone = await found(RULE + other, `key=acme_${KEY}\n`);
  const beside = [`acme=${KEY}`, `generic=acme_${KEY}`];
  expect(alone).toEqual([`acme=${KEY}`]);
  for (const keys of [`path = "x$"\n`, `[[rules.allowlists]]\npaths = ["x$"]\n`])
    expect(await found(RULE + keys + other, `key=acme_${KEY}\n`)).toEqual(beside);
});

describe('a rule without an expression', () => {
  const PATH = `[[rules]]\nid = "store"\npath = '''\\.p12$'''\n`;

  test('goes by its path', async () => {
    const { rules, remarks, untranslated } = await load(PATH);
    expect(rules).toMatchObject([{ id: 'store', files: String.raw`\.p12$`, matchers: [], parts: [] }]);
    expect([remarks, untranslated]).toEqual([[], []]);
  });

  test('and its keywords have no effect, which is said', async () => {
    const { remarks } = await load(`${PATH}keywords = ["key"]\n`);
    expect(remarks).toEqual([expect.stringContaining('its keywords have no effect')]);
  });

  test('is allowed by paths, and not by texts that it does not have', async () => {
    const list = (keys: string): string => `${PATH}[[rules.allowlists]]\n${keys}\n`;
    const allows = async (config: string): Promise<boolean> => {
      const { rules, admits } = await load(config);
      const [rule] = rules;
      if (rule === undefined) throw new Error('no rule');
      return !admits({ rule, secret: new Secret('') }, { path: 'a/keys.p12', commit: null });
    };
    expect(await allows(list(`paths = ['''^a/''']`))).toBe(true);
    expect(await allows(list(`paths = ['''^b/''']`))).toBe(false);
    expect(await allows(list(`regexes = ['''.*''']`))).toBe(false);
    expect(await allows(list(`condition = "AND"\npaths = ['''^a/''']\nregexes = ['''.*''']`))).toBe(false);
  });

  test('that another rule requires is a path for that one', async () => {
    const { rules, admits } = await load(`${PATH}skipReport = true\n${RULE}[[rules.required]]\nid = "store"\n`);
    expect(rules.map(({ id, parts }) => [id, parts])).toEqual([['acme', []]]);
    const [rule] = rules;
    if (rule === undefined) throw new Error('no rule');
    const at = (path: string): boolean => admits({ rule, secret: new Secret(KEY) }, { path, commit: null });
    expect([at('a/keys.p12'), at('a/keys.txt')]).toEqual([true, false]);
  });

  test('nor a path is refused', async () => {
    await expect(load('[[rules]]\nid = "x"\n')).rejects.toMatchObject({ code: 'GITLEAKS_VALUE' });
  });
});

describe('a default rule that is only adjusted', () => {
  const adjusting = (keys: string): string => `[extend]\nuseDefault = true\n[[rules]]\nid = "github-pat"\n${keys}`;

  test('has ours held to its allow-lists and entropy, and says so', async () => {
    const list = `entropy = 4.5\nkeywords = ["ghp"]\n[[rules.allowlists]]\nregexes = ['''fixture''']\npaths = ['''^docs/''']\n`;
    const { rules, adjustments, remarks, admits } = await load(adjusting(list));
    expect(rules).toEqual([]);
    expect(adjustments).toMatchObject([
      { rule: 'github-pat-classic', entropy: 4.5, filters: [{ regexes: ['fixture'] }] },
    ]);
    expect(remarks).toEqual([
      expect.stringMatching(/allow-lists, entropy now hold for ours \(github-pat-classic\); keywords have no effect/),
    ]);
    const rule = makeRule('github-pat-classic', []);
    const at = (path: string): boolean => admits({ rule, secret: new Secret(KEY) }, { path, commit: null });
    expect([at('docs/a.md'), at('src/a.ts')]).toEqual([false, true]);
  });

  test('and has no counterpart is named', async () => {
    const { adjustments, remarks } = await load(adjusting('').replace('github-pat', 'looker-client-id'));
    expect(adjustments).toEqual([]);
    expect(remarks).toEqual([expect.stringContaining('no counterpart here: it has no effect')]);
  });

  test.each(['acme', 'constructor'])('and is none is refused: %s', async (id) => {
    await expect(load(adjusting('').replace('github-pat', id))).rejects.toMatchObject({ code: 'GITLEAKS_VALUE' });
  });

  test('without the default rules is refused', async () => {
    await expect(load(adjusting('').replace('true', 'false'))).rejects.toMatchObject({ code: 'GITLEAKS_VALUE' });
  });

  test('by targetRules', async () => {
    const lists = (ids: string): string =>
      `[extend]\nuseDefault = true\n[[allowlists]]\ntargetRules = [${ids}]\nstopwords = ["fixture"]\n`;
    const { adjustments } = await load(lists('"github-pat"'));
    expect(adjustments).toMatchObject([{ rule: 'github-pat-classic', filters: [{ stopwords: ['fixture'] }] }]);
    for (const ids of ['"acme"', '"github-pat", "toString"'])
      await expect(load(lists(ids))).rejects.toMatchObject({ code: 'GITLEAKS_UNKNOWN_RULE' });
  });

  test('by disabledRules turns ours off, where it stands in for nothing else', async () => {
    const off = (ids: string): string => `[extend]\nuseDefault = true\ndisabledRules = [${ids}]\n`;
    const one = await load(off('"github-pat", "vault-batch-token"'));
    expect(one.disabledRules.toSorted()).toEqual(['github-pat', 'github-pat-classic', 'vault-batch-token']);
    expect(one.remarks).toEqual([expect.stringContaining('(vault-token) reports other kinds too and stays')]);
    expect((await load(off('"acme", "github-pat"'))).turnsOff).toEqual(['acme']);
  });
});

describe('words that objects know', () => {
  test.each(['constructor', 'toString', '__proto__'])('%s is no condition and no target', async (word) => {
    const list = (keys: string): string => `${RULE}[[rules.allowlists]]\n${keys}\nregexes = ["x"]\npaths = ["x"]\n`;
    await expect(load(list(`condition = "${word}"`))).rejects.toMatchObject({ code: 'GITLEAKS_VALUE' });
    await expect(load(list(`regexTarget = "${word}"`))).rejects.toMatchObject({ code: 'GITLEAKS_VALUE' });
  });

  test.each(['constructor', '__proto__'])('%s is named as a key, and an id like any other', async (word) => {
    const { remarks } = await load(`${word} = 1\n${RULE}`);
    expect(remarks).toEqual([expect.stringContaining(`"${word}`)]);
    expect(await found(RULE.replace('"acme"', `"${word}"`), `a = acme_${KEY}\n`)).toEqual([`${word}=${KEY}`]);
  });
});

describe('what gitleaks passes over in silence is named', () => {
  const deep = {
    'b1.toml': '[extend]\npath = "b2.toml"\n',
    'b2.toml': '[extend]\npath = "b3.toml"\n',
    'b3.toml': RULE.replace('"acme"', '"deep"'),
  };

  test.each([
    ['several rules of one id', `${RULE}${RULE}`, /several rules "acme"/],
    ['a base that is too deep', `[extend]\npath = "b1.toml"\n${RULE}`, /b3\.toml is beyond the depth/],
    ['a version that is newer', `minVersion = "v8.31.0"\n${RULE}`, /asks for gitleaks v8\.31\.0/],
  ])('%s', async (_, config, said) => {
    const { remarks, rules } = await load(config, deep);
    expect(remarks).toEqual([expect.stringMatching(said)]);
    expect(rules.map(({ id }) => id)).toEqual(['acme']);
  });

  test('not what is in order (control)', async () => {
    const shallow = { 'b1.toml': '[extend]\npath = "b2.toml"\n', 'b2.toml': RULE.replace('"acme"', '"deep"') };
    const { remarks, rules } = await load(`minVersion = "v8.30.1"\n[extend]\npath = "b1.toml"\n${RULE}`, shallow);
    expect(remarks).toEqual([]);
    expect(rules.map(({ id }) => id)).toEqual(['acme', 'deep']);
  });
});

test('a title alone is a configuration of gitleaks, without rules', async () => {
  expect(isGitleaks(bytes('title = "ours"\n'))).toBe(true);
  expect(isGitleaks(bytes('fail-on = "low"\n'))).toBe(false);
  await expect(load('title = "ours"\n')).rejects.toMatchObject({ code: 'GITLEAKS_NO_RULES' });
});
