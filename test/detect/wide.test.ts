/** Files that one program writes in UTF-16 and another one in 8-bit text, and UTF-16 within binaries. */
import { describe, expect, test } from 'vitest';

import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import { narrow } from '../../src/detect/decode/wide.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { factsOf } from '../../src/detect/facts.ts';
import { makeRule, pattern } from '../helpers/rules.ts';

const TOKEN = `acm_${'a1b2c3d4e5'.repeat(3)}`;
const RULES = [makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[a-z0-9]{30})')])];
const engine = createEngine(RULES);

const little = (text: string): Buffer => Buffer.from(text, 'utf16le');
const big = (text: string): Buffer => little(text).swap16();
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const LINES = `first line\r\ntoken = ${TOKEN}\r\nlast line\r\n`;
const WORDS = 'hello world\r\n'.repeat(20);
const [LITTLE_MARK, BIG_MARK] = [bytes('\xff\xfe'), bytes('\xfe\xff')];
const NOISE = Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 89 + 128) & 0xff));

const MIXES: readonly (readonly [string, readonly Buffer[]])[] = [
  ['a mark of UTF-16LE, then 8-bit text', [LITTLE_MARK, bytes(LINES)]],
  ['a mark of UTF-16BE, then 8-bit text', [BIG_MARK, bytes(LINES)]],
  ['a mark of UTF-32, then 8-bit text', [bytes('\xff\xfe\0\0'), bytes(LINES)]],
  ['UTF-16LE, then 8-bit text', [LITTLE_MARK, little(WORDS), bytes(LINES)]],
  ['UTF-16BE, then 8-bit text', [BIG_MARK, big(WORDS), bytes(LINES)]],
  ['UTF-16LE, then more of it a byte out of step', [LITTLE_MARK, little(WORDS), bytes('x'), little(LINES)]],
  ['UTF-16BE, then more of it a byte out of step', [BIG_MARK, big(WORDS), bytes('x'), big(LINES)]],
  ['8-bit text, then UTF-16LE', [bytes(WORDS), little(LINES)]],
  ['8-bit text, then UTF-16BE', [bytes(WORDS), big(LINES)]],
  ['8-bit text, then UTF-16LE, past what tells the kind', [bytes(WORDS.repeat(40)), little(LINES)]],
  ['a binary with UTF-16LE in it', [NOISE, little(LINES), NOISE]],
  ['a binary with UTF-16BE in it', [NOISE, big(LINES), NOISE]],
];

describe.each(MIXES)('%s', (_, parts) => {
  const content = Buffer.concat(parts);

  test('shows its token once', () => {
    const { findings, problems } = engine.scan(content);
    expect(findings.map(({ secret }) => secret.reveal())).toEqual([TOKEN]);
    expect(problems).toEqual([]);
    const { span, decoded } = findings[0]!;
    expect(content.subarray(span.start, span.end).toString('latin1').replaceAll('\0', '')).toBe(TOKEN);
    expect(decoded.length).toBe(content.subarray(span.start, span.end).includes(0) ? 1 : 0);
  });

  test('is not read to the end by its mark or its beginning alone (control)', () => {
    const facts = factsOf(content, content.length);
    const text = facts.kind === 'wide' ? narrow(content, facts.encoding, facts.bom).bytes : content;
    expect(Buffer.from(text).toString('latin1')).not.toContain(TOKEN);
  });

  test('the same in pieces', async () => {
    const small = createEngine(RULES, { limits: { ...DEFAULT_LIMITS, streamChunk: 1 } });
    const long = Buffer.concat([content, Buffer.alloc(1_400_000, 'z'), ...parts]);
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < long.length; at += 100_000) yield long.subarray(at, at + 100_000);
    };
    const whole = engine.scan(long).findings.map(({ span, decoded }) => ({ span, decoded }));
    const streamed = await small.scanStream({ chunks: chunks() });
    expect(streamed.findings.map(({ span, decoded }) => ({ span, decoded }))).toEqual(whole);
    expect(whole.length).toBe(2);
  });
});

test('an allow comment in such text holds for its line only', () => {
  const line = `token = ${TOKEN} # unleak:allow\r\n`;
  const other = `token = ${TOKEN.replace('a1', 'z9')}\r\n`;
  for (const wide of [little, big]) {
    const { findings } = engine.scan(Buffer.concat([bytes(WORDS.repeat(40)), wide(line), wide(other)]));
    expect(findings.map(({ allowedBy }) => allowedBy)).toEqual(['unleak:allow', null]);
  }
});
