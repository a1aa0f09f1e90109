/** What the built command writes for machines, of findings of every kind, held against the schemas. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import type { Log } from 'sarif';
import { beforeAll, describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { closedSchema } from '../helpers/closed-schema.ts';
import { doubtfulLine, sureKey } from '../helpers/key.ts';
import { unleak } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

function read(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')) as Record<string, unknown>;
}

const contract = new Ajv2020({ allErrors: true }).compile(closedSchema(read('docs/findings.schema.json')));
const sarifAjv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
formatsPlugin.default(sarifAjv);
const sarif = sarifAjv.compile(read('fixtures/schemas/sarif-2.1.0.json'));

let repository: TestRepository;

/** A pair, a doubtful one, one in an archive, encoded, allowed, moved, removed, in a message, a tag, a note, a name; a gap too. */
function build(): void {
  repository = makeRepository();
  const hex = (seed: number): string => Buffer.from(sureKey(seed)).toString('hex').slice(8, 40);
  repository.commit('start', {
    '.env': `TURBOSMTP_CONSUMER_KEY=${hex(1)}\nTURBOSMTP_CONSUMER_SECRET=${hex(2)}\n`,
    'src/a b.js': `${doubtfulLine(3)}const t = '${sureKey(4)}'; // unleak:allow\n`,
    'k8s.yaml': `token: ${Buffer.from(sureKey(5)).toString('base64')}\n`,
    'a.gz': gzipSync(`\ntoken = ${sureKey(6)}`),
    'wide.txt': Buffer.from(`\uFEFFtoken = ${sureKey(7)}`, 'utf16le'),
  });
  repository.git('mv', 'src/a b.js', 'c.js');
  repository.commit(`message\n\n${sureKey(8)}`, {
    [`${sureKey(13)}.md`]: '\n',
    'broken.gz': gzipSync('x'.repeat(99)).subarray(0, 20),
  });
  repository.git('rm', '-q', '.env');
  repository.commit('without');
  repository.git('tag', '-am', `tag ${sureKey(9)}`, 'v1');
  repository.git('notes', 'add', '-m', `note ${sureKey(10)}`);
  repository.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  repository.stage({ [`${sureKey(11)}.txt`]: `token = ${sureKey(12)}\n`, 'k8s.yaml': 'token: none\n' });
  writeFileSync(path.join(repository.folder, '.unleak-baseline'), '');
}

beforeAll(build);

const COMMANDS: readonly (readonly [command: string, ...args: string[]])[] = [
  ['scan'],
  ['staged'],
  ['history'],
  ['commits', 'HEAD~2..HEAD'],
];

function run(args: readonly string[], format: string): string {
  return unleak([...args, '--format', format], { cwd: repository.folder }).out;
}

describe.each(COMMANDS)('unleak %s', (...args) => {
  test('--format json keeps the contract, to the field', () => {
    const value: unknown = JSON.parse(run(args, 'json'));
    expect(contract(value) ? [] : contract.errors).toEqual([]);
  });

  test('--format jsonl is the same, a record a line', () => {
    const whole = JSON.parse(run(args, 'json')) as FindingsReport;
    const records = run(args, 'jsonl')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as { readonly record: string } & Record<string, unknown>);
    const [first, last] = [records[0], records.at(-1)];
    expect([first?.record, last?.record]).toEqual(['run', 'coverage']);
    const bare = (one: object): object => Object.fromEntries(Object.entries(one).filter(([key]) => key !== 'record'));
    const joined = {
      ...bare(first ?? {}),
      coverage: bare(last ?? {}),
      findings: records.slice(1, -1).map(bare),
    };
    expect(records.slice(1, -1).every(({ record }) => record === 'finding')).toBe(true);
    expect(joined).toEqual(whole);
    expect(contract(joined) ? [] : contract.errors).toEqual([]);
  });

  test('--format sarif is valid, and has a result a finding', () => {
    const log = JSON.parse(run(args, 'sarif')) as Log;
    expect(sarif(log) ? [] : sarif.errors).toEqual([]);
    const { findings } = JSON.parse(run(args, 'json')) as FindingsReport;
    expect(log.runs[0]?.results?.map((result) => result.partialFingerprints?.['unleak/v1'])).toEqual(
      findings.map(({ fingerprint }) => fingerprint),
    );
  });
});

test('all kinds of findings were among them', () => {
  const { findings, coverage } = JSON.parse(run(['history'], 'json')) as FindingsReport;
  const all = findings.flatMap(({ occurrences }) => occurrences);
  const kinds = new Set(all.map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual(['blob', 'commit-message', 'note', 'path', 'tag-message']);
  expect(findings.some(({ parts }) => parts.length > 0)).toBe(true);
  expect(findings.some(({ suppressed }) => suppressed?.by === 'comment')).toBe(true);
  expect(findings.some(({ confidence }) => confidence !== 'high')).toBe(true);
  expect(all.some(({ moved }) => moved)).toBe(true);
  expect(all.some(({ removedIn }) => removedIn.length > 0)).toBe(true);
  expect(new Set(all.flatMap(({ decoded }) => decoded)).size).toBeGreaterThan(1);
  expect(all.some((one) => one.path?.includes('!') && one.line === 2)).toBe(true);
  expect(coverage.problems.map(({ code }) => code)).toContain('ARCHIVE_DAMAGED');
});
