/**
 * Every way in which a scan can see less than it should: the built command
 * says so by code and mend, and never ends with 0 unless that was asked for.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { sureKey } from '../helpers/key.ts';
import { PRODUCT, type Run, start } from '../helpers/product.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

/** A folder in which a command cannot see everything. */
interface Scene {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

type Way = readonly [what: string, command: readonly string[], code: string, make: () => Scene];

/** Not as root, to whom nothing is forbidden. */
function unleak(args: readonly string[], { folder, environment }: Scene): Run {
  const nobody = process.geteuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const done = spawnSync(process.execPath, [PRODUCT, ...args], {
    cwd: folder,
    env: { ...GIT_ENVIRONMENT, HOME: '/', ...environment },
    input: '',
    maxBuffer: 1 << 26,
    ...nobody,
  });
  return { code: done.status, out: done.stdout.toString(), err: done.stderr.toString() };
}

/** Lets anybody reach a folder of the tests. */
function opened(folder: string): string {
  for (let at = folder; at.includes('unleak-test'); at = path.dirname(at)) chmodSync(at, 0o755);
  return folder;
}

function files(content: Readonly<Record<string, string | Uint8Array>>): Scene {
  const folder = opened(makeFolder());
  for (const [name, bytes] of Object.entries(content)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), bytes);
  }
  return { folder };
}

/** A configuration of gitleaks, and a file on which its rule takes steps without end. */
function dear(length: number): Record<string, string> {
  const rule = ['[[rules]]', "id = 'dear'", "regex = 'a{1000}'", 'entropy = 7.9', "keywords = ['aaaa']", ''].join('\n');
  return { '.gitleaks.toml': rule, 'a.txt': 'a'.repeat(length) };
}

/** One commit of these files. */
function committed(content: Readonly<Record<string, string>>): Scene {
  const repository = makeRepository();
  opened(repository.folder);
  for (const [name, text] of Object.entries(content)) writeFileSync(path.join(repository.folder, name), text);
  repository.git('add', '.');
  repository.git('commit', '-qm', 'all');
  return { folder: repository.folder };
}

/** Three commits, the work tree clean. */
function history(): TestRepository {
  const repository = makeRepository();
  opened(repository.folder);
  repository.commit('one', { 'a.txt': 'one\n' });
  repository.commit('two', { 'b/c.txt': 'two\n' });
  repository.commit('three', { 'a.txt': 'three\n' });
  return repository;
}

function damaged(damage: (repository: TestRepository) => void): () => Scene {
  return () => {
    const repository = history();
    damage(repository);
    return { folder: repository.folder };
  };
}

function clone(...args: readonly string[]): () => Scene {
  return () => {
    const repository = history();
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const folder = path.join(opened(makeFolder()), 'clone');
    repository.git('clone', '-q', ...args, `file://${repository.folder}`, folder);
    return { folder };
  };
}

function objectFile(repository: TestRepository, revision: string): string {
  const id = repository.id(revision);
  const file = repository.inside('objects', id.slice(0, 2), id.slice(2));
  chmodSync(file, 0o644);
  return file;
}

function pack(repository: TestRepository): string {
  repository.git('repack', '-adq');
  const name = readdirSync(repository.inside('objects/pack')).find((one) => one.endsWith('.pack')) ?? '';
  const file = repository.inside('objects/pack', name);
  chmodSync(file, 0o644);
  return file;
}

/** A zip whose one entry says what it likes. */
function zip(flags: number, method: number): Buffer {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(flags, 8);
  central.writeUInt16LE(method, 10);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

/** Each layer shows that there is more to it. */
function nested(times: number): string {
  let text = 'token = ghp_';
  for (let i = 0; i < times; i++) text = `token = ghp_ ${Buffer.from(text).toString('base64')}`;
  return text;
}

/** Distinct key ids, a line each. */
function manyIds(count: number): string {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => `${expandTemplate('AKIA${base32:16}', random, 'test').text}\n`).join('');
}

