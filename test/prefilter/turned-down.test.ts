import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { packRules, rulePackFile } from '../../src/cli/fast/pack-rules.ts';
import { openRulePack } from '../../src/cli/fast/rule-pack.ts';
import type { Detector } from '../../src/core/detector.ts';
import type { Span } from '../../src/core/span.ts';
import { ALLOW_MARKERS } from '../../src/detect/allow-mark.ts';
import { assignedValues, NOTATIONS, OPENER_SOURCE } from '../../src/detect/assignment.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { identifiersAround, identifiersIn, normalise } from '../../src/detect/identifier.ts';
import { readings } from '../../src/detect/value.ts';
import { type View, Window } from '../../src/detect/window.ts';
import { buildAutomaton } from '../../src/prefilter/automaton.ts';
import { ALL_SCREENS, HitBuffer, type Literal, type Prefilter, SCREEN_BITS } from '../../src/prefilter/literal.ts';
import { literalSet, type Target } from '../../src/prefilter/literal-set.ts';
import { type PackedLiterals, packLiterals } from '../../src/prefilter/packed.ts';
import { screenedSearch, wasmPackedPrefilter } from '../../src/prefilter/packed-wasm.ts';
import { javascriptPrefilter } from '../../src/prefilter/scan-js.ts';
import { type Needs, packScreens, type Screen, screenBits } from '../../src/prefilter/screens.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { nameFilter } from '../../src/rules/name-filter.ts';
import { type NotationTable, notationTable } from '../../src/rules/notation-table.ts';
import { readPattern } from '../../src/rules/pattern.ts';
import { seededRandom, seedOf } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { sureKey } from '../helpers/key.ts';
import { mayBe } from '../helpers/name-table.ts';

function hitsOf(prefilter: Prefilter, bytes: Uint8Array, start = 0, end = bytes.length): string[] {
  const hits = new HitBuffer();
  prefilter.find(bytes, start, end, hits);
  return Array.from({ length: hits.count }, (_, i) => `${hits.literal(i)} ${hits.end(i)}`);
}

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

function examplesOf(id: string): string[] {
  return BUILTIN_SAMPLES.filter(({ rule }) => rule === id)
    .flatMap(({ examples }) => examples)
    .map((template) => expandTemplate(template, seededRandom(seedOf(template)), 'sample').text);
}

const rules = packRules(BUILTIN_RULES);
const search = screenedSearch(rules, rules.screens).prefilter;

describe('what is screened', () => {
  const plain = createEngine(BUILTIN_RULES);
  const screened = createEngine([], { ready: openRulePack(rulePackFile(rules)) });

  function foundBy(engine: Detector, bytes: Uint8Array): string[] {
    return engine
      .scan(bytes)
      .findings.map(({ rule, span, decoded }) => `${rule.id} ${span.start}-${span.end} ${decoded.join()}`);
  }

  test('comes to what it comes to otherwise, encoded in layers too', () => {
    const samples = BUILTIN_RULES.flatMap(({ id }) => examplesOf(id));
    const each =
      (spell: (code: string) => string, which: RegExp) =>
      (text: string): string =>
        text.replaceAll(which, (sign) => spell(hex(sign)));
    const layers = fc.constantFrom<(text: string) => string>(
      base64,
      (text) => Buffer.from(`x${text}`).toString('base64url'),
      hex,
      each((code) => `%${code}`, /[^\w]/g),
      each((code) => `\\x${code}`, /[^\w]|_/g),
      each((code) => `\\u00${code}`, /[^]/g),
      // Blanks stay as they are.
      each((code) => `\\x${code}`, /[a-z]/g),
      each((code) => `%${code}`, /[a-z]/g),
      (text) => `${hex('api_key ')}${hex(text)}`,
      (text) => `ghp_ ${text}`,
    );
    const piece = fc
      .tuple(
        fc.constantFrom(...samples.filter((text) => text.length < 200), `token ${sureKey(1)}`),
        fc.array(layers, { minLength: 1, maxLength: 3, size: 'max' }),
      )
      .map(([text, encodings]) => encodings.reduce((inner, encode) => encode(inner), text));
    let found = 0;
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.constantFrom('\n', '"', ' '), (pieces, glue) => {
        const bytes = Buffer.from(pieces.join(glue), 'latin1');
        const expected = foundBy(plain, bytes);
        found += expected.length;
        expect(foundBy(screened, bytes)).toEqual(expected);
      }),
      { numRuns: 250, seed: 3 },
    );
    expect(found).toBeGreaterThan(100);
  });

  test('of a part of a text is within that part, wherever it begins and ends', () => {
    const { literals } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);
    const automaton = javascriptPrefilter(literals, buildAutomaton(literals));
    const bytes = Buffer.from(`telnxo_api_key = "${sureKey(2)}"; ${base64(` ${sureKey(3)} `)}`);
    let left = 0;
    for (let cut = 0; cut <= bytes.length; cut++) {
      for (const [start, end] of [
        [cut, bytes.length],
        [0, cut],
      ] as const) {
        const all = new Set(hitsOf(automaton, bytes, start, end));
        const kept = hitsOf(search, bytes, start, end);
        left += kept.length;
        expect(kept.filter((hit) => !all.has(hit))).toEqual([]);
      }
    }
    expect(left).toBeGreaterThan(bytes.length);
  });
});

