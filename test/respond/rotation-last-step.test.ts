/** What is asked once more before an old key dies, late places, and undoing exactly what was done. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { StoreDestination } from '../../src/respond/destination.ts';
import type { Destination } from '../../src/respond/services.ts';
import { fileHandOver } from '../../src/respond/handover.ts';
import { namedStores } from '../../src/respond/stores.ts';
import { makeFolder, makeRepository } from '../helpers/repository.ts';
import { storeOf } from '../stores/helpers.ts';
import { Harness, type RunReport, placeCalled } from './harness.ts';
import { TwoStores, acts } from './rotation-scene.ts';

let scene: TwoStores;
beforeEach(async () => {
  scene = new TwoStores(await Harness.start());
});
afterEach(() => scene.harness.close());

const BOTH = '{ consumerKey = "KEY", secret = "SECRET" }';

async function envPlace(file: string, fields = BOTH): Promise<StoreDestination> {
  const store = await storeOf(`kind = "env-file"\npath = ${JSON.stringify(file)}\nfields = ${fields}`);
  return { kind: 'store', name: 'store env', target: 'store:env', store };
}

/** A file of this text as a store. */
async function envFile(text: string, name = '.env', fields = BOTH): Promise<{ file: string; place: StoreDestination }> {
  const file = path.join(makeFolder('late'), name);
  writeFileSync(file, text);
  return { file, place: await envPlace(file, fields) };
}

/** The new key is everywhere, and a person has not said that it is deployed. */
async function waiting(places?: readonly Destination[]): Promise<RunReport> {
  const report = await scene.harness.run(scene.spec({ policy: { deployed: false }, ...(places ? { places } : {}) }));
  expect(report.step('replace')).toMatchObject({ status: 'done' });
  expect([report.outcome, scene.methods()]).toEqual(['waiting', ['POST']]);
  return report;
}

function expectOldAlive(report: RunReport, code: string): void {
  expect(report.step('revoke')).toMatchObject({ status: 'failed', code });
  expect([report.outcome, scene.isOldAlive()]).toEqual(['failed', true]);
  expect(acts(report.entries).join()).not.toContain('revoke-');
  expect(report.said).toContain(`${code}: `);
  expect(report.said).toMatch(/ {15}→ /);
}

describe('immediately before the old key dies', () => {
  test('the new one is asked whether it lives, also when resumed', async () => {
    const { id } = await waiting();
    scene.account.keys.splice(scene.account.keys.indexOf(scene.newKeys()[0] ?? scene.old), 1);
    const report = await scene.harness.resume(id, scene.spec());
    expectOldAlive(report, 'NEW_KEY_NOT_LIVE');
    expect(scene.methods()).toEqual(['POST']);
    const probes = report.entries.filter((entry) => entry.type === 'probe' && entry.key.endsWith(' replacement'));
    expect(probes.at(-1)).toMatchObject({ means: expect.not.stringMatching(/^live/) as string });
  });

  test.each([
    ['another secret', { secret: 'by somebody else' }],
    ['another identifier beside the right secret', { consumerKey: 'by somebody else' }],
    ['the old key again', null],
  ])('a store that has %s by then keeps it alive', async (_, theirs) => {
    const { id } = await waiting();
    const { second, old } = scene;
    const back = { consumerKey: old.consumerKey, secret: old.consumerSecret };
    second.overwrite({ ...second.current?.values, ...(theirs ?? back) });
    // What gives the old key out is seen before that; here it is the last question that counts.
    const report = await scene.harness.resume(id, scene.spec({ policy: { stillUsedOk: true } }));
    expectOldAlive(report, 'NEW_KEY_NOT_STORED');
    expect(report.step('revoke')?.reason).toContain('store second');
    const again = await scene.harness.resume(id, scene.spec({ policy: { stillUsedOk: true, overwrite: true } }));
    expect([again.outcome, scene.methods(), scene.isOldAlive()]).toEqual(['confirmed', ['POST', 'DELETE'], false]);
    const [made] = scene.newKeys();
    expect(second.current?.values).toMatchObject({ consumerKey: made?.consumerKey, secret: made?.consumerSecret });
    expect(scene.first.versions).toHaveLength(2);
  });

  test('and in the same run: what was overwritten during the search is seen', async () => {
    const search = async () => {
      scene.first.overwrite({ secret: 'by somebody else' });
      return { places: [], complete: true, problems: [] };
    };
    const services = { searcher: { folders: ['/srv'], search } };
    expectOldAlive(await scene.harness.run(scene.spec({ services })), 'NEW_KEY_NOT_STORED');
  });

  test('a store that cannot be read keeps it alive', async () => {
    const { id } = await waiting();
    let reads = 0;
    const { second } = scene;
    const read = second.read.bind(second);
    second.read = async () => {
      // First whether the old key is in use, then the last question.
      if (++reads === 2) second.faults.push({ on: 'read', code: 'STORE_AUTH' });
      return read();
    };
    expectOldAlive(await scene.harness.resume(id, scene.spec()), 'STORE_AUTH');
    second.read = read;
    expect((await scene.harness.resume(id, scene.spec())).outcome).toBe('confirmed');
  });

  test('a pipe gives nothing back: a later run looks for the new key in the list', async () => {
    const places = [placeCalled('pipe')];
    const { id } = await waiting(places);
    const [made] = scene.newKeys();
    scene.account.keys.splice(scene.account.keys.indexOf(made ?? scene.old), 1);
    const report = await scene.harness.resume(id, scene.spec({ places, policy: { stillUsedOk: true } }));
    expectOldAlive(report, 'NEW_KEY_NOT_LIVE');
    scene.account.keys.push(made ?? scene.old);
    const again = await scene.harness.resume(id, scene.spec({ places, policy: { stillUsedOk: true } }));
    expect([again.outcome, scene.isOldAlive()]).toEqual(['confirmed', false]);
  });

  test('a person who would type its label is not asked before the new one is there', async () => {
    scene.second.faults.push({ on: 'put', code: 'STORE_THROTTLED' });
    const asked: string[] = [];
    const person = {
      present: true,
      tell: () => {},
      confirm: async () => true,
      type: async (question: string) => {
        asked.push(question);
        return 'prod-shop';
      },
    };
    const spec = scene.spec({ services: { person } });
    const [key] = spec.keys;
    // Never seen live, so that no plan revokes it by API.
    scene.harness.simulator.faults.add({ kind: 'error', amount: 401, path: 'alerts', method: 'GET', times: 1 });
    await scene.harness.simulator.smtp.close();
    const report = await scene.harness.run({ ...spec, keys: key ? [key] : [] });
    expect(report.step('replace')).toMatchObject({ status: 'failed' });
    expect([asked, scene.isOldAlive(), report.step('revoke')?.status]).toEqual([[], true, 'waiting']);
  });
});

