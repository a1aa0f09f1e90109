import { deflateSync } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { leadOf, mayLead } from '../../src/detect/lead.ts';
import { type ScanLiteral, loadAutomaton } from '../../src/kernel/automaton.ts';
import { INPUT_SLACK, KernelMemory, createKernel } from '../../src/kernel/instance.ts';
import {
  type LeadColumns,
  type LiteralReach,
  NEEDED,
  TOKEN_CLASS,
  WANTED,
  loadEntries,
  loadReaches,
} from '../../src/kernel/tree-job.ts';
import { type TreeScanRoom, TreeScanner } from '../../src/kernel/tree-scanner.ts';
import { leadTable } from '../../src/rules/lead-table.ts';
import { readPattern } from '../../src/rules/pattern.ts';

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

type Operation = readonly ['copy', number, number] | readonly ['insert', string];

/** An object of a pack, whole or as operations on an earlier one. */
interface Entry {
  readonly base: number;
  readonly operations: readonly Operation[];
  readonly text: string;
  readonly wanted: boolean;
}

function applied(base: string, operations: readonly Operation[]): string {
  return operations.map((o) => (o[0] === 'insert' ? o[1] : base.slice(o[1], o[1] + o[2]))).join('');
}

function size(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...size(value >>> 7)];
}

function deltaOf(base: string, text: string, operations: readonly Operation[]): Uint8Array {
  const bytes = operations.flatMap((o) => {
    if (o[0] === 'insert') return [o[1].length, ...latin1(o[1])];
    return [
      0xff,
      o[1] & 255,
      (o[1] >> 8) & 255,
      (o[1] >> 16) & 255,
      o[1] >>> 24,
      o[2] & 255,
      (o[2] >> 8) & 255,
      o[2] >> 16,
    ];
  });
  return Uint8Array.from([...size(base.length), ...size(text.length), ...bytes]);
}

interface Rules {
  readonly literals: readonly ScanLiteral[];
  readonly reaches: readonly LiteralReach[];
}

const RUN_CLASS = 2;
function classOf(byte: number): number {
  const character = String.fromCharCode(byte);
  return (/[A-Za-z0-9]/.test(character) ? TOKEN_CLASS : 0) | (/[A-Fa-f]/.test(character) ? RUN_CLASS : 0);
}

/** Bytes that the leads of these tests look at, at most. */
const LEAD_BYTES = 8;

function lead(pattern: string): LeadColumns {
  return leadOf(leadTable(readPattern(pattern, 'a test').node) ?? '');
}

/** Where a hit's window begins and ends, and whether it is cut there. */
function spanOf(
  { literals, reaches }: Rules,
  literal: number,
  text: string,
  end: number,
): Record<'from' | 'to', number> & Record<'start' | 'stop', boolean> {
  const { before: stated = 0, after: ahead = 0, run = 0 } = reaches[literal] ?? {};
  const least = run === 0 ? 0 : 1;
  const [before, after] = [Math.max(stated, least), Math.max(ahead, least)];
  let from = end - (literals[literal]?.bytes.length ?? 0);
  let to = end;
  const inRun = (at: number): boolean => (classOf(text.charCodeAt(at)) & run) !== 0;
  while (from > 0 && inRun(from - 1)) from--;
  while (to < text.length && inRun(to)) to++;
  return { from: Math.max(0, from - before), to: to + after, start: from < before, stop: text.length - to < after };
}

/** A hit and the text its decision may depend on, `^` and `$` standing for the blob's ends. */
function windowOf(rules: Rules, literal: number, text: string, end: number): string {
  const { from, to, start, stop } = spanOf(rules, literal, text, end);
  return `${literal}:${start ? '^' : ''}${text.slice(from, to)}${stop ? '$' : ''}`;
}

function passesGate({ reaches }: Rules, literal: number, text: string, end: number): boolean {
  const { gate = 0, after: ahead = 0, run = 0 } = reaches[literal] ?? {};
  const after = Math.max(ahead, run === 0 ? 0 : 1);
  let to = end;
  while (to < text.length && (classOf(text.charCodeAt(to)) & run) !== 0) to++;
  return gate === 0 || new RegExp(`[A-Za-z0-9]{${gate}}`).test(text.slice(end, to + after));
}

