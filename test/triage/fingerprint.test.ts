import { createHmac, randomBytes } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { isStandIn } from '../../src/core/stand-in.ts';
import { base32 } from '../../src/triage/base32.ts';
import { isFingerprint, isIdBeginning, resolveFingerprint } from '../../src/triage/fingerprint-id.ts';
import { fingerprinter } from '../../src/triage/fingerprint.ts';
import { redact } from '../../src/triage/redact.ts';
import { seededRandom } from '../../src/rules/random.ts';
import { guessingBits, isAsHardAs } from '../../src/triage/strength.ts';
import { someId } from '../helpers/findings.ts';

const strong = new Secret(randomBytes(24).toString('base64url'));
const weak = new Secret(['hunter', '2'].join(''));

describe('fingerprinter', () => {
  test('names one secret of one family, and nothing else', () => {
    const made = fingerprinter();
    expect(isFingerprint(made.of('turbosmtp', strong))).toBe(true);
    expect(made.of('turbosmtp', strong)).toBe(fingerprinter().of('turbosmtp', strong));
    expect(made.of('turbosmtp', strong)).not.toBe(made.of('mailosaur', strong));
    expect(made.of('turbosmtp', strong)).not.toBe(made.of('turbosmtp', new Secret(`${strong.reveal()}x`)));
  });

  test('is HMAC-SHA-256 of family, NUL and secret in base32, so that others can make it too', () => {
    const digest = createHmac('sha256', 'our own key').update(`fam\0${strong.reveal()}`).digest();
    expect(fingerprinter('our own key').of('fam', strong)).toBe(base32(digest, 26));
  });

  test('does not change between releases', () => {
    // Frozen values: a difference here empties everybody's baseline.
    expect(fingerprinter().of('fam', new Secret('aB1'.repeat(20)))).toMatchInlineSnapshot(
      `"7dkgohu2tu3uzz5r22qhncv5kk"`,
    );
    expect(fingerprinter().of('fam', new Secret('aB1-xY2_'.repeat(9)))).toMatchInlineSnapshot(
      `"c2zu4ro66fku5vitdbyuhgtkwq"`,
    );
    expect(fingerprinter().of('fam', new Secret('swordfish'))).toMatchInlineSnapshot(`"fwcyah5a2ra3oltv5duvp37xz6"`);
  });

  test('hashes what could be guessed slowly, once a value', () => {
    const made = fingerprinter();
    const digest = createHmac('sha256', 'unleak public fingerprint key 1').update(`f\0${weak.reveal()}`).digest();
    expect(made.of('f', weak)).not.toBe(base32(digest, 26));
    expect(made.of('f', weak)).toBe(fingerprinter().of('f', weak));
    // Tens of milliseconds each: ten thousand calls end in time only if the first is remembered.
    for (let i = 0; i < 10_000; i++) made.of('f', weak);
  });

  test('gives the same ids to what was begun ahead, and to what was not', async () => {
    const words = ['one1', 'two2', 'three3', 'four4', 'five5', 'six6', 'one1'].map((text) => new Secret(text));
    const [early, late, broken] = [5, 5, 5].map((most) => fingerprinter(undefined, most));
    for (const word of words) early?.ahead?.begin('a', word);
    await early?.ahead?.settled();
    for (const word of words) broken?.ahead?.begin('a', word);
    broken?.ahead?.stop();
    const ids = words.map((word) => late?.of('a', word));
    expect(words.map((word) => early?.of('a', word))).toEqual(ids);
    expect(words.map((word) => broken?.of('a', word))).toEqual(ids);
    // The last place was taken by the fifth, though nobody had asked for it yet.
    expect([early, late, broken].map((one) => one?.merged?.())).toEqual([1, 1, 1]);
    expect(early?.of('b', new Secret('one1'))).not.toBe(ids[0]);
    await broken?.ahead?.settled();
  });

  test('has a stand-in for what is being made, the same for the same id', async () => {
    const made = fingerprinter();
    const standIn = (text: string): string => made.ahead?.standIn?.('f', new Secret(text)) ?? '';
    const words = ['hunter1', 'hunter2', 'hunter1'];
    for (const word of words) made.ahead?.begin('f', new Secret(word));
    const names = words.map(standIn);
    expect(names[0]).toBe(names[2]);
    expect(names[0]).not.toBe(names[1]);
    expect(names.some(isFingerprint)).toBe(false);
    made.ahead?.beside();
    await made.ahead?.settled();
    const ids = words.map((word) => fingerprinter().of('f', new Secret(word)));
    expect(names.map((name) => made.ahead?.idOf(name))).toEqual(ids);
    // What is known already, or made at once, needs none.
    expect(words.map(standIn)).toEqual(ids);
    made.ahead?.begin('f', strong);
    expect(standIn(strong.reveal())).toBe(made.of('f', strong));
    expect(made.ahead?.idOf(standIn('nobody began with it'))).toBe(made.of('f', new Secret('nobody began with it')));
    // Bytes decide, however they are written: these two are hashed alike.
    const [latin, wide] = ['p\u00c4\u0080', 'p\u0100'];
    for (const text of [latin, wide]) made.ahead?.begin('f', new Secret(text));
    expect(standIn(latin)).toBe(standIn(wide));
    made.ahead?.stop();
    expect(made.ahead?.idOf(standIn(latin))).toBe(fingerprinter().of('f', new Secret(wide)));
  });

  test('makes what was postponed when it is asked for, and never more of it than of what was not', async () => {
    const made = fingerprinter(undefined, 2);
    const words = ['one1', 'two2', 'three3', 'four4'].map((text) => new Secret(text));
    const ahead = made.ahead;
    for (const word of [...words, strong]) ahead?.postpone('f', word);
    // Nothing is under way, so this ends at once.
    await ahead?.settled();
    const names = words.map((word) => ahead?.standIn?.('f', word) ?? '');
    expect(names.every(isStandIn)).toBe(true);
    expect(new Set(names).size).toBe(4);
    expect(ahead?.standIn?.('f', strong)).toBe(fingerprinter().of('f', strong));
    await ahead?.make([...names.slice(1), 'no stand-in']);
    const ids = names.slice(1).map((name) => ahead?.idOf(name));
    const right = words.slice(1, 3).map((word) => fingerprinter().of('f', word));
    expect(ids.slice(0, 2)).toEqual(right);
    expect(isFingerprint(ids[2] ?? '')).toBe(true);
    expect(ids[2]).not.toBe(fingerprinter().of('f', words[3] ?? weak));
    expect(made.merged?.()).toBe(1);
    // What nobody asked for then is made when somebody does.
    expect(ahead?.idOf(names[0] ?? '')).toBe(fingerprinter().of('f', words[0] ?? weak));
  });

  test('makes no more of what was postponed where nobody asked for stand-ins', () => {
    const made = fingerprinter(undefined, 2);
    const words = ['one1', 'two2', 'three3', 'four4'].map((text) => new Secret(text));
    for (const word of words) made.ahead?.postpone('f', word);
    made.ahead?.stop();
    const ids = words.map((word) => made.of('f', word));
    expect(ids.slice(0, 2)).toEqual(words.slice(0, 2).map((word) => fingerprinter().of('f', word)));
    expect(ids[2]).toBe(ids[3]);
    expect(made.merged?.()).toBe(2);
  });

  test('depends on the key, whose id is no part of it', () => {
    const [a, b] = [fingerprinter('key of one team'), fingerprinter('key of another')];
    expect(a.of('f', strong)).not.toBe(b.of('f', strong));
    expect(a.of('f', weak)).not.toBe(b.of('f', weak));
    expect(a.keyId).toMatch(/^key-[0-9a-f]{8}$/);
    expect(a.keyId).not.toBe(b.keyId);
    expect(fingerprinter().keyId).toBe('public');
  });

  test('tells characters apart that share their low byte', () => {
    const made = fingerprinter();
    const base = strong.reveal();
    expect(made.of('f', new Secret(`${base}\u00e9`))).not.toBe(made.of('f', new Secret(`${base}\u01e9`)));
  });
});

