import { describe, expect, it } from 'vitest';

import { identifiersAround } from '../../src/detect/identifier.ts';

function around(text: string, literal: string): string[] {
  const at = text.indexOf(literal);
  return [...identifiersAround(text, at, at + literal.length)].map(({ start, end }) => text.slice(start, end));
}

describe('identifiersAround', () => {
  it('takes the whole identifier, and words after it', () => {
    expect(around('set my_api_key value;', 'api_key')).toEqual(['my_api_key', 'my_api_key value']);
  });

  it.each([
    ['my_token="abc"', 'token=', 'my_token'],
    ["'db_password': 'x'", "password'", 'db_password'],
    ['my_token = abc', 'token =', 'my_token'],
  ])('ends the name of %s before what is no part of one', (text, literal, name) => {
    expect(around(text, literal)[0]).toBe(name);
  });
});
