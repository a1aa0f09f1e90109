/** Run in a process of its own: keeps the kernel's code in a file, or says what comes of having the engine know it. */
import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

import { compileWell } from '../../scripts/compile-kernel.ts';
import { kernelCode, knowKernel } from '../../src/cli/fast/kernel-code.ts';
import { KernelMemory, bareKernel, kernelBytes } from '../../src/kernel/instance.ts';

const [what, file = '', setting] = process.argv.slice(2);
if (setting !== undefined) setFlagsFromString(setting);
if (what === 'keep') {
  writeFileSync(file, kernelCode(compileWell(kernelBytes()), kernelBytes()) ?? '');
} else {
  const isKnown = what === 'know' && knowKernel(file);
  const memory = new KernelMemory(1 << 20);
  const at = memory.reserve(64);
  memory.bytes.set(Buffer.from('Wikipedia'), at);
  const sum = bareKernel(memory).run.adler32(at, 9);
  // Where no function was made good yet the engine ends the process.
  const kept = isKnown || what === 'compile' ? kernelCode(new WebAssembly.Module(kernelBytes()), kernelBytes()) : null;
  process.stdout.write(JSON.stringify({ isKnown, kept: kept?.length ?? 0, sum }));
}
