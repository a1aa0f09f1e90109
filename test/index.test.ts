import { randomBytes } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { builtinRules, loadRules, scanFiles, scanRepository, scanText } from '../src/index.ts';
import { makeFolder, makeRepository } from './helpers/repository.ts';

const key = randomBytes(20).toString('hex');

describe('the library', () => {
  test('scans a text', async () => {
    const seen: string[] = [];
    const { findings, coverage } = await scanText(`MIGOSMTP_API_KEY=${key}\n`, { onBlob: ({ id }) => seen.push(id) });
    expect(findings).toMatchObject([
      { rule: 'migosmtp-api-key', provider: 'migosmtp', occurrences: [{ kind: 'stdin', line: 1, column: 18 }] },
    ]);
    expect(coverage).toMatchObject({ complete: true, source: 'stdin', files: 1 });
    expect(seen).toEqual(['-']);
    expect(JSON.stringify(findings)).not.toContain(key.slice(0, 30));
  });

  test('shows the secret only when asked', async () => {
    const { findings } = await scanText(`MIGOSMTP_API_KEY=${key}\n`, { showSecrets: true });
    expect(findings[0]?.secret).toBe(key);
  });

  test('scans files and repositories', async () => {
    const repository = makeRepository();
    const commit = repository.commit('add', { 'config/.env': `TELNXO_API_KEY=${key}\n` });
    repository.commit('remove', { 'config/.env': 'clean\n' });
    expect((await scanFiles(['.'], { cwd: repository.folder })).findings).toEqual([]);
    const { findings, coverage } = await scanRepository(repository.folder);
    expect(findings).toMatchObject([
      {
        rule: 'telnxo-api-key',
        firstSeen: { commit, author: 'Ada Author' },
        occurrences: [{ kind: 'blob', path: 'config/.env', line: 1, commit, removedIn: [expect.any(String)] }],
      },
    ]);
    expect(coverage).toMatchObject({ complete: true, source: 'history', commits: 2 });
  });

  test('refuses what is not there', async () => {
    await expect(scanFiles(['missing'], { cwd: makeFolder() })).rejects.toMatchObject({ code: 'NO_SUCH_PATH' });
    await expect(scanRepository('/')).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  });

  test('ends when it is told to', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(scanText('text', { signal: stop.signal })).rejects.toThrow('enough');
  });

  test('takes rules of other people', async () => {
    const [rule] = builtinRules();
    expect(rule?.id).toBeTruthy();
    expect(() => loadRules('rules: [{ idd: x }]', 'mine.yaml')).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^RULE_/) }),
    );
  });
});
