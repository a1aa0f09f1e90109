import { describe, expect, test } from 'vitest';

import { findingsAt, pointMeant, theOnlyOne } from '../../src/triage/point.ts';
import { finding, occurrence } from '../helpers/findings.ts';

const files = new Set(['a.ini', 'b:3', 'b', 'x y']);
const isFile = (name: string): boolean => files.has(name);

describe('pointMeant', () => {
  test.each([
    ['a.ini:3:14', { path: 'a.ini', line: 3, column: 14 }],
    ['a.ini:3', { path: 'a.ini', line: 3, column: null }],
    [' x y:3 ', { path: 'x y', line: 3, column: null }],
    // Of two files the name of one of which looks like a place in the other, the one is meant of which a report would say so.
    ['b:3:14', { path: 'b', line: 3, column: 14 }],
    ['b:3:14:2', { path: 'b:3', line: 14, column: 2 }],
    ['b:4:14', { path: 'b', line: 4, column: 14 }],
  ])('reads %s', (text, point) => {
    expect(pointMeant(text, isFile)).toEqual(point);
  });

  test.each(['a.ini', 'missing:3:14', 'a.ini:x', ':3', '3:14', 'a.ini:1234567890', ''])('takes %j for none', (text) => {
    expect(pointMeant(text, isFile)).toBeNull();
  });
});

describe('what begins at a place', () => {
  const at = (line: number, column: number) => occurrence({ kind: 'file', line, column });
  const found = [
    finding({ occurrences: [at(1, 1), at(7, 5)] }),
    finding({ occurrences: [at(7, 5)] }),
    finding({ occurrences: [at(7, 9), occurrence({ kind: 'path', line: 1, column: 9 })] }),
  ];
  const idsAt = (line: number, column: number | null): readonly string[] =>
    findingsAt({ path: 'a', line, column }, found).map(({ fingerprint }) => fingerprint);
  const [first, second, third] = found.map(({ fingerprint }) => fingerprint);

  test('are the findings of that line, or of that column', () => {
    expect(idsAt(7, null)).toEqual([first, second, third]);
    expect(idsAt(7, 5)).toEqual([first, second]);
    expect(idsAt(7, 9)).toEqual([third]);
    expect(idsAt(1, 9)).toEqual([]);
    expect(idsAt(2, null)).toEqual([]);
  });

  test('is one, or none is meant', () => {
    const point = { path: 'a', line: 7, column: null };
    const itself = (id: string): string => id;
    expect(theOnlyOne(point, found.slice(0, 1), itself)).toEqual(found[0]);
    expect(() => theOnlyOne(point, [], itself)).toThrow(expect.objectContaining({ code: 'TRIAGE_PLACE_EMPTY' }));
    const refuse = (): unknown => theOnlyOne(point, found, itself);
    expect(refuse).toThrow(expect.objectContaining({ code: 'TRIAGE_PLACE_AMBIGUOUS' }));
    expect(refuse).toThrow(`${second} (example-token)`);
  });

  test('has its id, and of many there only a few are made', () => {
    const point = { path: 'a', line: 7, column: null };
    const made: string[] = [];
    const idOf = (standIn: string): string => `id-${made.push(standIn)}`;
    expect(theOnlyOne(point, found.slice(1, 2), idOf).fingerprint).toBe('id-1');
    const many = Array.from({ length: 2000 }, () => found.slice(0, 1)).flat();
    expect(() => theOnlyOne(point, many, idOf)).toThrow(/^2000 secrets begin at a:7: id-2 .*, id-11 [^,]*, …$/);
    expect(made).toHaveLength(11);
  });
});