describe('an encoded run', () => {
  const isKept = (text: string, end = text.length): boolean => hitsOf(search, Buffer.from(text), 0, end).length > 0;
  const key = ` ${sureKey(4)} `;

  test('that goes on behind what is known of the text is not turned down', () => {
    const runs: readonly (readonly [string, string])[] = [
      [hex('api_key '), '20'],
      // In lines, so that a break may be the last that is known.
      [hex('api_key '), `${'20'.repeat(20)}\n${' '.repeat(30)}`],
      [base64('the api_key '), 'IC'],
      ['%2d', 'x'],
      ['\\x2d', 'x'],
    ];
    for (const [hit, more] of runs) {
      // Nothing in it, as far as it is known to the end.
      expect(isKept(`"${hit}${more.repeat(100)}"`, hit.length + 1)).toBe(false);
      // A screen looks 16 KiB ahead.
      for (let size = 16_000; size < 17_000; size += 36) {
        const text = `"${hit}${more.repeat(20_000).slice(0, size)}${hex(key)}"`;
        const isWhole = hit.length + 1 + 16_384 > text.length;
        expect({ hit, size, isKept: isWhole || isKept(text, hit.length + 1) }).toEqual({ hit, size, isKept: true });
      }
    }
  });

  test('is read at each of its alignments', () => {
    for (const shift of ['', 'A', 'AA', 'AAA']) {
      const first = `AAAAA${base64('only ghp_ and more')}`;
      expect(isKept(`x = ${shift}${first}`)).toBe(false);
      expect(isKept(`x = ${shift}${first}AAA${base64(key)}`)).toBe(true);
    }
  });

  test('is read by its groups though its first hit has lost the beginning of its own', () => {
    for (const before of ['x', 'xx']) {
      const whole = base64(`${before}secret and api_key = "${sureKey(5)}" `);
      for (let cut = 0; cut <= before.length + 1; cut++) {
        const [run, nothing] = [whole, base64(`${before}secret and api_key = "none" `)].map((text) => text.slice(cut));
        expect({ run, isKept: isKept(`x = ${run}`) }).toEqual({ run, isKept: true });
        expect({ nothing, isKept: isKept(`x = ${nothing}`) }).toEqual({ nothing, isKept: false });
      }
    }
  });

  test('is read as hex and as base64, wherever both are in question', () => {
    const { literals } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);
    const both = literals.find(
      ({ form, bytes }) => form === 'base64' && /^[\da-f]+$/i.test(Buffer.from(bytes).toString()),
    );
    const digits = Buffer.from(both?.bytes ?? []).toString();
    expect(digits.length).toBeGreaterThan(3);
    for (let before = 0; before < 8; before++) {
      const run = `${'0'.repeat(before)}${digits}${'0'.repeat((before + digits.length) % 2)}`;
      expect(isKept(`x = ${run}${hex(key)}`)).toBe(true);
    }
  });

  test('that is full of hits is not turned down', () => {
    // One hit in the run as it stands, one for each six bytes of what it decodes to.
    const filled = (count: number): string => base64(`only ghp_${' pk_  '.repeat(count)}`);
    expect(isKept(filled(500))).toBe(false);
    expect(isKept(filled(5000))).toBe(true);
  });
});

