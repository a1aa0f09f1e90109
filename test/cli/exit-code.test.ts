import { describe, expect, test } from 'vitest';

import { exitCodeOf, exitCodeOfError } from '../../src/cli/exit-code.ts';
import { GitError } from '../../src/errors/git.ts';
import { TriageError } from '../../src/errors/triage.ts';
import { UsageError } from '../../src/errors/usage.ts';

describe('exitCodeOf', () => {
  test.each([
    [{ found: false, complete: true, allowIncomplete: false }, 0],
    [{ found: false, complete: true, allowIncomplete: true }, 0],
    [{ found: false, complete: false, allowIncomplete: false }, 3],
    [{ found: false, complete: false, allowIncomplete: true }, 0],
    [{ found: true, complete: true, allowIncomplete: false }, 1],
    [{ found: true, complete: false, allowIncomplete: false }, 1],
    [{ found: true, complete: false, allowIncomplete: true }, 1],
  ])('%j gives %i', (outcome, code) => {
    expect(exitCodeOf(outcome)).toBe(code);
  });
});

describe('exitCodeOfError', () => {
  test.each([
    ['a wrong option', new UsageError('USAGE_ARGUMENTS', 'x'), 2],
    ['no repository', new GitError('NOT_A_REPOSITORY', 'x'), 2],
    ['a broken ignore file', new TriageError('TRIAGE_FILE_INVALID', 'x'), 2],
    ['git that failed', new GitError('GIT_FAILED', 'x'), 3],
    ['what nobody foresaw', new TypeError('x'), 3],
    ['what is not even an error', 'x', 3],
  ])('%s', (_, error, code) => {
    expect(exitCodeOfError(error)).toBe(code);
  });
});
