import { describe, expect, test } from 'vitest';

import { readExpression } from '../../src/gitleaks/expression.ts';

const SECRET = 'finding["secret"]';

describe('an expression', () => {
  test.each([
    [`entropy(${SECRET}) <= 3.5`, 3.5],
    ['filter.entropy(finding.secret) <= 4', 4],
    [`(entropy(${SECRET}) <= 2.0)\n|| entropy(${SECRET}) <= 3`, 3],
  ])('%s asks for entropy', (source, entropy) => {
    expect(readExpression(source)).toEqual({ allowlists: [], entropy, unfollowed: [] });
  });

  test('that keeps the bound itself is told from one that does not', () => {
    const { entropy } = readExpression(`entropy(${SECRET}) < 3.0`);
    expect(entropy).toBeLessThan(3);
    expect(entropy).toBeGreaterThan(2.999);
  });

  test.each([
    ['matchesAny(finding["secret"], [`^a|b$`, "c\\\\d"])', { regexes: ['^a|b$', 'c\\d'] }],
    ['filter.matchesAny(finding.match, [`x`,])', { regexes: ['x'], regextarget: 'match' }],
    ["matchesAny(finding['line'], ['it\\'s'])", { regexes: ["it's"], regextarget: 'line' }],
    ['containsAny(finding["secret"], ["abc", "d,]e"])', { stopwords: ['abc', 'd,]e'] }],
    ['matchesAny(get(attributes, "path", ""), [`\\.lock$`])', { paths: ['\\.lock$'] }],
    ['matchesAny(attributes["path"] ?? "", [`^x/`])', { paths: ['^x/'] }],
    ['matchesAny(attributes.path, [`^x/`])', { paths: ['^x/'] }],
    ['get(attributes, "git.sha", "") in ["abc"]', { commits: ['abc'] }],
    [
      '(matchesAny(attributes.path, [`a`]) && (matchesAny(finding.secret, [`b`])))',
      { condition: 'AND', paths: ['a'], regexes: ['b'] },
    ],
  ])('%s is an allow-list', (source, list) => {
    expect(readExpression(source)).toEqual({ allowlists: [list], entropy: 0, unfollowed: [] });
  });

  test('is followed term by term, and what is not is named', () => {
    const source = `matchesAny(${SECRET}, [\`a || b\`]) || failsTokenEfficiency(${SECRET}) || (x && y) || false`;
    expect(readExpression(source)).toEqual({
      allowlists: [{ regexes: ['a || b'] }],
      entropy: 0,
      unfollowed: [`failsTokenEfficiency(${SECRET})`, 'x && y'],
    });
  });

  test('is read without comments, and after what it names', () => {
    const source = `// one || two\nlet near = a || matchesAny(${SECRET}, ["x"]) || b; /* ; */ containsAny(${SECRET}, ["//y"]) || near`;
    expect(readExpression(source)).toEqual({
      allowlists: [{ stopwords: ['//y'] }],
      entropy: 0,
      unfollowed: ['near'],
    });
  });

  test.each([
    `let finding = other; containsAny(${SECRET}, ["y"])`,
    `a ? b || matchesAny(${SECRET}, ["a"]) || c : d`,
    `x = 1; containsAny(${SECRET}, ["y"])`,
    `!matchesAny(${SECRET}, ["a"])`,
    `matchesAny(${SECRET}, names)`,
    `matchesAny(${SECRET}, ["a" + "b"])`,
    `matchesAny(${SECRET}, ["\\x41"])`,
    `matchesAny(${SECRET}, [])`,
    'matchesAny(finding.description, ["a"])',
    `matchesAny(${SECRET}, ["a"]) && matchesAny(${SECRET}, ["b"])`,
    `entropy(${SECRET}) >= 3.5`,
    'let x = 1; x > 0',
    `matchesAny(${SECRET}, ["a"`,
    `entropy(${SECRET}) <= 3) || (false`,
    `${'('.repeat(9)}a`,
  ])('%s is not followed, nor taken for another', (source) => {
    expect(readExpression(source)).toMatchObject({ allowlists: [], entropy: 0, unfollowed: [expect.any(String)] });
  });

  test('nested without end is no trouble', () => {
    const deep = `${'('.repeat(90_000)}false${')'.repeat(90_000)}`;
    expect(readExpression(deep).allowlists).toEqual([]);
  });
});