function plainLiteral(text: string): Literal {
  return { bytes: Buffer.from(text), exact: false, form: 'plain', text: 0, phase: 0 };
}

function packedLiteral(text: string): PackedLiterals {
  return packLiterals([plainLiteral(text)]);
}

function inJavaScript(text: string): Prefilter {
  const literals = [plainLiteral(text)];
  return javascriptPrefilter(literals, buildAutomaton(literals));
}

function everyNotation(): NotationTable {
  return notationTable(
    NOTATIONS.map(([, notation]) => notation),
    OPENER_SOURCE,
  );
}

/** A search for one literal with one screen. */
function searchWith(literal: string, screen: Screen): Prefilter {
  return screenedSearch(packedLiteral(literal), packScreens([[screen]], []).words).prefilter;
}

/** Whether a screen lets each hit of a literal pass of which the plain code says that it leads somewhere. */
function expectNoneLost(
  literal: string,
  screen: Screen,
  bytes: Uint8Array,
  leads: (views: readonly View[], window: Window) => boolean,
  counts: { kept: number; dropped: number },
): void {
  const kept = new Set(hitsOf(searchWith(literal, screen), bytes));
  const latin = Buffer.from(bytes).toString('latin1').toLowerCase();
  for (let at = latin.indexOf(literal); at >= 0; at = latin.indexOf(literal, at + 1)) {
    const end = at + literal.length;
    const window = new Window(bytes, { start: at, end }, screen.before, screen.after);
    const isKept = kept.has(`0 ${end}`);
    counts[isKept ? 'kept' : 'dropped']++;
    if (isKept) continue;
    const leadsSomewhere = leads([window.raw, ...window.unescaped], window);
    expect({ text: latin, at, before: screen.before, after: screen.after, leadsSomewhere }).toMatchObject({
      leadsSomewhere: false,
    });
  }
}

const REACHES = [0, 4, 8, 24, 200];

