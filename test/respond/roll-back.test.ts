/** What a roll-back may delete: a key of this rotation alone, that nothing gives out, beside an old one that lives. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { Incident } from '../../src/respond/journal/store.ts';
import type { Services } from '../../src/respond/services.ts';
import { namedStores } from '../../src/respond/stores.ts';
import { makeFolder } from '../helpers/repository.ts';
import { Harness, type RunReport } from './harness.ts';
import { MemoryStore } from './memory-store.ts';
import { TwoStores, type Wish, acts } from './rotation-scene.ts';

let scene: TwoStores;
beforeEach(async () => {
  scene = new TwoStores(await Harness.start());
});
afterEach(() => scene.harness.close());

const back = (id: string, wish: Wish = {}): Promise<RunReport> =>
  scene.harness.resume(id, scene.spec({ ...wish, run: { rollBack: true } }));

/** A rotation that has come to the first store. */
async function halfWay(): Promise<string> {
  scene.second.faults.push({ on: 'put', code: 'STORE_THROTTLED' });
  return (await scene.harness.run(scene.spec())).id;
}

/** A rotation whose request for a new key never reached the provider, and that does not know it. */
async function cutOff(wrap?: (incident: Incident) => Services['journal']): Promise<string> {
  scene.harness.simulator.faults.add({ kind: 'drop', method: 'POST', path: 'consumerKeys', times: 1 });
  const report = await scene.harness.run({ ...scene.spec(), ...(wrap ? { wrap } : {}) });
  expect(acts(report.entries)).toEqual(['create-key', 'write store first']);
  expect(scene.newKeys()).toEqual([]);
  return report.id;
}

describe('the old key', () => {
  test('that was deleted while one probe fails: the new one stays, and the stores as they are', async () => {
    const id = await halfWay();
    scene.account.keys.splice(scene.account.keys.indexOf(scene.old), 1);
    scene.harness.simulator.faults.add({ kind: 'error', method: 'GET', path: 'alerts', amount: 503 });
    const report = await back(id);
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'KEY_NOT_LIVE' });
    expect(scene.newKeys().map(({ consumerSecret }) => consumerSecret)).toEqual([
      scene.first.current?.values['secret'],
    ]);
  });

  test('that a probe recognises and the list has no more: likewise', async () => {
    const id = await halfWay();
    scene.account.keys.splice(scene.account.keys.indexOf(scene.old), 1);
    // Somewhere else it lives on, so that every probe accepts it.
    addTurboAccount(scene.harness.simulator.state.turbosmtp).keys.push(scene.old);
    const report = await back(id);
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'KEY_NOT_LIVE' });
    expect(report.step('replace')?.reason).toContain('not among the keys of its account');
    expect(scene.newKeys().map(({ consumerSecret }) => consumerSecret)).toEqual([
      scene.first.current?.values['secret'],
    ]);
  });
});

test.each([true, false])('what a killed write left beside a file goes at once, rolled back: %s', async (rollBack) => {
  const { consumerKey, consumerSecret } = scene.old;
  const files = ['.env', 'b.env'].map((name) => path.join(makeFolder('env'), name));
  for (const file of files) writeFileSync(file, `KEY=${consumerKey}\nSECRET=${consumerSecret}\n`);
  const stores = files.map((file, index) => ({
    name: `s${index}`,
    kind: 'env-file' as const,
    path: file,
    fields: { consumerKey: 'KEY', secret: 'SECRET' },
  }));
  const { services: _services, ...spec } = scene.spec();
  const all = { ...spec, stores, services: { mode: 'rotate' as const }, policy: { deployed: false } };
  const { id } = await scene.harness.run(all);
  const left = `${files[0]}.unleak-new`;
  writeFileSync(left, 'half a key');
  const { outcome } = await scene.harness.resume(id, { ...all, run: { rollBack } });
  expect([outcome, existsSync(left)]).toEqual([rollBack ? 'rolled-back' : 'waiting', false]);
});

describe('a roll-back that stops at a store', () => {
  async function stoppedAt(store: MemoryStore): Promise<RunReport> {
    const { id } = await scene.harness.run(scene.spec({ policy: { deployed: false } }));
    store.overwrite({ secret: 'by somebody else' });
    return back(id);
  }

  test('says which were put back, and the way out', async () => {
    const report = await stoppedAt(scene.first);
    const step = report.step('replace');
    expect(step).toMatchObject({ status: 'failed', code: 'STORE_CONFLICT', facts: { restored: ['store second'] } });
    expect(step?.reason).toContain('Put back: store second; not put back: store first; the new key lives');
    expect(step?.facts['mend']).toMatch(/store first by hand and repeat --roll-back\.$/);
  });

  test('while another has the new key is followed by one --overwrite that brings it everywhere', async () => {
    const stopped = await stoppedAt(scene.second);
    expect(stopped.step('replace')?.facts['mend']).toMatch(/--resume ID --overwrite/);
    const report = await scene.harness.resume(stopped.id, scene.spec({ policy: { overwrite: true, deployed: false } }));
    expect(report.step('replace')).toMatchObject({ status: 'done' });
    const secret = scene.newKeys()[0]?.consumerSecret;
    expect([scene.first, scene.second].map(({ current }) => current?.values['secret'])).toEqual([secret, secret]);
  });
});

describe('the new key', () => {
  test('of another rotation of the same day is not taken for one whose answer was lost', async () => {
    const id = await cutOff();
    const other = await scene.harness.run(scene.spec({ policy: { deployed: false } }));
    expect(other.step('replace')).toMatchObject({ status: 'done' });
    const theirs = scene.newKeys();
    expect(theirs).toHaveLength(1);
    await back(id);
    expect(scene.newKeys()).toEqual(theirs);
  });

  test('of an earlier version’s journal, by a label that anybody may have chosen, is left to a person', async () => {
    const label = 'prod-shop-20261121';
    const id = await cutOff(({ journal }) => ({
      get entries() {
        return journal.entries;
      },
      append: (entry) =>
        journal.append(entry.type === 'intent' && entry.action === 'create-key' ? { ...entry, target: label } : entry),
      close: () => {
        journal.close();
      },
    }));
    addTurboKey(scene.account, { label });
    const report = await back(id);
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'KEY_AMBIGUOUS' });
    expect(scene.newKeys()).toHaveLength(1);
  });

  test.each([['noted', halfWay] as const, ['not noted', lostAnswer] as const])(
    'that was %s, and that another store of the providers file gives out, stays',
    async (_, begun) => {
      const id = await begun();
      const [made] = scene.newKeys();
      const { consumerKey = '', consumerSecret = '' } = made ?? {};
      const third = new MemoryStore('third', { consumerKey, secret: consumerSecret });
      const stores = namedStores([], [scene.first, scene.second, third], async () => ({ code: 1, output: '' }));
      const report = await back(id, { services: { stores } });
      expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'ROLLBACK_BY_HAND' });
      expect(report.step('replace')?.reason).toContain('store third');
      expect(scene.newKeys()).toEqual([made]);
      expect((await back(id)).outcome).toBe('rolled-back');
      expect(scene.newKeys()).toEqual([]);
    },
  );
});

/** The provider made the key, and its answer was lost. */
async function lostAnswer(): Promise<string> {
  scene.harness.simulator.faults.add({ kind: 'drop-after', method: 'POST', path: 'consumerKeys', times: 1 });
  const { id } = await scene.harness.run(scene.spec());
  expect(scene.newKeys()).toHaveLength(1);
  return id;
}
