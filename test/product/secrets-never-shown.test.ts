/**
 * A corpus of secrets in every kind of place goes through every command and
 * every format; none of them may come out again, whole, in part or encoded.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { beforeAll, describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { formats } from '../../src/report/formats.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { seededRandom, seedOf } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { sureKey } from '../helpers/key.ts';
import { type Run, unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

const FORMATS = Object.keys(formats);
/** Those that show lines, and the contract. */
const FORMATS_WITH_LINES = ['pretty', 'json', 'sarif', 'github', 'markdown', 'html', 'gitleaks'];

/** Characters of a secret in a row that must not be seen; the last four may be. */
const WINDOW = 12;

/** Everything that must stay hidden, cut into windows, and each in its usual encodings. */
class Hidden {
  readonly #windows = new Set<string>();
  /** Words of the rules themselves, such as the fixed beginnings of keys. */
  readonly #public = new Set(windowsOf(JSON.stringify(BUILTIN_RULES)));

  add(secret: string): void {
    const bytes = Buffer.from(secret, 'latin1');
    for (const text of [secret, bytes.toString('hex'), encodeURIComponent(secret), ...base64Forms(bytes)]) {
      for (const window of windowsOf(text)) if (!this.#public.has(window)) this.#windows.add(window);
    }
  }

  get size(): number {
    return this.#windows.size;
  }

  /** The first window that a text shows, or null. */
  seenIn(text: string): string | null {
    for (const window of windowsOf(text)) if (this.#windows.has(window)) return window;
    return null;
  }
}

function* windowsOf(text: string): Generator<string> {
  for (let i = 0; i + WINDOW <= text.length; i++) yield text.slice(i, i + WINDOW);
}

/** As base64 writes it at any of the three alignments, without the characters that its neighbours share. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4);
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Every example of every rule, written out: a file each. */
function exampleFiles(): Record<string, string> {
  return Object.fromEntries(
    BUILTIN_SAMPLES.flatMap(({ rule, examples }) =>
      examples.map((template, i) => [
        `examples/${rule}-${i}.txt`,
        `${expandTemplate(template, seededRandom(seedOf(template)), rule).text}\n`,
      ]),
    ),
  );
}

const keys = Array.from({ length: 30 }, (_, i) => sureKey(1000 + i));
const key = (i: number): string => keys[i] ?? '';

/** Keys in odd places of files: several a line, encoded, wide, packed. */
function oddFiles(): Record<string, string | Uint8Array> {
  const folder = makeFolder();
  writeFileSync(path.join(folder, 'inner.txt'), `inside ${key(8)}\n`);
  const tar = execFileSync('tar', ['-cf', '-', '-C', folder, 'inner.txt']);
  return {
    'several.txt': `a=${key(0)} b=${key(1)}, ${key(0)};${key(2)}|${key(1)}\n`,
    'base64.txt': `data: ${Buffer.from(`token=${key(3)}`).toString('base64')}\n`,
    'hex.txt': `data: ${Buffer.from(`token=${key(4)}`).toString('hex')}\n`,
    'twice.txt': Buffer.from(Buffer.from(`token=${key(5)}`).toString('base64')).toString('base64'),
    'escaped.json': `{"a":"{\\"token\\":\\"${key(6)}\\"}","b":"%22${key(6)}%22"}\n`,
    'wide.txt': Buffer.from(`\uFEFFtoken ${key(7)}\n`, 'utf16le'),
    'packed.tgz': gzipSync(tar),
    'minified.js': `var a=${'x'.repeat(9000)};var token="${key(9)}";${'y'.repeat(9000)}\n`,
    [`${key(10)}.txt`]: 'a key for a name\n',
    [`folder-${key(11)}/${Buffer.from(key(12)).toString('base64url')}.txt`]: `and inside ${key(13)}\n`,
    'binary.bin': Buffer.concat([Buffer.alloc(300), Buffer.from(key(14)), Buffer.from([0, 1, 2, 255])]),
  };
}

let repository: TestRepository;
const hidden = new Hidden();

beforeAll(() => {
  repository = makeRepository();
  repository.commit('examples', exampleFiles());
  repository.commit(`message with ${key(15)} in it`, oddFiles());
  repository.environment['GIT_AUTHOR_NAME'] = `Ada ${key(16)}`;
  repository.environment['GIT_AUTHOR_EMAIL'] = `${key(17)}@example.test`;
  repository.commit('as somebody odd', { 'by-odd.txt': `${key(18)}\n` });
  repository.git('branch', `topic/${key(19)}`);
  repository.git('tag', '-a', `v-${key(20)}`, '-m', `tagged ${key(21)}`);
  repository.git('notes', 'add', '-m', `note ${key(22)}`);
  repository.write('by-odd.txt', `${key(23)}\n`);
  repository.git('stash', 'push', '-q', '-m', `stashed ${key(24)}`);
  repository.stage({ 'staged.txt': `${key(25)}\n`, [`staged-${key(26)}.txt`]: 'x\n' });
  repository.write('not-staged.txt', `${key(27)}\n`);
  for (const one of keys.slice(0, 28)) hidden.add(one);
});

/** What a command printed, and the code it ended with. */
function run(args: readonly string[], input?: string): Run {
  return unleak(args, { cwd: repository.folder, environment: repository.environment, ...(input ? { input } : {}) });
}

describe('secrets', () => {
  let shown: FindingsReport;
  let found: Set<string>;

  beforeAll(() => {
    const { out } = run(['history', '--format', 'json', '--show-secrets']);
    shown = JSON.parse(out) as FindingsReport;
    found = new Set(shown.findings.flatMap(({ secret }) => secret ?? []));
    for (const secret of found) if (secret.length >= WINDOW) hidden.add(secret);
  });

  test('are there: every key of the corpus is found somewhere, and seen if asked for (control)', () => {
    const inFolder = JSON.parse(run(['scan', '--format', 'json', '--show-secrets']).out) as FindingsReport;
    for (const { secret = '' } of inFolder.findings) found.add(secret);
    expect(keys.slice(0, 28).filter((one) => !found.has(one))).toEqual([]);
    expect(new Set(shown.findings.map(({ rule }) => rule)).size).toBeGreaterThan(BUILTIN_RULES.length * 0.7);
    expect(hidden.size).toBeGreaterThan(20_000);
    for (const format of ['pretty', 'json', 'jsonl'])
      expect(hidden.seenIn(run(['scan', 'several.txt', '--format', format, '--show-secrets']).out)).not.toBeNull();
  });

  test.each(FORMATS_WITH_LINES)('do not come out of `unleak history --format %s`', (format) => {
    const { code, out, err } = run(['history', '--format', format]);
    expect([code, hidden.seenIn(out), hidden.seenIn(err)]).toEqual([1, null, null]);
    expect(out.length).toBeGreaterThan(10_000);
  });

  test.each(FORMATS)('do not come out of `unleak scan --format %s`', (format) => {
    const { code, out, err } = run(['scan', '--format', format]);
    expect([code, hidden.seenIn(out), hidden.seenIn(err)]).toEqual([1, null, null]);
  });

  test.each(FORMATS)('do not come out of `unleak staged --format %s`', (format) => {
    const { code, out, err } = run(['staged', '--format', format]);
    expect([code, hidden.seenIn(out), hidden.seenIn(err)]).toEqual([1, null, null]);
  });

  test('do not come out of the hook, of standard input, of a report file, or of what is written to the project', () => {
    expect(hidden.seenIn(JSON.stringify(run(['hook', 'run', 'pre-commit'])))).toBeNull();
    expect(hidden.seenIn(JSON.stringify(run(['scan', '-'], `a ${key(0)} b ${key(1)}\n`)))).toBeNull();
    const folder = makeFolder();
    const stored = path.join(folder, 'report.json');
    run(['history', '--format', 'json', '--output', stored]);
    for (const format of FORMATS) {
      const again = run(['report', stored, '--format', format]);
      expect([format, again.code, hidden.seenIn(again.out + again.err)]).toEqual([format, 0, null]);
    }
    const listed = run(['baseline', 'write', '--output', path.join(folder, 'baseline')]);
    const id = shown.findings[0]?.fingerprint ?? '';
    const allowed = run(['allow', id, '--reason', 'a test']);
    expect([listed.code, allowed.code]).toEqual([0, 0]);
    const written = ['report.json', 'baseline'].map((name) => readFileSync(path.join(folder, name), 'utf8'));
    const allow = readFileSync(path.join(repository.folder, '.unleak-allow'), 'utf8');
    expect(hidden.seenIn([JSON.stringify([listed, allowed]), ...written, allow].join('\n'))).toBeNull();
  });

  test('do not come out of errors', () => {
    const folder = makeFolder();
    writeFileSync(path.join(folder, 'rules.yaml'), `rules: [{ id: ${key(0)}\n`);
    writeFileSync(path.join(folder, '.unleak.toml'), `[paths]\nignore = ["${key(1)}\n`);
    writeFileSync(path.join(folder, 'report.json'), `{"schema":"unleak.findings/1","findings":"${key(2)}"`);
    mkdirSync(path.join(folder, 'other'));
    writeFileSync(path.join(folder, 'other/.unleak-allow'), `${key(3)}\n`);
    const runs = [
      unleak(['scan', '--rules', 'rules.yaml'], { cwd: folder }),
      unleak(['scan'], { cwd: folder }),
      unleak(['report', 'report.json'], { cwd: folder }),
      unleak(['scan'], { cwd: path.join(folder, 'other') }),
      unleak(['allow', key(4), '--reason', 'x'], { cwd: makeFolder() }),
    ];
    expect(runs.map(({ code }) => code)).toEqual(runs.map(() => 2));
    expect(runs.map(({ out, err }) => hidden.seenIn(out + err))).toEqual(runs.map(() => null));
  });
});
