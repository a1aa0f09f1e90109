/** The built command: a rotation into stores of the providers file, from plan to the last step, and back. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import { makeFolder } from '../helpers/repository.ts';
import { type Ended, Responder } from '../helpers/responder.ts';

let responder: Responder;
let account: TurboAccount;
let pair: TurboKey;
let files: string[];
let providers: string;
beforeEach(async () => {
  responder = await Responder.start();
  account = addTurboAccount(responder.harness.simulator.state.turbosmtp);
  pair = addTurboKey(account, { label: 'prod-shop' });
  files = ['one', 'two'].map((name) => path.join(makeFolder('store'), `${name}.env`));
  for (const file of files)
    writeFileSync(file, `MAIL_KEY=${pair.consumerKey}\nMAIL_SECRET=${pair.consumerSecret}\nHOST=kept\n`);
  const stores = ['one', 'two'].map(
    (name, index) =>
      `[store.${name}]\nkind = "env-file"\npath = "${files[index]}"\nfields = { consumerKey = "MAIL_KEY", secret = "MAIL_SECRET" }\n`,
  );
  providers = responder.providersFile(stores.join(''));
});
afterEach(() => responder.close());

const BOTH = ['--hand-over', 'store:one', '--hand-over', 'store:two'];

function rotate(...args: readonly string[]): Promise<Ended> {
  return responder.run(
    [
      'rotate',
      '--from-env',
      'consumerKey=OLD_KEY,secret=OLD_SECRET',
      '--yes',
      '--allow-revoke',
      'turbosmtp',
      '--providers-file',
      providers,
      ...responder.urls(),
      ...args,
    ],
    {
      TURBOSMTP_EMAIL: account.email,
      TURBOSMTP_PASSWORD: account.password,
      OLD_KEY: pair.consumerKey,
      OLD_SECRET: pair.consumerSecret,
    },
  );
}

function newKey(): TurboKey | undefined {
  return account.keys.find(({ consumerKey }) => consumerKey !== pair.consumerKey);
}

function texts(): string[] {
  return files.map((file) => readFileSync(file, 'utf8'));
}

function textWith(key: TurboKey | undefined): string {
  return `MAIL_KEY=${key?.consumerKey}\nMAIL_SECRET=${key?.consumerSecret}\nHOST=kept\n`;
}

function expectNoTrace(): void {
  const traces = responder.traces();
  const secrets = [pair.consumerSecret, account.password, ...account.keys.map(({ consumerSecret }) => consumerSecret)];
  for (const secret of secrets) expect(traces).not.toContain(secret);
}

describe('rotate into two stores', () => {
  test('plans, writes both, finds the old key in the history, and goes on when told to', async () => {
    responder.leak({ TURBOSMTP_CONSUMER_SECRET: pair.consumerSecret }, 'deploy.env');
    const plan = await rotate('--kind', 'turbosmtp-pair', ...BOTH, '--search', responder.repository.folder, '--plan');
    expect(plan.code).toBe(0);
    expect(plan.err).toMatch(/1\. store one, .*one\.env .*: gives out this key/);
    expect(plan.err).toMatch(/2 search {4}uses of the old key in the named stores, /);
    expect([responder.effects(), texts()]).toEqual([[], [textWith(pair), textWith(pair)]]);
    // Stores and folders are those of the plan.
    const [id = ''] = responder.incidentIds();
    const found = await rotate('--resume', id, '--deployed');
    expect(found.code).toBe(4);
    expect(found.step('search')).toMatchObject({ status: 'waiting', code: 'STILL_USED' });
    expect(found.step('search')?.reason).toContain('deploy.env:1');
    expect(texts()).toEqual([textWith(newKey()), textWith(newKey())]);
    expect(responder.revocations()).toEqual([]);
    const last = await rotate('--resume', id, '--deployed', '--still-used-ok');
    expect(last.code).toBe(0);
    expect(last.step('retire')).toMatchObject({ status: 'done' });
    expect(account.keys).toEqual([newKey()]);
    expectNoTrace();
  });

  test('is taken back where the second store changed: the old key is in both, and the new one is gone', async () => {
    await rotate('--kind', 'turbosmtp-pair', ...BOTH, '--plan');
    const [id = ''] = responder.incidentIds();
    const theirs = textWith(pair).replace('HOST=kept', 'HOST=other');
    // Changed after the first store was written to: while the provider is slow to answer.
    responder.harness.simulator.faults.add({
      kind: 'slow',
      method: 'POST',
      path: 'consumerKeys',
      amount: 1500,
      times: 1,
    });
    const running = rotate('--resume', id);
    while (responder.effects().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    writeFileSync(files[1] ?? '', theirs);
    const cut = await running;
    expect(cut.code).toBe(1);
    expect(cut.step('replace')).toMatchObject({ status: 'failed', code: 'STORE_CONFLICT' });
    expect(cut.err).toContain('--roll-back');
    expect(texts()).toEqual([textWith(newKey()), theirs]);
    const back = await rotate('--resume', id, '--roll-back');
    expect(back.code).toBe(0);
    expect(texts()).toEqual([textWith(pair), theirs]);
    expect(account.keys).toEqual([pair]);
    expectNoTrace();
    const none = await rotate('--kind', 'turbosmtp-pair', ...BOTH, '--roll-back');
    expect(none.code).toBe(2);
  });

  test('takes in a store that is named only when going on, and forgets none of the others', async () => {
    await rotate('--kind', 'turbosmtp-pair', '--hand-over', 'store:one', '--still-used-ok');
    const [id = ''] = responder.incidentIds();
    expect(texts()).toEqual([textWith(newKey()), textWith(pair)]);
    const late = await rotate('--resume', id, '--hand-over', 'store:two', '--deployed');
    expect(late.code).toBe(0);
    expect(texts()).toEqual([textWith(newKey()), textWith(newKey())]);
    expect(account.keys).toEqual([newKey()]);
    expect(late.step('replace')?.reason).toContain('store one, store two');
  });

  test('leaves no incident behind where the command line is wrong', async () => {
    const wrong = [
      await rotate('--kind', 'turbosmtp-pair', '--hand-over', 'store:unknown'),
      await rotate('--kind', 'turbosmtp-pair', '--hand-over', 'shoebox'),
      await rotate('--kind', 'turbosmtp-pair', ...BOTH, '--search', '/nowhere/at/all'),
    ];
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(wrong[0]?.err).toContain('HANDOVER_FAILED');
    expect([responder.incidentIds(), responder.effects()]).toEqual([[], []]);
  });

  test('ends a plan that would fail with 4, and says what is in the way', async () => {
    const fine = await rotate('--kind', 'turbosmtp-pair', ...BOTH, '--plan');
    expect([fine.code, fine.err]).toEqual([0, expect.not.stringContaining('would fail')]);
    rmSync(files[1] ?? '');
    const plan = await rotate('--kind', 'turbosmtp-pair', ...BOTH, '--plan');
    expect(plan.code).toBe(4);
    expect(plan.err).toMatch(/would fail as it stands \(store two: STORE_NOT_FOUND, .*\)\. Mend that, then/);
    expect(responder.effects()).toEqual([]);
  });

  test('says what it waits for, and takes the folder of the evidence along', async () => {
    const folder = makeFolder('evidence');
    const run = await rotate('--kind', 'turbosmtp-pair', ...BOTH, '--still-used-ok', '--evidence', folder);
    expect(run.code).toBe(4);
    expect(run.err).toContain(` --evidence ${folder}\`, and --deployed once the new key is deployed everywhere`);
  });

  test('says how to go on, so that it can be pasted', async () => {
    const plan = await rotate('--kind', 'turbosmtp-pair', ...BOTH, '--plan');
    const [, command = ''] = /go on with `unleak (rotate --resume [^`]+)`/.exec(plan.err) ?? [];
    expect(command).toContain('--from-env consumerKey=OLD_KEY,secret=OLD_SECRET');
    expect(command).toContain(`--provider-url turbosmtp=${responder.harness.simulator.url}`);
    const environment = {
      TURBOSMTP_EMAIL: account.email,
      TURBOSMTP_PASSWORD: account.password,
      OLD_KEY: pair.consumerKey,
      OLD_SECRET: pair.consumerSecret,
    };
    const words = [...command.split(' '), '--yes', '--allow-revoke', 'turbosmtp', '--deployed'];
    expect((await responder.run(words, environment)).code).toBe(0);
    expect(account.keys).toEqual([newKey()]);
  });
});

test('a response to a leak writes the new key into both stores, in their order, before the old one dies', async () => {
  responder.leak({ TURBOSMTP_CONSUMER_KEY: pair.consumerKey, TURBOSMTP_CONSUMER_SECRET: pair.consumerSecret });
  const login = { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password };
  const first = await responder.respond([...BOTH, '--providers-file', providers], login);
  // A store gives the leaked key out, so killing it at once would be an outage.
  expect(first.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_IN_USE' });
  expect(first.step('replace')).toMatchObject({ status: 'done' });
  expect(texts()).toEqual([textWith(newKey()), textWith(newKey())]);
  expect(first.err).toContain('handed over to store one, store two');
  expect(responder.revocations()).toEqual([]);

  const [id = ''] = responder.incidentIds();
  const last = await responder.respond(['--resume', id, ...BOTH, '--providers-file', providers], login);
  expect(last.step('revoke')).toMatchObject({ status: 'done' });
  expect(account.keys).toEqual([newKey()]);
  expect(texts()).toEqual([textWith(newKey()), textWith(newKey())]);
  expectNoTrace();
});
