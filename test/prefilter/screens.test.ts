import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { packRules } from '../../src/cli/fast/pack-rules.ts';
import { ALLOW_MARKERS } from '../../src/detect/allow-mark.ts';
import { createJudge } from '../../src/detect/judge.ts';
import { Window } from '../../src/detect/window.ts';
import { identifiersIn, normalise } from '../../src/detect/identifier.ts';
import { buildAutomaton } from '../../src/prefilter/automaton.ts';
import { HitBuffer, type Prefilter } from '../../src/prefilter/literal.ts';
import { literalSet } from '../../src/prefilter/literal-set.ts';
import { screenedSearch, wasmPackedPrefilter, type WordsElsewhere } from '../../src/prefilter/packed-wasm.ts';
import { javascriptPrefilter } from '../../src/prefilter/scan-js.ts';
import { packScreens } from '../../src/prefilter/screens.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { nameFilter } from '../../src/rules/name-filter.ts';
import { readPattern } from '../../src/rules/pattern.ts';
import { seededRandom, seedOf } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { mayBe } from '../helpers/name-table.ts';

const pack = packRules(BUILTIN_RULES);
const search = screenedSearch(pack, pack.screens);
const plain = wasmPackedPrefilter(pack);
const samples = BUILTIN_SAMPLES.flatMap(({ examples, counterexamples }) => [...examples, ...counterexamples]).map(
  (template) => expandTemplate(template, seededRandom(seedOf(template)), 'sample').text,
);

const toHex = (sign: string): string => Buffer.from(sign, 'latin1').toString('hex');

function hitsOf(prefilter: Prefilter, bytes: Uint8Array, start = 0, end = bytes.length): string[] {
  const hits = new HitBuffer();
  prefilter.find(bytes, start, end, hits);
  return Array.from({ length: hits.count }, (_, i) => `${hits.literal(i)} ${hits.end(i)}`);
}

