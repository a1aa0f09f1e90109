/** kill -9 at every journal boundary, then resume: what the provider saw and what was written down is the same. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { doubles } from '../../fixtures/simulator/doubles.ts';
import { HEX, ALNUM, randomText } from '../../fixtures/simulator/random.ts';
import { type TurboAccount, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { Recorded } from '../../src/respond/journal/entry.ts';
import { fileHandOver } from '../../src/respond/handover.ts';
import { incidentIds } from '../../src/respond/journal/store.ts';
import type { CrashOrder } from './crash-driver.ts';
import { Harness, type RunSpec } from './harness.ts';
import { drive, prepareDriver, told } from './killing.ts';

const harnesses: Harness[] = [];

prepareDriver();

afterEach(async () => {
  await Promise.all(harnesses.splice(0).map((harness) => harness.close()));
});

const KEY = randomText(HEX, 32);
const SECRET = randomText(ALNUM, 32);

interface Scene {
  readonly harness: Harness;
  readonly account: TurboAccount;
  readonly spec: RunSpec;
  readonly order: CrashOrder;
}

type Mode = 'respond' | 'rotate';

async function scene(killAfter: number, mode: Mode = 'respond'): Promise<Scene> {
  const harness = await Harness.start();
  harnesses.push(harness);
  const account = addTurboAccount(harness.simulator.state.turbosmtp);
  addTurboKey(account, {
    consumerKey: KEY,
    consumerSecret: SECRET,
    label: 'production',
    creationTime: '2026-01-01 00:00:00',
  });
  const spec: RunSpec = {
    keys: [{ kind: 'turbosmtp-pair', secret: SECRET, parts: { 'turbosmtp-consumer-key': [KEY] } }],
    environment: { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password },
    services: { mode },
    policy: { deployed: true },
  };
  const handOver = path.join(path.dirname(harness.root), 'new-key');
  const { url, smtp } = harness.simulator;
  // A set is no JSON; the driver's own policy allows every provider.
  const order = { url, smtpUrl: smtp.url, root: harness.root, spec, handOver, killAfter };
  return { harness, account, spec, order };
}

interface Bulk {
  readonly harness: Harness;
  readonly spec: RunSpec;
  readonly order: CrashOrder;
  readonly secrets: readonly string[];
}

/** Three leaked GitHub tokens, which one request revokes together. */
async function bulkScene(killAfter: number): Promise<Bulk> {
  const all = doubles();
  const harness = await Harness.start({ products: all.map(({ product }) => product) });
  harnesses.push(harness);
  const github = all.find(({ kind }) => kind === 'github-token');
  if (!github) throw new Error('no double of GitHub');
  const secrets = ['one', 'two', 'three'].map((label) => github.add(label).secret);
  const { url, smtp } = harness.simulator;
  const spec: RunSpec = {
    keys: secrets.map((secret) => ({ kind: 'github-token', secret })),
    overrides: { github: `${url}/github` },
    policy: { maxRevocations: 10 },
  };
  const handOver = path.join(path.dirname(harness.root), 'new-key');
  return { harness, spec, secrets, order: { url, smtpUrl: smtp.url, root: harness.root, spec, handOver, killAfter } };
}

async function finish({
  harness,
  spec,
  order,
}: Pick<Scene, 'harness' | 'spec' | 'order'>): Promise<readonly Recorded[]> {
  const [id] = incidentIds(harness.root);
  const services =
    spec.stores === undefined
      ? { ...spec.services, destinations: [fileHandOver(order.handOver)] }
      : { ...spec.services };
  if (id === undefined) return (await harness.run({ ...spec, services })).entries;
  // Killed before its first entry, an incident is an empty folder, and is begun anew.
  const empty = harness.journal(id).length === 0;
  return empty
    ? (await harness.run({ ...spec, services })).entries
    : (await harness.resume(id, { ...spec, services })).entries;
}

