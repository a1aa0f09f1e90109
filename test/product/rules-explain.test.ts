import { describe, expect, test } from 'vitest';

import { seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { sureKey } from '../helpers/key.ts';
import { unleak } from '../helpers/product.ts';
import { makeFolder } from '../helpers/repository.ts';

const folder = makeFolder();

function explained(input: string, ...options: string[]): string {
  const run = unleak(['rules', 'test', '--explain', '-', ...options], { cwd: folder, input });
  expect(run).toMatchObject({ code: 0, err: '' });
  return run.out;
}

describe('unleak rules test --explain', () => {
  test('says what was found and how sure it is, and shows no secret', () => {
    const key = sureKey(1);
    const out = explained(`\nA=${key}\n`);
    expect(out).toMatch(/^line 2: github-pat-classic: found \S+, high confidence, entropy \d\.\d\d$/m);
    expect(out).not.toContain(key.slice(0, -4));
  });

  test('says why a candidate was turned down', () => {
    const out = explained('MIGOSMTP_API_KEY=your_api_key_here_your_api_key\n', '--only', 'migosmtp-api-key');
    expect(out).toContain('line 1: migosmtp-api-key: turned down: an identifier, not a value');
  });

  test('says that no literal of a rule is there', () => {
    const out = explained('nothing\n', '--only', 'clickup-api-token');
    expect(out).toBe('clickup-api-token: none of its literals stands there: "pk_"\n');
  });

  test('says that a literal is there and nothing of the form', () => {
    const out = explained('pk_1\n', '--only', 'clickup-api-token');
    expect(out).toContain('clickup-api-token: "pk_" stands there, and nothing at it has the form');
  });

  test('names what a secret is paired with, or lacks', () => {
    const { text } = expandTemplate('aws_secret_access_key = ${base64:40}', seededRandom(3), 'test');
    const { text: id } = expandTemplate('AKIA${base32:16}', seededRandom(3), 'test');
    expect(explained(`${text}\n`)).toContain('without aws-access-key-id');
    expect(explained(`id = ${id}\n${text}\n`)).toContain('with aws-access-key-id');
  });
});
