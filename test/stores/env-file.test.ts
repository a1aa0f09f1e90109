import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { makeFolder, makeRepository } from '../helpers/repository.ts';
import { clear, freshValue, secretsOf, storeOf } from './helpers.ts';

const HOW = { expected: null, requestId: 'r1' };

function envFile(text: string, mode = 0o640): string {
  const file = path.join(makeFolder('env'), '.env');
  writeFileSync(file, text, { encoding: 'latin1', mode });
  chmodSync(file, mode);
  return file;
}

function open(file: string, fields = '{ secret = "MAIL_KEY" }') {
  return storeOf(`kind = "env-file"\npath = ${JSON.stringify(file)}\nfields = ${fields}`);
}

describe('a .env file', () => {
  test('takes a new value, keeps its mode and every other byte, and reads it back', async () => {
    const before = `# caf\xe9\r\nexport OTHER='a=b' # why\r\nMAIL_KEY="${freshValue()}" # the key\r\nLAST=1`;
    const file = envFile(before);
    const store = await open(file);
    const value = freshValue();
    const state = await store.read();
    const version = await store.put(secretsOf({ secret: value }), { expected: state, requestId: 'r1' });
    expect(clear(await store.read())).toEqual({ secret: value });
    const after = readFileSync(file, 'latin1');
    expect(after).toBe(before.replace(/MAIL_KEY="[^"]*"/, () => `MAIL_KEY="${value}"`));
    expect(statSync(file).mode & 0o7777).toBe(0o640);
    expect(version).toEqual({ id: null, createdAt: (await store.read()).createdAt });
    expect(readdirSync(path.dirname(file))).toEqual(['.env']);
  });

  test('keeps the parts of a key under names of their own, and adds one that is missing', async () => {
    const file = envFile('MAIL_KEY=old');
    const store = await open(file, '{ consumerKey = "MAIL_KEY", secret = "MAIL_SECRET" }');
    expect(clear(await store.read())).toEqual({ consumerKey: 'old' });
    await store.put(secretsOf({ consumerKey: 'k1', secret: 's1' }), HOW);
    expect(readFileSync(file, 'utf8')).toBe('MAIL_KEY=k1\nMAIL_SECRET=s1\n');
  });

  test('refuses where the file was changed since it was read', async () => {
    const file = envFile('MAIL_KEY=old\n');
    const store = await open(file);
    const state = await store.read();
    writeFileSync(file, 'MAIL_KEY=other\n');
    utimesSync(file, 1_000_000, 1_000_001);
    await expect(store.put(secretsOf({ secret: 'new' }), { expected: state, requestId: 'r1' })).rejects.toMatchObject({
      code: 'STORE_CONFLICT',
    });
    expect(readFileSync(file, 'utf8')).toBe('MAIL_KEY=other\n');
  });

  test('tells after a crash whether the write took place, and restores', async () => {
    const file = envFile('MAIL_KEY=old\n');
    const store = await open(file);
    const state = await store.read();
    const values = secretsOf({ secret: 'new' });
    expect(await store.find('r1', values)).toBeNull();
    const version = await store.put(values, { expected: state, requestId: 'r1' });
    expect(await store.find('r1', values)).toEqual(version);
    expect(await store.retire(state)).toBe('overwritten');
    expect(await store.retire(version)).toBe('kept');
    await store.put(state.values ?? {}, HOW);
    expect(readFileSync(file, 'utf8')).toBe('MAIL_KEY=old\n');
  });

  test('with a byte order mark has its first variable, and keeps the mark', async () => {
    const file = envFile('\xef\xbb\xbfMAIL_KEY=old\nOTHER=1\n');
    const store = await open(file);
    const state = await store.read();
    expect(clear(state)).toEqual({ secret: 'old' });
    await store.put(secretsOf({ secret: 'new' }), { expected: state, requestId: 'r1' });
    expect(readFileSync(file, 'latin1')).toBe('\xef\xbb\xbfMAIL_KEY=new\nOTHER=1\n');
    await store.put({ secret: null }, HOW);
    expect(readFileSync(file, 'latin1')).toBe('\xef\xbb\xbfOTHER=1\n');
  });

  test('loses a variable that is taken away, line and comment, and nothing else', async () => {
    const file = envFile("A=1\r\n  export MAIL_KEY='a\nb' # the key\r\nB=2");
    await (await open(file)).put({ secret: null }, HOW);
    expect(readFileSync(file, 'latin1')).toBe('A=1\r\nB=2');
    await (await open(file)).put({ secret: null }, HOW);
    expect(readFileSync(file, 'latin1')).toBe('A=1\r\nB=2');
  });

  test('a folder where the new file would be written first is told, and left alone', async () => {
    const file = envFile('MAIL_KEY=old\n');
    const inTheWay = `${file}.unleak-new`;
    mkdirSync(inTheWay);
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(inTheWay, longAgo, longAgo);
    const store = await open(file);
    const values = secretsOf({ secret: 'new' });
    for (const doing of [store.put(values, HOW), store.find('r1', values), store.check(['secret'])])
      await expect(doing).rejects.toMatchObject({ code: 'STORE_FILE', message: expect.stringContaining(inTheWay) });
    expect([existsSync(inTheWay), readFileSync(file, 'utf8')]).toEqual([true, 'MAIL_KEY=old\n']);
  });

  test('a repetition of the same write changes nothing', async () => {
    const file = envFile('MAIL_KEY=old\n');
    const store = await open(file);
    const first = await store.put(secretsOf({ secret: 'new' }), HOW);
    expect(await store.put(secretsOf({ secret: 'new' }), HOW)).toEqual(first);
  });

  test('takes away what a run that died left, and waits for one that lives', async () => {
    const file = envFile('MAIL_KEY=old\n');
    const left = `${file}.unleak-new`;
    writeFileSync(left, 'MAIL_KEY=half', { mode: 0o600 });
    const store = await open(file);
    await expect(store.put(secretsOf({ secret: 'new' }), HOW)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(left, longAgo, longAgo);
    // A plan changes nothing.
    await store.check(['secret']);
    expect(existsSync(left)).toBe(true);
    await store.find('r1', secretsOf({ secret: 'new' }));
    expect(existsSync(left)).toBe(false);
    await store.put(secretsOf({ secret: 'new' }), HOW);
    expect(readFileSync(file, 'utf8')).toBe('MAIL_KEY=new\n');
  });
});

describe('a .env file and git', () => {
  test('is refused when git tracks it, and taken when it is ignored', async () => {
    const repository = makeRepository();
    repository.commit('Begin', { '.env': 'MAIL_KEY=old\n', '.gitignore': 'local.env\n' });
    const tracked = path.join(repository.folder, '.env');
    const ignored = path.join(repository.folder, 'local.env');
    writeFileSync(ignored, 'MAIL_KEY=old\n');
    await expect((await open(tracked)).put(secretsOf({ secret: 'new' }), HOW)).rejects.toMatchObject({
      code: 'STORE_FILE_TRACKED',
    });
    expect(readFileSync(tracked, 'utf8')).toBe('MAIL_KEY=old\n');
    await (await open(ignored)).put(secretsOf({ secret: 'new' }), HOW);
    expect(readFileSync(ignored, 'utf8')).toBe('MAIL_KEY=new\n');
  });

  test('is refused beforehand as well, and so is a part without a variable', async () => {
    const repository = makeRepository();
    repository.commit('Begin', { '.env': 'MAIL_KEY=old\n' });
    const tracked = await open(path.join(repository.folder, '.env'));
    await expect(tracked.check(['secret'])).rejects.toMatchObject({ code: 'STORE_FILE_TRACKED' });
    const fine = await open(envFile('MAIL_KEY=old\n'));
    await fine.check(['secret']);
    await expect(fine.check(['consumerKey', 'secret'])).rejects.toMatchObject({ code: 'STORE_CONFIG' });
    await expect((await open('/nowhere/at/all/.env')).check(['secret'])).rejects.toMatchObject({
      code: 'STORE_NOT_FOUND',
    });
  });

  test('is refused when git cannot tell', async () => {
    const folder = makeFolder('env');
    mkdirSync(path.join(folder, '.git'));
    const file = path.join(folder, '.env');
    writeFileSync(file, 'MAIL_KEY=old\n');
    await expect((await open(file)).put(secretsOf({ secret: 'new' }), HOW)).rejects.toMatchObject({
      code: 'STORE_FILE_TRACKED',
    });
  });
});

describe('odd files', () => {
  test.each<[string, (file: string) => void]>([
    [
      'a symbolic link',
      (file) => {
        writeFileSync(`${file}.real`, 'MAIL_KEY=old\n');
        symlinkSync(`${file}.real`, file);
      },
    ],
    ['a folder', (file) => mkdirSync(file)],
    [
      'a file with two names',
      (file) => {
        writeFileSync(file, 'MAIL_KEY=old\n');
        linkSync(file, `${file}.other`);
      },
    ],
    ['binary content', (file) => writeFileSync(file, 'MAIL_KEY=old\n\0')],
    ['more than 1 MiB', (file) => writeFileSync(file, 'MAIL_KEY=old\n'.padEnd(1024 * 1024 + 1, '#'))],
  ])('%s is refused', async (_, make) => {
    const file = path.join(makeFolder('env'), '.env');
    make(file);
    const store = await open(file);
    await expect(store.read()).rejects.toMatchObject({ code: 'STORE_FILE' });
    await expect(store.put(secretsOf({ secret: 'new' }), HOW)).rejects.toMatchObject({ code: 'STORE_FILE' });
  });

  test('a file that is not there is not made', async () => {
    const file = path.join(makeFolder('env'), '.env');
    await expect((await open(file)).put(secretsOf({ secret: 'new' }), HOW)).rejects.toMatchObject({
      code: 'STORE_NOT_FOUND',
    });
    expect(existsSync(file)).toBe(false);
  });

  test('no value is in an error', async () => {
    const value = `${freshValue()}'"$`;
    const file = envFile('MAIL_KEY=old\n');
    const error = await (await open(file)).put(secretsOf({ secret: value }), HOW).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'STORE_VALUE' });
    expect(JSON.stringify([String(error), error])).not.toContain(value.slice(0, 8));
  });
});

describe('configuration', () => {
  test.each([
    ['a relative path', 'path = ".env"\nfield = "A"', 'STORE_CONFIG'],
    ['no field', 'path = "/tmp/x"', 'STORE_CONFIG'],
    ['a field that is no variable', 'path = "/tmp/x"\nfield = "A B"', 'STORE_CONFIG'],
    ['field and fields', 'path = "/tmp/x"\nfield = "A"\nfields = { secret = "B" }', 'STORE_CONFIG'],
    ['one field for two parts', 'path = "/tmp/x"\nfields = { a = "B", b = "B" }', 'STORE_CONFIG'],
    ['an unknown key', 'path = "/tmp/x"\nfield = "A"\nmode = 1', 'PROVIDER_FILE_INVALID'],
  ])('%s is refused', async (_, lines, code) => {
    await expect(storeOf(`kind = "env-file"\n${lines}`)).rejects.toMatchObject({ code });
  });

  test('an unknown kind is refused by name', async () => {
    await expect(storeOf('kind = "shoebox"')).rejects.toMatchObject({
      message: expect.stringContaining('store.test.kind'),
    });
  });
});
