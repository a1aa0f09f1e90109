import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { assigned, makeRule } from '../helpers/rules.ts';

const RULE = makeRule('acme', [
  assigned(['acme'], '[a-z]{0,20}acme(?:api)?(?:key|keyidone)', '[a-z0-9]{12}', { before: 60, after: 90 }),
]);
const VALUE = 'a1b2c3d4e5f6';

/** An engine skips readings of a window that cannot matter; these do. */
describe('a name that escapes touch', () => {
  test.each([
    ['behind it', String.raw`acme\u005fkey = "${VALUE}"`],
    ['behind a dash at its end', `acme-%6bey = "${VALUE}"`],
    ['behind a blank', `acme %6bey = "${VALUE}"`],
    ['in a second word', `acme api%20key = "${VALUE}"`],
    ['in a third word', `acme key id o%6ee = "${VALUE}"`],
    ['as an entity', `acme&#95;key = "${VALUE}"`],
    ['before it, so that it seems longer', String.raw`1\nacme_key = "${VALUE}"`],
    ['before it, in percent', `0%3Dacme_key=${VALUE}`],
    ['before it, as an entity', `9&#95;acme_key = "${VALUE}"`],
    ['before it, in braces', String.raw`9\u{5f}acme_key = "${VALUE}"`],
    ['nowhere, but its value', String.raw`acme_key = \"${VALUE}\"`],
  ])('is read: %s', (_, text) => {
    expect(
      createEngine([RULE])
        .scan(Buffer.from(text))
        .findings.map(({ secret }) => secret.reveal()),
    ).toEqual([VALUE]);
  });

  test('is not read where it is another one (control)', () => {
    expect(createEngine([RULE]).scan(Buffer.from(`acme_thing = "${VALUE}"`)).findings).toEqual([]);
  });
});
