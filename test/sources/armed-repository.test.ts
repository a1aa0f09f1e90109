import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

import { describe, expect, test } from 'vitest';

import { readObjects } from '../../src/git/cat-file.ts';
import { resolveRange } from '../../src/git/commit-range.ts';
import { idList } from '../../src/git/object-id.ts';
import { ObjectPipe } from '../../src/git/object-pipe.ts';
import { type Repository, openRepository } from '../../src/git/repository.ts';
import { runGit } from '../../src/git/run.ts';
import { commitsSource } from '../../src/sources/commits.ts';
import { filesSource } from '../../src/sources/files.ts';
import { historySource } from '../../src/sources/history.ts';
import { stagedSource } from '../../src/sources/staged.ts';
import type { Source } from '../../src/core/source.ts';
import { makeArmedRepository, snapshot } from '../helpers/armed-repository.ts';
import { GIT_ENVIRONMENT } from '../helpers/repository.ts';
import { find, signal } from '../helpers/source.ts';

/** Everything a source does: all blobs, attribution, and reading again. */
async function exercise(source: Source): Promise<string[]> {
  const { holdings, drained } = await find(source, ['one', 'three', 'staged', 'changed on disk', 'untracked']);
  for (const id of holdings.keys()) await source.read(id, signal);
  return drained.map(({ bytes }) => bytes.toString());
}

async function exerciseAll(folder: string, absent: string): Promise<{ texts: string[]; opened: Repository }> {
  const opened = await openRepository(folder, { signal, environment: GIT_ENVIRONMENT });
  const texts = [
    ...(await exercise(historySource(opened))),
    ...(await exercise(historySource(opened, { reachableOnly: true }))),
    ...(await exercise(stagedSource(opened))),
    ...(await exercise(commitsSource(opened, await resolveRange(opened, 'HEAD~1..HEAD', signal)))),
    ...(await exercise(filesSource([folder], { cwd: folder, environment: GIT_ENVIRONMENT }))),
  ];
  for await (const items of readObjects(opened.invocation, idList([absent], 40), { signal })) {
    expect(items).toMatchObject([{ kind: 'absent' }]);
  }
  const pipe = new ObjectPipe(opened.invocation, opened.idLength);
  expect(await pipe.get(absent, signal)).toBeNull();
  pipe.close();
  return { texts, opened };
}

describe('a repository in which everything executable is armed', () => {
  test('none of it runs, and no file of it changes', async () => {
    const { repository, absent, fired } = makeArmedRepository();
    expect(fired()).toEqual([]);
    const before = snapshot(repository.folder);
    const { texts } = await exerciseAll(repository.folder, absent);
    expect(fired()).toEqual([]);
    expect(snapshot(repository.folder)).toEqual(before);
    expect(texts.join('')).toContain('changed on disk');
    expect(texts.join('')).toContain('staged');
  });

  test('ordinary git on it does run them (control)', () => {
    const { repository, absent, fired } = makeArmedRepository();
    const run = (...args: string[]) =>
      spawnSync('git', args, { cwd: repository.folder, env: repository.environment, encoding: 'utf8' });
    run('status');
    run('diff');
    run('cat-file', '-p', absent);
    const names = fired().join('\n');
    expect(names).toContain('included');
    expect(names).toContain('promisor');
    expect(names).toMatch(/diff|process|clean/);
  });

  test('the promising remote is not asked', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const { repository, absent } = makeArmedRepository(`git://127.0.0.1:${port}/repository`);
      await exerciseAll(repository.folder, absent);
      expect(connections).toBe(0);
      const control = new Promise<void>((resolve) => {
        server.once('connection', () => resolve());
      });
      execFile(
        'git',
        ['cat-file', '-p', absent],
        { cwd: repository.folder, env: repository.environment },
        () => undefined,
      );
      await control;
      expect(connections).toBeGreaterThan(0);
    } finally {
      server.close();
    }
  });

  test('nor by a git that does not know GIT_NO_LAZY_FETCH', async () => {
    const { repository, absent, fired } = makeArmedRepository();
    const { invocation } = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
    const { GIT_NO_LAZY_FETCH: _lazy, ...older } = invocation.environment;
    const ask = (environment: Readonly<Record<string, string>>) =>
      // How it ends does not matter: writing to a fetch that has ended may kill it.
      runGit({ ...invocation, environment }, ['cat-file', '-p', absent], { signal }).catch(() => undefined);
    await ask(older);
    expect(fired()).toEqual([]);
    const { GIT_ALLOW_PROTOCOL: _allowed, ...unguarded } = older;
    await ask(unguarded);
    expect(fired().join('\n')).toContain('promisor');
  });

  test('what the remote left out is a problem', async () => {
    const { repository } = makeArmedRepository();
    const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
    const source = historySource(opened);
    await exercise(source);
    expect(source.coverage.report('history').problems.map(({ code }) => code)).toEqual(['GIT_PROMISED_ABSENT']);
  });
});
