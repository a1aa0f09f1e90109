/** Rotations into stores: the order of things, half-way failures, taking back, and what is left on disk. */
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { TurboAccount, TurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { UsePlace } from '../../src/respond/services.ts';
import { namedStores } from '../../src/respond/stores.ts';
import { fileHandOver } from '../../src/respond/handover.ts';
import { makeFolder } from '../helpers/repository.ts';
import { Harness, type RunReport, type RunSpec, placeCalled } from './harness.ts';
import { MemoryStore } from './memory-store.ts';
import { TwoStores, type Wish, acts } from './rotation-scene.ts';

let scene: TwoStores;
let harness: Harness;
let account: TurboAccount;
let old: TurboKey;
let first: MemoryStore;
let second: MemoryStore;
beforeEach(async () => {
  scene = new TwoStores(await Harness.start());
  ({ harness, account, old, first, second } = scene);
});
afterEach(() => harness.close());

const spec = (wish?: Wish): RunSpec => scene.spec(wish);
const isOldAlive = (): boolean => scene.isOldAlive();
const newKeys = (): TurboKey[] => scene.newKeys();
const methods = (): (string | undefined)[] => scene.methods();

function expectNoSecret(report: RunReport, secrets: readonly string[]): void {
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(20);
    expect(scene.traces(report)).not.toContain(secret);
  }
}

describe('a rotation into two stores', () => {
  test('writes in the order named, sees the new key everywhere, revokes last, and retires the former versions', async () => {
    const report = await harness.run(spec());
    expect(report.outcome).toBe('confirmed');
    const [made, ...others] = newKeys();
    expect(others).toEqual([]);
    expect(isOldAlive()).toBe(false);
    for (const store of [first, second]) {
      expect(store.current?.values).toEqual({
        consumerKey: made?.consumerKey,
        secret: made?.consumerSecret,
        host: 'kept',
      });
      expect(store.versions[0]?.retired).toBe(true);
    }
    expect(acts(report.entries)).toEqual([
      'create-key',
      'write store first',
      'create-key → ok',
      'write store first → ok',
      'write store second',
      'write store second → ok',
      'revoke-1-delete-consumer-key',
      'revoke-1-delete-consumer-key → ok',
      'retire store first',
      'retire store first → destroyed',
      'retire store second',
      'retire store second → destroyed',
    ]);
    expectNoSecret(report, [old.consumerSecret, made?.consumerSecret ?? '']);
  });

  test('is planned with what each store gives out, and nothing is changed', async () => {
    first.overwrite({ consumerKey: 'other', secret: 'another value' });
    second.faults.push({ on: 'read', code: 'STORE_AUTH' });
    const report = await harness.run(spec({ run: { planOnly: true } }));
    expect(report.said).toContain('1. store first, in memory: gives out another value (version v2)');
    expect(report.said).toContain('2. store second, in memory: STORE_AUTH');
    expect([harness.effects(), first.calls, second.calls]).toEqual([[], ['read', 'check'], ['read']]);
  });

  test('is planned for a person where there is no credential that creates keys', async () => {
    const report = await harness.run({ ...spec({ run: { planOnly: true } }), environment: {} });
    expect(report.said).toContain('1 replace   by a person: there is no operator credential');
    expect(report.said).not.toContain('created by API');
  });

  test('leaves a store with another value alone, unless told to overwrite it', async () => {
    second.overwrite({ secret: 'another value' });
    const report = await harness.run(spec());
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_HOLDS_OTHER' });
    expect([harness.effects(), first.versions.length, isOldAlive()]).toEqual([[], 1, true]);
    const again = await harness.resume(report.id, spec({ policy: { overwrite: true } }));
    expect(again.outcome).toBe('confirmed');
    // What was somebody else's is not retired.
    expect(second.versions.map(({ retired }) => retired)).toEqual([false, false, false]);
  });

  test('makes nothing where a store changed since the plan', async () => {
    const { id } = await harness.run(spec({ run: { planOnly: true } }));
    second.overwrite({ consumerKey: old.consumerKey, secret: old.consumerSecret });
    const report = await harness.resume(id, spec());
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_CONFLICT' });
    expect([harness.effects(), first.versions.length, isOldAlive()]).toEqual([[], 1, true]);
    expect(report.said).toContain('--replan');
    const again = await harness.resume(id, spec({ run: { replan: true } }));
    expect(again.outcome).toBe('confirmed');
  });
});

