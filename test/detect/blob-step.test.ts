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