function passesLeads(rules: Rules, literal: number, text: string, end: number): boolean {
  const { leads = [], scans = [] } = rules.reaches[literal] ?? {};
  const start = end - (rules.literals[literal]?.bytes.length ?? 0);
  if (leads.length + scans.length === 0) return true;
  return leads.some((one) => mayLead(one, latin1(text), start, text.length)) || passesScans(rules, literal, text, end);
}

/** A lead that is neither turned down nor cut off by the window's end, at some place of it. */
function passesScans(rules: Rules, literal: number, text: string, end: number): boolean {
  const { from, to } = spanOf(rules, literal, text, end);
  const window = latin1(text.slice(from, to));
  return (rules.reaches[literal]?.scans ?? []).some((one) =>
    window.some((_, at) => mayLead(one, window, at, window.length)),
  );
}

/** What a rule might say of a window: a function of nothing else. */
function isSomething(window: string): boolean {
  let sum = 0;
  for (const character of window) sum = (sum * 31 + character.charCodeAt(0)) & 0xffff;
  return sum % 3 !== 0;
}

/** Every hit of a text in order, decided by itself: what a scan of the whole text would list. */
function holdingsOf(rules: Rules, text: string): string[] {
  const lower = text.toLowerCase();
  const hits = rules.literals.flatMap(({ bytes, exact }, literal) => {
    const wanted = Buffer.from(bytes).toString('latin1');
    const [needle, hay] = exact ? [wanted, text] : [wanted.toLowerCase(), lower];
    const ends: { literal: number; end: number; length: number }[] = [];
    for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1)) {
      ends.push({ literal, end: at + needle.length, length: needle.length });
    }
    return ends;
  });
  return hits
    .toSorted((a, b) => a.end - b.end || b.length - a.length || a.literal - b.literal)
    .filter(({ literal, end }) => passesGate(rules, literal, text, end) && passesLeads(rules, literal, text, end))
    .map(({ literal, end }) => ({ end, window: windowOf(rules, literal, text, end) }))
    .filter(({ window }) => isSomething(window))
    .map(({ end, window }) => `${end} ${window}`);
}

interface Outcome {
  readonly holdings: Map<number, string[]>;
  readonly whole: Map<number, string>;
  readonly failed: Map<number, string>;
  readonly judged: number;
  /** Holdings whose decision an earlier object holds too. */
  readonly inherited: number;
  readonly objects: number;
}

/** Two zero bytes in a row among the first 8 KiB make a text one for the caller. */
const isPlain = (text: string): boolean => !text.slice(0, 8192).includes('\0\0');

