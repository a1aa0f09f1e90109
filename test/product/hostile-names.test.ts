/**
 * A repository whose every name is an attack, and its twin with harmless ones,
 * go through every command and format: the output must differ in nothing but
 * the names' letters.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { formats } from '../../src/report/formats.ts';
import {
  ACTIVE,
  cellsOf,
  commandProperties,
  HOSTILE,
  isFormula,
  MARKDOWN_ACTIVE,
  outsideOfCode,
  tagsOf,
  workflowCommands,
  xmlFaults,
} from '../helpers/inert.ts';
import { sureKey } from '../helpers/key.ts';
import { type Run, unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

const FORMATS = Object.keys(formats);
/** Those that say how keys are handled; the others leave it out. */
const POLICY_FORMATS = ['pretty', 'json', 'jsonl', 'sarif', 'csv', 'markdown', 'github'];
const RUNS = [
  ...FORMATS.map((format): [string, string] => ['scan', format]),
  ...FORMATS.map((format): [string, string] => ['history', format]),
  ...POLICY_FORMATS.map((format): [string, string] => ['scan --policy', format]),
  ['staged', 'pretty'],
  ['staged', 'json'],
] as const;

/** Neither files nor git can have these. */
const names = Object.entries(HOSTILE).filter(([kind]) => kind !== 'nul' && kind !== 'surrogates');
const listed = names.map(([, text]) => text);
const harmless = names.map(([kind]): [string, string] => [kind, `plain-${kind}`]);

/** As much of a name as a branch or tag may have. */
function refName(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0020~^:?*[\\\u007f]|@\{|\.\.|\/$|\.$|\.lock$|\/\//g, '')
    .replaceAll(/(^|\/)[./]+/g, '$1');
}

/** One text for `git fast-import`, which takes names that no other command lets through. */
class Import {
  readonly #pieces: string[] = [];
  #keys = 0;

  /** A line with a key of its own. */
  line(): string {
    return `token = "${sureKey(++this.#keys)}"\n`;
  }

  add(...lines: readonly string[]): void {
    this.#pieces.push(...lines.map((line) => `${line}\n`));
  }

  data(text: string): string {
    return `data ${Buffer.byteLength(text)}\n${text}`;
  }

  get text(): string {
    return this.#pieces.join('');
  }
}

/** A path as fast-import reads it. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** No folder in between. */
function fileName(text: string): string {
  return text.replaceAll('/', '\u2044');
}

/** The same repository for any list of names: a key for each, in each kind of place. */
function build(list: readonly (readonly [string, string])[]): TestRepository {
  const repository = makeRepository();
  const { clock } = repository;
  const all = new Import();
  for (const [index, [kind, text]] of list.entries()) {
    const person = `${text.replaceAll(/[\n<>]/g, ' ')} <${text.replaceAll(/[\n<>]/g, '')}@x> ${clock + index} +0000`;
    const file = fileName(text);
    all.add('commit refs/heads/main', `mark :${index + 1}`, `author ${person}`, `committer ${person}`);
    all.add(all.data(`${text}\n\n${all.line()}`));
    all.add(`M 100644 inline ${quoted(`${kind}/${file}.txt`)}`, all.data(all.line()));
    all.add(`M 100644 inline ${quoted(`${kind}/${file}/inner.js`)}`, all.data(all.line()));
    all.add(`M 100644 inline ${quoted(`${file}.top`)}`, all.data(all.line()));
    all.add(`M 100644 inline ${quoted(`public/${file}.js`)}`, all.data(all.line()));
    all.add(`reset refs/heads/${kind}${refName(text)}`, `from :${index + 1}`);
    all.add(`tag t${kind}${refName(text)}`, `from :${index + 1}`, `tagger ${person}`);
    all.add(all.data(`${text}\n${all.line()}`));
    all.add('commit refs/notes/commits', `committer ${person}`, all.data(text));
    all.add('N inline :' + String(index + 1), all.data(`${text}\n${all.line()}`));
  }
  repository.gitBytes(['fast-import', '--quiet', '--force'], all.text);
  repository.git('reset', '-q', '--hard', 'main');
  const head = repository.id('HEAD');
  const modules: string[] = [];
  for (const [kind, text] of list) {
    repository.write(`new-${kind}/${fileName(text)}.yml`, all.line());
    execFileSync('mkfifo', [path.join(repository.folder, `new-${kind}`, `${fileName(text)}.pipe`)]);
    modules.push(`160000 ${head}\tmodule-${kind}/${fileName(text)}\0`);
  }
  repository.git('add', '-A');
  repository.gitBytes(['update-index', '-z', '--index-info'], modules.join(''));
  return repository;
}

let hostile: TestRepository;
let plain: TestRepository;

beforeAll(() => {
  plain = build(harmless);
  hostile = build(names);
});

function run(repository: TestRepository, args: readonly string[]): Run {
  return unleak(args, { cwd: repository.folder, environment: repository.environment });
}

/** What in the output is ours, sorted: names must add nothing to it and take nothing away. */
const SKELETON: Readonly<Record<string, (text: string) => readonly string[]>> = {
  pretty: (text) => workflowCommands(text),
  github: (text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => commandProperties(line).names.join()),
  html: tagsOf,
  junit: tagsOf,
  'gitleaks-junit': tagsOf,
  csv: formulas,
  'gitleaks-csv': formulas,
  markdown: (text) =>
    outsideOfCode(text)
      .split('\n')
      .filter((line) => MARKDOWN_ACTIVE.test(line)),
  jsonl: (text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => shapeOf(JSON.parse(line))),
};

/** For each cell whether a spreadsheet would compute it. */
function formulas(text: string): readonly string[] {
  return cellsOf(text.trimEnd()).map((cell) => String(isFormula(cell)));
}

/** What must not be in a format at all. */
const FAULTS: Readonly<Record<string, (text: string) => readonly string[]>> = {
  junit: xmlFaults,
  'gitleaks-junit': xmlFaults,
  csv: (text) => cellsOf(text).filter(isFormula),
  'gitleaks-csv': (text) => cellsOf(text).filter(isFormula),
  github: (text) =>
    text
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('::')),
};

