import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import {
  buildIndex,
  buildMidx,
  buildPack,
  encodeDelta,
  encodeDistance,
  encodeSize,
  entryHeader,
  type EntrySpec,
  hashObject,
  objectsWith,
  ofsDelta,
  refDelta,
  whole,
} from '../../helpers/pack-builder.ts';
import { type Reading, readStore } from '../../helpers/pack-reading.ts';

const PARENT = Buffer.from('the parent of them all\n');
const PARENT_ID = hashObject('blob', PARENT);
const parent = whole('blob', PARENT);
const add = (text: string) =>
  encodeDelta(PARENT.length, PARENT.length + text.length, [{ copy: [0, PARENT.length] }, { insert: text }]);
const id = (digit: string): string => digit.repeat(40);

/** Entries of a pack beside `parent`, which must stay readable, and the codes that answer them. */
const LIST: readonly [string, readonly EntrySpec[], readonly string[]][] = [
  [
    'a delta on itself',
    [
      {
        id: id('a'),
        header: () => [...entryHeader(7, 3), ...Buffer.from(id('a'), 'hex')],
        compressed: deflateSync(Buffer.from('abc')),
      },
    ],
    ['PACK_DELTA_UNRESOLVED'],
  ],
  [
    'two deltas on each other',
    [
      { ...refDelta(id('b'), add('x')), id: id('a') },
      { ...refDelta(id('a'), add('y')), id: id('b') },
    ],
    ['PACK_DELTA_UNRESOLVED'],
  ],
  [
    'what hangs below a cycle',
    [
      { ...refDelta(id('b'), add('x')), id: id('a') },
      { ...refDelta(id('a'), add('y')), id: id('b') },
      { ...ofsDelta(1, add('z')), id: id('c') },
    ],
    ['PACK_DELTA_UNRESOLVED'],
  ],
  ['a base that is nowhere', [refDelta(id('e'), add('x'))], ['PACK_DELTA_UNRESOLVED']],
  ['a base at distance 0', [ofsDelta({ distance: 0 }, add('x'))], ['PACK_DELTA_UNRESOLVED']],
  ['a base in the middle of an entry', [ofsDelta({ distance: 3 }, add('x'))], ['PACK_DELTA_UNRESOLVED']],
  ['a base before the pack', [ofsDelta({ distance: 2 ** 40 }, add('x'))], ['PACK_DELTA_UNRESOLVED']],
  [
    'a distance without end',
    [{ header: () => [0x61, ...Array.from({ length: 20 }, () => 0xff), 0], compressed: deflateSync(Buffer.from('x')) }],
    ['PACK_NUMBER_TOO_LARGE'],
  ],
  [
    'a size without end',
    [{ header: () => [0xb1, ...Array.from({ length: 20 }, () => 0xff), 0], compressed: deflateSync(Buffer.from('x')) }],
    ['PACK_NUMBER_TOO_LARGE'],
  ],
  [
    'the reserved type 0',
    [{ header: () => entryHeader(0, 1), compressed: deflateSync(Buffer.from('x')) }],
    ['PACK_ENTRY_TYPE'],
  ],
  [
    'the reserved type 5',
    [{ header: () => entryHeader(5, 1), compressed: deflateSync(Buffer.from('x')) }],
    ['PACK_ENTRY_TYPE'],
  ],
  [
    'a size of 2^50',
    [{ header: () => entryHeader(3, 2 ** 50), compressed: deflateSync(Buffer.from('x')) }],
    ['PACK_SIZE_IMPOSSIBLE'],
  ],
  [
    'a size of 4 GiB',
    [{ header: () => entryHeader(3, 2 ** 32), compressed: deflateSync(Buffer.from('x')) }],
    ['PACK_SIZE_IMPOSSIBLE'],
  ],
  [
    'a size one too large',
    [{ header: () => entryHeader(3, 6), compressed: deflateSync(Buffer.from('hello')) }],
    ['PACK_ENTRY_LENGTH'],
  ],
  [
    'a size one too small',
    [{ header: () => entryHeader(3, 4), compressed: deflateSync(Buffer.from('hello')) }],
    ['PACK_ENTRY_LENGTH'],
  ],
  [
    'an empty stream for an empty blob',
    [{ header: () => entryHeader(3, 0), compressed: new Uint8Array(0) }],
    ['PACK_ENTRY_LENGTH'],
  ],
  [
    'a bomb that says so',
    [{ header: () => entryHeader(3, 3e7), compressed: deflateSync(Buffer.alloc(3e7)) }],
    ['PACK_OBJECT_TOO_LARGE'],
  ],
  [
    'a bomb that denies it',
    [{ header: () => entryHeader(3, 10), compressed: deflateSync(Buffer.alloc(3e7)) }],
    ['PACK_ENTRY_LENGTH'],
  ],
  [
    'bytes after the stream',
    [
      {
        header: () => entryHeader(3, 5),
        compressed: Buffer.concat([deflateSync(Buffer.from('hello')), Buffer.from('AWS')]),
      },
    ],
    ['PACK_ENTRY_LENGTH'],
  ],
  [
    'a stream that is not zlib',
    [{ header: () => entryHeader(3, 5), compressed: Buffer.from('hello hello') }],
    ['PACK_INFLATE'],
  ],
  [
    'a wrong Adler-32',
    [
      {
        header: () => entryHeader(3, 5),
        compressed: Buffer.concat([deflateSync(Buffer.from('hello')).subarray(0, -1), Buffer.from([0])]),
      },
    ],
    ['PACK_ADLER'],
  ],
  [
    'a delta that copies from past its base',
    [ofsDelta(0, encodeDelta(PARENT.length, 9, [{ copy: [PARENT.length - 4, 9] }]))],
    ['PACK_DELTA_OUT_OF_BOUNDS'],
  ],
  ['a delta for another size of base', [ofsDelta(0, encodeDelta(5, 5, [{ copy: [0, 5] }]))], ['PACK_DELTA_MALFORMED']],
  [
    'a delta that makes too little',
    [ofsDelta(0, encodeDelta(PARENT.length, 6, [{ copy: [0, 5] }]))],
    ['PACK_DELTA_MALFORMED'],
  ],
  [
    'a delta that makes too much',
    [ofsDelta(0, encodeDelta(PARENT.length, 4, [{ copy: [0, 5] }]))],
    ['PACK_DELTA_OUT_OF_BOUNDS'],
  ],
  [
    'a delta with the reserved instruction',
    [ofsDelta(0, Uint8Array.from([PARENT.length, 0, 0]))],
    ['PACK_DELTA_MALFORMED'],
  ],
  ['an empty delta', [ofsDelta(0, new Uint8Array(0))], ['PACK_TRUNCATED']],
  [
    'a delta that makes 2^40 bytes',
    [ofsDelta(0, Uint8Array.from([PARENT.length, ...encodeSize(2 ** 40), 0x90, 5]))],
    ['PACK_DELTA_MALFORMED'],
  ],
  [
    'a delta that makes 2^30 bytes of sixteen million a copy',
    [ofsDelta(0, Uint8Array.from([PARENT.length, ...encodeSize(2 ** 30), 0xff, 0, 0, 0, 0, 255, 255, 255]))],
    ['PACK_DELTA_OUT_OF_BOUNDS'],
  ],
  [
    'children of a damaged delta',
    [ofsDelta(0, Uint8Array.from([PARENT.length, 0, 0])), ofsDelta(1, encodeDelta(0, 1, [{ insert: 'x' }]))],
    ['PACK_DELTA_MALFORMED'],
  ],
];

