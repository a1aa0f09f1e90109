/**
 * A repository that tries to be executed: every setting, attribute and hook
 * that names a program names a tripwire, which writes to a file outside.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { makeFolder, makeRepository, type TestRepository } from './repository.ts';

export interface ArmedRepository {
  readonly repository: TestRepository;
  /** What was executed so far, a line each. */
  readonly fired: () => string[];
  /** An object that is promised by a remote and absent. */
  readonly absent: string;
}

const HOOKS = [
  'applypatch-msg',
  'commit-msg',
  'fsmonitor-watchman',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'pre-auto-gc',
  'pre-commit',
  'pre-push',
  'prepare-commit-msg',
  'reference-transaction',
  'post-rewrite',
  'sendemail-validate',
];

/** @param promisor - address of the remote that promised the absent object; default: one that executes */
export function makeArmedRepository(promisor?: string): ArmedRepository {
  const outside = makeFolder('tripwire');
  const log = path.join(outside, 'fired');
  const tripwire = path.join(outside, 'tripwire.sh');
  writeFileSync(tripwire, `#!/bin/sh\necho "$0 $*" >> '${log}'\ncat >/dev/null 2>&1 </dev/null\nexit 1\n`);
  chmodSync(tripwire, 0o755);
  const repository = makeRepository();
  repository.commit('first', { 'a.txt': 'one\n', 'b.bin': 'two\n', 'gone.txt': 'to be absent\n' });
  repository.commit('second', { 'a.txt': 'three\n', '.gitattributes': '* diff=armed filter=armed merge=armed\n' });
  repository.git('tag', '-a', 'v1', '-m', 'a tag');
  repository.git('notes', 'add', '-m', 'a note');
  repository.stage({ 'staged.txt': 'staged\n' });
  repository.write('untracked.txt', 'untracked\n');
  repository.write('a.txt', 'changed on disk\n');
  const absent = repository.id('HEAD:gone.txt');
  rmSync(repository.inside('objects', absent.slice(0, 2), absent.slice(2)));
  arm(repository, tripwire, promisor);
  return {
    repository,
    absent,
    fired: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
  };
}

function arm(repository: TestRepository, tripwire: string, promisor: string | undefined): void {
  const settings = [
    '[core]',
    // A proxy would stand between git and the promised address.
    ...(promisor === undefined ? ['gitProxy'] : []).map((key) => `\t${key} = ${tripwire} core.${key}`),
    ...['fsmonitor', 'sshCommand', 'pager', 'editor', 'askPass', 'alternateRefsCommand'].map(
      (key) => `\t${key} = ${tripwire} core.${key}`,
    ),
    '\tuntrackedCache = true',
    `[sequence]\n\teditor = ${tripwire} sequence`,
    `[diff]\n\texternal = ${tripwire} diff.external`,
    `[diff "armed"]\n\ttextconv = ${tripwire} textconv\n\tcommand = ${tripwire} diff.command`,
    `[filter "armed"]\n\tclean = ${tripwire} clean\n\tsmudge = ${tripwire} smudge\n\tprocess = ${tripwire} process\n\trequired = true`,
    `[merge "armed"]\n\tdriver = ${tripwire} merge`,
    `[gpg]\n\tprogram = ${tripwire} gpg`,
    `[gpg "ssh"]\n\tprogram = ${tripwire} gpg.ssh\n\tdefaultKeyCommand = ${tripwire} gpg.ssh.key`,
    `[credential]\n\thelper = !${tripwire} credential`,
    `[uploadpack]\n\tpackObjectsHook = ${tripwire} packObjectsHook`,
    `[interactive]\n\tdiffFilter = ${tripwire} diffFilter`,
    `[trailer "armed"]\n\tcommand = ${tripwire} trailer\n\tcmd = ${tripwire} trailer.cmd`,
    `[alias]`,
    ...[
      'cat-file',
      'ls-files',
      'rev-parse',
      'rev-list',
      'for-each-ref',
      'config',
      'diff-index',
      'diff-tree',
      'count-objects',
    ].map((name) => `\t${name} = !${tripwire} alias.${name}`),
    '[pager]',
    ...['cat-file', 'ls-files', 'rev-list', 'for-each-ref', 'config'].map(
      (name) => `\t${name} = ${tripwire} pager.${name}`,
    ),
    '[protocol]\n\tallow = always',
    '[protocol "ext"]\n\tallow = always',
    `[remote "origin"]\n\turl = ${promisor ?? `ext::${tripwire} promisor`}\n\tpromisor = true\n\tpartialclonefilter = blob:none\n\tuploadpack = ${tripwire} uploadpack`,
    '[include]\n\tpath = included',
  ].join('\n');
  const config = repository.inside('config');
  const { folder } = repository;
  writeFileSync(config, `${readFileSync(config, 'utf8').replace('[core]', '[core]')}${settings}\n`);
  const gitDir = path.join(folder, '.git');
  writeFileSync(
    path.join(gitDir, 'included'),
    `[core]\n\tfsmonitor = ${tripwire} included\n[extensions]\n\tpartialClone = origin\n`,
  );
  mkdirSync(path.join(gitDir, 'hooks'), { recursive: true });
  for (const hook of HOOKS) {
    const file = path.join(gitDir, 'hooks', hook);
    writeFileSync(file, `#!/bin/sh\nexec ${tripwire} hook.${hook} "$@"\n`);
    chmodSync(file, 0o755);
  }
}

/** Every file below a folder with its bytes and times, to compare before and after. */
export function snapshot(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    const stat = lstatSync(file, { bigint: true });
    const content = stat.isFile() ? readFileSync(file, 'latin1') : '';
    files.set(name, `${stat.mode} ${stat.mtimeNs} ${stat.ctimeNs} ${content}`);
  }
  return files;
}
