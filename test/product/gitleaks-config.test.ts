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
  const run = spawnSync(
    process.execPath,
    [unleak, 'scan', ...(args[0]?.endsWith('.txt') === true ? [] : ['.']), '--format', 'jsonl', ...args],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
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
  expect([gap.status, gap.stderr]).toEqual([3, expect.stringContaining('UNTRANSLATED_RULE')]);
});

test('an entry for a rule that is not in force lets nothing else pass at its place', () => {
  const ignore = path.join(folder, '.gitleaksignore');
  const config = path.join(folder, '.gitleaks.toml');
  writeFileSync(config, CONFIG);
  const before = scan('a.txt').rules;
  writeFileSync(ignore, 'a.txt:some-old-rule:1\n');
  const named = scan('a.txt');
  writeFileSync(ignore, 'a.txt:acme:1\n');
  const allowed = spawnSync(process.execPath, [unleak, 'scan', 'a.txt'], { cwd: folder });
  rmSync(ignore);
  rmSync(config);
  expect(before).toEqual(['acme']);
  expect(named.status).toBe(1);
  expect(named.stderr).toContain('no rule in force is "some-old-rule"');
  expect(allowed.status).toBe(0);
});

test('a baseline that holds secrets allows those, and not what took their place', () => {
  const config = path.join(folder, 'team.toml');
  writeFileSync(config, CONFIG);
  const baseline = path.join(folder, 'base.json');
  const at = (Secret: string): number | null => {
    writeFileSync(baseline, JSON.stringify([{ RuleID: 'acme', File: 'a.txt', StartLine: 1, Secret }]));
    return scan('a.txt', '--config', 'team.toml', '--baseline', 'base.json').status;
  };
  expect([at(KEY), at('REDACTED'), at(KEY.replace('4f9', '4f8'))]).toEqual([0, 0, 1]);
});

test('a pipe where a configuration or a list is looked for is refused, not waited for', () => {
  const inside = mkdtempSync(path.join(folder, 'pipes-'));
  const run = (name: string, ...args: string[]): unknown[] => {
    const pipe = path.join(inside, name);
    spawnSync('mkfifo', [pipe]);
    const { status, stderr } = spawnSync(process.execPath, [unleak, ...args], {
      cwd: inside,
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    rmSync(pipe);
    return [status, /USAGE_\w+/.exec(stderr)?.[0]];
  };
  for (const name of ['.gitleaks.toml', '.betterleaks.toml', '.unleak.toml', '.gitleaksignore', '.unleak-allow']) {
    expect(run(name, 'scan')).toEqual([2, 'USAGE_NOT_A_FILE']);
    expect(run(name, 'gitleaks', 'dir')).toEqual([1, 'USAGE_NOT_A_FILE']);
  }
  expect(run('.unleak-baseline', 'baseline', 'prune')).toEqual([2, 'USAGE_NOT_A_FILE']);
});

test('a default rule that is adjusted has ours adjusted', () => {
  const secret = ['k7Q2x', 'M9r4v', 'T1z8w', 'B3n6y', 'D5s0h'].join('');
  writeFileSync(path.join(folder, 'generic.txt'), `service_api_key = "${secret}"\n`);
  const file = path.join(folder, 'adjusted.toml');
  const scanned = (config: string): ReturnType<typeof scan> => {
    writeFileSync(file, `[extend]\nuseDefault = true\n${config}`);
    return scan('generic.txt', '--config', 'adjusted.toml');
  };
  const list = (regex: string): string =>
    `disabledRules = ["nobodys-rule"]\n[[rules]]\nid = "generic-api-key"\n[[rules.allowlists]]\nregexes = ['''${regex}''']\n`;
  expect(scanned('').rules).toEqual(['generic-api-key']);
  expect(scanned(list('^zzz')).rules).toEqual(['generic-api-key']);
  const allowed = scanned(list('^k7Q2x'));
  expect([allowed.status, allowed.rules]).toEqual([0, []]);
  expect(allowed.stderr).toContain('its allow-lists now hold for ours (generic-api-key');
  expect(allowed.stderr).toContain('disabledRules names "nobodys-rule", which is no rule');
  expect(scanned('disabledRules = ["generic-api-key"]\n').status).toBe(0);
});