function scan(
  entries: readonly Entry[],
  rules: Rules,
  room: TreeScanRoom,
  damage?: (pack: Uint8Array) => void,
): Outcome {
  const children = entries.map((_, i) => entries.flatMap(({ base }, child) => (base === i ? [child] : [])));
  const weigh = (entry: number): number => 1 + (children[entry] ?? []).reduce((sum, child) => sum + weigh(child), 0);
  for (const list of children) list.sort((a, b) => weigh(a) - weigh(b));
  const needs = (entry: number): boolean => entries[entry]?.wanted === true || (children[entry] ?? []).some(needs);

  const inflated = entries.map(({ base, operations, text }) =>
    base < 0 ? latin1(text) : deltaOf(entries[base]?.text ?? '', text, operations),
  );
  const streams = inflated.map((bytes) => deflateSync(bytes));
  const offsets = [...streams, null].map((_, i) => streams.slice(0, i).reduce((sum, { length }) => sum + length, 0));
  const pack = Buffer.concat(streams);
  damage?.(pack);

  const memory = new KernelMemory(256 << 20);
  const at = memory.reserve(pack.length + INPUT_SLACK);
  memory.bytes.set(pack, at);
  const kernel = createKernel(memory);
  const firstChild = Uint32Array.from([0, ...children.map((_, i) => children.slice(0, i + 1).flat().length)]);
  const columns = {
    count: entries.length,
    offsets,
    headerSizes: offsets.map(() => 0),
    sizes: inflated.map(({ length }) => length),
    firstChild,
    children: Uint32Array.from(children.flat()),
  };
  const flags = memory.reserve(entries.length);
  for (const [entry, { wanted }] of entries.entries())
    memory.bytes[flags + entry] = (wanted ? WANTED : 0) | (needs(entry) ? NEEDED : 0);
  const loaded = loadEntries(memory, at, pack.length, columns, flags);
  const reaches = loadReaches(
    memory,
    rules.literals,
    (literal) => rules.reaches[literal] ?? { before: 0, after: 0, gate: 0, run: 0, leads: [] },
    classOf,
  );
  if (reaches === null) throw new Error('every byte is used');

  const decided = new Map<number, string>();
  const held = new Set<number>();
  const outcome = {
    holdings: new Map<number, string[]>(),
    whole: new Map<number, string>(),
    failed: new Map<number, string>(),
    judged: 0,
    inherited: 0,
  };
  const scanner = new TreeScanner(
    kernel,
    loadAutomaton(memory, rules.literals),
    reaches,
    {
      judge(decision, literal, bytes, end) {
        const window = windowOf(rules, literal, Buffer.from(bytes).toString('latin1'), end);
        if (decided.has(decision)) throw new Error(`decision ${decision} was asked for twice`);
        decided.set(decision, window);
        outcome.judged++;
        return isSomething(window);
      },
      hold(entry, decision, end, length) {
        expect(length).toBe(entries[entry]?.text.length);
        if (held.has(decision)) outcome.inherited++;
        held.add(decision);
        const list = outcome.holdings.get(entry) ?? [];
        outcome.holdings.set(entry, [...list, `${end} ${decided.get(decision) ?? '?'}`]);
      },
      isPlain: (bytes) => isPlain(Buffer.from(bytes).toString('latin1')),
      whole: (entry, bytes) => outcome.whole.set(entry, Buffer.from(bytes).toString('latin1')),
      failed: (entry, result) => outcome.failed.set(entry, result),
      forget() {
        decided.clear();
        held.clear();
      },
    },
    room,
  );
  scanner.use(loaded);
  for (const [entry, { base }] of entries.entries()) if (base < 0 && needs(entry)) scanner.scanTree(entry);
  scanner.finish();
  return { ...outcome, objects: scanner.totals.objects };
}

/** Compares a scan with every text scanned by itself. */
function expectSame(entries: readonly Entry[], rules: Rules, room: TreeScanRoom): Outcome {
  const outcome = scan(entries, rules, room);
  expect([...outcome.failed]).toEqual([]);
  for (const [entry, { text, wanted }] of entries.entries()) {
    // An object is either listed hit by hit or handed over whole; one that is not plain must be.
    const whole = outcome.whole.get(entry);
    const seen = { entry, whole, holdings: outcome.holdings.get(entry) ?? [] };
    const isWhole = whole !== undefined || (wanted && !isPlain(text));
    // Not looked at where it is not needed: a long run takes the plain loop minutes.
    const holdings = isWhole || !wanted ? [] : holdingsOf(rules, text);
    expect(seen).toEqual({ entry, whole: isWhole ? text : undefined, holdings });
  }
  expect(outcome.objects).toBe(entries.filter(({ wanted }) => wanted).length);
  return outcome;
}

const piece = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: fc.constantFrom(...'kKeyE3 -\n'), minLength: 1, maxLength: 40 }) },
  { weight: 3, arbitrary: fc.constantFrom('key', 'Key=abcdef123456', 'eye', 'keykeykey', 'deadbeef', 'abcDEFabc') },
  { weight: 2, arbitrary: fc.constantFrom('keykeykeykeykeykey', 'keykeykeykeykeykeykey', 'eykeykeykeykeykeyKEY') },
  { weight: 1, arbitrary: fc.constantFrom('\0', '\0\0', '....', '\xff') },
);
const small = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
/** Texts past the first 8 KiB, so that there are heads to inherit. */
const large = fc
  .tuple(small, fc.integer({ min: 0, max: 400 }), small)
  .map(([a, n, b]) => a + 'some words in between, '.repeat(n) + b);