/** A `git` that is not what it should be, and the node beside it. */
function wrongGit(script: string | null, make: () => Scene = clone()): () => Scene {
  return () => {
    const bin = opened(makeFolder('bin'));
    symlinkSync(process.execPath, path.join(bin, 'node'));
    if (script !== null) writeFileSync(path.join(bin, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const scene = make();
    writeFileSync(path.join(scene.folder, '.gitignore'), 'ignored.txt\n');
    writeFileSync(path.join(scene.folder, 'ignored.txt'), 'perhaps tracked\n');
    return { ...scene, environment: { PATH: bin } };
  };
}

const HISTORY = ['history'];
const STAGED = ['staged'];
const SCAN = ['scan'];

const WAYS: readonly Way[] = [
  ['a shallow clone', HISTORY, 'GIT_SHALLOW', clone('--depth=1')],
  ['a partial clone', HISTORY, 'GIT_PROMISED_ABSENT', clone('--filter=blob:none', '--no-checkout')],
  ['a missing blob', HISTORY, 'GIT_OBJECT_MISSING', damaged((one) => rmSync(objectFile(one, 'HEAD~2:a.txt')))],
  ['a missing tree', HISTORY, 'GIT_OBJECT_MISSING', damaged((one) => rmSync(objectFile(one, 'HEAD:b')))],
  ['a missing commit', HISTORY, 'GIT_OBJECT_MISSING', damaged((one) => rmSync(objectFile(one, 'HEAD~1')))],
  ['a missing tip', HISTORY, 'GIT_REF_BROKEN', damaged((one) => rmSync(objectFile(one, 'HEAD')))],
  [
    'a damaged loose object',
    HISTORY,
    'GIT_OBJECT_CORRUPT',
    damaged((one) => writeFileSync(objectFile(one, 'HEAD:a.txt'), 'nonsense')),
  ],
  [
    'an empty loose object',
    HISTORY,
    'GIT_OBJECT_CORRUPT',
    damaged((one) => writeFileSync(objectFile(one, 'HEAD~1'), '')),
  ],
  [
    'a damaged pack',
    HISTORY,
    'GIT_OBJECT_CORRUPT',
    damaged((one) => {
      const file = pack(one);
      const bytes = readFileSync(file);
      bytes.fill(0x5a, 40, bytes.length - 60);
      writeFileSync(file, bytes);
    }),
  ],
  [
    'a pack that is cut short',
    HISTORY,
    'GIT_OBJECT_CORRUPT',
    damaged((one) => {
      const file = pack(one);
      writeFileSync(file, readFileSync(file).subarray(0, 60));
    }),
  ],
  [
    'a pack without its index',
    HISTORY,
    'PACK_INDEX_MISSING',
    damaged((one) => {
      one.commit('four', { 'd.txt': 'four\n' });
      const file = pack(one);
      copyFileSync(file, file.replace(/pack-.{8}/, 'pack-00000000'));
    }),
  ],
  [
    'an object folder that cannot be listed',
    HISTORY,
    'GIT_STORE_UNREADABLE',
    damaged((one) => chmodSync(path.dirname(objectFile(one, 'HEAD~2:a.txt')), 0)),
  ],
  [
    'a malformed tree',
    HISTORY,
    'GIT_OBJECT_MALFORMED',
    damaged((one) => one.store('tree', '100644 name-without-an-id\0short')),
  ],
  [
    'a staged blob that is gone',
    STAGED,
    'GIT_OBJECT_MISSING',
    damaged((one) => {
      one.stage({ 'new.txt': 'new\n' });
      rmSync(objectFile(one, ':new.txt'));
    }),
  ],
  [
    'a staged blob that is damaged',
    STAGED,
    'GIT_OBJECT_CORRUPT',
    damaged((one) => {
      one.stage({ 'new.txt': manyIds(100) });
      const file = objectFile(one, ':new.txt');
      writeFileSync(file, readFileSync(file).subarray(0, 200));
    }),
  ],
  [
    'a merge that is not resolved',
    STAGED,
    'STAGED_UNMERGED',
    damaged((one) => {
      one.git('checkout', '-q', '-b', 'other', 'HEAD~1');
      one.commit('other', { 'a.txt': 'other\n' });
      spawnSync('git', ['merge', '-q', 'main'], { cwd: one.folder, env: one.environment });
    }),
  ],
  ['an index that is damaged', STAGED, 'GIT_FAILED', damaged((one) => writeFileSync(one.inside('index'), 'DIRCxxxx'))],
  ['an index that is damaged', SCAN, 'GIT_FAILED', damaged((one) => writeFileSync(one.inside('index'), 'DIRCxxxx'))],
  [
    'a file that cannot be read',
    SCAN,
    'FILE_UNREADABLE',
    () => {
      const scene = files({ 'a.txt': 'x\n', 'b.txt': 'y\n' });
      chmodSync(path.join(scene.folder, 'b.txt'), 0);
      return scene;
    },
  ],
  [
    'a folder that cannot be listed',
    SCAN,
    'FOLDER_UNREADABLE',
    () => {
      const scene = files({ 'a.txt': 'x\n', 'b/c.txt': 'y\n' });
      chmodSync(path.join(scene.folder, 'b'), 0);
      return scene;
    },
  ],
  [
    'an untracked folder of a work tree that cannot be listed',
    SCAN,
    'FOLDER_UNREADABLE',
    () => {
      const { folder } = clone()();
      mkdirSync(path.join(folder, 'closed'));
      writeFileSync(path.join(folder, 'closed/c.txt'), 'y\n');
      chmodSync(path.join(folder, 'closed'), 0);
      return { folder };
    },
  ],
  [
    'a bare repository, read as files',
    SCAN,
    'OBJECTS_NOT_READ',
    () => {
      const { folder } = clone()();
      const bare = path.join(opened(makeFolder()), 'bare.git');
      execFileSync('git', ['clone', '-q', '--bare', folder, bare], { env: GIT_ENVIRONMENT });
      return { folder: opened(bare) };
    },
  ],
  ['a damaged archive', SCAN, 'ARCHIVE_DAMAGED', () => files({ 'a.gz': gzipSync('x'.repeat(99)).subarray(0, 20) })],
  ['an encrypted archive', SCAN, 'ARCHIVE_ENCRYPTED', () => files({ 'a.zip': zip(1, 0) })],
  ['an archive packed in an unknown way', SCAN, 'ARCHIVE_METHOD', () => files({ 'a.zip': zip(0, 97) })],
  [
    'archives in archives in archives',
    SCAN,
    'ARCHIVE_DEPTH',
    () => files({ 'a.gz': gzipSync(gzipSync(gzipSync(gzipSync('x')))) }),
  ],
  [
    'an archive that is too large',
    SCAN,
    'ARCHIVE_TOO_LARGE',
    () => files({ 'a.gz': Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), Buffer.alloc(33 << 20)]) }),
  ],
  ['an archive that expands without end', SCAN, 'ARCHIVE_BYTES', bomb],
  ['text encoded four times', SCAN, 'DECODE_DEPTH', () => files({ 'a.txt': nested(5) })],
  [
    'an encoded run that is too long',
    SCAN,
    'DECODE_LIMIT',
    () => files({ 'a.txt': Buffer.from(`${'x'.repeat(9 << 20)} token = ${sureKey(9)}`).toString('base64') }),
  ],
  ['an expression of the repository that is dear', SCAN, 'EXPRESSION_LIMIT', () => files(dear(300_000))],
  ['an expression of the repository that is dear', HISTORY, 'EXPRESSION_LIMIT', () => committed(dear(300_000))],
  ['more candidates than anyone can judge', SCAN, 'ITEM_LIMIT', () => files({ 'a.txt': manyIds(100_002) })],
  ['no git', SCAN, 'GIT_NOT_FOUND', wrongGit(null)],
  ['a git that fails', SCAN, 'NOT_A_REPOSITORY', wrongGit('echo "fatal: boom" >&2; exit 128')],
  ['a git that fails otherwise', SCAN, 'GIT_FAILED', wrongGit('exit 1')],
  ['a git that fails otherwise', STAGED, 'GIT_FAILED', wrongGit('exit 1')],
  ['a git that fails otherwise', HISTORY, 'GIT_FAILED', wrongGit('exit 1')],
  ['a git that is killed', HISTORY, 'GIT_FAILED', wrongGit('kill -9 $$')],
  [
    'a `.git` that leads nowhere',
    SCAN,
    'NOT_A_REPOSITORY',
    () => files({ '.git': 'gitdir: ../gone\n', '.gitignore': 'i.txt\n', 'i.txt': 'perhaps tracked\n' }),
  ],
];

