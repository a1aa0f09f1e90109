import { describe, expect, test } from 'vitest';

import { gitleaksArguments } from '../../../src/cli/gitleaks/arguments.ts';
import {
  G_CONFIG,
  G_ENABLE,
  G_LOG_OPTS,
  G_REDACT,
  G_REPORT,
  G_STAGED,
  G_VERBOSE,
} from '../../../src/cli/flags/gitleaks.ts';

const read = (line: string) => gitleaksArguments(line.split(' '));

describe('flags', () => {
  test.each([
    ['git --config a.toml', 'a.toml'],
    ['git --config=a.toml', 'a.toml'],
    ['git -c a.toml', 'a.toml'],
    ['git -ca.toml', 'a.toml'],
    ['git -c=a.toml', 'a.toml'],
    ['--config a.toml git', 'a.toml'],
    ['git -c a.toml --config b.toml', 'b.toml'],
  ])('%s', (line, expected) => {
    expect(read(line).options.get(G_CONFIG)).toBe(expected);
  });

  test('of one letter stand together', () => {
    const { options } = read('detect -vr -');
    expect([options.get(G_VERBOSE), options.get(G_REPORT)]).toEqual([true, '-']);
  });

  test('switches take a value after = only', () => {
    expect(read('git --staged=false').options.get(G_STAGED)).toBe(false);
    expect(read('git --staged=true').options.get(G_STAGED)).toBe(true);
    expect(read('git --staged .').positionals).toEqual(['.']);
    expect(() => read('git --staged=maybe')).toThrow(expect.objectContaining({ code: 'USAGE_ARGUMENTS' }));
  });

  test('redact takes a number after = only', () => {
    expect(read('git --redact .').options.get(G_REDACT)).toBe('100');
    expect(read('git --redact=20 .').options.get(G_REDACT)).toBe('20');
  });

  test('values may begin with dashes', () => {
    expect(gitleaksArguments(['git', '--log-opts', '--all -n 3']).options.get(G_LOG_OPTS)).toBe('--all -n 3');
  });

  test('lists are repeated or parted by commas', () => {
    expect(read('dir --enable-rule a,b --enable-rule c').options.get(G_ENABLE)).toEqual(['a', 'b', 'c']);
  });

  test('an empty value is none', () => {
    expect(read('git --log-opts=').options.get(G_LOG_OPTS)).toBeUndefined();
  });
});

describe('commands', () => {
  test('have their older names', () => {
    expect(['dir', 'file', 'directory'].map((name) => read(name).command)).toEqual(['dir', 'dir', 'dir']);
    expect(read('--version').command).toBe('version');
  });

  test.each(['git --nonsense', 'git -x', 'dir --staged', 'protect --no-git', 'stdin --log-opts=-1'])(
    '%s: the flag is unknown there',
    (line) => {
      expect(() => read(line)).toThrow(expect.objectContaining({ code: 'USAGE_FLAG_UNKNOWN' }));
    },
  );

  test.each(['', 'scan', 'git a b', 'detect .', 'git --exit-code x', 'git --config'])('%j is wrong use', (line) => {
    expect(() => gitleaksArguments(line === '' ? [] : line.split(' '))).toThrow(
      expect.objectContaining({ code: 'USAGE_ARGUMENTS' }),
    );
  });
});
