import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Escaping, unescapeBytes } from '../../../src/detect/decode/escapes.ts';

// oxfmt-ignore
const PIECES = ['\\', '\\"', '\\u0041', '\\u{41}', '\\u{', '\\x4', '\\n', '%', '%41', '%4', '&', '&amp;', '&#65;', '&#x41;', '&#', ';', 'a', 'bc'];
const open = (text: string, escaping: Escaping, start = 0, end = text.length) =>
  unescapeBytes(Buffer.from(text, 'latin1'), { start, end }, escaping);

describe('unescapeBytes', () => {
  test.each<[Escaping, string, string]>([
    ['json', String.raw`a\"b\/c\u0041\u{42}\x43\n\u{`, 'a"b/cABC\n\\u{'],
    ['percent', 'a%2Fb%4', 'a/b%4'],
    ['html', 'a&amp;b&#65;&#x42;&#', 'a&bAB&#'],
    ['json', 'none', 'none'],
    ['json', '', ''],
  ])('%s: %s', (escaping, text, plain) => {
    expect(Buffer.from(open(text, escaping).bytes).toString('latin1')).toBe(plain);
  });

  test('knows of every byte where it stood, and back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }),
        fc.constantFrom<Escaping>('json', 'percent', 'html'),
        fc.nat(5),
        fc.nat(5),
        (pieces, escaping, before, after) => {
          const text = pieces.join('');
          const start = Math.min(before, text.length);
          const end = Math.max(start, text.length - after);
          const opened = open(text, escaping, start, end);
          const { bytes } = opened;
          // Byte by byte: each stands for what lies between its place and the next one's.
          let at = start;
          for (let i = 0; i < bytes.length; i++) {
            const place = opened.locate({ start: i, end: i + 1 });
            expect(place.start).toBe(at);
            const raw = text.slice(place.start, place.end);
            const meant = raw.length === 1 ? Uint8Array.of(raw.charCodeAt(0)) : open(raw, escaping).bytes;
            expect([...meant]).toEqual([bytes[i]]);
            expect(opened.indexOf(place.start)).toBe(i);
            for (let inside = place.start + 1; inside < place.end; inside++) expect(opened.indexOf(inside)).toBe(-1);
            at = place.end;
          }
          expect(at).toBe(end);
          expect(opened.indexOf(end)).toBe(-1);
          expect(opened.indexOf(start - 1)).toBe(-1);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