/** More than 512 MiB, in half a megabyte: zeros packed twice. */
function bomb(): Scene {
  return files({ 'a.gz': gzipSync(Buffer.alloc(513 << 20), { level: 1 }) });
}

/** An error that ends the scan before there is anything to report. */
const ENDING = new Set(['GIT_FAILED']);

describe.each(WAYS)('%s, `unleak %s`', (_, command, code, make) => {
  test(`is ${code}, with a way out, and never 0 but for --allow-incomplete`, () => {
    const scene = make();
    const run = unleak(command, scene);
    expect([run.code, run.err]).toEqual([3, expect.stringMatching(new RegExp(`${code}[^]*?(?:→|mend:) \\S+`))]);
    const stored = unleak([...command, '--format', 'json'], scene);
    const reported = stored.out === '' ? null : (JSON.parse(stored.out) as FindingsReport).coverage;
    expect([stored.code, stored.err]).toEqual([3, expect.stringContaining(code)]);
    expect(reported?.complete ?? ENDING.has(code)).toBe(ENDING.has(code));
    expect(reported?.problems.some((one) => one.code === code && /\S/.test(one.mend))).toBe(
      ENDING.has(code) ? undefined : true,
    );
    const allowed = unleak([...command, '--quiet', '--allow-incomplete'], scene);
    expect([allowed.code, allowed.err]).toEqual([ENDING.has(code) ? 3 : 0, expect.stringContaining(code)]);
    expect([run, stored, allowed].map(({ out, err }) => out + err).join('')).not.toContain('✔');
  });
});