describe('a screen turns no hit down', () => {
  const reach = fc.constantFrom(...REACHES);

  test('behind which there is a row as long as its gate', () => {
    const counts = { kept: 0, dropped: 0 };
    const piece = fc.oneof(
      fc.constantFrom('key', '4', 'XML', '"', ' ', '.', 'é'),
      fc.stringMatching(/^[A-Za-z]{1,6}$/),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12, size: 'max' }),
        reach,
        reach,
        fc.boolean(),
        fc.constantFrom(5, 8, 12),
        (pieces, before, after, gateDigit, gate) => {
          const screen: Screen = { gate, gateDigit, before, after, table: null };
          const leads = (_: unknown, window: Window): boolean => window.hasTokenAfter(gate, gateDigit);
          expectNoneLost('key', screen, Buffer.from(`key${pieces.join('')}`, 'latin1'), leads, counts);
        },
      ),
      { numRuns: 2500, seed: 1 },
    );
    expect(Math.min(counts.kept, counts.dropped)).toBeGreaterThan(100);
  });

  test('that something begins with which a rule looks for, however long that is', () => {
    const known = BUILTIN_RULES.flatMap(({ id, matchers }) =>
      matchers.flatMap(({ find, literals: [literal = ''] }) => {
        if (find.kind !== 'pattern' || find.anchor !== 'hit' || find.lead === undefined) return [];
        const example = examplesOf(id).find((one) => one.toLowerCase().includes(literal.toLowerCase()));
        return example === undefined ? [] : [{ find, lead: find.lead, literal: literal.toLowerCase(), example }];
      }),
    );
    expect(known.length).toBeGreaterThan(100);
    const counts = { kept: 0, dropped: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...known),
        fc.nat(60),
        fc.constantFrom(0, 1, 30, 150),
        fc.constantFrom('', ' ', '%41', 'x'),
        fc.constantFrom(8, 24, 200, 400),
        ({ find, lead, literal, example }, place, times, sign, after) => {
          const rest = example.slice(example.toLowerCase().indexOf(literal));
          const at = Math.min(rest.length, literal.length + place);
          const bytes = Buffer.from(
            rest.slice(0, at) + (rest[at - 1] ?? '').repeat(times) + sign + rest.slice(at),
            'latin1',
          );
          const screen: Screen = { gate: 0, before: 8, after, table: { kind: 'lead', source: lead } };
          expectNoneLost(literal, screen, bytes, (_, window) => window.mayLead(find), counts);
        },
      ),
      { numRuns: 2000, seed: 6 },
    );
    expect(Math.min(counts.kept, counts.dropped)).toBeGreaterThan(100);
  });

  const members = { hex: '[0-9a-fA-F]', alnum: '[0-9a-zA-Z]', token: '[0-9a-zA-Z+/_=.~-]' } as const;
  test.each(['hex', 'alnum', 'token'] as const)(
    'beside which there is a row of %s as a match needs, however it is written',
    (kind) => {
      const counts = { kept: 0, dropped: 0 };
      const pieces = [
        'key',
        'a',
        '7',
        'fE',
        'z',
        'G',
        '_',
        '.',
        ' ',
        '"',
        '\\x61',
        '\\u0061',
        '\\u{62}',
        '%61',
        '&#97;',
        '&#x61;',
        '\\',
        '+~',
      ];
      fc.assert(
        fc.property(
          fc.array(fc.constantFrom(...pieces), { maxLength: 40, size: 'max' }),
          reach,
          reach,
          fc.boolean(),
          fc.boolean(),
          fc.constantFrom(6, 7, 9),
          (texts, before, after, around, orBase64, length) => {
            const needs: Needs = { kind, length, around, orBase64 };
            const row = new RegExp(`${members[kind]}{${length}}`);
            const inBase64 = new RegExp(`[0-9a-zA-Z+/_-]{${Math.ceil((4 * length) / 3)}}`);
            const leads = (views: readonly View[]): boolean =>
              views
                .map(({ text, hit }) => (around ? text : hit < 0 ? '' : text.slice(hit)))
                .some((text) => row.test(text) || (orBase64 && inBase64.test(text)));
            const screen: Screen = { gate: 0, before, after, table: null, needs };
            expectNoneLost('key', screen, Buffer.from(texts.join('')), leads, counts);
          },
        ),
        { numRuns: 1200, seed: 2 },
      );
      expect(Math.min(counts.kept, counts.dropped)).toBeGreaterThan(100);
    },
  );

  const source =
    nameFilter(readPattern('(?:x|my){0,2}(?:api(?:key|token|onetwothree|k{23}z)|secret)', 'test', true).node) ?? '';
  const isName = (identifier: string): boolean =>
    [...identifier.matchAll(/\.|^/g)].some(({ index, 0: dot }) =>
      mayBe(source, normalise(identifier.slice(index + dot.length))),
    );
  const oneOf = (list: string, ...more: string[]): fc.Arbitrary<string> => fc.constantFrom(...list.split('¦'), ...more);
  const between = oneOf(
    '¦¦_¦-¦.¦ ¦ ¦ ¦\t¦$¦%5F¦%2d¦\\_¦\\u005f¦\\u{5f}¦\\x5F¦&#95;¦&#x5f;¦\\\\_¦\\\\u005f¦\\\\\\\\_¦…¦  ',
  );
  const word = oneOf(
    'Key¦Key¦token¦ken¦%6bey¦%4Bey¦%7ay¦\\u{4b}ey¦\\\\x4Bey¦&#75;ey¦&amp;¦1¦one two three¦one\ttwo three',
    `${'k'.repeat(23)}z`,
    `${'k'.repeat(23)}z`,
    'k'.repeat(40),
  );
  const around = oneOf('my¦x¦_¦.¦-¦ ¦"¦="¦token="¦secret¦\\"¦\\/¦\\\\\\"¦%3D¦%7e¦é', 'y'.repeat(40), 'n '.repeat(4200));
  const few = (maxLength: number): fc.Arbitrary<string> =>
    fc.array(around, { maxLength, size: 'max' }).map((parts) => parts.join(''));
  const text = fc
    .array(
      fc
        .tuple(few(3), fc.constantFrom('api', 'API', '\\u0061pi', 'my.api'), between, word, few(2))
        .map((parts) => parts.join('')),
      { minLength: 1, maxLength: 3, size: 'max' },
    )
    .map((parts) => Buffer.from(parts.join(''), 'latin1'));

  /** Where the plain code looks for names in a view of the window of a hit. */
  const places: Readonly<
    Record<'name' | 'name-near', (view: View, window: Window, literal: string) => Iterable<Span>>
  > = {
    name: ({ text: shown, hit }, _, { length }) => (hit < 0 ? [] : identifiersAround(shown, hit, hit + length)),
    'name-near': (view, window, literal) => {
      const { from, to } = window.stretch(view, [literal], false);
      return identifiersIn(view.text, from, to);
    },
  };

  test.each([
    ['name', 1500],
    ['name-near', 1200],
  ] as const)('that has a %s, however it is written', (kind, numRuns) => {
    const counts = { kept: 0, dropped: 0 };
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('api', 'api', 'key', 'token="'),
        fc.constantFrom(...REACHES, 9000),
        reach,
        (bytes, literal, before, after) => {
          const screen: Screen = { gate: 0, before, after, table: { kind, source } };
          const leads = (views: readonly View[], window: Window): boolean =>
            views.some((view) =>
              [...places[kind](view, window, literal)].some(({ start, end }) => isName(view.text.slice(start, end))),
            );
          expectNoneLost(literal, screen, bytes, leads, counts);
        },
      ),
      { numRuns, seed: 4 },
    );
    expect(Math.min(counts.kept, counts.dropped)).toBeGreaterThan(100);
  });

  test('that has a name near it in a row of characters that is longer than identifiers are', () => {
    const counts = { kept: 0, dropped: 0 };
    const screen: Screen = { gate: 0, before: 400, after: 8, table: { kind: 'name-near', source } };
    for (let length = 0; length < 200; length++) {
      const bytes = Buffer.from(`${'y'.repeat(length)}api${'y'.repeat(10)}.apiKey`);
      const leads = (views: readonly View[], window: Window): boolean =>
        views.some((view) =>
          [...places['name-near'](view, window, 'api')].some(({ start, end }) => isName(view.text.slice(start, end))),
        );
      expectNoneLost('api', screen, bytes, leads, counts);
    }
    expect(counts.kept).toBeGreaterThan(300);
  });

  test('behind whose name a value stands, whatever ends it', () => {
    const characters = new Set(Buffer.from('abcdefghijklmnopqrstuvwxyz.'));
    const value = { characters, least: 8, most: 10, orBase64: false };
    const screen: Screen = { gate: 0, before: 8, after: 64, table: { kind: 'name', source }, value };
    const { prefilter } = screenedSearch(packedLiteral('api'), packScreens([[screen]], [], everyNotation()).words);
    const counts = { kept: 0, dropped: 0 };
    const lost: string[] = [];
    const openings = ['=', ' = "', ": '", '=`'];
    const bodies = ['abcdefg', 'abcdefgh', 'abcdefghij', 'abcdefghijk', 'abc.efgh.j'];
    const ends = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    for (const opening of openings) {
      for (const body of bodies.flatMap((one) => ['', '.', '...', '....'].map((dots) => one + dots))) {
        for (const end of ['', '%20', '%0A', ...ends]) {
          const line = `apikey${opening}${body}${end}${end === '' ? '' : ' z'}`;
          const isKept = hitsOf(prefilter, Buffer.from(line, 'latin1')).length > 0;
          counts[isKept ? 'kept' : 'dropped']++;
          const isOne = [...assignedValues(line, 'apikey'.length)].some(({ text: one }) => /^[a-z.]{8,10}$/.test(one));
          if (isOne && !isKept) lost.push(line);
        }
      }
    }
    expect(lost).toEqual([]);
    expect(Math.min(counts.kept, counts.dropped)).toBeGreaterThan(1000);
  });

  test('behind whose name a value stands in base64, and most others', () => {
    const characters = new Set(Buffer.from('abcdefghijklmnopqrstuvwxyz.~?'));
    const value = { characters, least: 8, most: 10, orBase64: true };
    const screen: Screen = { gate: 0, before: 8, after: 64, table: { kind: 'name', source }, value };
    const { prefilter } = screenedSearch(packedLiteral('api'), packScreens([[screen]], [], everyNotation()).words);
    const isKept = (written: string, end: string): boolean =>
      hitsOf(prefilter, Buffer.from(`apikey = ${written}${end}`, 'latin1')).length > 0;
    const counts = { meant: 0, dropped: 0 };
    const spelling = fc.constantFrom<BufferEncoding>('base64', 'base64url');
    const body = fc.oneof(
      { weight: 4, arbitrary: fc.stringMatching(/^[a-z.~?]{8,10}$/) },
      fc.stringMatching(/^[a-z.~?]{5,13}$/),
      fc.stringMatching(/^[a-z.X\u00e9]{7,11}$/),
    );
    const tail = fc.constantFrom('', '', '', '\n', '\r\n', '\r', '\n\n', 'x\n', '\nx');
    const end = fc.constantFrom('', ' ', '.', ':', '"', '=', '==', '===', '%20', '%41', '#', '-', '\u00e9');
    fc.assert(
      fc.property(body, tail, spelling, end, fc.constantFrom('', '"'), (said, last, encoding, behind, quote) => {
        const written = quote + Buffer.from(said + last, 'latin1').toString(encoding);
        const line = `apikey = ${written}${behind}`;
        const isMeant = [...assignedValues(line, 'apikey'.length)].some((one) =>
          readings(one.text, 'auto').some((reading) => /^[a-z.~?]{8,10}$/.test(reading.text)),
        );
        const kept = isKept(written, behind);
        if (isMeant) counts.meant++;
        if (!kept) counts.dropped++;
        expect({ line, isLost: isMeant && !kept }).toEqual({ line, isLost: false });
      }),
      { numRuns: 4000, seed: 1 },
    );
    expect(Math.min(counts.meant, counts.dropped)).toBeGreaterThan(500);
    const random = [
      'q7Rm2kXw9TzL4vBn',
      'AAAAAAAAAAAA',
      base64('abcdefghX'),
      base64('abcdefghijklm'),
      base64('abcdefg\u0007'),
    ];
    expect(random.map((one) => isKept(one, ''))).toEqual(random.map(() => false));
    expect(isKept(base64('abcdefghi'), '')).toBe(true);
  });
});

