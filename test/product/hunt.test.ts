import { randomBytes } from 'node:crypto';

import { beforeAll, describe, expect, test } from 'vitest';

import { formats } from '../../src/report/formats.ts';
import { unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

const KEYS = Array.from({ length: 4 }, () => randomBytes(24).toString('base64url'));
const [plain = '', encoded = '', torn = '', named = ''] = KEYS;
/** Characters in a row that must not be seen. */
const WINDOW = 8;

/** What of the keys a text shows, as they are or as they were written. */
function shown(text: string): string[] {
  const written = [...KEYS, Buffer.from(encoded).toString('base64')];
  return written.flatMap((value) =>
    Array.from({ length: value.length - WINDOW - 4 }, (_, i) => value.slice(i, i + WINDOW)).filter((window) =>
      text.includes(window),
    ),
  );
}

describe('what a hunt prints', () => {
  let repository: TestRepository;
  beforeAll(() => {
    repository = makeRepository();
    repository.commit(`keys\n\nthe old one was ${torn.slice(0, 20)}\n${torn.slice(20)}\n`, {
      'a.txt': `key = ${plain}\n`,
      'b.txt': `x: ${Buffer.from(encoded).toString('base64')}\n`,
      'c.js': `const key = '${torn.slice(0, 15)}' +\n  '${torn.slice(15)}';\n`,
      [`${named}/d.txt`]: 'nothing\n',
    });
  });

  test.each(Object.keys(formats))('is no key, in %s', (format) => {
    const run = unleak(['hunt', '--format', format], { cwd: repository.folder, input: KEYS.join('\n') });
    expect({ code: run.code, shown: shown(run.out + run.err) }).toEqual({ code: 1, shown: [] });
    expect(run.err).toContain('4 of 4 keys found');
  });

  test('is the key where it was asked for (control)', () => {
    const { out } = unleak(['hunt', '--show-secrets', '--format', 'json'], {
      cwd: repository.folder,
      input: KEYS.join('\n'),
    });
    expect(shown(out)).not.toEqual([]);
  });

  test('names keys of the environment by their variable, and tells what could not be covered', () => {
    const cwd = makeFolder();
    repository.git('clone', '-q', '--depth=1', `file://${repository.folder}`, `${cwd}/clone`);
    repository.commit('more', { 'e.txt': 'more' });
    repository.git('clone', '-q', '--depth=1', `file://${repository.folder}`, `${cwd}/shallow`);
    const run = unleak(['hunt', 'shallow', '--from-env', 'OLD_KEY,OTHER', '--format', 'json'], {
      cwd,
      environment: { OLD_KEY: plain, OTHER: randomBytes(20).toString('hex') },
    });
    expect(run.code).toBe(1);
    expect(run.out).toContain('known-key-OLD_KEY');
    expect(run.out).not.toContain('known-key-OTHER');
    const absent = unleak(['hunt', 'shallow', '--from-env', 'OTHER'], {
      cwd,
      environment: { OTHER: randomBytes(20).toString('hex') },
    });
    expect({ code: absent.code, says: absent.err.includes('GIT_SHALLOW') }).toEqual({ code: 3, says: true });
  });
});
