/** Modules made into functions, and their compiled form. */
import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { asFunctions, type Chunk } from '../../../scripts/cli-chunks.ts';
import { Chunks, type Exports } from '../../../src/cli/fast/chunks.ts';
import { makeFolder } from '../../helpers/repository.ts';

const require = createRequire(import.meta.url);

/** Writes modules as functions. */
function written(modules: Readonly<Record<string, string>>): string {
  const folder = makeFolder();
  const chunks: readonly Chunk[] = Object.entries(modules).map(([name, text]) => ({ name, text }));
  for (const { name, text } of asFunctions(chunks)) writeFileSync(path.join(folder, name), text, 'latin1');
  return folder;
}

function loaded(modules: Readonly<Record<string, string>>, cache?: Buffer): Exports {
  return new Chunks(written(modules), require, cache).load('./main.js');
}

const MAIN = {
  'main.js': `import { named as one, other } from './b.js'; import path, { join } from 'node:path'; import * as url from 'node:url';
    import './effect.js'; const load = 1, meta = 2, later = 3;
    export { one, sum as total }; export { where, lazily }; function sum() { return [one, other, load, meta, later].join() }
    const where = [path.join === join, typeof url.URL, import.meta.url.endsWith('/main.js'), globalThis.effects];
    const lazily = async () => (await import('./lazy.js')).value + (await import('node:path')).sep;`,
  'b.js': `const named = 'b'; function other() { return named } const said = other(); export { named, said as other };`,
  'effect.js': `globalThis.effects = (globalThis.effects ?? 0) + 1;`,
  'lazy.js': `globalThis.loadedLazily = true; const value = 'lazy'; export { value };`,
};

describe('a module as a function', () => {
  test('exports, imports and loads what the module does', async () => {
    Object.assign(globalThis, { effects: 0, loadedLazily: false });
    const { one, total, where, lazily, ...rest } = loaded(MAIN);
    expect(rest).toEqual({});
    expect(one).toBe('b');
    expect(where).toEqual([true, 'function', true, 1]);
    if (typeof total !== 'function' || typeof lazily !== 'function') throw new Error('not exported');
    expect(total()).toBe('b,b,1,2,3');
    expect(globalThis).toHaveProperty('loadedLazily', false);
    expect(await lazily()).toBe(`lazy${path.sep}`);
  });

  test('is run once, however often it is asked for', () => {
    Object.assign(globalThis, { effects: 0 });
    const text = `import './effect.js'; import './b.js'; const { effects } = globalThis; export { effects };`;
    const again = `import './effect.js';`;
    expect(loaded({ 'main.js': text, 'b.js': again, 'effect.js': MAIN['effect.js'] })).toEqual({ effects: 1 });
  });

  test('is strict', () => {
    expect(() => loaded({ 'main.js': 'undeclared = 1;' })).toThrow('undeclared');
  });

  test('has expressions in ASCII that mean the same', () => {
    const text = 'const u = /^[é😀\\u{1f600}-😃]+$/u, plain = /é😀/; export { u, plain };';
    const { u, plain } = loaded({ 'main.js': text });
    if (!(u instanceof RegExp) || !(plain instanceof RegExp)) throw new Error('no expressions');
    expect([u.test('é😁'), u.test('\ud83d'), plain.test('x é😀'), plain.test('é')]).toEqual([true, false, true, false]);
    expect(/^[\0-\x7f]*$/.test(asFunctions([{ name: 'main.js', text }])[0]?.text ?? 'é')).toBe(true);
  });

  test.each([
    ['a circle of imports', { 'a.js': "import './b.js';", 'b.js': "import './a.js';" }, 'a.js > b.js > a.js'],
    ['an export that is assigned', { 'a.js': 'var n = 1; function f() { n = 2 } export { n, f };' }, 'changes n'],
    ['an export that is counted up', { 'a.js': 'var n = 1; function f() { n++ } export { n, f };' }, 'changes n'],
    ['an export from elsewhere', { 'a.js': "export { b } from './b.js';" }, 'unknown way'],
    ['an export of all', { 'a.js': "export * from './b.js';" }, 'unknown way'],
    ['a default', { 'a.js': 'export default 1;' }, 'unknown way'],
    ['text that is not ASCII', { 'a.js': "var a = 'é';" }, 'not ASCII'],
    ['what is no JavaScript', { 'a.js': 'var = 1;' }, 'a.js'],
  ])('cannot be made of %s', (_, modules: Readonly<Record<string, string>>, message) => {
    expect(() => written(modules)).toThrow(message);
  });

  test('a local name may be changed, and one that is not exported (control)', () => {
    const text = 'var n = 1; function f() { n++; let m = 1; m += n; return m } export { f };';
    const { f } = loaded({ 'main.js': text });
    if (typeof f !== 'function') throw new Error('not exported');
    expect(f()).toBe(3);
  });
});

describe('compiled code', () => {
  // Of another folder: within a process the engine remembers what it compiled under the same name, and asks no cache.
  const compiled = (): Buffer => {
    const chunks = new Chunks(written(MAIN), require);
    chunks.load('./main.js');
    return chunks.compiled();
  };

  test('is taken, and gives the same', () => {
    const chunks = new Chunks(written(MAIN), require, compiled());
    expect(chunks.load('./main.js')).toMatchObject({ one: 'b' });
    expect(chunks.rejected()).toEqual([]);
  });

  test.each<[string, (cache: Buffer) => Buffer, boolean]>([
    ['empty', () => Buffer.alloc(0), true],
    ['cut short', (cache) => cache.subarray(0, cache.length - 1), true],
    ['longer', (cache) => Buffer.concat([cache, Buffer.alloc(8)]), true],
    ['of another form', (cache) => Buffer.concat([Buffer.from('x'), cache.subarray(1)]), true],
    ['without a table', (cache) => withTable(cache, 'nonsense'), true],
    ['with a table of something else', (cache) => withTable(cache, '{"main.js":["a"]}'), true],
    ['with a list for a table', (cache) => withTable(cache, 'null'), true],
    ['whose places are elsewhere', (cache) => withTable(cache, '{"main.js":[99999999,5]}'), false],
    ['of another engine', (cache) => withTable(cache, '{"main.js":[0,64]}'), false],
  ])('that is %s is passed over', (_, damage, unseen) => {
    const chunks = new Chunks(written(MAIN), require, damage(compiled()));
    expect(chunks.load('./main.js')).toMatchObject({ one: 'b' });
    expect(chunks.rejected()).toEqual(unseen ? [] : ['main.js']);
  });

  function withTable(cache: Buffer, table: string): Buffer {
    const changed = Buffer.from(cache);
    changed.writeUInt32LE(table.length, 8);
    changed.write(table, 16, 'latin1');
    return changed;
  }
});

test('a chunk that is missing is an error that names it', () => {
  const folder = written(MAIN);
  expect(readdirSync(folder)).toContain('main.js');
  expect(() => new Chunks(folder, require).load('./none.js')).toThrow('none.js');
});