describe('where the first store', () => {
  test.each(['STORE_CONFLICT', 'STORE_THROTTLED', 'STORE_AUTH'] as const)(
    'answers %s to the write, the key that is stored nowhere is deleted again, and a later run makes another',
    async (code) => {
      first.faults.push({ on: 'put', code });
      const report = await harness.run(spec());
      expect(report.step('replace')).toMatchObject({ status: 'failed', code });
      expect(report.step('replace')?.facts['mend']).toMatch(/\.$/);
      expect([methods(), newKeys(), isOldAlive()]).toEqual([['POST', 'DELETE'], [], true]);
      expect(first.current?.values['secret']).toBe(old.consumerSecret);
      const again = await harness.resume(report.id, spec());
      expect(again.outcome).toBe('confirmed');
      expect([newKeys().length, isOldAlive(), first.current?.values['secret']]).toEqual([
        1,
        false,
        newKeys()[0]?.consumerSecret,
      ]);
    },
  );

  test('loses the answer, it is asked whether it was written to', async () => {
    first.faults.push({ on: 'put', code: 'STORE_UNREACHABLE', after: true });
    const report = await harness.run(spec());
    expect(report.outcome).toBe('confirmed');
    expect([methods(), first.versions.length]).toEqual([['POST', 'DELETE'], 2]);
  });

  test('cannot tell whether it was written to, nothing is deleted, and the next run finds out', async () => {
    first.faults.push({ on: 'put', code: 'STORE_UNREACHABLE', after: true }, { on: 'find', code: 'STORE_UNREACHABLE' });
    const report = await harness.run(spec());
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_OUTCOME_UNKNOWN' });
    expect([methods(), newKeys().length, isOldAlive()]).toEqual([['POST'], 1, true]);
    const again = await harness.resume(report.id, spec());
    expect(again.outcome).toBe('confirmed');
    expect([methods(), first.versions.length]).toEqual([['POST', 'DELETE'], 2]);
  });

  test('was not written to after all, the value is lost: the key goes, and another is made', async () => {
    first.faults.push({ on: 'put', code: 'STORE_OUTCOME_UNKNOWN' }, { on: 'find', code: 'STORE_UNREACHABLE' });
    const report = await harness.run(spec());
    expect(report.step('replace')?.code).toBe('STORE_OUTCOME_UNKNOWN');
    const again = await harness.resume(report.id, spec());
    expect(again.outcome).toBe('confirmed');
    expect(methods()).toEqual(['POST', 'DELETE', 'POST', 'DELETE']);
    expect(newKeys()).toHaveLength(1);
  });
});

describe('a new key that no probe recognises', () => {
  test('never gets into a store, and is deleted again', async () => {
    const { id } = await harness.run(spec({ run: { planOnly: true } }));
    harness.simulator.faults.add({ kind: 'error', amount: 401, path: 'alerts', method: 'GET' });
    await harness.simulator.smtp.close();
    const report = await harness.resume(id, spec());
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'NEW_KEY_NOT_LIVE' });
    expect([methods(), newKeys(), first.versions.length]).toEqual([['POST', 'DELETE'], [], 1]);
  });
});

