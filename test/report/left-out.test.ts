/** What a configuration leaves out, as reports say it. */
import { expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load.ts';
import { leftOutText } from '../../src/report/left-out.ts';

test('every way in which a configuration leaves something out has words', () => {
  const { use } = loadConfig(
    Buffer.from(
      [
        '[paths]',
        'ignore = ["vendor/**"]',
        '[rules]',
        'disable = ["npm-token"]',
        '[limits]',
        'max-file-size = "20M"',
        '[[allow]]',
        'paths = ["docs/**"]',
        'reason = "samples"',
      ].join('\n'),
    ),
    '.unleak.toml',
  );
  expect(use.disables.map((one) => leftOutText(one, (text) => `<${text}>`))).toEqual([
    'paths <vendor/**>',
    'rule <npm-token>',
    'files over <20M>',
    'what it allows for <docs/**>',
  ]);
});

test.each([
  ['rules but:github,npm', 'all rules but <github,npm>'],
  ['allow-list:1', 'what its allow-list <1> names'],
  ['allow-list:a: b', 'what its allow-list <a: b> names'],
])('%s', (disabled, words) => {
  expect(leftOutText(disabled, (text) => `<${text}>`)).toBe(words);
});

test('what nobody has words for stays as it is, and is marked whole', () => {
  expect(leftOutText('constructor:x', (text) => `<${text}>`)).toBe('<constructor:x>');
  expect(leftOutText('<b>', () => 'safe')).toBe('safe');
});
