import { execFileSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { shellWord } from '../../src/cli/shell-word.ts';

test.each(['/srv/a/pre-commit', '/home/Ann Other/x', "it's", '$HOME`x`', '', 'a\nb'])('%j stays one word', (text) => {
  expect(execFileSync('sh', ['-c', `printf '[%s]' ${shellWord(text)}`]).toString()).toBe(`[${text}]`);
});

test('what needs no quotes has none', () => {
  expect(shellWord('/srv/a/pre-commit')).toBe('/srv/a/pre-commit');
});
