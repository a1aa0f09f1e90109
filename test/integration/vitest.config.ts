import { defineConfig } from 'vitest/config';

import { CountReporter } from '../../scripts/count-reporter.ts';

/** Started by `scripts/integration.ts`, which also starts what these tests talk to. */
export default defineConfig({
  test: {
    include: ['test/integration/*.integration.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
    reporters: ['default', new CountReporter()],
  },
});
