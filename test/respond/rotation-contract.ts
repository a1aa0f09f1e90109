/** A rotation from end to end into one kind of store, whoever plays its other side: a stand-in, or the real server. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import { type TurboAccount, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { StoreConfig } from '../../src/providers/store-schema.ts';
import { parseUserFile } from '../../src/providers/user-file.ts';
import type { Recorded } from '../../src/respond/journal/entry.ts';
import { incidentIds } from '../../src/respond/journal/store.ts';
import type { Bench } from '../stores/contract.ts';
import type { Asked, FakeServer } from '../stores/fake-server.ts';
import { freshValue } from '../stores/helpers.ts';
import type { CrashOrder } from './crash-driver.ts';
import { Harness, type RunReport, type RunSpec } from './harness.ts';
import { drive, prepareDriver, told } from './killing.ts';
import { acts, methodsOf, writtenBy } from './rotation-scene.ts';

/** The two parts of a key, as the other side has them. */
export interface Pair {
  readonly consumerKey: string;
  readonly secret: string;
}

/** One secret of the other side. */
export interface RotationSubject {
  /** Lines of the providers file, complete. */
  readonly lines: string;
  /** Those of a store that comes first, for one that gives no value back. */
  readonly first?: string;
  /** What the other side gives out now, by its own means. */
  current(): Promise<Pair>;
  /** Another person's write. */
  change(pair: Pair): Promise<void>;
}

export interface RotationBench extends Pick<Bench, 'credentials' | 'expired' | 'retires'> {
  seed(pair: Pair): Promise<RotationSubject>;
  /** The requests that write, where the other side is a stand-in: runs are killed in the middle of them. */
  readonly writes?: { readonly server: FakeServer; is(asked: Asked): boolean; readonly count: number };
  /** What the other side found wrong with requests. */
  problems?(): readonly string[];
}

/** A store of documents: both parts are fields of one. */
export function documentBench(bench: Bench): RotationBench {
  const text = ({ consumerKey, secret }: Pair): string => JSON.stringify({ key: consumerKey, secret, host: 'kept' });
  return {
    ...bench,
    async seed(pair) {
      const subject = await bench.seed(text(pair));
      return {
        lines: `${subject.lines}\nfields = { consumerKey = "key", secret = "secret" }`,
        async current() {
          const { key = '', secret = '', host } = JSON.parse(await subject.current()) as Record<string, string>;
          if (host !== 'kept') throw new Error('another field of the secret was lost');
          return { consumerKey: key, secret };
        },
        change: (other) => subject.change(text(other)),
      };
    },
  };
}

interface Scene {
  readonly harness: Harness;
  readonly account: TurboAccount;
  readonly old: Pair;
  readonly subject: RotationSubject;
  readonly spec: RunSpec;
}

function configsOf({ first, lines }: RotationSubject): readonly StoreConfig[] {
  const before = first === undefined ? '' : `[store.first]\n${first}\n`;
  return parseUserFile(`${before}[store.production]\n${lines}\n`, 'providers.toml').secretStores;
}

async function sceneOn(bench: RotationBench): Promise<Scene> {
  const harness = await Harness.start();
  const account = addTurboAccount(harness.simulator.state.turbosmtp);
  const { consumerKey, consumerSecret } = addTurboKey(account, {
    label: 'production',
    creationTime: '2026-01-01 00:00:00',
  });
  const old = { consumerKey, secret: consumerSecret };
  const subject = await bench.seed(old);
  const spec: RunSpec = {
    keys: [{ kind: 'turbosmtp-pair', secret: old.secret, parts: { 'turbosmtp-consumer-key': [old.consumerKey] } }],
    environment: { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password },
    stores: configsOf(subject),
    credentials: bench.credentials,
    policy: { deployed: true },
    services: { mode: 'rotate' },
  };
  return { harness, account, old, subject, spec };
}

function isAlive({ account, old }: Scene): boolean {
  return account.keys.some(({ consumerKey }) => consumerKey === old.consumerKey);
}

function made({ account, old }: Scene): Pair | null {
  const key = account.keys.find(({ consumerKey }) => consumerKey !== old.consumerKey);
  return key ? { consumerKey: key.consumerKey, secret: key.consumerSecret } : null;
}

/**
 * Ids of versions differ from run to run, and some stores tell the time of a version only when it is looked for
 * after a crash; a journal is otherwise the same.
 */