describe('what is found beside it', () => {
  test.each([
    ['history', clone('--depth=1')],
    ['scan', () => files({ 'a.gz': gzipSync('x'.repeat(99)).subarray(0, 20) })],
  ])('makes `unleak %s` end with 1, and the gap is told all the same', (command, make) => {
    const scene = make();
    writeFileSync(path.join(scene.folder, 'key.txt'), `token = ${sureKey(8)}\n`);
    const git = (...args: string[]) => spawnSync('git', args, { cwd: scene.folder, env: GIT_ENVIRONMENT });
    git('add', 'key.txt');
    git('commit', '-qm', 'key');
    for (const args of [[command], [command, '--allow-incomplete']]) {
      const run = unleak(args, scene);
      expect([run.code, run.err]).toEqual([1, expect.stringContaining('not everything could be covered')]);
    }
  });
});

describe('what is whole', () => {
  test.each([
    ['history', clone()],
    ['staged', clone()],
    ['staged', clone('--depth=1')],
    ['scan', clone()],
    ['scan', clone('--depth=1')],
    ['scan', () => files({ 'a.gz': gzipSync('x'), 'b.txt': 'token = none' })],
  ])('ends `unleak %s` with 0 (control)', (command, make) => {
    const { code, out, err } = unleak([command], make());
    expect([code, out, err.includes('not everything')]).toEqual([0, '', false]);
  });

  test('with nothing that git could have been asked about, no git is needed', () => {
    const scene = wrongGit(null, () => files({}))();
    expect(unleak(['scan'], scene).code).toBe(0);
    const tree = wrongGit(null)();
    rmSync(path.join(tree.folder, '.gitignore'));
    expect(unleak(['scan'], tree).code).toBe(0);
  });
});