/** Everything that was read, as one string. */
function summary(objects: Reading['objects']): string {
  const lines = [...objects].map(([oid, { type, bytes }]) => `${oid} ${type} ${bytes.toString('latin1')}`);
  return lines.toSorted().join('\0');
}

describe('a hostile pack is answered by codes, and the rest of it is read', () => {
  test.each(LIST)('%s', async (_, entries, codes) => {
    const before = process.memoryUsage().arrayBuffers;
    const directory = objectsWith(buildPack([parent, ...entries]));
    for (const packMemory of [1e6, 0]) {
      const reading = await readStore(directory, { arenaLimit: 1 << 22, packMemory });
      expect(reading.codes).toEqual(codes);
      expect([...reading.objects.keys()]).toEqual([PARENT_ID]);
      expect(reading.unread).toHaveLength(entries.length);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150e6);
  });

  test('a wrong id is noticed where ids are computed, and not otherwise (control)', async () => {
    const directory = objectsWith(buildPack([parent, { ...whole('blob', 'x'), id: id('a') }]));
    expect((await readStore(directory, { verifyObjects: true })).codes).toEqual(['PACK_OBJECT_ID']);
    expect((await readStore(directory)).codes).toEqual([]);
  });

  test('a wrong id of what others are built from costs that object alone', async () => {
    const grown = (by: string) =>
      ({ type: 'blob', bytes: new Uint8Array(Buffer.concat([PARENT, Buffer.from(by)])) }) as const;
    const more = (size: number, by: string) => encodeDelta(size, size + 1, [{ copy: [0, size] }, { insert: by }]);
    const directory = objectsWith(
      buildPack([
        parent,
        { ...ofsDelta(0, add('x')), id: id('a') },
        // Of its two children, one has a child of its own: built, where the other is only read.
        ofsDelta(1, more(PARENT.length + 1, 'y'), grown('xy')),
        ofsDelta(1, more(PARENT.length + 1, 'z'), grown('xz')),
        ofsDelta(2, more(PARENT.length + 2, 'w'), grown('xyw')),
      ]),
    );
    const { codes, unread, objects } = await readStore(directory, { verifyObjects: true });
    expect({ codes, unread, read: objects.size }).toEqual({ codes: ['PACK_OBJECT_ID'], unread: [id('a')], read: 4 });
  });
});