describe('what a hit has passed', () => {
  /** Of those that share a bit only the last lets pass what is shortest. */
  const gates = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12];
  const screenOf = (gate: number): Screen => ({ gate, before: 8, after: 64, table: null });

  function passedBy(prefilter: Prefilter, text: string): readonly number[] {
    const hits = new HitBuffer();
    prefilter.find(Buffer.from(text), 0, text.length, hits);
    return Array.from({ length: hits.count }, (_, i) => hits.passed(i));
  }

  test('has a bit for each screen, whoever has it, and one for the twelfth and all behind it', () => {
    // The second and the last have a screen that another has too.
    const screens = [screenOf(1), screenOf(1), ...gates.slice(1).map(screenOf), screenOf(3)];
    const { words } = packScreens([screens], []);
    const bits = screenBits(words, 0, screens.length);
    expect(bits).toEqual([1, 1, ...gates.slice(1).map((_, i) => 2 ** Math.min(i + 1, SCREEN_BITS - 1)), 4]);
    const { prefilter } = screenedSearch(packedLiteral('api'), words);
    for (const length of [1, 2, 7, 11, 12, 13, 14, 15, 40]) {
      const [passed = 0] = passedBy(prefilter, `api ${'x'.repeat(length)} `);
      const expected = gates.reduce((sum, gate, i) => sum | (gate <= length ? (bits[i + 1] ?? 0) : 0), 0);
      expect({ length, passed }).toEqual({ length, passed: expected });
    }
    expect(passedBy(prefilter, 'api : ')).toEqual([]);
  });

  test('is all where nobody was asked, and so is what a matcher needs', () => {
    const { words } = packScreens([[screenOf(4), { gate: 0, before: 8, after: 8, table: null }]], []);
    expect(passedBy(screenedSearch(packedLiteral('api'), words).prefilter, 'api')).toEqual([ALL_SCREENS]);
    expect(screenBits(words, 0, 2)).toEqual([ALL_SCREENS, ALL_SCREENS]);
    expect(screenBits(words, 7, 1)).toEqual([ALL_SCREENS]);
    expect(passedBy(wasmPackedPrefilter(packedLiteral('api')), 'api')).toEqual([ALL_SCREENS]);
    expect(passedBy(inJavaScript('api'), 'api')).toEqual([ALL_SCREENS]);
  });

  test('is told of hits that another search has found as well', () => {
    const { words } = packScreens([[screenOf(2), screenOf(5)]], []);
    const screened = screenedSearch(packedLiteral('api'), words);
    const other = screened.screened(inJavaScript('api'));
    const text = `api xxx${' '.repeat(80)}api xxxxx${' '.repeat(80)}api x`;
    expect(passedBy(other, text)).toEqual([1, 3]);
    expect(passedBy(other, text)).toEqual(passedBy(screened.prefilter, text));
  });

  test('asks no matcher whose screen has turned the hit down', () => {
    const two = BUILTIN_RULES.filter(({ id }) => id === 'generic-api-key' || id === 'generic-short-key');
    const asked: string[] = [];
    const pack = rulePackFile(packRules(two));
    const { targets, ...ready } = openRulePack(pack);
    const noting = new Proxy(targets, {
      get: (all, text) => {
        const list: unknown = Reflect.get(all, text);
        return Array.isArray(list) ? list.map((one: Target) => noted(one, asked)) : list;
      },
    });
    const engine = createEngine([], { ready: { ...ready, targets: noting } });
    const short = ['k7Rm2qXw', '9TzL4vBn'].join('');
    engine.scan(Buffer.from(`access_token = "${short.repeat(2)}"`));
    expect(new Set(asked)).toEqual(new Set(['generic-api-key']));
    engine.scan(Buffer.from(`access_token = "${short}"`));
    expect(asked).toContain('generic-short-key');
  });
});

/** The same target, whose matcher is noted when it is asked for. */
function noted(target: Target, asked: string[]): Target {
  return {
    ...(target.screen === undefined ? {} : { screen: target.screen }),
    get rule() {
      return target.rule;
    },
    get matcher() {
      asked.push(target.rule.id);
      return target.matcher;
    },
  };
}
