import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { kernelModule } from '../../scripts/build-wasm.ts';
import { KERNEL_RESULTS, kernelResult } from '../../src/kernel/codes.ts';
import { KernelMemory, MARKS_BYTES, createKernel } from '../../src/kernel/instance.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('the committed kernel is what wasm/ compiles to', { timeout: 120_000 }, async () => {
  const committed = readFileSync(`${root}src/kernel/kernel.generated.ts`, 'utf8');
  expect(await kernelModule()).toBe(committed);
});

test('both sides give the result numbers the same names', () => {
  const source = readFileSync(`${root}wasm/context.ts`, 'utf8');
  const stated = [...source.matchAll(/^export const ([A-Z_]+): i32 = (\d+);$/gm)].map(
    ([, name = '', number]) => [Number(number), name.toLowerCase().replaceAll('_', '-')] as const,
  );
  expect(stated).toEqual([...KERNEL_RESULTS.entries()]);
  expect(() => kernelResult(stated.length)).toThrow(RangeError);
});

test('both sides ask for as much scratch', () => {
  const kernel = createKernel(new KernelMemory(1 << 20));
  expect(kernel.run).toHaveProperty('MARKS_BYTES.value', MARKS_BYTES);
});
