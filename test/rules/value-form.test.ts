import { describe, expect, test } from 'vitest';

import { readPattern } from '../../src/rules/pattern.ts';
import { valueForm } from '../../src/rules/value-form.ts';

function formOf(source: string): unknown {
  const form = valueForm(readPattern(source, 'test').node);
  return form && { ...form, characters: String.fromCharCode(...[...form.characters].toSorted((a, b) => a - b)) };
}

describe('the form of a value', () => {
  test.each([
    ['[a-c]{3}', { characters: 'abc', least: 3, most: 3 }],
    ['x_[ab]{2,5}', { characters: '_abx', least: 4, most: 7 }],
    ['[ab]{8}|c{2,3}', { characters: 'abc', least: 2, most: 8 }],
    ['(?:md-)?(?<secret>[0-3]{4})\\b', { characters: '-0123dm', least: 4, most: 7 }],
    ['(?:ab){2}c?', { characters: 'abc', least: 4, most: 5 }],
  ])('%s', (source, expected) => {
    expect(formOf(source)).toEqual(expected);
  });

  test.each(['a{0,5}', '[a-z]{10,5000}'])('%s has none to go by', (source) => {
    expect(formOf(source)).toBeNull();
  });
});
