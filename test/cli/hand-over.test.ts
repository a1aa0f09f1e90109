/** Places for a new key, as the command line names them: what cannot work is refused before a key is made. */
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { destinationsFor } from '../../src/cli/respond/hand-over.ts';
import { parseUserFile } from '../../src/providers/user-file.ts';
import { makeFolder } from '../helpers/repository.ts';
import { storeOf } from '../stores/helpers.ts';

const context = (stores: readonly Awaited<ReturnType<typeof storeOf>>[]) => ({
  userFile: parseUserFile('', 'providers.toml'),
  stores,
  child: async () => ({ code: 1, output: '' }),
  streams: {
    out: { isTerminal: false, write: () => true },
    err: { isTerminal: false, write: () => true },
  } as never,
});

function envStore(name: string, file: string) {
  return storeOf(`kind = "env-file"\npath = ${JSON.stringify(file)}\nfields = { secret = "KEY" }`).then((store) => ({
    ...store,
    name,
  }));
}

test('one file as two stores is refused, however its folder is named', async () => {
  const folder = makeFolder('app');
  for (const name of ['.env', 'other.env']) writeFileSync(path.join(folder, name), 'KEY=1\n');
  const link = path.join(makeFolder('links'), 'app');
  symlinkSync(folder, link);
  const [a, b, c] = await Promise.all([
    envStore('a', path.join(folder, '.env')),
    envStore('b', path.join(link, '.env')),
    envStore('c', path.join(link, 'other.env')),
  ]);
  expect(destinationsFor(['store:a', 'store:c'], context([a, b, c]), true)).toHaveLength(2);
  expect(() => destinationsFor(['store:a', 'store:b'], context([a, b, c]), true)).toThrow(
    expect.objectContaining({ code: 'STORE_CONFIG', message: expect.stringContaining('are one file') }),
  );
});

test('a store that is not there is refused with the names of those that are', async () => {
  const file = path.join(makeFolder('app'), '.env');
  writeFileSync(file, 'KEY=1\n');
  const stores = [await envStore('a', file)];
  expect(() => destinationsFor(['store:zz'], context(stores), true)).toThrow(
    expect.objectContaining({ code: 'HANDOVER_FAILED', mend: expect.stringMatching(/^It names a: .*\[store\.zz\]/) }),
  );
});