describe('a place named for the first time when resumed', () => {
  test('gets the new key, is remembered, and the old one dies only then', async () => {
    const { id } = await waiting([scene.first.destination()]);
    expect(scene.second.versions).toHaveLength(1);
    const report = await scene.harness.resume(id, scene.spec({ policy: { deployed: false } }));
    expect(scene.second.current?.values['secret']).toBe(scene.newKeys()[0]?.consumerSecret);
    expect(scene.methods()).toEqual(['POST']);
    const plan = report.entries.findLast((entry) => entry.type === 'planned');
    expect(plan?.type === 'planned' && plan.plans[0]?.destinations?.map(({ target }) => target)).toEqual([
      'store:first',
      'store:second',
    ]);
    const last = await scene.harness.resume(id, scene.spec());
    expect([last.outcome, scene.methods(), scene.second.versions[0]?.retired]).toEqual([
      'confirmed',
      ['POST', 'DELETE'],
      true,
    ]);
  });

  test('begins the grace period anew', async () => {
    const alone = { places: [scene.first.destination()], policy: { deployed: false, stillUsedOk: true } };
    const before = await scene.harness.run(scene.spec(alone));
    expect(before.step('search')).toMatchObject({ status: 'done' });
    const report = await scene.harness.resume(before.id, scene.spec({ policy: { graceMs: 3_600_000 } }));
    expect(report.step('search')).toMatchObject({ status: 'waiting', code: 'GRACE_PERIOD' });
    expect([scene.methods(), scene.isOldAlive()]).toEqual([['POST'], true]);
  });

  test('is refused before anything is changed if it cannot be written to', async () => {
    const { id } = await waiting([scene.first.destination()]);
    scene.second.faults.push({ on: 'check', code: 'STORE_FILE_TRACKED' });
    await expect(scene.harness.resume(id, scene.spec())).rejects.toMatchObject({ code: 'HANDOVER_FAILED' });
    expect([scene.methods(), scene.second.versions.length, scene.isOldAlive()]).toEqual([['POST'], 1, true]);
    const entries = scene.harness.journal(id);
    expect(entries.at(-1)?.type).toBe('resumed');
    const policy = { stillUsedOk: true };
    const again = await scene.harness.resume(id, scene.spec({ places: [scene.first.destination()], policy }));
    expect(again.outcome).toBe('confirmed');
  });

  test('of an incident gets it too, and nobody is asked again for a key that is dead', async () => {
    const asked: string[] = [];
    const person = {
      present: true,
      tell: () => {},
      confirm: async (question: string) => {
        asked.push(question);
        return true;
      },
      type: async () => null,
    };
    const wish = { policy: { yes: false, inUseOk: true }, services: { mode: 'respond', person } } as const;
    const first = await scene.harness.run(scene.spec({ ...wish, places: [] }));
    expect([first.step('revoke')?.status, asked.length, scene.isOldAlive()]).toEqual(['done', 1, false]);
    const report = await scene.harness.resume(first.id, scene.spec(wish));
    expect(report.step('replace')).toMatchObject({ status: 'done' });
    expect([asked.length, scene.methods()]).toEqual([1, ['DELETE', 'POST']]);
    expect(scene.second.current?.values['secret']).toBe(scene.newKeys()[0]?.consumerSecret);
  });

  test('which fails keeps the old key alive', async () => {
    const { id } = await waiting([scene.first.destination()]);
    scene.second.faults.push({ on: 'put', code: 'STORE_THROTTLED' });
    const report = await scene.harness.resume(id, scene.spec());
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_THROTTLED' });
    expect([scene.methods(), scene.isOldAlive()]).toEqual([['POST'], true]);
    expect((await scene.harness.resume(id, scene.spec())).outcome).toBe('confirmed');
  });
});

