import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type RackwaveAccount, type RackwaveKey, addRackwaveKey } from '../../fixtures/simulator/rackwave.ts';
import { adaptProviders } from '../../src/providers/adapter.ts';
import { adapterTemplate } from '../../src/providers/adapter-template.ts';
import type { Provider } from '../../src/providers/declaration.ts';
import { PROVIDERS, providerNamed } from '../../src/providers/registry.ts';
import { parseUserFile } from '../../src/providers/user-file.ts';
import { fileHandOver } from '../../src/respond/handover.ts';
import { Harness, everything, placeCalled } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ withHypotheticalKeyApi: true });
});
afterEach(() => harness.close());

type PlatformId = 'migosmtp' | 'telnxo';

function adapted(id: PlatformId, change: (text: string) => string = (text) => text): readonly Provider[] {
  const url = `${harness.simulator.url}/${id}/v1`;
  const text = change(adapterTemplate(providerNamed(id)).replace('url = ""', `url = "${url}"`));
  return adaptProviders(PROVIDERS, parseUserFile(text, 'test').adapters);
}

function account(id: PlatformId): RackwaveAccount {
  return harness.simulator.state[id];
}

function environment(id: PlatformId): Record<string, string> {
  return { [`${id.toUpperCase()}_OPERATOR_TOKEN`]: account(id).operatorToken };
}

describe.each([
  ['migosmtp', 'prod-laravel-send', 'send'],
  ['telnxo', 'mobile-app-sms-otp', 'sms:send'],
] as const)('%s by adapter', (id, name, scope) => {
  let key: RackwaveKey;
  beforeEach(() => {
    key = addRackwaveKey(account(id), { name, scopes: [scope] });
    addRackwaveKey(account(id), { name: 'other' });
  });

  test('revokes, confirms, and replaces with the same scope, which is written to a file', async () => {
    const file = path.join(path.dirname(harness.root), 'new-key');
    const report = await harness.run({
      keys: [{ kind: `${id}-key`, secret: key.value }],
      providers: adapted(id),
      environment: environment(id),
      services: { destinations: [fileHandOver(file)] },
    });
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(report.step('replace')).toMatchObject({ status: 'done' });
    expect(harness.effects()).toEqual([`DELETE ${id}/v1/keys/${key.id} 200`, `POST ${id}/v1/keys 201`]);
    const made = account(id).keys.at(-1);
    expect(made).toMatchObject({ scopes: [scope] });
    expect(made?.name).toMatch(new RegExp(`^${name}-\\d{8}-[a-z2-9]{8}$`));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      provider: id,
      label: made?.name,
      id: made?.id,
      secret: made?.value,
    });
    expect(account(id).sent).toBe(0);
    expect(everything(report)).not.toContain(key.value);
    expect(everything(report)).not.toContain(made?.value);
  });

  test('revokes nothing for the key of another account with the same last four', async () => {
    // A stranger's live key, made to end like ours.
    const stranger = key.value.slice(0, -8) + 'XXXX' + key.value.slice(-4);
    const report = await harness.run({
      keys: [{ kind: `${id}-key`, secret: stranger }],
      providers: adapted(id),
      environment: environment(id),
    });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_NOT_LIVE' });
    expect(harness.effects()).toEqual([]);
  });

  test('answers 200 without revoking: not confirmed', async () => {
    account(id).pretendsToRevoke = true;
    const report = await harness.run({
      keys: [{ kind: `${id}-key`, secret: key.value }],
      providers: adapted(id),
      environment: environment(id),
    });
    expect(report.step('revoke')).toMatchObject({ status: 'failed', code: 'REVOKE_NOT_CONFIRMED' });
  });

  test('fails a replacement when all five keys are in use, and says so', async () => {
    account(id).pretendsToRevoke = false;
    while (account(id).keys.length < 6) addRackwaveKey(account(id), { name: `n${account(id).keys.length}` });
    const report = await harness.run({
      keys: [{ kind: `${id}-key`, secret: key.value }],
      providers: adapted(id),
      environment: environment(id),
      services: { destinations: [placeCalled('test')] },
    });
    expect(report.step('revoke')?.status).toBe('done');
    expect(report.step('replace')).toMatchObject({ status: 'failed', code: 'NO_FREE_SLOT' });
  });
});