function comparable(entries: readonly Recorded[]): string[] {
  const versions = entries.flatMap((entry) => {
    if (entry.type === 'intent') return [entry.before?.id ?? null];
    return entry.type === 'result' ? [entry.version?.id ?? null] : [];
  });
  const ids = [...new Set(versions.filter((id) => id !== null))];
  const named = (line: string): string =>
    ids.reduce((rest, id, index) => rest.replaceAll(JSON.stringify(id), `"version ${index + 1}"`), line);
  // Of the old key's own id each scene has another.
  const bare = (line: string): string =>
    line
      .replaceAll(/[0-9a-f]{32}/g, 'KEY')
      .replaceAll(/"description":"[^"]+"/g, '')
      .replace(/("version":\{"id":"version \d+","createdAt":)(?:null|"TIME")/, '$1-');
  return told(entries).map((line) => bare(named(line)));
}

interface How {
  /** False for a store that asks for none. */
  readonly credentialed?: boolean;
  /** The bench names the requests that write. */
  readonly standIn?: boolean;
}

export function rotationContract(
  title: string,
  start: () => Promise<RotationBench>,
  { credentialed = true, standIn = false }: How = {},
): void {
  describe(`a rotation into ${title}`, () => {
    let bench: RotationBench;
    const scenes: Scene[] = [];

    prepareDriver();
    beforeAll(async () => {
      bench = await start();
    });
    afterEach(async () => {
      await Promise.all(scenes.splice(0).map(({ harness }) => harness.close()));
    });

    async function scene(): Promise<Scene> {
      const one = await sceneOn(bench);
      scenes.push(one);
      return one;
    }

    async function expectOldAlone(one: Scene, report: RunReport, code: string): Promise<void> {
      expect(report.step('replace')).toMatchObject({ status: 'failed', code });
      expect(report.step('replace')?.facts['mend']).toMatch(/\.$/);
      expect([isAlive(one), made(one)]).toEqual([true, null]);
    }

    /** The store before has the new key by then, so that it is a person's choice to go on or to take it back. */
    async function expectTakenBack(one: Scene, report: RunReport): Promise<void> {
      expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_CONFLICT' });
      expect([isAlive(one), made(one) === null]).toEqual([true, false]);
      const back = await one.harness.resume(report.id, { ...one.spec, run: { rollBack: true } });
      expect([back.outcome, isAlive(one), made(one)]).toEqual(['rolled-back', true, null]);
    }

    function expiredCredential(): void {
      test('meets a credential that has expired: nothing is made, and the old key lives', async () => {
        const one = await scene();
        const report = await one.harness.run({ ...one.spec, credentials: bench.expired });
        await expectOldAlone(one, report, 'STORE_AUTH');
        expect(methodsOf(one.harness)).toEqual([]);
        const again = await one.harness.resume(report.id, { ...one.spec, run: { replan: true } });
        expect(again.outcome).toBe('confirmed');
      });
    }

    test('ends with the new key in the store, the old one dead, and no secret anywhere else', async () => {
      const one = await scene();
      const report = await harnessRun(one);
      expect(report.outcome).toBe('confirmed');
      expect(isAlive(one)).toBe(false);
      expect(await one.subject.current()).toEqual(made(one));
      const two = one.subject.first !== undefined;
      const first = two ? 'first' : 'production';
      expect(acts(report.entries)).toEqual([
        'create-key',
        `write store ${first}`,
        'create-key → ok',
        `write store ${first} → ok`,
        ...(two ? ['write store production', 'write store production → ok'] : []),
        'revoke-1-delete-consumer-key',
        'revoke-1-delete-consumer-key → ok',
        ...(two ? ['retire store first', 'retire store first → overwritten'] : []),
        'retire store production',
        `retire store production → ${bench.retires}`,
      ]);
      expect(bench.problems?.() ?? []).toEqual([]);
      const traces = writtenBy(one.harness) + report.said;
      expect(traces).toContain('store production');
      const secrets = [one.old.secret, made(one)?.secret ?? '', ...Object.values(bench.credentials)];
      for (const secret of secrets.filter(({ length }) => length > 8)) expect(traces).not.toContain(secret);
      expect(secrets[1]).not.toBe('');
    });

    function orderFor({ harness, spec }: Scene, killAfter: number): CrashOrder {
      const { url, smtp } = harness.simulator;
      return { url, smtpUrl: smtp.url, root: harness.root, spec, handOver: '', killAfter };
    }

    function killedInTheMiddle(): void {
      test('killed in the middle of a write, finds out whether it took place, and goes on', async () => {
        const { writes } = bench;
        if (!writes) throw new Error('the other side is no stand-in');
        for (let count = 1; count <= writes.count; count++) {
          const cut = await scene();
          let seen = 0;
          const signal = await drive(orderFor(cut, 0), async (kill) => {
            writes.server.afterwards = (asked, answer) => {
              if (!writes.is(asked) || ++seen < count) return answer;
              kill();
              return { ...answer, lost: true };
            };
          });
          writes.server.afterwards = (_, answer) => answer;
          expect([signal, isAlive(cut)]).toEqual(['SIGKILL', true]);
          const [id = ''] = incidentIds(cut.harness.root);
          const after = await cut.harness.resume(id, cut.spec);
          expect([after.outcome, isAlive(cut), methodsOf(cut.harness)]).toEqual([
            'confirmed',
            false,
            ['POST', 'DELETE'],
          ]);
          expect(await cut.subject.current()).toEqual(made(cut));
        }
      }, 60_000);
    }

    function killedWhileTakenBack(): void {
      test('killed while it is taken back, ends with the old key everywhere, and without the new one', async () => {
        const begin = async (): Promise<{ one: Scene; id: string; length: number }> => {
          const one = await scene();
          const spec = { ...one.spec, policy: { deployed: false } };
          const { id, outcome, entries } = await one.harness.run(spec);
          expect([outcome, made(one) === null]).toEqual(['waiting', false]);
          return { one, id, length: entries.length };
        };
        const run = { rollBack: true };
        const whole = await begin();
        const back = await whole.one.harness.resume(whole.id, { ...whole.one.spec, run });
        const cuts = back.entries
          .slice(whole.length)
          .flatMap(({ type }, index) => (type === 'intent' || type === 'result' ? [index + 1] : []));
        expect(cuts.length).toBeGreaterThanOrEqual(4);
        for (const cut of cuts) {
          const { one, id, length } = await begin();
          const order = { ...orderFor({ ...one, spec: { ...one.spec, run } }, length + cut), resume: id };
          const signal = await drive(order);
          const after = await one.harness.resume(id, { ...one.spec, run });
          expect([cut, signal, after.outcome, isAlive(one), made(one)]).toEqual([
            cut,
            'SIGKILL',
            'rolled-back',
            true,
            null,
          ]);
          expect(await one.subject.current()).toEqual(one.old);
        }
      }, 120_000);
    }

    test('killed at any entry of its journal, goes on as if it had not been', async () => {
      const whole = await scene();
      expect(await drive(orderFor(whole, 0))).toBeNull();
      const [whichever = ''] = incidentIds(whole.harness.root);
      const entries = whole.harness.journal(whichever);
      const expected = comparable(entries);
      expect(methodsOf(whole.harness)).toEqual(['POST', 'DELETE']);
      const cuts = entries.map((_, index) => index + 1);
      expect(cuts.length).toBeGreaterThanOrEqual(12);
      const differing: unknown[] = [];
      for (const killAfter of cuts) {
        const cut = await scene();
        const signal = await drive(orderFor(cut, killAfter));
        const [id = ''] = incidentIds(cut.harness.root);
        const after = await cut.harness.resume(id, cut.spec);
        const seen = comparable(after.entries);
        const stored = JSON.stringify(await cut.subject.current()) === JSON.stringify(made(cut));
        const strange = [
          ...seen.filter((line) => !expected.includes(line)),
          ...expected.filter((line) => !seen.includes(line)),
        ];
        const quiet = [cut.old.secret, made(cut)?.secret ?? ''].every(
          (secret) => !writtenBy(cut.harness).includes(secret),
        );
        const [same, effects] = [seen.join('\n') === expected.join('\n'), methodsOf(cut.harness).join()];
        if (signal !== 'SIGKILL' || !stored || isAlive(cut) || !same || !quiet || effects !== 'POST,DELETE')
          differing.push({
            killAfter,
            type: entries[killAfter - 1]?.type,
            signal,
            stored,
            same,
            quiet,
            effects,
            strange,
          });
      }
      expect(differing).toEqual([]);
      expect(bench.problems?.() ?? []).toEqual([]);
    }, 300_000);

    if (credentialed) expiredCredential();
    if (standIn) killedInTheMiddle();
    killedWhileTakenBack();

    test('meets another person’s write in between: that stays, the new key goes, and the old one lives', async () => {
      const one = await scene();
      const theirs = { consumerKey: freshValue(), secret: freshValue() };
      one.harness.simulator.faults.add({ kind: 'slow', method: 'POST', path: 'consumerKeys', amount: 1500, times: 1 });
      const running = harnessRun(one);
      while (methodsOf(one.harness).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await one.subject.change(theirs);
      const report = await running;
      if (one.subject.first !== undefined) await expectTakenBack(one, report);
      else await expectOldAlone(one, report, 'STORE_CONFLICT');
      expect(methodsOf(one.harness)).toEqual(['POST', 'DELETE']);
      expect(await one.subject.current()).toEqual(theirs);
    });
  });
}

function harnessRun({ harness, spec }: Scene): Promise<RunReport> {
  return harness.run(spec);
}