describe('a pack and an index that do not fit each other', () => {
  const specs = [
    parent,
    whole('blob', 'other'),
    ofsDelta(0, add('x'), { type: 'blob', bytes: Buffer.concat([PARENT, Buffer.from('x')]) }),
  ];

  test.each([2, 4, 0, 0xff_ff_ff_ff])('the header states %i objects of three', async (count) => {
    const { codes, objects } = await readStore(objectsWith(buildPack(specs, { count })));
    expect({ codes, read: objects.size }).toEqual({ codes: ['PACK_COUNT_MISMATCH'], read: 3 });
  });

  test('an entry that the index leaves out', async () => {
    const { pack, ids, offsets } = buildPack(specs);
    const idx = buildIndex(ids.slice(0, 2), offsets.slice(0, 2), [0, 0], pack.subarray(-20));
    const { codes } = await readStore(objectsWith({ pack, idx }));
    expect(codes).toEqual(['PACK_COUNT_MISMATCH', 'PACK_ENTRY_LENGTH']);
  });

  test.each([
    ['two ids at one place', [0, 0, 1]],
    ['an entry outside the pack', [0, 1, 1e6]],
    ['an entry in the header', [3, 1, 2]],
  ])('%s', async (_, places) => {
    const { pack, ids, offsets } = buildPack(specs);
    const idx = buildIndex(
      ids,
      places.map((place) => (place < 3 ? (offsets[place] ?? 0) : place)),
      [0, 0, 0],
      pack.subarray(-20),
    );
    expect((await readStore(objectsWith({ pack, idx }))).codes).toEqual(['PACK_INDEX_INVALID']);
  });

  test('an entry in the middle of another', async () => {
    const { pack, ids, offsets } = buildPack(specs);
    const idx = buildIndex(ids, [offsets[0]!, offsets[1]! + 3, offsets[2]!], [0, 0, 0], pack.subarray(-20));
    expect((await readStore(objectsWith({ pack, idx }))).codes).not.toEqual([]);
  });

  test('the index of another pack', async () => {
    const { pack } = buildPack(specs);
    const { idx } = buildPack([whole('blob', 'THE PARENT OF THEM ALL\n'), whole('blob', 'OTHER'), specs[2]!]);
    expect((await readStore(objectsWith({ pack, idx }))).codes).toContain('PACK_INDEX_INVALID');
  });

  test.each([
    ['another signature', (pack: Buffer) => void pack.write('KCAP'), 'PACK_SIGNATURE'],
    ['version 4', (pack: Buffer) => void (pack[7] = 4), 'PACK_SIGNATURE'],
  ])('%s', async (_, change, code) => {
    expect((await readStore(objectsWith(buildPack(specs, { change })))).codes).toEqual([code]);
  });

  test('version 3 is read like version 2', async () => {
    const { codes, objects } = await readStore(objectsWith(buildPack(specs, { change: (pack) => void (pack[7] = 3) })));
    expect({ codes, read: objects.size }).toEqual({ codes: [], read: 3 });
  });

  test('a pack of nothing but a header', async () => {
    const { pack, idx } = buildPack(specs);
    expect((await readStore(objectsWith({ pack: pack.subarray(0, 12), idx }))).codes).toEqual(['PACK_TRUNCATED']);
    expect((await readStore(objectsWith({ pack: Buffer.alloc(0), idx }))).codes).toEqual(['PACK_TRUNCATED']);
  });
});

