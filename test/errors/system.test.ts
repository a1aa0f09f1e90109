import { describe, expect, test } from 'vitest';

import { limitError } from '../../src/errors/system.ts';
import { notStarted } from '../../src/git/not-started.ts';

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}

describe('a limit of the system', () => {
  test.each([
    ['EMFILE', 'open'],
    ['ENFILE', 'scandir'],
    ['EMFILE', 'spawn /usr/bin/git'],
    ['EAGAIN', 'spawn /usr/bin/git'],
    ['ENOMEM', 'spawnSync /usr/bin/git'],
  ])('is told by its code, whatever met it (%s, %s)', (code, syscall) => {
    const cause = systemError(code, syscall);
    expect(limitError(cause)).toMatchObject({ code: 'SYSTEM_LIMIT', cause, message: expect.stringContaining(code) });
    expect(notStarted(cause).code).toBe('SYSTEM_LIMIT');
  });

  test.each([systemError('ENOENT', 'open'), systemError('EAGAIN', 'read'), new Error('EMFILE'), 'EMFILE', null])(
    'is nothing else (%s)',
    (error) => expect(limitError(error)).toBe(error),
  );

  test('where it is none, git is not there', () => {
    expect(notStarted(systemError('ENOENT', 'spawn git')).code).toBe('GIT_NOT_FOUND');
  });
});
