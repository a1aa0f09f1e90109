import { describe, expect, test } from 'vitest';

import { type IdList, mergeIds } from '../../../src/git/pack/object-table.ts';
import { Random } from '../../helpers/pack-repository.ts';

const ID_SIZE = 20;

/** Ids of few values, so that lists share some, and some lists have one twice. */
function makeList(
  random: Random,
  count: number,
  values: number,
): { readonly list: IdList; readonly hex: readonly string[] } {
  const hex = Array.from({ length: count }, () =>
    random.next(values).toString(16).padStart(8, '0').padEnd(40, '7'),
  ).toSorted();
  const rank = random.next(3);
  return { list: { ids: Buffer.from(hex.join(''), 'hex'), count, rank: (position) => (rank + position) % 2 }, hex };
}

/** Id, list and position of what is taken: of equal ids the first of the highest rank, in the order of lists and positions. */
function mergedPlainly(lists: readonly ReturnType<typeof makeList>[]): [string, number, number][] {
  const all = lists.flatMap(({ list, hex }, number) =>
    hex.map((id, position) => ({ id, number, position, rank: list.rank(position) })),
  );
  const ids = [...new Set(all.map(({ id }) => id))].toSorted();
  return ids.map((id) => {
    const copies = all.filter((one) => one.id === id);
    const best = Math.max(...copies.map(({ rank }) => rank));
    const taken = copies.find(({ rank }) => rank === best);
    return [id, taken?.number ?? -1, taken?.position ?? -1];
  });
}

describe('mergeIds', () => {
  test.each([
    ['a long list and a short one', [300, 3], 100_000],
    ['many that alternate', [60, 60, 60, 60], 100_000],
    ['many that share most of their ids', [80, 50, 90], 100],
    ['with ids that stand twice in one', [40, 1], 20],
    ['with empty ones', [0, 30, 0, 7], 1000],
  ])('takes each id once: %s', (_, counts, values) => {
    const random = new Random(counts.length + values);
    for (let round = 0; round < 20; round++) {
      const lists = counts.map((count) => makeList(random, count, values));
      let copies = 0;
      const table = mergeIds(
        lists.map(({ list }) => list),
        ID_SIZE,
        () => void copies++,
      );
      const hex = Buffer.from(table.ids).toString('hex');
      const merged = Array.from({ length: table.count }, (__, i): [string, number, number] => [
        hex.slice(40 * i, 40 * i + 40),
        table.listOf[i] ?? -1,
        table.positionOf[i] ?? -1,
      ]);
      const plainly = mergedPlainly(lists);
      expect(merged).toEqual(plainly);
      expect(copies).toBe(lists.reduce((sum, { hex: ids }) => sum + ids.length, 0) - plainly.length);
      const below = plainly.filter(([id]) => Number.parseInt(id.slice(0, 2), 16) <= 0).length;
      expect([table.fanOut[0], table.fanOut[255]]).toEqual([below, plainly.length]);
    }
  });

  test('a list in another place is another answer (control)', () => {
    const random = new Random(5);
    const lists = [makeList(random, 80, 100), makeList(random, 80, 100)];
    const table = mergeIds(
      lists.map(({ list }) => list),
      ID_SIZE,
      () => undefined,
    );
    const turned = mergeIds(
      lists.toReversed().map(({ list }) => list),
      ID_SIZE,
      () => undefined,
    );
    expect(turned.ids).toEqual(table.ids);
    expect(turned.listOf).not.toEqual(table.listOf);
  });
});