describe('several copies of an object', () => {
  const child = { type: 'blob', bytes: new Uint8Array(Buffer.concat([PARENT, Buffer.from('x')])) } as const;
  const broken: EntrySpec = { ...whole('blob', child.bytes), compressed: Buffer.from('broken') };

  test('a sound one stands in for a damaged one, in either order', async () => {
    const bad = buildPack([broken, parent]);
    const good = buildPack([whole('blob', child.bytes), whole('blob', 'other')]);
    for (const packs of [
      [bad, good],
      [good, bad],
    ]) {
      const { codes, objects } = await readStore(objectsWith(...packs));
      expect({ codes, read: objects.size }).toEqual({ codes: [], read: 3 });
    }
  });

  test('a sound one stands in for one on a cycle, and for one whose base is missing', async () => {
    const bad = buildPack([refDelta(id('e'), add('x'), child), { ...refDelta(id('a'), add('x')), id: id('a') }]);
    const good = buildPack([whole('blob', child.bytes)]);
    const { codes, objects, unread } = await readStore(objectsWith(bad, good));
    expect({ codes, read: objects.size, unread }).toEqual({
      codes: ['PACK_DELTA_UNRESOLVED'],
      read: 1,
      unread: [id('a')],
    });
  });

  test('is found in another pack where a delta names it as its base, also through several packs', async () => {
    const second = { type: 'blob', bytes: new Uint8Array(Buffer.concat([PARENT, Buffer.from('xy')])) } as const;
    const onChild = encodeDelta(child.bytes.length, second.bytes.length, [
      { copy: [0, child.bytes.length] },
      { insert: 'y' },
    ]);
    const directory = objectsWith(
      buildPack([refDelta(hashObject('blob', child.bytes), onChild, second)]),
      buildPack([refDelta(PARENT_ID, add('x'), child)]),
      buildPack([parent]),
    );
    const { codes, objects } = await readStore(directory, { verifyObjects: true });
    expect({ codes, read: [...objects.values()].map(({ bytes }) => bytes.length) }).toEqual({
      codes: [],
      read: expect.arrayContaining([23, 24, 25]),
    });
  });

  test('bases in a circle of packs end', async () => {
    const a = { ...refDelta(id('b'), add('x')), id: id('a') };
    const b = { ...refDelta(id('a'), add('x')), id: id('b') };
    const { codes, unread } = await readStore(
      objectsWith(buildPack([a]), buildPack([b]), buildPack([a]), buildPack([b])),
    );
    expect({ codes, unread }).toEqual({ codes: ['PACK_DELTA_UNRESOLVED'], unread: [id('a'), id('b')] });
  });

  test('that differ are reported', async () => {
    const one = buildPack([{ ...whole('blob', 'one'), id: id('a') }]);
    const other = buildPack([{ ...whole('tree', 'one'), id: id('a') }]);
    const longer = buildPack([{ ...whole('blob', 'longer'), id: id('a') }]);
    expect((await readStore(objectsWith(one, other))).codes).toEqual(['PACK_COPIES_DIFFER']);
    expect((await readStore(objectsWith(one, longer))).codes).toEqual(['PACK_COPIES_DIFFER']);
  });

  test('in one pack count once', async () => {
    const { codes, objects } = await readStore(
      objectsWith(buildPack([parent, parent, broken, whole('blob', child.bytes)])),
    );
    expect({ codes, read: objects.size }).toEqual({ codes: [], read: 2 });
  });
});

