/**
 * What the kernel's functions answer, by number; `wasm/context.ts` states the
 * same numbers and test/kernel/codes.test.ts compares them.
 */
export const KERNEL_RESULTS = [
  'ok',
  'truncated',
  'bad-header',
  'bad-block',
  'bad-code',
  'bad-distance',
  'too-long',
  'too-short',
  'bad-checksum',
  'delta-base-size',
  'delta-result-size',
  'delta-bad-copy',
  'delta-bad-insert',
  'delta-reserved',
  'no-room',
  'bad-entry',
] as const;

export type KernelResult = (typeof KERNEL_RESULTS)[number];

/** The name of a result number. */
export function kernelResult(code: number): KernelResult {
  const name = KERNEL_RESULTS[code];
  if (name === undefined) throw new RangeError(`the kernel answered ${code}`);
  return name;
}
