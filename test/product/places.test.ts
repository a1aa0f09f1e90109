/**
 * What a person reads of a finding: each kind of place is named so that it can
 * be gone to, with the rule, as much of the secret as may be shown, who brought
 * it in and when, and what to do.
 */
import { gzipSync } from 'node:zlib';

import { beforeAll, describe, expect, test } from 'vitest';

import type { FindingsReport, Occurrence } from '../../src/core/finding.ts';
import { sureKey } from '../helpers/key.ts';
import { unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

/** Where a secret stands, and how its paragraph tells. */
interface Told {
  readonly what: string;
  readonly key: string;
  readonly place: RegExp;
  readonly since: RegExp;
}

let repository: TestRepository;
const told: Told[] = [];
let paragraphs: string[] = [];
let keys = 100;

function place(what: string, where: RegExp, since: RegExp): string {
  const key = sureKey(++keys);
  told.push({ what, key, place: where, since });
  return key;
}

const BY_ADA = /2026-01-01 by Ada Author in [0-9a-f]{10}$/;

/** One finding of each kind. */
function build(): void {
  repository = makeRepository();
  const first = repository.commit('one', { 'a.js': `\n\n  t = "${place('a file', /^a\.js:3:8$/, BY_ADA)}"\n` });
  repository.git('notes', 'add', '-m', `a note\n${place('a note', noteOn(first), /by Ada Author in/)}`, first);
  repository.git('tag', '-am', place('a tag', /^message of tag v1, line 6 /, /by Cleo Committer/), 'v1');
  repository.commit(`m\n\n${place('a message', /^message of commit \S+, line 8 /, BY_ADA)}`);
  const encoded = Buffer.from(place('base64', /^k8s\.yaml:2:8$/, BY_ADA)).toString('base64');
  repository.commit('two', { 'k8s.yaml': `data:\ntoken: ${encoded}\n` });
  repository.commit('three', { [`${place('a name', /^the name of …\w{4}\.txt$/, BY_ADA)}.txt`]: 'x\n' });
  repository.git('branch', `b-${place('a branch', /^the name of refs\/heads\/b-…\w{4}$/, /does not date/)}`);
  repository.commit('four', archives());
  repository.store('blob', place('nothing', /^blob [0-9a-f]{10}, line 1$/, /in no commit and on no ref/));
  const tagged = repository.store(
    'blob',
    `\n${place('a blob with a tag', /^blob \S+, line 2$/, /a ref points at it/)}`,
  );
  repository.git('update-ref', 'refs/tags/loose', tagged);
  repository.stage({ 'new.txt': place('the index', /^new\.txt:1:1$/, /staged now, in no commit/) });
}

function noteOn(commit: string): RegExp {
  return new RegExp(`^note on ${commit.slice(0, 10)} \\(refs/notes/commits\\), line 2$`);
}

/** A zip and a tar in a gzip, made by git. */
function archives(): Record<string, Buffer> {
  const packed = makeRepository();
  const pack = (name: string, line: string, format: string): Buffer => {
    packed.commit('content', { [name]: `\n\n\n   ${line}` });
    return packed.gitBytes(['archive', `--format=${format}`, 'HEAD', '--', name]);
  };
  return {
    'a.zip': pack('in/side.env', place('a zip', /^a\.zip!in\/side\.env:4:4$/, BY_ADA), 'zip'),
    'b.tgz': gzipSync(pack('x.txt', place('a tar in a gzip', /^b\.tgz!content!x\.txt:4:4$/, BY_ADA), 'tar')),
  };
}

beforeAll(() => {
  build();
  const run = unleak(['history'], { cwd: repository.folder, environment: repository.environment });
  paragraphs = run.out.split('\n\n');
});

/** The text beside a label. */
function row(paragraph: string, label: string): string {
  return new RegExp(`^ {2}${label} +(.*(?:\\n {13}.*)*)`, 'm').exec(paragraph)?.[1]?.replaceAll(/\n +/g, ' ') ?? '';
}

describe('unleak history', () => {
  test('says all of each finding, wherever it stands', () => {
    const wrong = told.flatMap(({ what, key, place: where, since }) => {
      const about = paragraphs.filter((one) => row(one, 'secret').includes(`…${key.slice(-4)}`));
      const [paragraph = ''] = about;
      const lines = paragraph.split('\n').map((line) => line.trim());
      const right =
        about.length === 1 &&
        where.test(lines[1] ?? '') &&
        row(paragraph, 'secret').endsWith('(rule github-pat-classic)') &&
        since.test(row(paragraph, 'since')) &&
        row(paragraph, 'pushed') !== '' &&
        /^Delete it .*https:/.test(row(paragraph, 'do')) &&
        row(paragraph, 'or allow').includes(' allow ');
      return right ? [] : [`${what}: ${about.join('\n\n')}`];
    });
    expect(wrong).toEqual([]);
    expect(told).toHaveLength(12);
  });

  test('says of what was removed that git has it still', () => {
    const removal = makeRepository();
    removal.commit('one', { 'a.txt': sureKey(7) });
    removal.git('rm', '-q', 'a.txt');
    const commit = removal.commit('two');
    const { out } = unleak(['history'], { cwd: removal.folder });
    expect(row(out, 'removed')).toMatch(`in ${commit.slice(0, 10)}; whoever has the history has it still`);
    removal.git('branch', 'old', 'HEAD~1');
    const held = unleak(['history'], { cwd: removal.folder }).out;
    expect(row(held, 'removed')).toBe(`in ${commit.slice(0, 10)}; still at the tip of old`);
  });
});

describe('other formats', () => {
  test('give an archive entry its path and line, and a note none of a file', () => {
    const run = unleak(['history', '--format', 'json'], { cwd: repository.folder });
    const { findings } = JSON.parse(run.out) as FindingsReport;
    const places = findings.flatMap(({ occurrences }) => occurrences);
    const point = ({ line, column, located }: Occurrence): unknown[] => [line, column, located];
    expect(places.filter(({ path }) => path?.includes('!')).map(point)).toEqual([
      [4, 4, undefined],
      [4, 4, undefined],
    ]);
    const annotated = unleak(['history', '--format', 'github'], { cwd: repository.folder }).out;
    expect(annotated).not.toMatch(/file=[0-9a-f]{40}/);
    expect(annotated).toMatch(/note on [0-9a-f]{10} \(refs\/notes\/commits\), line 2/);
  });
});

describe('the hook', () => {
  test('says of a key in a name how to get rid of that', () => {
    const fresh = makeRepository();
    fresh.stage({ [`${sureKey(9)}.js`]: 'x\n' });
    const { code, out, err } = unleak(['staged'], { cwd: fresh.folder });
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/instead +another name: git mv/);
    expect(out).not.toContain('process.env');
  });
});