describe('sweeps over a small pack', () => {
  const text = Array.from({ length: 12 }, (_, i) => `line ${i} of the first version`).join('\n');
  const next = `${text}\nand one line more`;
  const last = `${next}\nand another`;
  const append = (from: string, to: string): Uint8Array =>
    encodeDelta(from.length, to.length, [{ copy: [0, from.length] }, { insert: to.slice(from.length) }]);
  const blob = (content: string) => ({ type: 'blob', bytes: new Uint8Array(Buffer.from(content)) }) as const;
  const sound = buildPack([
    whole('blob', text),
    ofsDelta(0, append(text, next), blob(next)),
    refDelta(hashObject('blob', Buffer.from(next)), append(next, last), blob(last)),
    whole('commit', 'tree x\n\nmessage\n'),
    whole('tree', ''),
    whole('blob', ''),
  ]);

  /** `clean` if the answer is as if nothing had been done, `WRONG` if it differs and nobody says so. */
  async function judge(directory: string, expected: string): Promise<string> {
    const { codes, objects } = await readStore(directory);
    const answer = summary(objects);
    if (codes.length > 0) return 'problem';
    return answer === expected ? 'clean' : 'WRONG';
  }

  function store(directory: string, { pack, idx }: { pack: Buffer; idx: Buffer }): void {
    writeFileSync(path.join(directory, 'pack', 'pack-0.pack'), pack);
    writeFileSync(path.join(directory, 'pack', 'pack-0.idx'), idx);
  }

  async function expectedAnswer(): Promise<string> {
    const { objects, codes } = await readStore(objectsWith(sound));
    expect([codes, objects.size]).toEqual([[], 6]);
    return summary(objects);
  }

  test.each(['pack', 'idx'] as const)('every flipped bit of the .%s is a problem', async (which) => {
    const expected = await expectedAnswer();
    const directory = objectsWith(sound);
    const verdicts = new Map<string, number>();
    // Every bit of the pack; of the index every 29th, as its fan-out table is a kilobyte of the same.
    for (let bit = 0; bit < sound[which].length * 8; bit += which === 'pack' ? 1 : 29) {
      const flipped = Buffer.from(sound[which]);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path.join(directory, 'pack', `pack-0.${which}`), flipped);
      const verdict = await judge(directory, expected);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    }
    expect([...verdicts.keys()]).toEqual(['problem']);
  });

  test('flipped bits under a right trailer and right CRCs: what the entries themselves give away', async () => {
    const expected = await expectedAnswer();
    const directory = objectsWith(sound);
    const verdicts = new Map<string, number>();
    for (let bit = 12 * 8; bit < (sound.pack.length - 20) * 8; bit += 5) {
      store(directory, resealed(bit));
      const verdict = await judge(directory, expected);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    }
    // Control for the next test: who recomputes every checksum can store other objects, and only ids tell.
    expect(verdicts.get('problem')).toBeGreaterThan(300);
    expect(verdicts.get('WRONG')).toBeGreaterThan(0);
  });

  function resealed(bit: number): { pack: Buffer; idx: Buffer } {
    const specs = [...sound.offsets.entries()].map(([i, offset]): EntrySpec => {
      const entry = Buffer.from(sound.pack.subarray(offset, sound.offsets[i + 1] ?? sound.pack.length - 20));
      const at = (bit >> 3) - offset;
      if (at >= 0 && at < entry.length) entry[at]! ^= 1 << (bit & 7);
      return { id: sound.ids[i]!, header: () => [], compressed: entry };
    });
    return buildPack(specs);
  }

  test('with ids computed, not one of those goes unnoticed', async () => {
    const expected = await expectedAnswer();
    const directory = objectsWith(sound);
    const wrong: number[] = [];
    for (let bit = 12 * 8; bit < (sound.pack.length - 20) * 8; bit += 2) {
      store(directory, resealed(bit));
      const { codes, objects } = await readStore(directory, { verifyObjects: true });
      const answer = summary(objects);
      if (codes.length === 0 && answer !== expected) wrong.push(bit);
    }
    expect(wrong).toEqual([]);
  });

  test('every truncation is a problem', async () => {
    const directory = objectsWith(sound);
    const file = path.join(directory, 'pack', 'pack-0.pack');
    const unnoticed: number[] = [];
    for (let length = 0; length < sound.pack.length; length++) {
      writeFileSync(file, sound.pack.subarray(0, length));
      if ((await readStore(directory)).codes.length === 0) unnoticed.push(length);
    }
    expect(unnoticed).toEqual([]);
  });

  test('CRCs tell which object is damaged where the pack as a whole is', async () => {
    const pack = Buffer.from(sound.pack);
    // The commit's type becomes that of a blob: nothing else in the pack would tell.
    pack[sound.offsets[3]!]! ^= 0x20;
    const { codes, unread, objects } = await readStore(objectsWith({ ...sound, pack }));
    expect({ codes, unread, read: objects.size }).toEqual({
      codes: ['PACK_CHECKSUM', 'PACK_ENTRY_CRC'],
      unread: [sound.ids[3]],
      read: 5,
    });
  });

  test('bytes after the end are a problem', async () => {
    const { codes } = await readStore(objectsWith({ ...sound, pack: Buffer.concat([sound.pack, Buffer.from('x')]) }));
    expect(codes).toContain('PACK_CHECKSUM');
  });
});