describe('an adapter', () => {
  test('whose list shows both ends aborts on two keys that match', async () => {
    const shared = {
      providers: adapted('migosmtp', (text) =>
        text.replace(/# Asked with[\s\S]*?(?=# Instead)/, '').replace('last-four = "last_four"', 'shown = "id"'),
      ),
    };
    const made = addRackwaveKey(account('migosmtp'), {});
    const shown = `${made.value.slice(0, 8)}…${made.value.slice(-4)}`;
    account('migosmtp').keys = [
      { ...made, id: shown, name: 'one' },
      { ...made, value: 'other', id: shown, name: 'two' },
    ];
    const report = await harness.run({
      keys: [{ kind: 'migosmtp-key', secret: made.value }],
      environment: environment('migosmtp'),
      ...shared,
    });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_AMBIGUOUS' });
    expect(harness.effects()).toEqual([]);
    account('migosmtp').keys.pop();
    const control = await harness.run({
      keys: [{ kind: 'migosmtp-key', secret: made.value }],
      environment: environment('migosmtp'),
      ...shared,
    });
    expect(control.entries.some((entry) => entry.type === 'intent')).toBe(true);
  });

  test.each([
    ['the right label', 'mine', ['DELETE']],
    ['another label', 'other', []],
    ['nothing', '', []],
  ])('without identify revokes only what a person names: %s', async (_, typed, methods) => {
    const key = addRackwaveKey(account('migosmtp'), { name: 'mine' });
    addRackwaveKey(account('migosmtp'), { name: 'other' });
    const report = await harness.run({
      keys: [{ kind: 'migosmtp-key', secret: key.value }],
      providers: adapted('migosmtp', (text) => text.replace(/# Asked with[\s\S]*?(?=# Instead)/, '')),
      environment: environment('migosmtp'),
      services: { person: { present: true, tell: () => {}, confirm: async () => true, type: async () => typed } },
    });
    expect(harness.effects().map((effect) => effect.split(' ')[0])).toEqual(methods);
    expect(report.step('revoke')?.status).toBe(methods.length > 0 ? 'done' : 'waiting');
  });

  test('can be a command, which gets the id and no secret, and a short environment', async () => {
    const key = addRackwaveKey(account('migosmtp'), {});
    const note = path.join(path.dirname(harness.root), 'note');
    const script = path.join(path.dirname(harness.root), 'revoke.sh');
    const url = `${harness.simulator.url}/_/revoke/migosmtp?name=${key.name}`;
    writeFileSync(script, `#!/bin/sh\nenv > ${note}\necho "$@" >> ${note}\ncurl -s -X POST '${url}'\n`, {
      mode: 0o700,
    });
    process.env['MIGOSMTP_OPERATOR_TOKEN'] = 'in the parent only';
    const report = await harness.run({
      keys: [{ kind: 'migosmtp-key', secret: key.value }],
      providers: adapted('migosmtp', (text) =>
        text.replace(
          /\[adapter\.migosmtp\.revoke\][\s\S]*?(?=\[adapter\.migosmtp\.create\])/,
          `[adapter.migosmtp.revoke]\ncommand = ["${script}", "{id}"]\n\n`,
        ),
      ),
      environment: environment('migosmtp'),
    });
    delete process.env['MIGOSMTP_OPERATOR_TOKEN'];
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    const seen = readFileSync(note, 'utf8');
    expect(seen).toContain(key.id);
    expect(seen).not.toContain(key.value);
    expect(seen).not.toContain('OPERATOR_TOKEN');
  });
});
