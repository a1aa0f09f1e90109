/** `--policy` on the built command: each way to handle a key badly, beside one that is right. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { seedOf, seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { sureKey } from '../helpers/key.ts';
import { unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository } from '../helpers/repository.ts';

const KEY = expandTemplate('${alnum:40}', seededRandom(seedOf('policy')), 'policy').text;
const MIGOSMTP = `MIGOSMTP_API_KEY=${KEY}`;
const API = 'https://api.migosmtp.com/v1/email/send';

interface Outcome {
  readonly code: number | null;
  readonly codes: readonly string[];
  readonly report: FindingsReport;
}

function judge(files: Readonly<Record<string, string>>, ...options: string[]): Outcome {
  const repository = makeRepository();
  write(repository.folder, files);
  return outcome(['scan', '--format', 'json', '--policy', ...options], repository.folder);
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

function outcome(args: readonly string[], cwd: string, input = ''): Outcome {
  const run = unleak(args, { cwd, input });
  const report: FindingsReport = JSON.parse(run.out);
  return { code: run.code, codes: (report.policy ?? []).map(({ code }) => code), report };
}

const header = (value: string): string => `curl ${API} -H '${value}'\n`;
const slack = `[{"user":"U1","type":"message","ts":"1700000000.000100","text":"use ${MIGOSMTP} please"}]`;
const teams = `{"messageType":"message","chatId":"19:abc","body":{"content":"${MIGOSMTP}"}}`;
const mbox = `From a@acme.test Mon Jan  6 10:00:00 2025\nFrom: a@acme.test\nTo: b@acme.test\nSubject: key\n\n${MIGOSMTP}\n`;

describe.each([
  ['POLICY_ENV_FILE', { '.env': `${MIGOSMTP}\n` }, { '.env.example': `${MIGOSMTP}\n` }],
  ['POLICY_CLIENT_SIDE', { '.env': `NEXT_PUBLIC_${MIGOSMTP}\n` }, { '.env': `${MIGOSMTP}\n` }],
  [
    'POLICY_CLIENT_SIDE',
    { 'public/app.js': `const migosmtpApiKey = '${KEY}';\n` },
    { 'server/app.js': `const migosmtpApiKey = '${KEY}';\n` },
  ],
  [
    'POLICY_CLIENT_SIDE',
    { 'src/Send.vue': `<script setup>\nconst migosmtpApiKey = '${KEY}';\n</script>\n` },
    { 'src/send.ts': `const migosmtpApiKey = '${KEY}';\n` },
  ],
  [
    'POLICY_CLIENT_SIDE',
    { 'Mail.swift': `import SwiftUI\n\nlet migosmtpApiKey = "${KEY}"\n` },
    { 'Mail.swift': `import Vapor\n\nlet migosmtpApiKey = "${KEY}"\n` },
  ],
  [
    'POLICY_CLIENT_SIDE',
    { 'app/build.gradle': `buildConfigField "String", "MIGOSMTP_API_KEY", '"${KEY}"'\n` },
    { 'app/build.gradle': `ext.MIGOSMTP_API_KEY = "${KEY}"\n` },
  ],
  [
    'POLICY_CLIENT_SIDE',
    { 'ios/App/Keys.swift': `let migosmtpApiKey = "${KEY}"\n` },
    { 'Sources/App/Keys.swift': `let migosmtpApiKey = "${KEY}"\n` },
  ],
  [
    'POLICY_CLIENT_SIDE',
    { 'lib/main.dart': `const migosmtpApiKey = '${KEY}';\n` },
    { 'bin/server.dart': `const migosmtpApiKey = '${KEY}';\n` },
  ],
  [
    'POLICY_CLIENT_SIDE',
    { 'src/environments/environment.prod.ts': `export const environment = { migosmtpApiKey: '${KEY}' };\n` },
    { 'src/config/environment.ts': `export const environment = { migosmtpApiKey: '${KEY}' };\n` },
  ],
  ['POLICY_NO_BEARER', { 'a.sh': header(`Authorization: Token ${KEY}`) }, { 'a.sh': header(`X-Note: Token ${KEY}`) }],
  [
    'POLICY_CHAT_OR_MAIL',
    { 'a.json': `{"messages":[{"messageType":"message","body":{"content":"${MIGOSMTP}"}}]}` },
    { 'a.json': `{"messages":[{"messageKind":"note","text":{"content":"${MIGOSMTP}"}}]}` },
  ],
  [
    'POLICY_WHITESPACE',
    { 'a.js': `const migosmtpApiKey = "${KEY}\\n";\n` },
    { 'a.js': `const migosmtpApiKey = "${KEY}";\n` },
  ],
  [
    'POLICY_QUERY_PARAMETER',
    { 'a.sh': `curl '${API}?api_key=${KEY}'\n` },
    { 'a.sh': header(`Authorization: Bearer ${KEY}`) },
  ],
  ['POLICY_NO_BEARER', { 'a.sh': header(`Authorization: ${KEY}`) }, { 'a.sh': header(`Authorization: Bearer ${KEY}`) }],
  [
    'POLICY_BEARER_FORM',
    { 'a.sh': header(`Authorization: bearer ${KEY}`) },
    { 'a.sh': header(`Authorization: Bearer ${KEY}`) },
  ],
  [
    'POLICY_BEARER_FORM',
    { 'a.sh': header(`Authorization: Bearer  ${KEY}`) },
    { 'a.sh': header(`Authorization: Bearer ${KEY}`) },
  ],
  ['POLICY_WHITESPACE', { 'a.py': `MIGOSMTP_API_KEY = "${KEY} "\n` }, { 'a.py': `MIGOSMTP_API_KEY = "${KEY}"\n` }],
  ['POLICY_CUT_SHORT', { 'a.txt': `${MIGOSMTP}...\n` }, { 'a.txt': `${MIGOSMTP}\n` }],
  [
    'POLICY_WRONG_PLATFORM',
    { 'a.sh': `${MIGOSMTP}\ncurl https://api.telnxo.com/v1/sms/send\n` },
    { 'a.sh': `${MIGOSMTP}\ncurl ${API}\n` },
  ],
  [
    'POLICY_SHARED_KEY',
    { 'apps/a/c.ini': MIGOSMTP, 'apps/b/c.ini': MIGOSMTP },
    { 'apps/a/c.ini': MIGOSMTP, 'apps/a/d.ini': MIGOSMTP },
  ],
  [
    'POLICY_SHARED_KEY',
    { 'web/package.json': '{}', 'web/c.ini': MIGOSMTP, 'api/go.mod': '', 'api/c.ini': MIGOSMTP },
    { 'web/c.ini': MIGOSMTP, 'api/c.ini': MIGOSMTP },
  ],
  ['POLICY_CHAT_OR_MAIL', { 'general.json': slack }, { 'general.json': `{"text":"${MIGOSMTP}"}` }],
  ['POLICY_CHAT_OR_MAIL', { 'chat.json': teams }, { 'chat.json': `{"content":"${MIGOSMTP}"}` }],
  ['POLICY_CHAT_OR_MAIL', { 'archive.mbox': mbox }, { 'archive.txt': `From: config\n\n${MIGOSMTP}\n` }],
  [
    'POLICY_PRODUCTION_FILE',
    { 'config/production.yml': MIGOSMTP.replace('=', ': ') },
    { 'config/test.yml': MIGOSMTP.replace('=', ': ') },
  ],
] as const)('%s', (code, bad, good) => {
  test(`is said of ${Object.keys(bad).join(', ')}`, () => {
    const { codes, report } = judge(bad);
    expect(report.findings).toHaveLength(1);
    expect(codes).toContain(code);
    expect(report.policy?.find((one) => one.code === code)?.fingerprint).toBe(report.findings[0]?.fingerprint);
  });

  test(`is not said of ${Object.keys(good).join(', ')} (control)`, () => {
    const { codes, report } = judge(good);
    expect(report.findings).toHaveLength(1);
    expect(codes).not.toContain(code);
  });
});

test('one value given to both platforms is of the wrong one at one of them', () => {
  const other = [...KEY].toReversed().join('');
  const both = judge({ 'a.js': `${MIGOSMTP}\n`, 'b.js': `TELNXO_API_KEY=${KEY}\n` });
  const each = judge({ 'a.js': `${MIGOSMTP}\n`, 'b.js': `TELNXO_API_KEY=${other}\n` });
  expect([both, each].map(({ report }) => report.findings.length)).toEqual([2, 2]);
  expect(both.codes).toEqual(['POLICY_WRONG_PLATFORM', 'POLICY_WRONG_PLATFORM']);
  expect(each.codes).toEqual([]);
});

test('a key that another one of its kind begins with is cut short', () => {
  const cut = judge({ 'a.sh': `${MIGOSMTP}\n`, 'b.sh': `${MIGOSMTP.slice(0, -4)}\n` });
  const short = cut.report.policy?.find(({ code }) => code === 'POLICY_CUT_SHORT');
  expect([cut.report.findings.length, short?.places.map((place) => place.path)]).toEqual([2, ['b.sh']]);
  const others = judge({ 'a.sh': `${MIGOSMTP}\n`, 'b.sh': `TELNXO_API_KEY=${KEY.slice(0, -4)}\n` });
  expect([others.report.findings.length, others.codes]).toEqual([2, []]);
});

test('an ignored environment file is where a key belongs', () => {
  const repository = makeRepository();
  write(repository.folder, { '.env': `${MIGOSMTP}\n`, '.gitignore': '.env\n' });
  const args = ['scan', '.env', '--format', 'json', '--policy'];
  const ignored = outcome(args, repository.folder);
  expect(ignored.report.findings).toHaveLength(1);
  expect(ignored.codes).not.toContain('POLICY_ENV_FILE');
  writeFileSync(path.join(repository.folder, '.gitignore'), '');
  expect(outcome(args, repository.folder).codes).toContain('POLICY_ENV_FILE');
});

test('exports of chats and mails are known on standard input too', () => {
  const args = ['scan', '-', '--format', 'json', '--policy'];
  for (const text of [slack, teams, mbox])
    expect(outcome(args, makeFolder(), text).codes).toContain('POLICY_CHAT_OR_MAIL');
  expect(outcome(args, makeFolder(), `${MIGOSMTP}\n`).codes).toEqual([]);
});

test('a key is old 90 days after its first commit', () => {
  const codesAt = (days: number): readonly string[] => {
    const repository = makeRepository();
    write(repository.folder, { 'a.ini': `${MIGOSMTP}\n` });
    repository.clock = Math.floor(Date.now() / 1000) - days * 86_400;
    repository.git('add', '.');
    repository.git('commit', '-q', '-m', 'a');
    return outcome(['history', '--format', 'json', '--policy'], repository.folder).codes;
  };
  expect(codesAt(91)).toContain('POLICY_OLD_KEY');
  expect(codesAt(89)).not.toContain('POLICY_OLD_KEY');
});

describe('the exit code and the report', () => {
  const folder = makeFolder();
  write(folder, { 'apps/a/c.txt': sureKey(1), 'apps/b/c.txt': sureKey(1) });

  test('policy counts with --fail-on-policy alone', () => {
    const low = {
      'a/b.html': `<script>session_key = "${expandTemplate('${hex:32}', seededRandom(4), 'x').text}"</script>`,
    };
    expect(judge(low, '--fail-on', 'high')).toMatchObject({ code: 0, codes: ['POLICY_CLIENT_SIDE'] });
    expect(judge(low, '--fail-on', 'high', '--fail-on-policy').code).toBe(1);
  });

  test('without --policy nothing is said of it, and the findings are the same', () => {
    const args = ['scan', '--format', 'json'];
    const { policy, findings } = outcome([...args, '--policy'], folder).report;
    const plain = outcome(args, folder).report;
    expect(policy?.map(({ code, places, count }) => [code, places.length, count])).toEqual([
      ['POLICY_SHARED_KEY', 2, 2],
    ]);
    expect(plain).not.toHaveProperty('policy');
    expect(plain.findings).toEqual(findings);
  });

  test.each([
    ['pretty', 'One key for several applications'],
    ['jsonl', '"record":"policy"'],
    ['sarif', '"ruleId":"POLICY_SHARED_KEY"'],
    ['csv', 'POLICY_SHARED_KEY'],
    ['markdown', 'POLICY'],
    ['github', '::notice file=apps/a/c.txt'],
  ])('%s shows it', (format, text) => {
    const { out } = unleak(['scan', '--policy', '--format', format], { cwd: folder });
    expect(out).toContain(text);
    expect(out).not.toContain(sureKey(1));
    expect(unleak(['scan', '--format', format], { cwd: folder }).out).not.toContain(text);
  });
});