describe('reproducers', () => {
  const folder = fileURLToPath(new URL('../../../fixtures/packs/hostile/', import.meta.url));
  const names = readdirSync(folder).filter((name) => name.endsWith('.pack'));

  test('are there', () => {
    expect(names.length).toBeGreaterThan(0);
  });

  test.each(names)('%s gives a coded error', async (name) => {
    const pack = readFileSync(path.join(folder, name));
    const idx = readFileSync(path.join(folder, name.replace(/pack$/, 'idx')));
    const { codes } = await readStore(objectsWith({ pack, idx }), { arenaLimit: 1 << 22 });
    expect(codes).not.toEqual([]);
    expect(codes.every((code) => /^(?:PACK|OBJECT)_/.test(code))).toBe(true);
  });
});

test('encodeDistance of the helper is what git calls offset encoding', () => {
  expect([encodeDistance(127), encodeDistance(128), encodeDistance(16_511)]).toEqual([[0x7f], [0x80, 0], [0xff, 0x7f]]);
});

test('a multi-pack-index that lists very many packs, none of which is there, takes no time for each of its objects', async () => {
  const directory = objectsWith(buildPack([parent]));
  const packs = 20_000;
  const ids = Array.from({ length: 2 * packs }, (_, n) => n.toString(16).padStart(8, '0').repeat(5));
  const names = Array.from({ length: packs }, (_, n) => `pack-a${n}.idx`);
  const places = ids.map((_, n): [number, number] => [n % packs, 12 + n]);
  writeFileSync(path.join(directory, 'pack', 'multi-pack-index'), buildMidx(names, ids, places));
  const before = process.cpuUsage();
  const { codes, objects } = await readStore(directory);
  const { user, system } = process.cpuUsage(before);
  expect(new Set(codes)).toEqual(new Set(['MIDX_PACK_MISSING']));
  expect(objects.has(PARENT_ID)).toBe(true);
  expect((user + system) / 1e6).toBeLessThan(4);
});
