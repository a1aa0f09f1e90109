import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { FILE_ENDINGS } from '../../src/action/files.ts';
import { FAIL_ON, readInputs } from '../../src/action/inputs.ts';
import { formats } from '../../src/report/formats.ts';

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly runs: Readonly<Record<string, string>>;
}

const action = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')) as ActionFile;
const sources = fileURLToPath(new URL('../../src/action/', import.meta.url));
const code = readdirSync(sources)
  .map((name) => readFileSync(`${sources}/${name}`, 'utf8'))
  .join('\n');

function inputs(given: Readonly<Record<string, string>>): ReturnType<typeof readInputs> {
  return readInputs(
    Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  );
}

describe('action.yml', () => {
  test('names the inputs that the code reads, and no others', () => {
    const reader = readFileSync(`${sources}/inputs.ts`, 'utf8');
    const read = [...reader.matchAll(/\btext\('([a-z-]+)'\)/g)].map(([, name = '']) => name);
    expect(Object.keys(action.inputs).toSorted()).toEqual([...new Set(read)].toSorted());
    expect(read.length).toBeGreaterThan(5);
  });

  test('names the outputs that the code sets, and no others', () => {
    const set = [...code.matchAll(/\.output\('([a-z]+)'/g)].map(([, name = '']) => name);
    expect(Object.keys(action.outputs).toSorted()).toEqual([...new Set(set)].toSorted());
  });

  test('says what the choices are', () => {
    for (const choice of FAIL_ON) expect(action.inputs['fail-on']?.description).toContain(`\`${choice}\``);
    for (const format of Object.keys(formats)) expect(action.inputs['format']?.description).toContain(`\`${format}\``);
    expect(Object.keys(FILE_ENDINGS).toSorted()).toEqual(Object.keys(formats).toSorted());
  });

  test('runs on node 24 what is built', () => {
    expect(action.runs).toMatchObject({ using: 'node24', main: 'dist/action/index.cjs', post: action.runs['main'] });
  });

  test('has defaults that the code takes, and takes for the same without them', () => {
    const { token: _, ...rest } = action.inputs;
    const defaults = inputs(Object.fromEntries(Object.entries(rest).map(([name, input]) => [name, input.default])));
    expect(defaults).toEqual({ ...inputs({}), rules: ['all'] });
    expect(defaults).toMatchObject({ failOn: 'any', verify: false, revoke: [], comment: true, uploadSarif: false });
  });

  test('the page about it has a row for each', () => {
    const page = readFileSync(new URL('../../docs/ACTION.md', import.meta.url), 'utf8');
    for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
      expect(page).toContain(`| \`${name}\` |`);
  });
});

describe('inputs', () => {
  test('are lists by commas and lines, without blanks', () => {
    expect(inputs({ revoke: ' turbosmtp,\n github ,', rules: 'all' }).revoke).toEqual(['turbosmtp', 'github']);
  });

  test.each([
    ['fail-on', 'Any'],
    ['verify', '1'],
    ['format', 'toString'],
    ['format', '__proto__'],
  ])('%s cannot be %s', (name, value) => {
    expect(() => inputs({ [name]: value })).toThrow(expect.objectContaining({ code: 'ACTION_INPUT' }));
  });
});