describe('guessingBits', () => {
  test.each([
    ['a word', 'correcthorsebatterystaple'],
    ['a word, a year and a sign, again and again', 'Summer2024!Summer2024!Summer2024!'],
    ['one digit, often', '1'.repeat(60)],
    ['nothing', ''],
  ])('finds %s easy', (_, text) => {
    expect(guessingBits(text)).toBeLessThan(80);
  });

  test.each([
    [27, 'base64url'],
    [20, 'hex'],
  ] as const)('finds random keys of %i bytes in %s hard', (bytes, encoding) => {
    const hard = Array.from({ length: 200 }, () => guessingBits(randomBytes(bytes).toString(encoding)) > 80);
    // Once in many thousands chance draws one with so many repeats that it is valued lower.
    expect(hard.filter(Boolean).length).toBeGreaterThanOrEqual(198);
  });
});

describe('isAsHardAs', () => {
  test('is what guessingBits says, and is told of long values by their beginning', () => {
    const random = seededRandom(4);
    const signs = 'aB1-_ x7Q.';
    let both = 0;
    for (let n = 0; n < 2000; n++) {
      const text = Array.from({ length: random.below(60) }, () => signs.charAt(random.below(2 + (n % 9)))).join('');
      expect(isAsHardAs(text, 80)).toBe(guessingBits(text) >= 80);
      both |= guessingBits(text) >= 80 ? 1 : 2;
    }
    expect(both).toBe(3);
    expect(isAsHardAs('', 0)).toBe(true);
  });
});