describe('where the second store fails', () => {
  async function halfWay(): Promise<RunReport> {
    second.faults.push({ on: 'put', code: 'STORE_THROTTLED' });
    const report = await harness.run(spec());
    expect(report.step('replace')).toMatchObject({
      status: 'failed',
      code: 'STORE_THROTTLED',
      facts: { written: ['store first'], open: ['store second'] },
    });
    expect(report.said).toContain('--roll-back');
    expect([methods(), isOldAlive()]).toEqual([['POST'], true]);
    return report;
  }

  test('a later run reads the value back from the first, and goes on', async () => {
    const { id } = await halfWay();
    const report = await harness.resume(id, spec());
    expect(report.outcome).toBe('confirmed');
    expect(methods()).toEqual(['POST', 'DELETE']);
    expect(second.current?.values['secret']).toBe(newKeys()[0]?.consumerSecret);
    expect(isOldAlive()).toBe(false);
  });

  test('--roll-back puts the old key back, and deletes the new one after that', async () => {
    const { id } = await halfWay();
    const report = await harness.resume(id, spec({ run: { rollBack: true } }));
    expect(report.outcome).toBe('rolled-back');
    expect(first.current?.values).toEqual({
      consumerKey: old.consumerKey,
      secret: old.consumerSecret,
      host: 'kept',
    });
    expect([methods(), newKeys(), isOldAlive()]).toEqual([['POST', 'DELETE'], [], true]);
    expect(acts(report.entries).slice(-4)).toEqual([
      'restore store first',
      'restore store first → ok',
      'delete-new-key',
      'delete-new-key → ok',
    ]);
    expectNoSecret(report, [old.consumerSecret]);
    expect(report.said).toMatch(/1 replace {3}undone .*ROLLED_BACK/);
    await expect(harness.resume(id, spec())).rejects.toMatchObject({ code: 'ROLLED_BACK' });
    expect([methods().length, isOldAlive()]).toEqual([2, true]);
  });

  test('--roll-back is refused where somebody else let the old key die: the new one is all there is', async () => {
    const { id } = await halfWay();
    account.keys.splice(
      account.keys.findIndex(({ consumerKey }) => consumerKey === old.consumerKey),
      1,
    );
    await expect(harness.resume(id, spec({ run: { rollBack: true } }))).rejects.toMatchObject({
      code: 'ROLLBACK_TOO_LATE',
    });
    expect([newKeys().length, first.current?.values['secret']]).toEqual([1, newKeys()[0]?.consumerSecret]);
  });

  test('--roll-back leaves alone what somebody else wrote since, and then the new key lives', async () => {
    const { id } = await halfWay();
    first.overwrite({ secret: 'by somebody else' });
    const report = await harness.resume(id, spec({ run: { rollBack: true } }));
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_CONFLICT' });
    expect(first.current?.values).toEqual({ secret: 'by somebody else' });
    expect([newKeys().length, isOldAlive()]).toEqual([1, true]);
  });

  test('after the old key died there is nothing to roll back', async () => {
    const { id } = await harness.run(spec());
    await expect(harness.resume(id, spec({ run: { rollBack: true } }))).rejects.toMatchObject({
      code: 'ROLLBACK_TOO_LATE',
    });
    expect(first.current?.values['secret']).toBe(newKeys()[0]?.consumerSecret);
  });
});

describe('a store that never gives values back', () => {
  test('comes last without harm', async () => {
    second.tells = false;
    const report = await harness.run(spec());
    expect(report.outcome).toBe('confirmed');
    expect(second.current?.values['secret']).toBe(newKeys()[0]?.consumerSecret);
  });

  test('and comes first: the plan says what that means, and a value that was lost is not made up for blindly', async () => {
    first.tells = false;
    second.faults.push({ on: 'put', code: 'STORE_THROTTLED' });
    const report = await harness.run(spec());
    expect(report.said).toContain('Better name a store first that gives values back');
    const again = await harness.resume(report.id, spec());
    expect(again.step('replace')).toMatchObject({ status: 'waiting', code: 'CREATE_VALUE_LOST' });
    expect([methods(), isOldAlive()]).toEqual([['POST'], true]);
    const back = await harness.resume(report.id, spec({ run: { rollBack: true } }));
    expect(back.outcome).toBe('rolled-back');
    expect(first.current?.values['secret']).toBe(old.consumerSecret);
    expect([methods(), newKeys(), isOldAlive()]).toEqual([['POST', 'DELETE'], [], true]);
  });
});

describe('a place before a store', () => {
  test('that is a file gives the value back to a later run', async () => {
    const places = [fileHandOver(path.join(makeFolder('keys'), 'new.json')), first.destination()];
    first.faults.push({ on: 'put', code: 'STORE_THROTTLED' });
    const { id } = await harness.run(spec({ places }));
    const report = await harness.resume(id, spec({ places }));
    expect(report.step('replace')).toMatchObject({ status: 'done' });
    expect(methods()).toEqual(['POST']);
    expect(first.current?.values['secret']).toBe(newKeys()[0]?.consumerSecret);
  });

  test('that is a pipe gives nothing back: a person decides', async () => {
    const kept: string[] = [];
    const place = placeCalled('pipe', async (parts) => {
      kept.push(parts['secret']?.reveal() ?? '');
    });
    first.faults.push({ on: 'put', code: 'STORE_THROTTLED' });
    const report = await harness.run(spec({ places: [place, first.destination()] }));
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_THROTTLED' });
    const again = await harness.resume(report.id, spec({ places: [place, first.destination()] }));
    expect(again.step('replace')).toMatchObject({ status: 'waiting', code: 'CREATE_VALUE_LOST' });
    expect([kept.length, isOldAlive(), methods()]).toEqual([1, true, ['POST']]);
  });
});