describe('what cannot be begun', () => {
  test.each([
    ['no git', ['history'], 'GIT_NOT_FOUND', wrongGit(null)],
    ['no git', ['staged'], 'GIT_NOT_FOUND', wrongGit(null)],
    ['a git that talks nonsense', ['history'], 'NOT_A_REPOSITORY', wrongGit('echo nonsense')],
    ['no repository', ['history'], 'NOT_A_REPOSITORY', () => files({})],
    ['no repository', ['staged'], 'NOT_A_REPOSITORY', () => files({})],
    ['a `.git` that leads nowhere', ['history'], 'NOT_A_REPOSITORY', () => files({ '.git': 'gitdir: gone\n' })],
    ['a newer kind of repository', ['history'], 'NOT_A_REPOSITORY', newer],
    ['no rules', ['scan', '--rules', '.'], 'USAGE_NO_RULES', () => files({})],
    ['all rules off', ['scan'], 'CONFIG_', () => files({ '.unleak.toml': '[rules]\nonly = []\n' })],
    ['a rule file with a typo', ['scan', '--rules', 'a.yaml'], 'RULE_', () => files({ 'a.yaml': 'rulez: []\n' })],
    ['a file that cannot be written', ['scan', '--output', '/proc/x'], 'USAGE_OUTPUT', () => files({})],
    ['a configuration that cannot be read', ['scan'], 'USAGE_NO_SUCH_PATH', closedConfiguration],
  ] as const)('%s: `unleak %s` ends with 2, by code and with a way out', (_, command, code, make) => {
    const run = unleak(command, make());
    expect([run.code, run.out]).toEqual([2, '']);
    expect(run.err).toMatch(new RegExp(`error\\[${code}[^]*\\n {2}mend: \\S`));
  });

  test('a git that talks nonsense: nothing staged is not what it means', () => {
    expect(unleak(['staged'], wrongGit('echo nonsense')()).code).toBeGreaterThan(0);
  });
});

function newer(): Scene {
  const repository = history();
  repository.git('config', 'core.repositoryFormatVersion', '99');
  return { folder: repository.folder };
}

function closedConfiguration(): Scene {
  const scene = files({ '.unleak.toml': '' });
  chmodSync(path.join(scene.folder, '.unleak.toml'), 0);
  return scene;
}

test('a file that grows while it is read', async () => {
  const folder = makeFolder();
  const file = path.join(folder, 'log');
  const handle = openSync(file, 'w');
  for (let i = 0; i < 40; i++) writeSync(handle, Buffer.alloc(1 << 20, 'some words of a log file\n'));
  closeSync(handle);
  const running = start(['scan', 'log'], { cwd: folder });
  const growing = setInterval(() => appendFileSync(file, 'one more line\n'), 1);
  let said = '';
  running.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
  const code = await new Promise((resolve) => running.once('close', resolve));
  clearInterval(growing);
  expect([code, said]).toEqual([3, expect.stringContaining('FILE_CHANGED')]);
});

test('objects that vanish when a repository is scanned are no reason to call it clean', () => {
  const repository = history();
  const objects = repository.inside('objects');
  renameSync(objects, `${objects}-moved`);
  mkdirSync(objects);
  expect(unleak(['history'], { folder: repository.folder }).code).toBe(3);
});

test('a git that says nothing is not taken for nothing staged', () => {
  const silent = wrongGit('exit 0')();
  for (const args of [['staged'], ['hook', 'run', 'pre-commit']])
    expect(unleak(args, silent)).toMatchObject({ code: 2, err: expect.stringContaining('error[NOT_A_REPOSITORY]') });
  // Control: git itself prints as little.
  const { environment: _, ...spoken } = silent;
  expect(unleak(['staged'], spoken)).toMatchObject({ code: 0, out: '' });
});
