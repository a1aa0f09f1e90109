import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { sureKey } from '../helpers/key.ts';
import { unleak } from '../helpers/product.ts';
import { makeFolder } from '../helpers/repository.ts';

const folder = makeFolder();

const OWN = `provider: acme
rules:
  - id: acme-key
    title: Acme key
    severity: high
    confidence: medium
    raisedBy: [acme-host]
    pattern: '(?<secret>acme_[0-9a-f]{16})'
    literals: [acme_]
    impact: Sends mail.
    remediation: Revoke it there.
    examples: ['key=acme_\${hex:16}']
    counterexamples: ['nothing', 'else']
    references: [{ documented: 'https://example.test/' }]
  - id: acme-host
    title: Acme host
    severity: low
    role: evidence
    pattern: '(?<secret>acme\\.test)'
    literals: [acme.test]
    checks: [any-value]
    impact: Nothing by itself.
    remediation: Nothing to do.
    examples: ['acme.test']
    counterexamples: ['nothing', 'else']
    references: [{ documented: 'https://example.test/' }]
`;

function explained(input: string, ...options: string[]): string {
  const run = unleak(['rules', 'test', '--explain', '-', ...options], { cwd: folder, input });
  expect(run).toMatchObject({ code: 0, err: '' });
  return run.out;
}

describe('unleak rules test --explain', () => {
  test('says what was found and how sure it is, and shows no secret', () => {
    const key = sureKey(1);
    const out = explained(`\nA=${key}\n`);
    expect(out).toMatch(/^line 2: github-pat-classic: found \S+, high confidence, entropy \d\.\d\d, by "ghp_"$/m);
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

  test('names the rule that took a candidate from a less specific one', () => {
    const out = explained(`API_KEY=${sureKey(1)}\n`);
    expect(out).toMatch(/^line 1: generic-api-key: taken by github-pat-classic, which is more specific$/m);
  });

  test('names the way of writing, what stands near, and the evidence', () => {
    const { text: secret } = expandTemplate('${alnum:32}', seededRandom(5), 'test');
    const near = explained(`curl https://api.telnxo.com/v1/x -H "Authorization: Bearer ${secret}"\n`);
    expect(near).toMatch(/^line 1: telnxo-api-key: found .*, by "telnxo" \(matcher .* of \d\), near "telnxo\."/m);
    writeFileSync(path.join(folder, 'own.yaml'), OWN);
    const text = `// acme.test\nkey = acme_${'4f'.repeat(8)}\n`;
    expect(explained(text, '--rules', 'own.yaml')).toMatch(
      /^line 2: acme-key: found \S+, high confidence, .*by "acme_", raised by acme-host$/m,
    );
  });
});

test('the page on rules names what --explain takes', () => {
  const page = readFileSync(new URL('../../docs/RULES.md', import.meta.url), 'utf8');
  const [, takes] = /`unleak rules test --explain ([^`]*)`/.exec(page) ?? [];
  expect(takes).toBe('FILE');
});