describe('before the old key dies', () => {
  const finding = (places: readonly UsePlace[], problems: readonly string[] = []) => ({
    searcher: {
      folders: ['/srv/app'],
      search: async () => ({ places, complete: problems.length === 0, problems }),
    },
  });
  const PLACE = { where: 'config.php:3', current: true };

  test.each([
    ['it is found in a folder', finding([PLACE]), 'STILL_USED', 'config.php:3'],
    ['a former version has it', finding([{ ...PLACE, current: false }]), 'STILL_USED', '(former version)'],
    ['not all could be searched', finding([], ['GIT_SHALLOW: cut']), 'SEARCH_INCOMPLETE', 'GIT_SHALLOW'],
    [
      'another store gives it out',
      { stores: { ask: async () => ({ holders: ['staging'], copies: [], blind: [] }), given: async () => [] } },
      'STILL_USED',
      'the store staging gives it out',
    ],
  ])('%s: it lives on until a person decides', async (_, services, code, says) => {
    const report = await harness.run(spec({ services }));
    expect(report.step('search')).toMatchObject({ status: 'waiting', code });
    expect(report.step('search')?.reason).toContain(says);
    expect([report.outcome, methods(), isOldAlive()]).toEqual(['waiting', ['POST'], true]);
    const again = await harness.resume(report.id, spec({ services, policy: { stillUsedOk: true, inUseOk: true } }));
    expect(again.step('search')).toMatchObject({ status: 'done', facts: { overruled: code } });
    expect([again.outcome, isOldAlive()]).toEqual(['confirmed', false]);
  });

  test('the grace period has to be over, counted from the last write, also if a resumed run does not name it', async () => {
    const report = await harness.run(spec({ policy: { graceMs: 3_600_000 } }));
    expect(report.step('search')).toMatchObject({ status: 'waiting', code: 'GRACE_PERIOD' });
    const waiting = await harness.resume(report.id, spec());
    expect(waiting.step('search')).toMatchObject({ status: 'waiting', code: 'GRACE_PERIOD' });
    expect([methods(), isOldAlive()]).toEqual([['POST'], true]);
    const over = await harness.resume(report.id, spec({ policy: { graceMs: 0 } }));
    expect([over.outcome, isOldAlive()]).toEqual(['confirmed', false]);
  });

  test.each([
    ['stays so after it', finding([PLACE]), { status: 'done', facts: { overruled: 'STILL_USED' } }],
    [
      'does not cover what is found since',
      finding([PLACE, { ...PLACE, where: 'other.php:1' }]),
      { status: 'waiting', code: 'STILL_USED' },
    ],
  ])('what was overruled while the grace period ran %s', async (_, later, step) => {
    const services = finding([PLACE]);
    const report = await harness.run(spec({ services, policy: { graceMs: 3_600_000, stillUsedOk: true } }));
    expect(report.step('search')).toMatchObject({ status: 'waiting', code: 'GRACE_PERIOD' });
    const over = await harness.resume(report.id, spec({ services: later, policy: { graceMs: 0 } }));
    expect(over.step('search')).toMatchObject(step);
  });

  test('what nobody could see is named', async () => {
    second.tells = false;
    const third = new MemoryStore('third', {});
    third.tells = false;
    const stores = namedStores([], [first, second, third], async () => ({ code: 1, output: '' }));
    const report = await harness.run(spec({ services: { stores } }));
    const blind = report.step('search')?.facts['blind'] as string[];
    expect(blind[0]).toBe('the store third gives no value back');
    expect(blind[1]).toMatch(/^turboSMTP: /);
    expect(blind).toHaveLength(2);
  });
});