describe('an incident that is killed', () => {
  const DELETED = `DELETE turbosmtp/api/v2/user/consumerKeys/${KEY} 200`;
  const CREATED = 'POST turbosmtp/api/v2/user/consumerKeys 201';

  test.each([
    ['respond', [DELETED, CREATED], 20],
    ['rotate', [CREATED, DELETED], 12],
  ] as const)(
    'after any entry of its journal goes on as if it had not been: %s',
    async (mode, effects, least) => {
      const whole = await scene(0, mode);
      expect(await drive(whole.order)).toBeNull();
      const [id = ''] = incidentIds(whole.harness.root);
      const entries = whole.harness.journal(id);
      const expected = { effects: whole.harness.effects(), told: told(entries) };
      expect(expected.effects).toEqual(effects);
      expect(entries.length).toBeGreaterThanOrEqual(least);
      const differing: unknown[] = [];
      for (let killAfter = 1; killAfter <= entries.length; killAfter++) {
        const cut = await scene(killAfter, mode);
        const signal = await drive(cut.order);
        const after = await finish(cut);
        const seen = { effects: cut.harness.effects(), told: told(after) };
        const delivered = JSON.parse(readFileSync(cut.order.handOver, 'utf8')) as { secret: string };
        const works = cut.account.keys.some(({ consumerSecret }) => consumerSecret === delivered.secret);
        const strange = [
          ...seen.told.filter((line) => !expected.told.includes(line)),
          ...expected.told.filter((line) => !seen.told.includes(line)),
        ];
        const same =
          seen.told.join('\n') === expected.told.join('\n') && seen.effects.join() === expected.effects.join();
        if (signal !== 'SIGKILL' || !works || !same)
          differing.push({
            killAfter,
            type: entries[killAfter - 1]?.type,
            signal,
            works,
            effects: seen.effects,
            strange,
          });
        await cut.harness.close();
        harnesses.pop();
      }
      expect(differing).toEqual([]);
    },
    120_000,
  );

  test('after the provider acted and before it answered is not asked twice', async () => {
    const cut = await scene(0);
    cut.harness.simulator.faults.add({ kind: 'slow', method: 'DELETE', amount: 60_000, times: 1 });
    const signal = await drive(cut.order, async (kill) => {
      while (cut.harness.effects().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      kill();
    });
    expect(signal).toBe('SIGKILL');
    const entries = await finish(cut);
    expect(cut.harness.effects().filter((effect) => effect.startsWith('DELETE'))).toHaveLength(1);
    const revoked = entries.findLast((entry) => entry.type === 'step' && entry.step === 'revoke');
    expect(revoked).toMatchObject({ status: 'done' });
  });

  test('after a key was created and before its value arrived makes no second one, and says so', async () => {
    const cut = await scene(0);
    cut.harness.simulator.faults.add({ kind: 'slow', method: 'POST', path: 'consumerKeys', amount: 60_000, times: 1 });
    await drive(cut.order, async (kill) => {
      while (cut.harness.effects().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      kill();
    });
    const entries = await finish(cut);
    expect(cut.harness.effects().filter((effect) => effect.startsWith('POST'))).toHaveLength(1);
    const replaced = entries.findLast((entry) => entry.type === 'step' && entry.step === 'replace');
    expect(replaced).toMatchObject({ status: 'waiting', code: 'CREATE_VALUE_LOST' });
    // A person deletes the orphan; the next run makes a key whose value is kept.
    cut.account.keys = cut.account.keys.filter(({ label }) => !label.startsWith('production'));
    const last = await finish(cut);
    expect(last.findLast((entry) => entry.type === 'step' && entry.step === 'replace')).toMatchObject({
      status: 'done',
    });
  });
});

/** The rotation of {@link scene} into two files of an application. */
async function storeScene(killAfter: number): Promise<Scene & { readonly files: readonly string[] }> {
  const base = await scene(killAfter, 'rotate');
  const home = path.dirname(base.harness.root);
  const files = ['first', 'second'].map((name) => path.join(home, `${name}.env`));
  for (const file of files) writeFileSync(file, `# mail\nMAIL_KEY=${KEY}\nMAIL_SECRET=${SECRET}\n`);
  const fields = { consumerKey: 'MAIL_KEY', secret: 'MAIL_SECRET' };
  const stores = files.map((file, index) => ({
    name: `store${index + 1}`,
    kind: 'env-file' as const,
    path: file,
    fields,
  }));
  const spec = { ...base.spec, stores };
  return { ...base, spec, files, order: { ...base.order, spec } };
}

describe('a rotation into stores that is killed', () => {
  const VERSIONS = /"createdAt":"TIME"/;

  test('after any entry of its journal goes on as if it had not been', async () => {
    const whole = await storeScene(0);
    expect(await drive(whole.order)).toBeNull();
    const [id = ''] = incidentIds(whole.harness.root);
    const entries = whole.harness.journal(id);
    const expected = { effects: whole.harness.effects(), told: told(entries) };
    expect(expected.effects.map((effect) => effect.split(' ')[0])).toEqual(['POST', 'DELETE']);
    expect(expected.told.filter((line) => VERSIONS.test(line)).length).toBeGreaterThan(4);
    const differing: unknown[] = [];
    for (let killAfter = 1; killAfter <= entries.length; killAfter++) {
      const cut = await storeScene(killAfter);
      const signal = await drive(cut.order);
      const after = await finish(cut);
      const seen = { effects: cut.harness.effects(), told: told(after) };
      const [made] = cut.account.keys;
      const texts = cut.files.map((file) => readFileSync(file, 'utf8'));
      const stored = texts.every(
        (text) => text === `# mail\nMAIL_KEY=${made?.consumerKey}\nMAIL_SECRET=${made?.consumerSecret}\n`,
      );
      const strange = [
        ...seen.told.filter((line) => !expected.told.includes(line)),
        ...expected.told.filter((line) => !seen.told.includes(line)),
      ];
      const same = seen.told.join('\n') === expected.told.join('\n') && seen.effects.join() === expected.effects.join();
      const [journal] = incidentIds(cut.harness.root).map((one) => JSON.stringify(cut.harness.journal(one)));
      const quiet = [SECRET, made?.consumerSecret ?? ''].every((secret) => journal?.includes(secret) === false);
      if (signal !== 'SIGKILL' || !stored || !same || !quiet)
        differing.push({
          killAfter,
          type: entries[killAfter - 1]?.type,
          signal,
          stored,
          quiet,
          effects: seen.effects,
          strange,
        });
      await cut.harness.close();
      harnesses.pop();
    }
    expect(differing).toEqual([]);
  }, 120_000);

  test('after a key was created and before it was stored: the value is lost, nothing is made up, and it can be taken back', async () => {
    const cut = await storeScene(0);
    cut.harness.simulator.faults.add({ kind: 'slow', method: 'POST', path: 'consumerKeys', amount: 60_000, times: 1 });
    await drive(cut.order, async (kill) => {
      while (cut.harness.effects().length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
      kill();
    });
    const entries = await finish(cut);
    const replaced = entries.findLast((entry) => entry.type === 'step' && entry.step === 'replace');
    expect(replaced).toMatchObject({ status: 'waiting', code: 'CREATE_VALUE_LOST' });
    expect(cut.account.keys).toHaveLength(2);
    const [id = ''] = incidentIds(cut.harness.root);
    const back = await cut.harness.resume(id, { ...cut.spec, run: { rollBack: true } });
    expect(back.outcome).toBe('rolled-back');
    expect(cut.account.keys.map(({ consumerKey }) => consumerKey)).toEqual([KEY]);
    for (const file of cut.files) expect(readFileSync(file, 'utf8')).toContain(SECRET);
  });
});

describe('three keys that one request revokes', () => {
  const asked = ({ harness }: Bulk): string[][] =>
    harness.simulator.log
      .filter(({ effect }) => effect)
      .map(({ body }) => (JSON.parse(body) as { credentials: string[] }).credentials);
  // What the answer to a request was that a crash took along is not known: the keys are found dead instead.
  const withoutStatus = (entries: readonly Recorded[]): string[] =>
    told(entries)
      .map((line) => line.replace(/"status":(?:202|null)/, '"status":-'))
      .toSorted();

  test('are revoked by one request and each confirmed, wherever the run is killed', async () => {
    const whole = await bulkScene(0);
    expect(await drive(whole.order)).toBeNull();
    const [id = ''] = incidentIds(whole.harness.root);
    const entries = whole.harness.journal(id);
    expect(asked(whole)).toEqual([whole.secrets]);
    const boundaries = entries.flatMap(({ type }, index) =>
      type === 'intent' || type === 'result' ? [index + 1] : [],
    );
    expect(boundaries).toHaveLength(6);
    const differing: unknown[] = [];
    for (const killAfter of [(boundaries[0] ?? 0) - 1, ...boundaries, entries.length]) {
      const cut = await bulkScene(killAfter);
      const signal = await drive(cut.order);
      const after = withoutStatus(await finish(cut));
      const expected = withoutStatus(entries);
      const bodies = asked(cut).map((list) => list.map((secret) => cut.secrets.indexOf(secret)));
      if (signal !== 'SIGKILL' || bodies.join('|') !== '0,1,2' || after.join('\n') !== expected.join('\n'))
        differing.push({
          killAfter,
          type: entries[killAfter - 1]?.type,
          signal,
          bodies,
          strange: [
            ...after.filter((line) => !expected.includes(line)),
            ...expected.filter((line) => !after.includes(line)),
          ],
        });
      await cut.harness.close();
      harnesses.pop();
    }
    expect(differing).toEqual([]);
  }, 120_000);

  test('and the answer to which a crash takes along are looked at, and not asked for twice', async () => {
    const cut = await bulkScene(0);
    cut.harness.simulator.faults.add({ kind: 'slow', product: 'github', method: 'POST', amount: 60_000, times: 1 });
    const signal = await drive(cut.order, async (kill) => {
      while (cut.harness.effects().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      kill();
    });
    expect(signal).toBe('SIGKILL');
    const entries = await finish(cut);
    expect(asked(cut)).toEqual([cut.secrets]);
    const ends = entries.flatMap((entry) => (entry.type === 'step' && entry.step === 'revoke' ? [entry.status] : []));
    expect(ends).toEqual(['done', 'done', 'done']);
  });
});
