import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { rawAt, readField, withField } from '../../src/stores/json-text.ts';

const NEW = new Secret('new "\\\u{1f511}');

function code(doing: () => unknown): string {
  try {
    doing();
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? 'other';
  }
}

describe('a field of a JSON text', () => {
  test('is replaced where it stands, and nothing else is touched', () => {
    const text = ' {"n" : 12345678901234567890, "a":{ "b":"old" ,"c":[1,"}",{"b":"x"}]},"e":1.0e+2 }\n';
    const after = withField(text, 'a.b', NEW);
    expect(after).toBe(text.replace('"old"', () => JSON.stringify(NEW.reveal())));
    expect(readField(after, 'a.b')?.reveal()).toBe(NEW.reveal());
  });

  test.each([
    ['{}', 'a', '{"a":"v"}'],
    ['{"b":1}', 'a', '{"b":1,"a":"v"}'],
    ['{"b":{"c":[]}}', 'b.a', '{"b":{"c":[],"a":"v"}}'],
    ['{"a.b":"o"}', '/a.b', '{"a.b":"v"}'],
    ['{"a/b":{"~":"o"}}', '/a~1b/~0', '{"a/b":{"~":"v"}}'],
    ['{"\\u0061":"o"}', 'a', '{"\\u0061":"v"}'],
    ['{"a":null}', 'a', '{"a":"v"}'],
    ['{"__proto__":"o"}', '__proto__', '{"__proto__":"v"}'],
  ])('%s, %s', (text, field, after) => {
    expect(withField(text, field, new Secret('v'))).toBe(after);
  });

  test.each([
    ['[]', 'a', 'STORE_VALUE'],
    ['"text"', 'a', 'STORE_VALUE'],
    ['no JSON', 'a', 'STORE_VALUE'],
    ['{"a":1}', 'a.b', 'STORE_VALUE'],
    ['{"a":[{"b":"c"}]}', 'a.0.b', 'STORE_VALUE'],
    ['{"a":"1","\\u0061":"2"}', 'a', 'STORE_VALUE'],
    ['{}', 'a.b', 'STORE_NOT_FOUND'],
  ])('%s has no place for %s', (text, field, expected) => {
    expect(code(() => withField(text, field, NEW))).toBe(expected);
  });

  test('that is no text is not read as one', () => {
    expect(code(() => readField('{"a":1}', 'a'))).toBe('STORE_VALUE');
    expect(readField('{"b":1}', 'a')).toBeNull();
  });

  test('deep nesting and long texts end', () => {
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)},"b":"o"}`;
    expect(withField(deep, 'b', new Secret('v'))).toBe(deep.replace('"o"', '"v"'));
  });

  test('agrees with parsing, changing and printing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 }),
        fc.string({ minLength: 1 }).filter((name) => !/[./~]/.test(name)),
        fc.string(),
        fc.constantFrom(0, 2),
        (object, name, value, indent) => {
          const text = JSON.stringify(object, null, indent);
          const own = new Map(Object.entries(JSON.parse(text) as object));
          const after = withField(text, name, new Secret(value));
          expect(new Map(Object.entries(JSON.parse(after) as object))).toEqual(own.set(name, value));
          const others = [...own.keys()].filter((key) => key !== name && key !== '' && !/[./~]/.test(key));
          expect(others.map((key) => rawAt(after, key))).toEqual(others.map((key) => rawAt(text, key)));
        },
      ),
    );
  });
});
