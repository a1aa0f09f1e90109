import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

const unleak = fileURLToPath(new URL('../../dist/bin/unleak.cjs', import.meta.url));
const KEY = ['4f9', 'k2m8', 'qz71x', 'w0p3'].join('');
const CONFIG = `[[rules]]
id = "acme"
description = "Acme key"
regex = '''acme_([a-z0-9]{16})'''
keywords = ["acme_"]
validate = "x"
[[allowlists]]
paths = ['''^vendored/''']
`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'unleak-gitleaks-'));
  writeFileSync(path.join(folder, 'a.txt'), `x = acme_${KEY}\n`);
  writeFileSync(
    path.join(folder, 'pair.txt'),
    `TURBOSMTP_CONSUMER_KEY=${'5e2c'.repeat(5)}\nTURBOSMTP_CONSUMER_SECRET=${['9f3a', 'c4e1', '07bd', '26f8', '5a9e'].join('')}\n`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function scan(...args: string[]): { status: number | null; rules: string[]; stderr: string } {
  const run = spawnSync(process.execPath, [unleak, 'scan', '.', '--format', 'jsonl', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  const rules = run.stdout.split('\n').flatMap((line) => /"rule":"([^"]+)"/.exec(line)?.[1] ?? []);
  return { status: run.status, rules: rules.toSorted(), stderr: run.stderr };
}

test('a configuration of gitleaks, named, alone says which rules there are', () => {
  writeFileSync(path.join(folder, 'team.toml'), CONFIG);
  const { status, rules, stderr } = scan('--config', 'team.toml');
  expect([status, rules]).toEqual([1, ['acme']]);
  expect(stderr).toContain('"validate" has no effect here');
});

test('one that lies in the project adds its rules to ours', () => {
  expect(scan().rules).not.toContain('acme');
  writeFileSync(path.join(folder, '.gitleaks.toml'), CONFIG);
  const { rules } = scan();
  expect(rules).toContain('acme');
  expect(rules.length).toBeGreaterThan(1);
  rmSync(path.join(folder, '.gitleaks.toml'));
});

test('one without rules is refused, and one that cannot be followed is not clean', () => {
  writeFileSync(path.join(folder, 'empty.toml'), '[extend]\n');
  const refused = scan('--config', 'empty.toml');
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('GITLEAKS_NO_RULES')]);
  writeFileSync(
    path.join(folder, 'hex.toml'),
    `[[rules]]\nid = "other"\nregex = '''zzzz[0-9]'''\n[[rules]]\nid = "hex"\nregex = '''[0-9a-f]{40}'''\n`,
  );
  const gap = scan('--config', 'hex.toml');
  expect([gap.status, gap.stderr]).toEqual([3, expect.stringContaining('RULE_UNTRANSLATED')]);
});