/** Keys and kinds of values, without the values. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shapeOf).toSorted().join()}]`;
  if (typeof value !== 'object' || value === null) return typeof value;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}:${shapeOf(inner)}`)
    .join()}}`;
}

function skeleton(format: string, text: string): readonly string[] {
  return (SKELETON[format] ?? ((json: string) => [shapeOf(JSON.parse(json))]))(text).toSorted();
}

describe('the output', () => {
  test.each(RUNS)('of `unleak %s --format %s` is the same for hostile and for harmless names', (command, format) => {
    const [bad, good] = [hostile, plain].map((repository) =>
      run(repository, [...command.split(' '), '--format', format]),
    );
    expect([bad?.code, good?.code]).toEqual([1, 1]);
    const text = `${bad?.out}${bad?.err}`;
    expect(ACTIVE.exec(text)?.[0]).toBeUndefined();
    expect(skeleton(format, bad?.out ?? '')).toEqual(skeleton(format, good?.out ?? ''));
    expect(workflowCommands(bad?.err ?? '')).toEqual([]);
    expect(FAULTS[format]?.(text) ?? []).toEqual([]);
  });
});

describe('the repository', () => {
  test('is hostile, and its names are told as they are (control)', () => {
    const { findings } = JSON.parse(run(hostile, ['scan', '--format', 'json']).out) as FindingsReport;
    const paths = new Set(findings.flatMap(({ occurrences }) => occurrences.map(({ path: shown }) => shown)));
    expect(listed.filter((text) => !paths.has(`${fileName(text)}.top`))).toEqual([]);
    expect(listed.filter((text) => ACTIVE.test(text)).length).toBeGreaterThan(4);
  });

  test('shows its names where keys are handled badly, too (control)', () => {
    const { policy = [] } = JSON.parse(run(hostile, ['scan', '--policy', '--format', 'json']).out) as FindingsReport;
    const paths = new Set(policy.flatMap(({ places }) => places.map(({ path: shown }) => shown)));
    expect(listed.filter((text) => !paths.has(`public/${fileName(text)}.js`))).toEqual([]);
  });

  test('goes through a stored report, allow, baseline and the hook as well', () => {
    const stored = path.join(makeFolder(), 'report.json');
    run(hostile, ['history', '--format', 'json', '--output', stored]);
    const outputs = [
      ...FORMATS.map((format) => run(hostile, ['report', stored, '--format', format])),
      run(hostile, ['hook', 'run', 'pre-commit']),
      run(hostile, ['baseline', 'write', '--output', path.join(makeFolder(), 'baseline')]),
    ];
    for (const { out, err } of outputs) expect(ACTIVE.exec(out + err)?.[0]).toBeUndefined();
    expect(outputs.map(({ code }) => code)).toEqual([...FORMATS.map(() => 0), 1, 0]);
  });

  test('can be told what to leave out, and that is inert too', () => {
    const lines = names.map(([kind]) => JSON.stringify(`new-${kind}/**`));
    writeFileSync(path.join(hostile.folder, '.unleak.toml'), `[paths]\nignore = [${lines.join(', ')}]\n`);
    const { out, err } = run(hostile, ['scan']);
    expect(err).toContain('excluded');
    expect(ACTIVE.exec(out + err)?.[0]).toBeUndefined();
  });
});