/** From 0 to 1, evenly. */
const share = fc.nat({ max: 1000 }).map((n) => n / 1000);
/** Edits of a text as operations: mostly long runs of it in order, cut, moved and doubled at times. */
const edits = fc.array(
  fc.record({
    from: share,
    length: share,
    onward: fc.boolean(),
    insert: fc.option(piece, { nil: '' }),
  }),
  { minLength: 1, maxLength: 6 },
);
type Edit = { readonly from: number; readonly length: number; readonly onward: boolean; readonly insert: string };

function operationsOf(base: string, list: readonly Edit[]): Operation[] {
  let next = 0;
  const operations: Operation[] = [];
  for (const { from, length, onward, insert } of list) {
    // `onward` leaves out only a few bytes, so that there are seams without insertions.
    const start = onward ? Math.min(base.length, next + Math.floor(from * 4)) : Math.floor(from * base.length);
    const n = Math.min(base.length - start, Math.max(1, Math.floor(length * (base.length - start))));
    if (n > 0) operations.push(['copy', start, n]);
    if (insert !== '') operations.push(['insert', insert]);
    next = start + n;
  }
  return operations.length === 0 ? [['insert', 'key']] : operations;
}

const forest = fc
  .array(
    fc.record({
      base: fc.integer({ min: -100, max: 999 }).map((n) => n / 1000),
      recent: fc.boolean(),
      text: fc.oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: large }),
      edits,
      wanted: fc.nat({ max: 5 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((list) => {
    const entries: Entry[] = [];
    for (const { base, recent, text, edits: changes, wanted } of list) {
      const parent = base < 0 ? -1 : recent ? entries.length - 1 : Math.floor(base * entries.length);
      const on = entries[parent];
      if (!on) {
        entries.push({ base: -1, operations: [], text, wanted: wanted > 0 });
        continue;
      }
      const operations = operationsOf(on.text, changes);
      entries.push({ base: parent, operations, text: applied(on.text, operations), wanted: wanted > 0 });
    }
    return entries;
  });

const reach = fc.record({
  before: fc.nat({ max: 12 }),
  after: fc.integer({ min: LEAD_BYTES, max: 20 }),
  gate: fc.constantFrom(0, 0, 3, 6),
  run: fc.constantFrom(0, 0, 0, RUN_CLASS),
  // None of them looks further than the least window reaches.
  leads: fc.constantFrom<readonly LeadColumns[]>(
    [],
    [],
    [],
    [lead('[a-z]{4}[^k]')],
    [lead('k[ey]'), lead('[^k].{6}e')],
  ),
  scans: fc.constantFrom<readonly LeadColumns[]>([], [], [lead('E[kK]')], [lead('y{3}'), lead('[kE]-[^e]{2}3')]),
});
const SHORT = ['k', 'key', 'ey', 'eyk', 'KEY', 'ee', 'keyke', 'bee', 'cDe', '\n', 'between'];
/** Searched by their last 16 bytes, which the first three share. */
const LONG = ['keykeykeykeykeykey', '-keykeykeykeykeykey', 'eykeykeykeykeykeykey', 'words in between, some words'];
const rules = fc.uniqueArray(fc.constantFrom(...SHORT, ...LONG), { minLength: 1, maxLength: 6 }).chain((texts) =>
  fc.record({
    literals: fc.tuple(
      ...texts.map((text) => fc.boolean().map((exact): ScanLiteral => ({ bytes: latin1(text), exact }))),
    ),
    reaches: fc.tuple(...texts.map(() => reach)),
  }),
);
const rooms = fc
  .record({
    windows: fc.constantFrom(1 << 16, 1 << 20),
    holdings: fc.constantFrom(600, 1 << 16),
    decisions: fc.constantFrom(300, 1 << 16),
  })
  .map((room): TreeScanRoom => ({ arena: 4 << 20, hits: 1 << 20, ...room }));

describe('TreeScanner', () => {
  test('lists for every object what a scan of its whole text would', { timeout: 120_000 }, () => {
    let inherited = 0;
    fc.assert(
      fc.property(forest, rules, rooms, (entries, how, room) => {
        inherited += expectSame(entries, how, room).inherited;
      }),
      { numRuns: 200 },
    );
    // Control: decisions must have been taken over, or nothing was tested.
    expect(inherited).toBeGreaterThan(100);
  });
});

const ROOM: TreeScanRoom = { arena: 4 << 20, hits: 1 << 20, windows: 1 << 20, holdings: 1 << 20, decisions: 1 << 16 };
const KEY: Rules = {
  literals: [{ bytes: latin1('key'), exact: false }],
  reaches: [{ before: 8, after: 8, gate: 0, run: 0, leads: [] }],
};

function chain(first: string, ...steps: readonly (readonly Operation[])[]): Entry[] {
  const entries: Entry[] = [{ base: -1, operations: [], text: first, wanted: true }];
  for (const operations of steps) {
    const base = entries.length - 1;
    entries.push({ base, operations, text: applied(entries[base]?.text ?? '', operations), wanted: true });
  }
  return entries;
}

describe('a literal of more than sixteen bytes', () => {
  const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
  const rest = LETTERS.slice(1);
  const found = (isExact: boolean, before: number, entries: readonly Entry[]): number => {
    const long: Rules = {
      literals: [{ bytes: latin1(LETTERS), exact: isExact }],
      reaches: [{ before, after: 1, gate: 0, run: 0, leads: [] }],
    };
    return [...expectSame(entries, long, ROOM).holdings.values()].flat().length;
  };
  const all = (length: number): Operation => ['copy', 0, length];

  test.each([
    ['is found where its start comes far before what was there', 1, `?${rest} end`, [['copy', 1, 29]]],
    ['is found where the text began in its midst', 1, `${rest} end`, [all(29)]],
    ['is found there by what begins before the text, too', 0, `${rest} the end`, [all(33)]],
  ] as const)('%s', (_, before, text, kept) => {
    const made = chain(text, [['insert', 'a'], ...kept], [['insert', '?'], ...kept.map((one): Operation => [...one])]);
    const lost = chain(`a${text}`, [['copy', 1, text.length]], [['insert', 'A'], all(text.length)]);
    expect(found(false, before, made) + found(false, before, lost)).toBeGreaterThan(0);
    expect(found(true, before, made) + found(true, before, lost)).toBeGreaterThan(0);
  });
});

describe('a decision is taken over', () => {
  const text = '0123456789 the key is here 0123456789';

  test('where its whole window is', () => {
    const { judged } = expectSame(
      chain(text, [
        ['copy', 5, 30],
        ['insert', 'more'],
      ]),
      KEY,
      ROOM,
    );
    expect(judged).toBe(1);
  });

  test('not where a deletion comes close, though nothing was inserted', () => {
    const { judged } = expectSame(
      chain(text, [
        ['copy', 0, 9],
        ['copy', 10, 27],
      ]),
      KEY,
      ROOM,
    );
    expect(judged).toBe(2);
  });

  test('not where the blob now starts or ends inside the window, or no longer does', () => {
    expect(expectSame(chain(text, [['copy', 8, 29]]), KEY, ROOM).judged).toBe(2);
    expect(expectSame(chain(text, [['copy', 0, 25]]), KEY, ROOM).judged).toBe(2);
    expect(
      expectSame(
        chain('the key', [
          ['insert', '-'],
          ['copy', 0, 7],
        ]),
        KEY,
        ROOM,
      ).judged,
    ).toBe(2);
    expect(
      expectSame(
        chain('key the', [
          ['copy', 0, 7],
          ['insert', '-'],
        ]),
        KEY,
        ROOM,
      ).judged,
    ).toBe(2);
    // Cut by the start in both, at the same byte.
    expect(expectSame(chain('the key and then some more', [['copy', 0, 20]]), KEY, ROOM).judged).toBe(1);
  });

  test('also when it was none', () => {
    // Windows of this literal decide to none: `isSomething` is false for one of three.
    const texts = Array.from({ length: 30 }, (_, i) => `filler filler ${i} key filler filler`).filter(
      (candidate) => holdingsOf(KEY, candidate).length === 0,
    );
    expect(texts.length).toBeGreaterThan(0);
    for (const none of texts)
      expect(
        expectSame(
          chain(none, [
            ['copy', 0, none.length],
            ['insert', '!'],
          ]),
          KEY,
          ROOM,
        ).judged,
      ).toBe(1);
  });
});

describe('what cannot be built', () => {
  test('is reported once, and its descendants are left out', () => {
    const entries = chain(
      'the key',
      [
        ['copy', 0, 7],
        ['insert', 'a'],
      ],
      [
        ['copy', 0, 8],
        ['insert', 'b'],
      ],
    );
    const outcome = scan([...entries, ...chain('another key')], KEY, ROOM, (pack) => {
      const second = deflateSync(latin1('the key')).length;
      pack[second + 4]! ^= 0xff;
    });
    expect([...outcome.failed.keys()]).toEqual([1]);
    expect([...outcome.holdings.keys()].filter((entry) => entry > 0 && entry < 3)).toEqual([]);
    expect(outcome.objects).toBe(2);
  });

  test('an entry whose stream does not fill its place is one of those', () => {
    const streams = [deflateSync(latin1('the key')), Buffer.of(0)];
    const pack = Buffer.concat(streams);
    const memory = new KernelMemory(64 << 20);
    const at = memory.reserve(pack.length + INPUT_SLACK);
    memory.bytes.set(pack, at);
    const kernel = createKernel(memory);
    const failed: unknown[] = [];
    const ignore = (): never => expect.fail('nothing is to be seen');
    const reaches = loadReaches(
      memory,
      KEY.literals,
      () => ({ before: 1, after: 1, gate: 0, run: 0, leads: [] }),
      classOf,
    );
    if (reaches === null) throw new Error('every byte is used');
    const visitor = { judge: ignore, hold: ignore, isPlain: ignore, whole: ignore, forget: () => undefined };
    const scanner = new TreeScanner(
      kernel,
      loadAutomaton(memory, KEY.literals),
      reaches,
      { ...visitor, failed: (entry, result) => failed.push([entry, result]) },
      ROOM,
    );
    const columns = {
      count: 1,
      headerSizes: [0],
      sizes: [7],
      firstChild: Uint32Array.of(0, 0),
      children: new Uint32Array(0),
    };
    const flags = memory.reserve(1);
    memory.bytes[flags] = WANTED | NEEDED;
    for (const end of [pack.length, pack.length - 2]) {
      scanner.use(loadEntries(memory, at, pack.length, { ...columns, offsets: [0, end] }, flags));
      scanner.scanTree(0);
    }
    scanner.finish();
    expect(failed).toEqual([
      [0, 'bad-entry'],
      [0, 'truncated'],
    ]);
  });

  test('an object that does not fit the arena is one of those', () => {
    const entries = chain('key'.repeat(20_000), [
      ['copy', 0, 60_000],
      ['insert', 'b'],
    ]);
    const outcome = scan(entries, KEY, { ...ROOM, arena: 50_000 });
    expect([...outcome.failed]).toEqual([[0, 'no-room']]);
  });
});

describe('an object comes whole', () => {
  test('when its hits or windows do not fit the buffers', () => {
    const entries = chain('key '.repeat(2000), [
      ['copy', 0, 8000],
      ['insert', 'b'],
    ]);
    for (const room of [{ hits: 10_000 }, { windows: 2048 }, { holdings: 1024 }, { decisions: 100 }]) {
      const outcome = expectSame(entries, KEY, { ...ROOM, ...room });
      expect([...outcome.whole.keys()]).toEqual([0, 1]);
    }
  });

  test('when a run is longer than any window', () => {
    const entries = chain(`${'ab'.repeat(40_000)} bee`, [
      ['copy', 0, 80_000],
      ['insert', ' bee'],
    ]);
    const bee: Rules = {
      literals: [{ bytes: latin1('ba'), exact: false }],
      reaches: [{ before: 1, after: 1, gate: 0, run: RUN_CLASS, leads: [] }],
    };
    expect([...expectSame(entries, bee, ROOM).whole.keys()]).toEqual([0, 1]);
  });
});
