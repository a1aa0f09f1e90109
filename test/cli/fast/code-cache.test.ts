import { chmodSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { codePlace, readCode, saveCodeCache } from '../../../src/cli/fast/code-cache.ts';
import { makeFolder } from '../../helpers/repository.ts';

const CODE = Buffer.from('compiled code of a kind, which V8 would execute as it is');

afterEach(() => vi.unstubAllEnvs());

/** Where code is kept for a user whose cache is there. */
function placeIn(cache: string) {
  vi.stubEnv('XDG_CACHE_HOME', cache);
  return codePlace(makeFolder(), 'none', 'some');
}

/** A file that was kept, and the place as the next run finds it. */
function kept(cache = makeFolder()) {
  const place = placeIn(cache);
  if (place === null) throw new Error('there is no place');
  saveCodeCache(place, () => CODE);
  return { cache, file: place.file, place: placeIn(cache) };
}

describe('code that is kept for a user', () => {
  test('is read as it was written', () => {
    const { place, file } = kept();
    expect(place).toEqual({ file, isThere: true, isBuilt: false });
    expect(readCode(place)).toEqual(CODE);
  });

  test('is not believed if any of it has changed', () => {
    const { place, file } = kept();
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(file, damaged);
      expect(readCode(place)).toHaveLength(0);
      writeFileSync(file, whole.subarray(0, at));
      expect(readCode(place)).toEqual(Buffer.alloc(0));
    }
    writeFileSync(file, whole);
    expect(readCode(place)).toEqual(CODE);
  });

  test.skipIf(process.platform === 'win32')('is not believed if others could have read or written it', () => {
    const { place, file } = kept();
    // As a checkout makes files.
    for (const mode of [0o644, 0o620, 0o602]) {
      chmodSync(file, mode);
      expect(readCode(place)).toHaveLength(0);
    }
    chmodSync(file, 0o600);
    expect(readCode(place)).toEqual(CODE);
  });

  test.skipIf(process.platform === 'win32')('is a file and nothing that leads to one', () => {
    const { place, file, cache } = kept();
    const other = path.join(cache, 'other');
    linkSync(file, other);
    const link = path.join(cache, 'link');
    symlinkSync(other, link);
    const found = { isThere: true, isBuilt: false };
    expect(readCode({ ...found, file: link })).toHaveLength(0);
    expect(readCode({ ...found, file: cache })).toHaveLength(0);
    expect(readCode({ ...found, file: `${file}.none` })).toHaveLength(0);
    expect(readCode({ ...found, file, isThere: false })).toHaveLength(0);
    expect(readCode(null)).toHaveLength(0);
    expect(readCode(place)).toEqual(CODE);
  });

  test('is neither read nor kept in a repository, which may have brought it along', () => {
    const repository = makeFolder();
    const { place } = kept(path.join(repository, 'cache'));
    expect(place).not.toBeNull();
    mkdirSync(path.join(repository, '.git'));
    expect(placeIn(path.join(repository, 'cache'))).toBeNull();
    expect(placeIn(path.join(repository, 'other', 'cache'))).toBeNull();
  });

  test('leaves nothing beside it if it cannot be made', () => {
    const { cache, file } = kept();
    const failing = { file: `${file}2`, isThere: false, isBuilt: false };
    saveCodeCache(failing, () => {
      throw new Error('no space');
    });
    expect(readdirSync(path.join(cache, 'unleak'))).toEqual([path.basename(file)]);
  });
});
