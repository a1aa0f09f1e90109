import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { adaptProvider, adaptProviders } from '../../src/providers/adapter.ts';
import { adapterTemplate } from '../../src/providers/adapter-template.ts';
import { PROVIDERS, providerNamed } from '../../src/providers/registry.ts';
import { parseUserFile, readUserFile, userFilePath } from '../../src/providers/user-file.ts';

const migosmtp = providerNamed('migosmtp');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function adapterOf(text: string) {
  const adapter = parseUserFile(text, 'f').adapters.get('migosmtp');
  if (!adapter) throw new Error('no adapter');
  return adapter;
}

const FILLED = adapterTemplate(migosmtp).replace('url = ""', 'url = "https://keys.example.com/v1"');

describe('the adapter that provider init writes', () => {
  test('is complete but for the URL, without which it says that none is published', () => {
    expect(() => adaptProvider(migosmtp, adapterOf(adapterTemplate(migosmtp)))).toThrow(
      expect.objectContaining({ code: 'PROVIDER_NOT_PUBLISHED', message: expect.stringContaining('url') as string }),
    );
    const adapted = adaptProvider(migosmtp, adapterOf(FILLED));
    expect(adapted.kinds[0]?.revoke).toMatchObject({ kind: 'automatic', ways: [{ spends: 'operator' }] });
    expect(adapted.kinds[0]?.identify.by).toBe('asked');
    expect(adapted.bases).toMatchObject({
      main: 'https://api.migosmtp.com/v1',
      adapter: 'https://keys.example.com/v1',
    });
  });

  test.each(PROVIDERS.map(({ id }) => id))('can be written for %s and is read back', (id) => {
    const provider = providerNamed(id);
    const file = parseUserFile(adapterTemplate(provider).replace('url = ""', 'url = "https://k.example.com"'), 'f');
    expect(adaptProviders(PROVIDERS, file.adapters)).toHaveLength(PROVIDERS.length);
  });

  test.each([
    [
      'operator-env',
      (text: string) => text.replace(/operator-env = .*/, 'operator-env = ""'),
      'PROVIDER_NOT_PUBLISHED',
    ],
    ['revoke.path', (text: string) => text.replace('path = "/keys/{id}"', 'path = ""'), 'PROVIDER_NOT_PUBLISHED'],
    [
      'revoke.success',
      (text: string) => text.replace('success = { status = [200, 204] }', ''),
      'PROVIDER_NOT_PUBLISHED',
    ],
    ['kind', (text: string) => text.replace(/kind = .*/, 'kind = "other"'), 'PROVIDER_UNKNOWN'],
    ['a strange placeholder', (text: string) => text.replace('{label}', '{lable}'), 'PROVIDER_FILE_INVALID'],
  ])('refuses with %s missing or wrong', (_, change, code) => {
    expect(() => adaptProvider(migosmtp, adapterOf(change(FILLED)))).toThrow(expect.objectContaining({ code }));
  });

  test('without identify, a list that shows last characters only leaves identifying to a person', () => {
    const adapter = adapterOf(FILLED.replace(/# Asked with[\s\S]*?(?=# Instead)/, ''));
    expect(adaptProvider(migosmtp, adapter).kinds[0]?.identify.by).toBe('person');
  });
});

describe('the providers file', () => {
  function fileOf(text: string): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'unleak-providers-'));
    folders.push(folder);
    const file = path.join(folder, 'providers.toml');
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  test('is read where the XDG variable says', () => {
    expect(userFilePath({ XDG_CONFIG_HOME: '/etc/me' })).toBe('/etc/me/unleak/providers.toml');
  });

  test('may be absent', () => {
    expect(readUserFile('/nonexistent/providers.toml').adapters.size).toBe(0);
  });

  test('gives protect list, addresses, stores and webhook', () => {
    const file = readUserFile(
      fileOf(
        'protect = ["abc"]\nallow-private = ["Vault.internal"]\n[url]\nvault = "https://vault.internal"\n[notify]\nwebhook = "https://h.example.com"\n[store.prod]\nread = ["cat", "/x"]\n',
      ),
    );
    expect([...file.protect, ...file.allowPrivate]).toEqual(['abc', 'vault.internal']);
    expect(file.urls.get('vault')).toBe('https://vault.internal');
    expect(file.stores).toEqual([{ name: 'prod', read: ['cat', '/x'], write: null }]);
    expect(file.webhook).toBe('https://h.example.com');
  });

  test('is refused where others could have written it', () => {
    const file = fileOf('protect = []');
    chmodSync(file, 0o666);
    expect(() => readUserFile(file)).toThrow(expect.objectContaining({ code: 'PROVIDER_FILE_INVALID' }));
  });

  test.each([
    ['protct = []', 'unknown key protct'],
    ['protect = 3', 'protect'],
    ['[adapter.migosmtp.revoke]\nstatus = 3', 'adapter.migosmtp.revoke'],
    ['protect = [', 'line'],
  ])('names what is wrong with %j', (text, word) => {
    expect(() => readUserFile(fileOf(text))).toThrow(word);
  });

  test('may not adapt a provider that is not there', () => {
    const file = parseUserFile('[adapter.nobody]\nurl = "https://x.example.com"', 'f');
    expect(() => adaptProviders(PROVIDERS, file.adapters)).toThrow(
      expect.objectContaining({ code: 'PROVIDER_UNKNOWN' }),
    );
  });
});
