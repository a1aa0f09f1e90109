import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { locate } from '../../src/detect/locate.ts';

/** The definition, over decoded text. */
function naive(text: string, index: number): [number, number] {
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  return [line, index - (before.lastIndexOf('\n') + 1) + 1];
}

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('locate', () => {
  test.each<[string, string, string, [number, number, number, number]]>([
    ['first byte', 'KEY', 'KEY', [1, 1, 1, 4]],
    ['second line', 'a\nbb KEY c', 'KEY', [2, 4, 2, 7]],
    ['after CRLF', 'a\r\nKEY\r\n', 'KEY', [2, 1, 2, 4]],
    ['after umlauts and an emoji', 'äö😀 KEY', 'KEY', [1, 6, 1, 9]],
    ['over a line break', 'x\nK\nY\n', 'K\nY', [2, 1, 3, 2]],
    ['at the end', '\n\nKEY', 'KEY', [3, 1, 3, 4]],
  ])('%s', async (_, text, wanted, [line, column, endLine, endColumn]) => {
    const bytes = Buffer.from(text);
    const start = bytes.indexOf(wanted);
    const [located] = await locate(bytes, [{ start, end: start + Buffer.byteLength(wanted) }]);
    expect(located?.range).toEqual({ line, column, endLine, endColumn });
  });

  test('an invalid byte is one column', async () => {
    const bytes = Buffer.from([0xff, 0xe2, 0x82, 0x41, 0x42]);
    const [located] = await locate(bytes, [{ start: 4, end: 5 }]);
    expect(located?.range).toEqual({ line: 1, column: 5, endLine: 1, endColumn: 6 });
  });

  test('agrees with the definition on any text, whole or in pieces', async () => {
    const pieces = fc.array(fc.constantFrom('a', 'é', '€', '😀', '\n', '\r\n', 'KEY'), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(29), fc.integer({ min: 1, max: 7 }), async (parts, at, size) => {
        const before = parts.slice(0, at).join('');
        const text = parts.join('');
        const length = (parts[at] ?? '').length;
        const bytes = Buffer.from(text);
        const start = Buffer.byteLength(before);
        const span = { start, end: start + Buffer.byteLength(parts[at] ?? '') };
        const [line, column] = naive(text, before.length);
        const [endLine, endColumn] = naive(text, before.length + length);
        const [whole] = await locate(bytes, [span]);
        const [streamed] = await locate({ size: bytes.length, chunks: chunked(bytes, size) }, [span]);
        expect(whole?.range).toEqual({ line, column, endLine, endColumn });
        expect(streamed?.range ?? whole?.range).toEqual(whole?.range);
      }),
      { numRuns: 300 },
    );
  });

  test('agrees with the definition on many places of a text, cut characters among them', async () => {
    const pieces = fc.array(fc.constantFrom('a', 'é', '€', '😀', '\n', 'long '.repeat(9)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.array(fc.nat(200), { maxLength: 30 }),
        fc.nat(1),
        async (parts, offsets, isMarked) => {
          const bytes = Buffer.from(parts.join(''), isMarked === 1 ? 'utf16le' : 'utf8');
          const content = isMarked === 1 ? Buffer.concat([Buffer.from([0xff, 0xfe]), bytes]) : bytes;
          const unit = isMarked === 1 ? 2 : 1;
          const spans = offsets.map((offset) => ({ start: offset * unit, end: (offset + 2) * unit }));
          const whole = await locate(content, spans);
          const streamed = await locate({ size: content.length, chunks: chunked(content, content.length + 1) }, spans);
          expect(whole).toEqual(streamed);
          // Control: other places, other answers.
          const others = await locate(content, [{ start: 0, end: content.length + 1 }]);
          expect(others).toEqual([null]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('UTF-16 with a mark, UTF-32 without', async () => {
    const text = 'first line of text\nsecond KEY here\n';
    const wide = Buffer.from(`\ufeff${text}`, 'utf16le');
    const at = wide.indexOf(Buffer.from('KEY', 'utf16le'));
    const [sixteen] = await locate(wide, [{ start: at, end: at + 6 }]);
    expect(sixteen?.range).toEqual({ line: 2, column: 8, endLine: 2, endColumn: 11 });
    expect(sixteen?.encoding).toBe('utf-16le');
    expect(Buffer.from(sixteen?.excerpt ?? []).toString('utf16le')).toBe('second KEY here');
    const four = Buffer.alloc(text.length * 4);
    for (let i = 0; i < text.length; i++) four.writeUInt32BE(text.charCodeAt(i), i * 4);
    const index = text.indexOf('KEY') * 4;
    const [thirtyTwo] = await locate(four, [{ start: index, end: index + 12 }]);
    expect(thirtyTwo?.range).toEqual({ line: 2, column: 8, endLine: 2, endColumn: 11 });
  });

  test('gives the line around the span, and null past the end', async () => {
    const bytes = Buffer.from('one\nkey = VALUE;\r\nthree');
    const [located, gone] = await locate(bytes, [
      { start: 10, end: 15 },
      { start: 100, end: 110 },
    ]);
    expect(Buffer.from(located?.excerpt ?? []).toString()).toBe('key = VALUE;');
    expect(located?.excerptStart).toBe(4);
    expect(gone).toBeNull();
  });
});