describe('standard input', () => {
  test('that is too large to keep gives the byte, and no line that is wrong', () => {
    const before = Buffer.alloc(65 << 20, 'some words\n');
    const input = Buffer.concat([before, Buffer.from(`\ntoken = ${sureKey(3)}\n`)]);
    const at = before.length + '\ntoken = '.length;
    const run = unleak(['scan', '-'], { cwd: makeFolder(), input });
    expect([run.code, run.out]).toEqual([1, expect.stringContaining(`standard input, at byte ${at}\n`)]);
    const { findings } = JSON.parse(
      unleak(['scan', '-', '--format', 'json'], { cwd: makeFolder(), input }).out,
    ) as FindingsReport;
    expect(findings[0]?.occurrences[0]).toMatchObject({ located: false, offset: at });
    const sarif = JSON.parse(unleak(['scan', '-', '--format', 'sarif'], { cwd: makeFolder(), input }).out) as unknown;
    expect(JSON.stringify(sarif)).toContain(`"region":{"byteOffset":${at},`);
  });

  test('that can be kept gives the line (control)', () => {
    const run = unleak(['scan', '-'], { cwd: makeFolder(), input: `\n\ntoken = ${sureKey(3)}\n` });
    expect(run.out).toContain('standard input:3:9\n');
  });
});
