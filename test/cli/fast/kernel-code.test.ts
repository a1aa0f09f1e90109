/** The kernel's machine code in a file. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from 'vitest';

import { kernelBytes } from '../../../src/kernel/instance.ts';
import { makeFolder } from '../../helpers/repository.ts';

const SCRIPT = fileURLToPath(new URL('../../helpers/kernel-in-process.ts', import.meta.url));
/** Of "Wikipedia". */
const SUM = 0x11e60398;

function run(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', SCRIPT, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`it ended with ${status}: ${stderr}`);
  return stdout;
}

function answer(...args: readonly string[]): {
  readonly isKnown: boolean;
  readonly kept: number;
  readonly sum: number;
} {
  return JSON.parse(run(...args));
}

// Other releases compile the kernel as ever.
describe.runIf(['20', '22', '24'].includes(process.versions.node.split('.')[0] ?? ''))('code of the kernel', () => {
  const file = path.join(makeFolder(), 'kernel.cache');
  let code: Buffer;
  beforeAll(() => {
    run('keep', file);
    code = readFileSync(file);
  });

  test('is what the engine has when it is asked to compile the kernel', () => {
    const bytes = kernelBytes().length;
    expect(code.length).toBeGreaterThan(3 * bytes);
    expect(answer('know', file)).toEqual({ isKnown: true, kept: code.length, sum: SUM });
    // Control: without it the engine has nothing to keep.
    expect(() => run('compile')).toThrow('SerializeNativeModule');
  });

  const bytes = kernelBytes().length;
  test.each<readonly [string, (code: Buffer) => Uint8Array]>([
    ['nothing', () => Buffer.alloc(0)],
    ['cut in its header', (all) => all.subarray(0, 20)],
    ['cut in the code', (all) => all.subarray(0, -1000)],
    ['longer', (all) => Buffer.concat([all, Buffer.alloc(64)])],
    ['of another form', (all) => changed(all, 0)],
    ['with another length', (all) => changed(all, 5)],
    ['with another digest', (all) => changed(all, 12)],
    ['with another module', (all) => changed(all, 40 + (bytes >> 1))],
    ['with other code', (all) => changed(all, 40 + bytes + 9000)],
  ])('that is damaged is passed over: %s', (_, damage) => {
    const damaged = path.join(makeFolder(), 'kernel.cache');
    writeFileSync(damaged, damage(code));
    expect(answer('know', damaged)).toMatchObject({ isKnown: false, sum: SUM });
  });

  test('that was made under other settings of the engine is passed over', () => {
    expect(answer('know', file, '--stack-size=900')).toMatchObject({ isKnown: false, sum: SUM });
  });
});

function changed(code: Buffer, at: number): Buffer {
  const copy = Buffer.from(code);
  copy[at]! ^= 1;
  return copy;
}
