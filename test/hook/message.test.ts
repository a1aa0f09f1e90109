/** The commit-msg hook: what git will record as the message is judged, and nothing else of the file. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeEach, describe, expect, test } from 'vitest';

import { draftText } from '../../src/git/message-draft.ts';
import { sureKey } from '../helpers/key.ts';
import { unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

const KEY = sureKey(1);
const SCISSORS = '# ------------------------ >8 ------------------------\n# Do not modify or remove the line above.\n';

let repository: TestRepository;

beforeEach(() => {
  repository = makeRepository();
  repository.commit('base', { a: 'one\n' });
  unleak(['hook', 'install', 'commit-msg'], { cwd: repository.folder });
});

/** Commits with an editor that writes `text` over, or before, what git put into the file. */
function commit(args: readonly string[], text?: string, before = false): { code: number | null; said: string } {
  const folder = makeFolder('editor');
  const editor = path.join(folder, 'editor.sh');
  writeFileSync(path.join(folder, 'text'), text ?? '');
  writeFileSync(
    editor,
    before
      ? `#!/bin/sh\ncat '${folder}/text' "$1" >'${folder}/both' && cp '${folder}/both' "$1"\n`
      : `#!/bin/sh\ncp '${folder}/text' "$1"\n`,
  );
  chmodSync(editor, 0o755);
  const done = spawnSync('git', ['commit', ...args], {
    cwd: repository.folder,
    env: { ...repository.environment, GIT_EDITOR: editor },
  });
  return { code: done.status, said: `${done.stdout.toString()}${done.stderr.toString()}` };
}

const message = (): string => repository.git('log', '-1', '--format=%B');

describe('git commit', () => {
  test('with a clean message goes through, and says nothing', () => {
    expect(commit(['-q', '--allow-empty', '-m', 'clean'])).toEqual({ code: 0, said: '' });
  });

  test('with a key in its message is stopped', () => {
    const stopped = commit(['-q', '--allow-empty', '-m', `why ${KEY}`]);
    expect(stopped).toMatchObject({ code: 1, said: expect.stringContaining('commit stopped') });
    expect(stopped.said).not.toContain(KEY);
    expect(stopped.said).toContain('COMMIT_EDITMSG');
    expect(stopped.said).toContain("the commit's message, line 1");
    expect(commit(['-q', '--allow-empty'], `why ${KEY}\n`).code).toBe(1);
    expect(message()).toBe('base\n');
  });

  test('is judged by what git records: comments of an edited message are not', () => {
    expect(commit(['-q', '--allow-empty'], `subject\n# ${KEY}\n`).code).toBe(0);
    expect(message()).toBe('subject\n');
    expect(commit(['-q', '--allow-empty', '-m', `subject\n\n# ${KEY}`]).code).toBe(1);
    repository.git('config', 'core.commentChar', ';');
    expect(commit(['-q', '--allow-empty'], `subject\n; ${KEY}\n`).code).toBe(0);
    expect(commit(['-q', '--allow-empty'], `subject\n# ${KEY}\n`).code).toBe(1);
    repository.git('config', 'commit.cleanup', 'whitespace');
    expect(commit(['-q', '--allow-empty'], `subject\n; ${KEY}\n`).code).toBe(1);
  });

  test('--verbose shows a diff that is not part of the message', () => {
    repository.git('config', 'core.hooksPath', '/dev/null');
    repository.commit('key', { 'conf.ini': `token = "${KEY}"\n` });
    repository.git('config', '--unset', 'core.hooksPath');
    repository.stage({ 'conf.ini': 'token = env\n' });
    expect(commit(['-q', '--verbose'], 'removed\n', true)).toEqual({ code: 0, said: '' });
    expect(message()).toBe('removed\n');
    repository.stage({ 'conf.ini': 'token = environment\n' });
    expect(commit(['-q', '--verbose'], `removed ${KEY}\n`, true).code).toBe(1);
  });
});

describe('the draft of a message', () => {
  const edited = { edited: true };

  test.each([
    ['comments go', 'a\n# b\nc\n', edited, 'a\nc\n'],
    ['but not without an editor', 'a\n# b\n', { edited: false }, 'a\n# b\n'],
    ['unless told so', 'a\n# b\n', { edited: false, cleanup: 'strip' }, 'a\n'],
    ['a mark of several characters', 'a\n// b\n/ c\n', { ...edited, comment: '//' }, 'a\n/ c\n'],
    ['below the scissors', `a\n${SCISSORS}diff\n+x\n`, edited, 'a\n'],
    ['scissors in the first line', `${SCISSORS}diff\n`, edited, '\n'],
    [
      'scissors that somebody typed',
      'a\n# ------------------------ >8 ------------------------\nb\n',
      edited,
      'a\nb\n',
    ],
    ['verbatim', `a\n# b\n${SCISSORS}c\n`, { ...edited, cleanup: 'verbatim' }, `a\n# b\n${SCISSORS}c\n`],
    ['scissors mode keeps comments', `a\n# b\n${SCISSORS}c\n`, { ...edited, cleanup: 'scissors' }, 'a\n# b\n'],
    ['auto, by the last line', 'a\n# b\n; git says\n', { ...edited, comment: 'auto' }, 'a\n# b\n'],
    ['auto, without any', 'a\n# b\nc\n', { ...edited, comment: 'auto' }, 'a\n# b\nc\n'],
    [
      'auto, by the scissors',
      `a\n# b\n${SCISSORS.replaceAll('#', ';')}diff\n`,
      { ...edited, comment: 'auto' },
      'a\n# b\n',
    ],
  ])('%s', (_, file, options, expected) => {
    expect(draftText(file, options)).toBe(expected);
  });
});