describe('what fails for certain is found before anything is made', () => {
  function expectNothing(report: RunReport, code: string): void {
    expect(report.step('replace')).toMatchObject({ status: 'failed', code });
    expect([scene.methods(), scene.first.versions.length, scene.isOldAlive()]).toEqual([[], 1, true]);
    expect(report.said).toContain(code);
  }

  test.each(['STORE_FILE_TRACKED', 'STORE_CONFIG', 'STORE_REFUSED'] as const)(
    '%s of the second store',
    async (code) => {
      // Once for the plan, once before the key is made.
      scene.second.faults.push({ on: 'check', code }, { on: 'check', code });
      expectNothing(await scene.harness.run(scene.spec()), code);
    },
  );

  test('a file that git tracks, named last', async () => {
    const repository = makeRepository();
    repository.commit('Begin', { '.env': 'OTHER=1\n' });
    const place = await envPlace(path.join(repository.folder, '.env'));
    const report = await scene.harness.run(scene.spec({ places: [scene.first.destination(), place] }));
    expectNothing(report, 'STORE_FILE_TRACKED');
    expect(report.said).toContain('is tracked by git');
  });

  test('a part of the key without a field', async () => {
    const { place } = await envFile('', '.env', '{ secret = "SECRET" }');
    expectNothing(await scene.harness.run(scene.spec({ places: [scene.first.destination(), place] })), 'STORE_CONFIG');
  });

  test('a file for the new key that is there already', async () => {
    const { file } = await envFile('mine', 'key.json');
    const places = [scene.first.destination(), fileHandOver(file)];
    expectNothing(await scene.harness.run(scene.spec({ places })), 'HANDOVER_FAILED');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('--roll-back', () => {
  const back = (id: string, places?: readonly Destination[]): Promise<RunReport> =>
    scene.harness.resume(id, scene.spec({ run: { rollBack: true }, ...(places ? { places } : {}) }));

  test('keeps what somebody else changed beside the key', async () => {
    const { id } = await waiting();
    const { first, second, old } = scene;
    first.overwrite({ ...first.current?.values, host: 'moved' });
    const report = await back(id);
    expect(report.outcome).toBe('rolled-back');
    const key = { consumerKey: old.consumerKey, secret: old.consumerSecret };
    expect([first.current?.values, second.current?.values]).toEqual([
      { ...key, host: 'moved' },
      { ...key, host: 'kept' },
    ]);
    expect([scene.newKeys(), scene.isOldAlive()]).toEqual([[], true]);
  });

  test('is refused where the old key is not seen to live: the new one may be all there is', async () => {
    const { id } = await waiting();
    scene.harness.simulator.faults.add({ kind: 'error', amount: 503, path: 'alerts', method: 'GET' });
    await scene.harness.simulator.smtp.close();
    const report = await back(id);
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'KEY_NOT_LIVE' });
    expect([scene.newKeys().length, scene.first.versions.length]).toEqual([1, 2]);
  });

  test('leaves a store alone that has another identifier by now, and the new key with it', async () => {
    const { id } = await waiting();
    scene.first.overwrite({ ...scene.first.current?.values, consumerKey: 'by somebody else' });
    const report = await back(id);
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_CONFLICT' });
    expect([scene.newKeys().length, scene.isOldAlive()]).toEqual([1, true]);
  });

  test('takes the fields away that were not there before, then deletes the new key', async () => {
    const before = '# mail\nHOST=kept\n';
    const { file, place } = await envFile(before);
    const places = [place];
    const { id } = await waiting(places);
    expect(readFileSync(file, 'utf8')).toContain(`SECRET=${scene.newKeys()[0]?.consumerSecret}`);
    const report = await back(id, places);
    expect(report.outcome).toBe('rolled-back');
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect([scene.newKeys(), scene.isOldAlive()]).toEqual([[], true]);
  });

  test('cannot know what stood in a file before: a person sets it, and the new key lives until then', async () => {
    const { file, place } = await envFile('KEY=another\nSECRET=one\n');
    const places = [place];
    const { id } = await scene.harness.run(scene.spec({ places, policy: { deployed: false, overwrite: true } }));
    const report = await back(id, places);
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'ROLLBACK_BY_HAND' });
    expect([scene.newKeys().length, scene.isOldAlive()]).toEqual([1, true]);
    writeFileSync(file, 'KEY=another\nSECRET=one\n');
    expect((await back(id, places)).outcome).toBe('rolled-back');
    expect([scene.newKeys(), scene.isOldAlive()]).toEqual([[], true]);
  });

  test('puts another value back whole where the store keeps versions', async () => {
    const theirs = { consumerKey: 'another', secret: 'one' };
    scene.first.overwrite(theirs);
    const { id } = await scene.harness.run(scene.spec({ policy: { deployed: false, overwrite: true } }));
    expect((await back(id)).outcome).toBe('rolled-back');
    expect(scene.first.current?.values).toEqual(theirs);
    expect(scene.newKeys()).toEqual([]);
  });
});

