import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { QUICK, wasmModule } from '../../scripts/build-quick-wasm.ts';

/** A file of its own: mutants of the module have other tests to pass. */
test('the compiled module is what its source says', async () => {
  const committed = readFileSync(new URL('../../src/prefilter/quick-wasm.generated.ts', import.meta.url), 'utf8');
  expect(await wasmModule(QUICK)).toBe(committed);
});
