import { describe, expect, test } from 'vitest';

import { blobStep } from '../../src/detect/blob-step.ts';
import type { Item } from '../../src/detect/item.ts';
import { makeRule, pattern } from '../helpers/rules.ts';

const rule = makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[a-z]{9})')]);
const item: Item = {
  rule,
  span: { start: 10, end: 23 },
  secret: `acm_${'abc'.repeat(3)}`,
  confidence: 'medium',
  decoded: [],
};

function reported(...items: readonly Item[]): unknown {
  return blobStep(items, []).findings.map(({ secret, confidence, decoded }) => [secret.reveal(), confidence, decoded]);
}

describe('what hits come to does not depend on their order', () => {
  test.each<[string, Partial<Item>, Partial<Item>, unknown]>([
    ['seen in two encodings', { decoded: ['base64'] }, { decoded: ['json', 'base64'] }, ['base64']],
    ['seen as it is and encoded', {}, { decoded: ['json'] }, []],
    ['seen in two encodings as deep', { decoded: ['hex'] }, { decoded: ['json'] }, ['hex']],
    ['the surer one is deeper', { decoded: ['json'], confidence: 'high' }, {}, ['json']],
    ['two readings of one place', {}, { decoded: ['json'], secret: `acm_${'abd'.repeat(3)}` }, []],
  ])('%s', (_, one, other, decoded) => {
    const found = reported({ ...item, ...one }, { ...item, ...other });
    expect(found).toEqual(reported({ ...item, ...other }, { ...item, ...one }));
    expect(found).toEqual([[item.secret, one.confidence ?? 'medium', decoded]]);
  });
});

describe('a value that only its name makes a secret', () => {
  const named: Item = { ...item, rule: { ...rule, id: 'any-key', specificity: 0 } };
  const identifier: Item = { ...item, rule: { ...rule, id: 'acme-id', role: 'identifier' } };

  test('is none where another rule knows it as an identifier', () => {
    expect(reported(named, identifier)).toEqual([]);
    expect(reported(identifier, named)).toEqual([]);
  });

  test('is one elsewhere, and where a rule knows its form', () => {
    const beside = { ...identifier, span: { start: 30, end: 43 } };
    const packed = { ...identifier, inner: 'a.zip!b' };
    for (const items of [[named], [named, beside], [named, packed]])
      expect(reported(...items)).toEqual([[item.secret, 'medium', []]]);
    expect(reported(item, identifier)).toEqual([[item.secret, 'medium', []]]);
  });
});