describe('screens', () => {
  test('drop no hit that a rule makes something of, in samples pieced together', () => {
    const judge = createJudge(BUILTIN_RULES);
    let dropped = 0;
    let kept = 0;
    const sample = fc.constantFrom(...samples);
    const pieces =
      '¦\n¦ ¦\\n¦\\"¦%20¦&quot;¦\\u0020¦.¦$¦x¦} ¦\u001b[1m¦x%0A¦\\"\\u{00005c}u{00005c}u{00000a}¦&#10;¦AAAAAAAAAAAA¦9¦_';
    const glue = fc.constantFrom(...pieces.split('¦'));
    fc.assert(
      fc.property(fc.array(fc.tuple(sample, glue, fc.nat(400)), { minLength: 1, maxLength: 4 }), (parts) => {
        const bytes = Buffer.from(parts.map(([text, after, cut]) => text.slice(cut % text.length) + after).join(''));
        const left = new Set(hitsOf(search.prefilter, bytes));
        for (const hit of hitsOf(plain, bytes)) {
          if (left.has(hit)) {
            kept++;
            continue;
          }
          dropped++;
          const [literal = 0, end = 0] = hit.split(' ').map(Number);
          expect({ hit, text: bytes.toString(), found: judge.judge(bytes, literal, end) }).toMatchObject({
            found: null,
          });
        }
      }),
      { numRuns: 600, seed: 23 },
    );
    expect(Math.min(dropped, kept)).toBeGreaterThan(100);
  });

  test('let through what another prefilter finds just as what their own finds, in a part of a text too', () => {
    const { literals } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);
    const other = search.screened(javascriptPrefilter(literals, buildAutomaton(literals)));
    const bytes = Buffer.from(samples.join('\n'));
    for (const [start, end] of [
      [0, bytes.length],
      [1000, 30_000],
      [bytes.length - 500, bytes.length],
    ] as const) {
      const expected = hitsOf(search.prefilter, bytes, start, end);
      expect(expected.length).toBeGreaterThan(3);
      expect(hitsOf(other, bytes, start, end)).toEqual(expected);
      // What is known of the text around a part decides, not the part alone.
      const whole = new Set(hitsOf(search.prefilter, bytes));
      expect(expected.filter((hit) => !whole.has(hit))).toEqual([]);
    }
  });

  test('ask of the characters after a hit what a window asks', () => {
    const rule = BUILTIN_RULES.find(({ id }) => id === 'generic-api-key');
    const own = packRules(rule === undefined ? [] : [rule]);
    const literal = 'access_token';
    const gate = 12;
    const screen = { gate, gateDigit: true, before: 8, after: 40, table: null };
    const texts = literalSet(rule === undefined ? [] : [rule], ALLOW_MARKERS).targets.map(() => [screen]);
    const gated = screenedSearch(own, packScreens(texts, []).words).prefilter;
    const piece = fc.oneof(
      fc.constantFrom('Token', 'request', 'XML', '4', '.', '_', '"', ' ', '{', '[', '`', '@', 'é'),
      fc.stringMatching(/^[A-Za-z]{1,6}$/),
    );
    let [passed, failed] = [0, 0];
    fc.assert(
      fc.property(fc.array(piece, { minLength: 2, maxLength: 14 }), (pieces) => {
        const bytes = Buffer.from(`${literal}=${pieces.join('')}`, 'latin1');
        const window = new Window(bytes, { start: 0, end: literal.length }, screen.before, screen.after);
        const expected = window.hasTokenAfter(gate, true);
        if (expected) passed++;
        else failed++;
        // `token=` ends one further on, and so does its window.
        const passes = hitsOf(gated, bytes).some((hit) => hit.endsWith(` ${literal.length}`));
        expect({ text: bytes.toString('latin1'), passes }).toEqual({
          text: bytes.toString('latin1'),
          passes: expected,
        });
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(Math.min(passed, failed)).toBeGreaterThan(300);
  });

  test('drop no hit behind whose name a value stands, however it is written', () => {
    const judge = createJudge(BUILTIN_RULES);
    const { literals } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);
    const random = seededRandom(5);
    const token = (length: number): string => expandTemplate(`\${base62:${length}}`, random, 'value').text;
    const values = [8, 15, 16, 20, 24, 32, 40, 64, 300]
      .flatMap((length) => [token(length), `${token(length - 2)}=.`, `${token(length - 1)}!`])
      .concat(
        ['correct-horse-battery', 'process.env.MIGOSMTP_API_KEY', 'smtp.migosmtp.com:587', 'k3y/W1th+all=of~it.'],
        [token(18), 'aB3$%&*()x'].map((value) => Buffer.from(value).toString('base64')),
        ['0f9d'.repeat(8), 'f00d'.repeat(10)],
      );
    const names = [
      'migosmtp_api_key¦MIGOSMTP_TOKEN¦migosmtp¦the MigoSMTP API key¦telnxo: { apiKey¦db.password¦turbosmtp consumerSecret',
      'x.client_secret¦api%5Fkey¦api\\u005fkey¦migosmtp\\n api-key¦/*telnxo*/ "token"',
    ];
    const notations = [
      '=¦ = ¦: ¦":"¦" => "¦: string = "¦ := `¦"] = "¦", \'¦" "¦ is ¦="¦(¦("¦ new Client("¦</key>\n<string>¦>¦|¦ | ¦\n  value: ',
      '", "value": "¦;s:8:"¦" value="¦ || "¦:-¦.to_s || "¦" {\n default = "¦=&quot;¦\\":\\"¦%3D¦=%22¦\\u003d¦: !!str "¦: |\n  ',
      '=Bearer ¦(get(deep("¦ != ¦; ¦)\n¦ -> x.y(',
    ];
    const closings = ['"¦\'¦¦\n¦";¦")¦</string>¦@host¦$x¦`¦\\n"¦%22¦&quot;¦…¦ #'];
    const oneOf = (lists: readonly string[]): fc.Arbitrary<string> =>
      fc.constantFrom(...lists.flatMap((list) => list.split('¦')));
    const layers: readonly ((text: string) => string)[] = [
      (text) => text,
      (text) => text,
      (text) => JSON.stringify(text),
      (text) => JSON.stringify(JSON.stringify(text)),
      (text) => JSON.stringify(JSON.stringify(JSON.stringify(JSON.stringify(text)))),
      (text) => encodeURIComponent(text),
      (text) => text.replaceAll('a', '%61').replaceAll('_', '\\_'),
    ];
    const assigned = fc
      .tuple(oneOf(names), oneOf(notations), fc.constantFrom(...values), oneOf(closings))
      .map((parts) => parts.join(''));
    const counts = { dropped: 0, something: 0, nothing: 0 };
    fc.assert(
      fc.property(
        fc.array(assigned, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...layers),
        fc.constantFrom('\n', ' ', '\\', 'x'.repeat(70), 'y '.repeat(250)),
        fc.nat(12),
        (texts, layer, glue, cut) => {
          const whole = Buffer.from(layer(texts.join(glue)), 'latin1');
          const bytes = whole.subarray(cut, whole.length - (cut % 3));
          const left = new Set(hitsOf(search.prefilter, bytes));
          for (const hit of hitsOf(plain, bytes)) {
            const [literal = 0, end = 0] = hit.split(' ').map(Number);
            if (literals[literal]?.form !== 'plain') continue;
            const found = judge.judge(bytes, literal, end);
            if (left.has(hit)) {
              counts[found === null ? 'nothing' : 'something']++;
              continue;
            }
            counts.dropped++;
            expect({ hit, text: bytes.toString('latin1'), found }).toMatchObject({ found: null });
          }
        },
      ),
      { numRuns: 2000, seed: 19 },
    );
    expect(Math.min(counts.dropped, counts.something)).toBeGreaterThan(500);
    // They are there to drop what comes to nothing.
    expect(counts.dropped).toBeGreaterThan(counts.nothing);
  });

  test('drop what is near a name whose value is too short, too long or goes on', () => {
    const rules = BUILTIN_RULES.filter(({ id }) => id === 'telnxo-api-key');
    const own = packRules(rules);
    const { prefilter } = screenedSearch(own, own.screens);
    const isKept = (text: string): boolean => hitsOf(prefilter, Buffer.from(text)).length > 0;
    const value = 'Ab3_'.repeat(5);
    const kept = [
      `telnxo_api_key = "${value}"`,
      `telnxo_api_key = ${value};`,
      `// telnxo\nconst apiKey = '${value}'`,
      `{"of": "telnxo", "api\\u005fkey": "${value}"}`,
      `// telnxo\nconst apiKey = "${Buffer.from(value).toString('base64')}"`,
    ];
    const dropped = [
      `telnxo_api_key = "${value.slice(0, 15)}"`,
      `telnxo_api_key = "${`${value}~`.repeat(14)}"`,
      `telnxo_api_key = "${value}:5"`,
      `telnxo_api_key = ${value}@host`,
      `telnxo_api_key; ${value}`,
      `// telnxo\nconst apiKeys = 7; // ${value}`,
      `// telnxo; ${value}\n`,
    ];
    expect([...kept, ...dropped].map(isKept)).toEqual([...kept.map(() => true), ...dropped.map(() => false)]);
  });

  test('drop a secret that begins within a longer word, unless an escape ends there', () => {
    const rules = BUILTIN_RULES.filter(({ id }) => id === 'twitter-bearer-token');
    const own = packRules(rules);
    const { prefilter } = screenedSearch(own, own.screens);
    const isKept = (before: string, text: string): boolean => hitsOf(prefilter, Buffer.from(before + text)).length > 0;
    const key = `${'A'.repeat(20)}b3%2F${'Xy9'.repeat(25)}`;
    const free = [
      '',
      '"',
      '_',
      '\\n',
      '%0A',
      '\\u000a',
      '\\u{00005c}u{00005c}u{00000a}',
      '\u001b[31m',
      '&#x0a',
      ' x%20y',
    ];
    expect(free.filter((before) => !isKept(before, key))).toEqual([]);
    expect(['x', '7', '\nno', `\\${' '.repeat(40)}B`].filter((before) => isKept(before, key))).toEqual([]);
  });

  test('drop no encoded hit in whose run a rule finds something, or that may be cut', () => {
    const judge = createJudge(BUILTIN_RULES);
    const { literals } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);
    const percent = (text: string): string => text.replaceAll(/[^\w.~-]/g, (sign) => `%${toHex(sign)}`);
    const json = (text: string): string => text.replaceAll(/["\\/:]/g, '\\$&').replaceAll('=', '\\u003d');
    const encodings: readonly ((text: string) => string)[] = [
      (text) => Buffer.from(text).toString('base64'),
      (text) => Buffer.from(`x${text}`).toString('base64url'),
      (text) => Buffer.from(`xy${text}`).toString('base64').replaceAll(/.{64}/g, '$&\r\n  '),
      (text) => Buffer.from(text).toString('hex').replaceAll(/.{40}/g, '$&\n'),
      (text) => Buffer.from(text).toString('hex').toUpperCase(),
      percent,
      json,
      (text) => text.replaceAll('/', '\\x2f').replaceAll('=', '\\u{3D}').replaceAll(':', '\\u003A'),
      (text) => percent(Buffer.from(text).toString('base64')),
      (text) => Buffer.from(percent(text)).toString('base64'),
    ];
    const counts = new Map<string, { dropped: number; kept: number }>();
    const harmless = fc.constantFrom('a section=4 of it, page=2', 'http://localhost:80/api_key=x');
    const piece = fc.tuple(
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...samples) }, { weight: 3, arbitrary: harmless }),
      fc.constantFrom(...encodings),
      fc.nat(40),
    );
    const around = fc.constantFrom('', '"', ' ', '\n', '=', 'x', '%', 'A'.repeat(300));
    fc.assert(
      fc.property(fc.array(fc.tuple(around, piece), { minLength: 1, maxLength: 4 }), fc.nat(50), (pieces, cut) => {
        const bytes = Buffer.from(
          pieces.map(([before, [text, encode, from]]) => before + encode(text.slice(from % text.length))).join(''),
        );
        const start = Math.min(cut, bytes.length);
        const end = Math.max(start, bytes.length - cut);
        const left = new Set(hitsOf(search.prefilter, bytes, start, end));
        for (const hit of hitsOf(plain, bytes, start, end)) {
          const [literal = 0, hitEnd = 0] = hit.split(' ').map(Number);
          const form = literals[literal]?.form ?? 'plain';
          const count = counts.get(form) ?? { dropped: 0, kept: 0 };
          counts.set(form, count);
          count[left.has(hit) ? 'kept' : 'dropped']++;
          if (left.has(hit)) continue;
          expect({ hit, form, text: bytes.toString(), found: judge.judge(bytes, literal, hitEnd) }).toMatchObject({
            found: null,
          });
        }
      }),
      { numRuns: 400, seed: 11 },
    );
    for (const form of ['base64', 'hex', 'percent', 'escape'])
      expect({ form, least: Math.min(...Object.values(counts.get(form) ?? { none: 0 })) }).toEqual({
        form,
        least: expect.toSatisfy((least: number) => least > 2),
      });
  });

  test('give up on text that is full of encoded hits in long runs, which is then judged', () => {
    const line = Buffer.from(`${Buffer.from('api_key ').toString('hex').repeat(400)};`.repeat(40));
    const all = hitsOf(plain, line).length;
    const left = hitsOf(search.prefilter, line).length;
    expect(all).toBeGreaterThan(10_000);
    expect(left).toBeGreaterThan(all / 2);
    expect(left).toBeLessThan(all);
  });

  test('leave alone what is encoded in longer runs than they decode', () => {
    const run = (before: number, after: number): Buffer =>
      Buffer.from(`${'20'.repeat(before)}${Buffer.from('api_key ').toString('hex')}${'20'.repeat(after)}`);
    const runs = [run(100, 0), run(100, 100), run(40_000, 0), run(0, 40_000), run(20_000, 20_000)];
    const left = runs.map((one) => hitsOf(search.prefilter, one).length);
    const all = runs.map((one) => hitsOf(plain, one).length);
    expect(Math.min(...all)).toBeGreaterThan(0);
    expect(left).toEqual([0, 0, ...all.slice(2)]);
  });

  test('ask for a row as long as a match needs, of characters or their escapes', () => {
    const rules = BUILTIN_RULES.filter(({ id }) => id === 'meta-instagram-token');
    const own = packRules(rules);
    const { prefilter } = screenedSearch(own, own.screens);
    const isKept = (text: string): boolean => hitsOf(prefilter, Buffer.from(text)).length > 0;
    const row = 'Ab3_'.repeat(26);
    const escaped = row.replaceAll('A', '\\u0041').replaceAll('_', '%5F').replaceAll('b', '&#x62;');
    for (const text of [row, escaped, escaped.replaceAll('%', '\\%')]) {
      expect(isKept(`threads = "${text}"`)).toBe(true);
      expect(isKept(`"${text}" and threads`)).toBe(true);
      expect(isKept(`threads = "${text.slice(0, 40)} ${text.slice(40, 100)}"`)).toBe(false);
    }
    expect(isKept(`${row}${' '.repeat(300)}threads`)).toBe(false);
  });

  test('ask for a value as it is, or as base64 of it', () => {
    const rules = BUILTIN_RULES.filter(({ id }) => id === 'meta-app-secret');
    const own = packRules(rules);
    const { prefilter } = screenedSearch(own, own.screens);
    const isKept = (value: string): boolean =>
      hitsOf(prefilter, Buffer.from(`meta_app_secret = "${value}"`)).length > 0;
    const value = '0f9d'.repeat(8);
    expect([value, Buffer.from(value).toString('base64')].map(isKept)).toEqual([true, true]);
    expect([value.slice(1), value.replace('9', 'z'), 'configure_the_application_first_please'].map(isKept)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('and literals are the same when read to where they are searched, also when the memory moves', () => {
    const brought = ({ buffer, byteOffset, byteLength }: Uint32Array): WordsElsewhere => ({
      byteLength,
      copyTo: (target) => target.set(new Uint8Array(buffer, byteOffset, byteLength)),
    });
    const other = screenedSearch({ words: brought(pack.words) }, brought(pack.screens));
    const texts = samples.map((text) => Buffer.from(text));
    const long = Buffer.alloc(8 << 20, 'no\n');
    for (const text of [texts[0] ?? long, long, ...texts])
      expect(hitsOf(other.prefilter, text)).toEqual(hitsOf(search.prefilter, text));
    const known = other.prefilter.literals.filter((literal) => literal !== undefined);
    expect(known.length).toBeGreaterThan(100);
    expect(known.filter(({ bytes }) => bytes.length < 3)).toEqual([]);
    expect(() => screenedSearch({ words: brought(pack.words) }, brought(pack.screens.slice(0, -1)))).toThrow(
      'this version',
    );
  });

  test('of another version are refused', () => {
    expect(() => screenedSearch(pack, pack.screens.slice(0, -1))).toThrow('this version');
  });
});

describe('names', () => {
  const source = '(?:x|my){0,2}(?:api(?:key|token)|secret)';
  const filter = nameFilter(readPattern(source, 'test', true).node) ?? '';
  const { words, places } = packScreens([], [filter]);
  const table = places.get(filter) ?? 0;
  const { names } = screenedSearch(pack, words);
  const isName = (identifier: string): boolean =>
    [...identifier.matchAll(/\.|^/g)].some(({ index, 0: dot }) =>
      mayBe(filter, normalise(identifier.slice(index + dot.length))),
    );
  const text = fc
    .array(
      fc.constantFrom(
        'api',
        'Key',
        '_',
        '-',
        '.',
        '$',
        ' ',
        'token',
        'my',
        'x',
        'SECRET',
        '"',
        '=',
        '1',
        'é',
        'y'.repeat(40),
      ),
      {
        maxLength: 30,
      },
    )
    .map((parts) => parts.join(''));

  test('are found as identifiers are, and turned down as by the table they are made of', () => {
    let found = 0;
    fc.assert(
      fc.property(text, fc.nat(40), fc.nat(200), (one, first, length) => {
        const bytes = Buffer.from(one, 'latin1');
        const from = Math.min(first, bytes.length);
        const to = Math.min(bytes.length, from + length);
        const latin = bytes.toString('latin1');
        const expected = [...identifiersIn(latin, from, to)]
          .filter(({ start, end }) => isName(latin.slice(start, end)))
          .flatMap(({ start, end }) => [start, end]);
        found += expected.length;
        expect([...names.within(bytes, from, to, table)]).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(200);
  });

  test('are told from others by tables of more rows than a byte can number', () => {
    const random = seededRandom(3);
    const known = Array.from({ length: 100 }, () => expandTemplate('${lower:8}', random, 'name').text);
    const large = nameFilter(readPattern(known.join('|'), 'test', true).node) ?? '';
    expect(Buffer.from(large, 'base64').readUInt16BE(0)).toBeGreaterThan(256);
    const packed = packScreens([], [large]);
    const inLarge = screenedSearch(pack, packed.words).names;
    const isOne = (name: string): boolean => inLarge.mayBe(name, packed.places.get(large) ?? 0);
    expect(known.filter((name) => !isOne(name))).toEqual([]);
    expect(known.filter((name) => isOne(name.slice(0, -1)) || isOne(`${name}x`))).toEqual([]);
  });

  test.each([
    ['my_api_key', true],
    ['config.apiKey', true],
    ['a.b.c', false],
    ['', false],
    ['api key', true],
    ['api/key', true],
    ['zpi/key', false],
  ])('%s: %s', (identifier, may) => {
    expect(names.mayBe(identifier, table)).toBe(may);
  });
});
