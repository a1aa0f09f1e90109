import { expect, test } from 'vitest';

import { ANCHOR, MOST_BEHIND, anchorStart, foldedWord } from '../../src/prefilter/anchors.ts';

function anchorOf(text: string): string {
  const start = anchorStart(Buffer.from(text, 'latin1'));
  return text.slice(start, start + ANCHOR);
}

test.each([
  ['linode', 'inod'],
  ['zendesk_token', 'sk_t'],
  ['sk_live_', 'sk_l'],
  ['abcd', 'abcd'],
])('of %s, text has %s most seldom', (text, anchor) => {
  expect(anchorOf(text)).toBe(anchor);
});

test('case changes nothing', () => {
  for (const text of ['Linode_Token', 'AccessKey', 'x-api-KEY'])
    expect(anchorStart(Buffer.from(text))).toBe(anchorStart(Buffer.from(text.toLowerCase())));
});

test('no more is behind an anchor than can be said', () => {
  const text = `zqxj${'e '.repeat(200)}`;
  const start = anchorStart(Buffer.from(text));
  expect(start).toBeGreaterThan(0);
  expect(text.length - start - ANCHOR).toBeLessThanOrEqual(MOST_BEHIND);
  // Control: nearer to the end it is what is chosen.
  expect(anchorOf(`zqxj${'e '.repeat(100)}`)).toBe('zqxj');
});

test('a word of bytes beyond the end has zeros there', () => {
  expect(foldedWord(Uint8Array.of(0x41, 0xff), 0, 4)).toBe(0xff61);
  expect(foldedWord(Uint8Array.of(1, 2, 3, 0xff), 0, 4)).toBe(0xff03_0201);
});