describe('a .env file with the old key under another name', () => {
  test('keeps it alive, and is not called clean when that is overruled', async () => {
    const { consumerKey, consumerSecret } = scene.old;
    const { place } = await envFile(
      `KEY=${consumerKey}\nSECRET=${consumerSecret}\nLEGACY_DSN=smtp://x:${consumerSecret}@host\n`,
    );
    const places = [place];
    const stores = namedStores([], [place.store], async () => ({ code: 1, output: '' }));
    const report = await scene.harness.run(scene.spec({ places, services: { stores } }));
    expect(report.step('search')).toMatchObject({ status: 'waiting', code: 'STILL_USED' });
    expect(report.step('search')?.reason).toContain('in another place than its field');
    const held = scene.spec({ places, policy: { deployed: true }, services: { stores } });
    const overruled = await scene.harness.resume(
      report.id,
      scene.spec({ places, policy: { stillUsedOk: true, deployed: false }, services: { stores } }),
    );
    expect(overruled.step('search')).toMatchObject({ status: 'done', facts: { overruled: 'STILL_USED' } });
    // Said once for the search is not said for the revocation.
    const kept = await scene.harness.resume(report.id, held);
    expect(kept.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_IN_USE' });
    expect([kept.said.includes('--still-used-ok'), scene.isOldAlive()]).toEqual([true, true]);
    const policy = { stillUsedOk: true };
    const last = await scene.harness.resume(report.id, scene.spec({ places, policy, services: { stores } }));
    expect(last.step('retire')).toMatchObject({ status: 'done', facts: { retired: { 'store env': 'copies-left' } } });
    expect(last.step('retire')?.reason).not.toContain('nothing of it left');
  });
});

describe('of a pair', () => {
  test('a store with another identifier beside the secret holds another value', async () => {
    scene.second.overwrite({ consumerKey: 'another', secret: scene.old.consumerSecret });
    const report = await scene.harness.run(scene.spec());
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_HOLDS_OTHER' });
    expect([scene.methods(), scene.isOldAlive()]).toEqual([[], true]);
  });

  test('the value is read back only from where all of it is', async () => {
    scene.second.faults.push({ on: 'put', code: 'STORE_THROTTLED' });
    const { id } = await scene.harness.run(scene.spec());
    scene.first.overwrite({ ...scene.first.current?.values, consumerKey: 'another' });
    const report = await scene.harness.resume(id, scene.spec());
    expect(report.step('replace')).toMatchObject({ status: 'waiting', code: 'CREATE_VALUE_LOST' });
    expect([scene.second.versions.length, scene.isOldAlive()]).toEqual([1, true]);
  });
});
