import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { ERROR_FAMILIES } from '../../src/errors/catalog.ts';

const codes = ERROR_FAMILIES.flatMap(({ meanings }) => Object.keys(meanings));
const page = readFileSync(new URL('../../docs/ERRORS.md', import.meta.url), 'utf8');

test('every code has one meaning and a way out, and stands on the page', () => {
  expect(new Set(codes).size).toBe(codes.length);
  for (const { meanings, mends } of ERROR_FAMILIES) {
    expect(Object.keys(mends).toSorted()).toEqual(Object.keys(meanings).toSorted());
    for (const text of [...Object.values(meanings), ...Object.values(mends)]) expect(text).toMatch(/\w{3}/);
  }
  expect(codes.filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([]);
});

test('every code of what is not covered is a gap by its first word, and no wrong use', () => {
  const folder = fileURLToPath(new URL('../../src/errors/', import.meta.url));
  const gaps = readdirSync(folder).flatMap((name) => {
    const unions = [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/type \w+ProblemCode =([^;]+);/g)];
    return unions.flatMap(([, union = '']) => union.match(/[A-Z_]{3,}/g) ?? []);
  });
  expect(gaps.length).toBeGreaterThan(25);
  const exitOf = (code: string): string => page.split('\n').find((row) => row.startsWith(`| \`${code}\` |`)) ?? '';
  expect(gaps.filter((code) => !exitOf(code).endsWith('| 3, or 1 |'))).toEqual([]);
  // Control: what is wrong use is not.
  expect(exitOf('RULE_YAML')).toMatch(/\| 2 \|$/);
});

test('every family of errors is in the catalogue, and every code that is reported', () => {
  const source = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const told = files.flatMap((name) => {
    const text = readFileSync(`${source}/${name}`, 'utf8');
    const thrown = [...text.matchAll(/new \w+Error\(\s*'([A-Z_]+)'/g), ...text.matchAll(/\bcode: '([A-Z]+_[A-Z_]+)'/g)];
    return thrown.map(([, code = '']) => code);
  });
  expect(told.length).toBeGreaterThan(200);
  // A policy finding is no error: its page says what it means.
  const policies = readFileSync(new URL('../../docs/POLICY.md', import.meta.url), 'utf8');
  const isTold = (code: string): boolean =>
    code.startsWith('POLICY_') ? policies.includes(code) : codes.includes(code);
  expect([...new Set(told)].filter((code) => !isTold(code))).toEqual([]);
});
