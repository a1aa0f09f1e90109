import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { ObjectTable } from '../../src/git/object-table.ts';
import { BLOB, COMMIT, UNKNOWN } from '../../src/git/object/type.ts';

const ids = Array.from({ length: 5000 }, (_, i) => createHash('sha1').update(String(i)).digest('hex'));

describe('ObjectTable', () => {
  test('finds what was added, also after growing, and nothing else', () => {
    const table = new ObjectTable(40);
    for (const [i, id] of ids.entries()) table.add(Buffer.from(id, 'hex'), 0, i % 2 === 0 ? BLOB : COMMIT, i * 1e10);
    expect(table.length).toBe(ids.length);
    expect(ids.map((id) => table.findHex(id))).toEqual(ids.map((_, i) => i));
    expect(ids.map((_, i) => table.hex(i))).toEqual(ids);
    expect([table.type(3), table.size(3)]).toEqual([COMMIT, 3e10]);
    expect([...table.ofType(BLOB)]).toEqual(ids.flatMap((_, i) => (i % 2 === 0 ? [i] : [])));
    expect(table.countOfType(BLOB)).toBe(table.ofType(BLOB).length);
    const absent = ['', 'main', 'x'.repeat(40), 'f'.repeat(40), ids[0]?.toUpperCase() ?? '', `${ids[0]}0`];
    expect(absent.map((id) => table.findHex(id))).toEqual(absent.map(() => -1));
  });

  test('ids that begin alike are kept apart', () => {
    const table = new ObjectTable(64);
    const alike = Array.from({ length: 300 }, (_, i) => 'ab'.repeat(30) + i.toString(16).padStart(4, '0'));
    for (const id of alike) table.add(Buffer.from(id, 'hex'), 0);
    expect(alike.map((id) => table.findHex(id))).toEqual(alike.map((_, i) => i));
    expect(table.type(0)).toBe(UNKNOWN);
  });

  test('an object that comes again only gets its type', () => {
    const table = new ObjectTable(40);
    const id = Buffer.from(ids[0] ?? '', 'hex');
    expect([table.add(id, 0), table.add(id, 0, BLOB, 7), table.length]).toEqual([0, 0, 1]);
    expect([table.type(0), table.size(0)]).toEqual([BLOB, 7]);
  });
});
