import { describe, expect, test } from 'vitest';

import { parseTree } from '../../src/git/object/tree.ts';
import { TreeSieve } from '../../src/git/tree-sieve.ts';
import { makeRandom } from '../helpers/random-history.ts';

interface Entry {
  readonly mode: string;
  readonly name: string;
  readonly id: number;
}

const ID_BYTES = 20;

function encode(entries: readonly Entry[]): Buffer {
  return Buffer.concat(
    entries.map(({ mode, name, id }) => {
      const raw = Buffer.alloc(ID_BYTES, id % 251);
      raw.writeUInt32BE(id, 8);
      return Buffer.concat([Buffer.from(`${mode} ${name}\0`), raw]);
    }),
  );
}

/** Versions of a few directories, interleaved: most differ from the one before in a few entries. */
function versions(seed: number, count: number): Entry[][] {
  const random = makeRandom(seed);
  const folders = [12, 60, 300].map((size) =>
    Array.from({ length: size }, (_, i): Entry => ({ mode: '100644', name: `n${i}`, id: i })),
  );
  return Array.from({ length: count }, () => {
    const which = random(folders.length);
    const entries = [...(folders[which] ?? [])];
    for (let edits = random(4); edits > 0; edits--) edit(entries, random);
    folders[which] = entries;
    return entries;
  });
}

function edit(entries: Entry[], random: (below: number) => number): void {
  const at = random(entries.length + 1);
  const fresh: Entry = {
    mode: random(3) === 0 ? '40000' : '100755',
    name: `n${random(400)}-${'x'.repeat(random(30))}`,
    id: random(1 << 20),
  };
  const old = entries[at];
  const what = random(4);
  if (what === 0) entries.splice(at, 0, fresh);
  else if (what === 1) entries.splice(at, 1);
  else if (old !== undefined) entries[at] = what === 2 ? { ...old, id: fresh.id } : fresh;
}

describe('TreeSieve', () => {
  test.each([1, 2, 3])('gives notes on every entry of every tree, visited or not (%i)', (seed) => {
    const sieve = new TreeSieve(ID_BYTES);
    let visited = 0;
    let all = 0;
    for (const entries of versions(seed, 400)) {
      const bytes = encode(entries);
      const notes = sieve.read(bytes, 0, (content, cursor, kept) => {
        visited++;
        kept.a = content.readUInt32BE(cursor.idStart + 8);
        kept.b = cursor.nameEnd - cursor.nameStart;
      });
      all += entries.length;
      const found = Array.from({ length: notes?.count ?? 0 }, (_, i) => [notes?.starts[i], notes?.a[i], notes?.b[i]]);
      let start = 0;
      const expected = entries.map(({ mode, name, id }) => {
        const row = [start, id, name.length];
        start += mode.length + name.length + 2 + ID_BYTES;
        return row;
      });
      expect(found).toEqual(expected);
    }
    // It saves work, or it would be pointless.
    expect(visited).toBeLessThan(all / 5);
  });

  test('what was only looked at does not vouch for what is to be followed', () => {
    const sieve = new TreeSieve(ID_BYTES);
    const bytes = encode([{ mode: '100644', name: 'a', id: 1 }]);
    const visits = [0, 0, 1, 0, 1].map((grade) => {
      let count = 0;
      sieve.read(bytes, grade, () => count++);
      return count;
    });
    expect(visits).toEqual([1, 0, 1, 0, 1]);
  });

  test.each([
    ['no id', '100644 a\0short'],
    ['no name', `100644 \0${'x'.repeat(20)}`],
    ['no mode', ` a\0${'x'.repeat(20)}`],
    ['a mode that is none', `10x644 a\0${'x'.repeat(20)}`],
    ['an endless mode', `${'1'.repeat(40)} a\0${'x'.repeat(20)}`],
    ['an endless name', '100644 aaaa'],
  ])('refuses a tree with %s, as the plain parser does', (_, content) => {
    const whole = encode([{ mode: '100644', name: 'good', id: 1 }]);
    const bytes = Buffer.concat([whole, Buffer.from(content)]);
    const names: string[] = [];
    const sieve = new TreeSieve(ID_BYTES);
    expect(
      sieve.read(bytes, 0, (b, { nameStart, nameEnd }) => void names.push(b.toString('utf8', nameStart, nameEnd))),
    ).toBeNull();
    expect(names).toEqual(['good']);
    expect(() => parseTree(bytes, ID_BYTES)).toThrow(expect.objectContaining({ code: 'GIT_OBJECT_MALFORMED' }));
  });

  test('the plain parser gives modes, names and ids', () => {
    const entries = versions(7, 1)[0] ?? [];
    const parsed = parseTree(encode(entries), ID_BYTES).map(({ mode, name, id }) => ({
      mode: mode.toString(8),
      name: Buffer.from(name).toString(),
      id: Buffer.from(id).readUInt32BE(8),
    }));
    expect(parsed).toEqual(entries);
  });
});