describe('resolveFingerprint', () => {
  const id = someId();

  test('knows how an id may begin', () => {
    expect([id, id.slice(0, 8), ` ${id.slice(0, 9).toUpperCase()}`].map(isIdBeginning)).toEqual([true, true, true]);
    expect([id.slice(0, 7), `${id}a`, 'abcdefg1', 'config/a:1'].map(isIdBeginning)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test('takes a whole id, and a prefix of eight that only one has', () => {
    expect(resolveFingerprint(id, [])).toBe(id);
    expect(resolveFingerprint(` ${id.slice(0, 8).toUpperCase()} `, [id, someId()])).toBe(id);
  });

  test.each([
    ['TRIAGE_ID_INVALID', id.slice(0, 7), [id]],
    ['TRIAGE_ID_INVALID', `${id}a`, [id]],
    ['TRIAGE_ID_INVALID', '../../etc', []],
    ['TRIAGE_ID_UNKNOWN', id.slice(0, 9), []],
    ['TRIAGE_ID_AMBIGUOUS', id.slice(0, 10), [id, `${id.slice(0, 25)}${id.endsWith('a') ? 'b' : 'a'}`]],
  ])('answers %s to %j', (code, typed, known) => {
    expect(() => resolveFingerprint(typed, known)).toThrow(expect.objectContaining({ code }));
  });
});

describe('redact', () => {
  test('shows four characters of a long secret and none of a short one', () => {
    const long = `${randomBytes(12).toString('hex')}Wxyz`;
    expect(redact(new Secret(long))).toEqual({ redacted: '…Wxyz', lastFour: 'Wxyz' });
    expect(redact(new Secret(long.slice(-19)))).toEqual({ redacted: '…' });
    expect(redact(new Secret(`${long}\u001b[2J`))).toEqual({ redacted: '…' });
    expect(redact(new Secret('-----'.repeat(9)))).toEqual({ redacted: '…' });
  });

  test('does not tell the length', () => {
    const shown = [20, 40, 2000].map((length) => redact(new Secret('a'.repeat(length))).redacted);
    expect(new Set(shown)).toEqual(new Set(['…aaaa']));
  });

  test('past a number of weak values the rest share an id a family, and are counted', () => {
    const maker = fingerprinter(undefined, 2);
    const ids = ['one1', 'two2', 'three3', 'four4', 'one1'].map((text) => maker.of('a', new Secret(text)));
    expect(new Set(ids).size).toBe(3);
    expect(ids[2]).toBe(ids[3]);
    expect(ids[4]).toBe(ids[0]);
    expect(maker.merged?.()).toBe(2);
    expect(maker.of('b', new Secret('three3'))).not.toBe(ids[2]);
    // Strong values cost little, and keep their own.
    const many = `acm_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2)}`;
    expect(maker.of('a', new Secret(many))).toBe(fingerprinter().of('a', new Secret(many)));
    // Control: within the number each has its own.
    expect(fingerprinter(undefined, 9).merged?.()).toBe(0);
    expect(ids[0]).toBe(fingerprinter().of('a', new Secret('one1')));
  });
});
