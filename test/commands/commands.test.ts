/** Runs every *.txt of this folder against the built command. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { type Run, unleak } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';
import { holds, readScript, type Script, type Step } from './reader.ts';

const folder = new URL('.', import.meta.url);
const scripts = readdirSync(folder).filter((name) => name.endsWith('.txt'));

function runStep(step: Step & { kind: 'run' }, repository: TestRepository, script: Script): Run {
  if (step.program === 'git') return { code: 0, out: repository.git(...step.args), err: '' };
  const input = step.input === null ? '' : (script.files.get(step.input) ?? '');
  return unleak(step.args, { cwd: repository.folder, environment: repository.environment, input });
}

/** What a step found, in words, next to what it expects. */
function found(step: Step & { kind: 'expect' }, last: Run, repository: TestRepository): string {
  if (step.where !== 'file') return step.where === 'stdout' ? last.out : last.err;
  const file = path.join(repository.folder, step.name);
  if (!existsSync(file)) return '';
  return step.what === '' ? 'present' : readFileSync(file, 'utf8');
}

function play(script: Script): string[] {
  const repository = makeRepository();
  for (const [file, content] of script.files) repository.write(file, content);
  let last: Run = { code: 0, out: '', err: '' };
  const failures: string[] = [];
  for (const step of script.steps) {
    if (step.kind === 'run') {
      last = runStep(step, repository, script);
      if (last.code !== step.code)
        failures.push(`${step.at}: exit code ${String(last.code)}, not ${step.code}\n${last.out}${last.err}`);
    } else {
      const text = found(step, last, repository);
      if (holds(step.what, text) === step.not)
        failures.push(`${step.at}: ${step.not ? 'unwanted' : 'missing'} in ${step.where}: ${step.what}\n${text}`);
    }
  }
  return failures;
}

describe('command scripts', () => {
  test.each(scripts)('%s', (name) => {
    const script = readScript(readFileSync(new URL(name, folder), 'utf8'), name);
    expect(script.steps.some(({ kind }) => kind === 'run')).toBe(true);
    expect(play(script)).toEqual([]);
  });

  test('a script that expects the wrong thing fails (control)', () => {
    const wrong = ['unleak nonsense', 'stdout no such text', 'no stderr', 'file absent', '[2] unleak nonsense'].join(
      '\n',
    );
    expect(play(readScript(wrong, 'wrong')).map((failure) => failure.split(':')[1])).toEqual(['1', '2', '3', '4']);
  });

  test('a line that nobody understands is an error', () => {
    expect(() => readScript('stdot x\n', 'typo')).toThrow('typo:1');
  });
});
