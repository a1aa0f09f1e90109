import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';

import { describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';

/** Who may see a secret in clear. Adding a line here is a decision. */
const REVEALERS: readonly string[] = [
  'action/masks.ts',
  'cli/commands/rules-explain.ts',
  'cli/respond/auditor.ts',
  'cli/respond/use-searcher.ts',
  'findings/assemble.ts',
  'findings/conceal.ts',
  'findings/look-again.ts',
  'gitleaks/allowlist.ts',
  'hunt/known-key.ts',
  'hunt/rules.ts',
  'http/client.ts',
  'http/redact.ts',
  'http/smtp.ts',
  'providers/aws-signature.ts',
  'providers/call.ts',
  'providers/identify.ts',
  'providers/operator.ts',
  'providers/template.ts',
  'respond/child.ts',
  'respond/handover.ts',
  'respond/keys/stored.ts',
  'respond/plan.ts',
  'respond/recover.ts',
  'respond/stores.ts',
  'respond/verify.ts',
  'respond/view.ts',
  'rules/self-test.ts',
  'rules/trial/trial.ts',
  'stores/aws.ts',
  'stores/azure.ts',
  'stores/doppler.ts',
  'stores/dotenv.ts',
  'stores/fields.ts',
  'stores/github.ts',
  'stores/google.ts',
  'stores/json-text.ts',
  'stores/sealed-box.ts',
  'stores/vault.ts',
  'stores/wire.ts',
  'triage/fingerprint.ts',
  'triage/gitleaks.ts',
  'triage/hashed.ts',
  'triage/redact.ts',
  'workers/plain-scan.ts',
];

describe('Secret', () => {
  const text = ['correct', 'horse', 'battery'].join('-');
  const secret = new Secret(text);

  test('gives its text to those who ask by name', () => {
    expect(secret.reveal()).toBe(text);
  });

  test.each([
    ['String', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['format', format('%s %o %O %j', secret, secret, secret, secret)],
    ['concatenation', ''.concat(secret.toString())],
    ['keys', Object.keys(secret).join()],
  ])('shows nothing through %s', (_, printed) => {
    expect(printed).not.toContain('horse');
  });

  test('is revealed only in the files listed', () => {
    const root = fileURLToPath(new URL('../../src/', import.meta.url));
    const callers = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.ts') && file !== 'core/secret.ts')
      .filter((file) => readFileSync(path.join(root, file), 'utf8').includes('.reveal('));
    expect(callers.toSorted()).toEqual([...REVEALERS].toSorted());
  });
});
