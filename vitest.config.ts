import { defineConfig } from 'vitest/config';

import { CountReporter } from './scripts/count-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more forks only fight each other for git and disk.
    maxWorkers: 2,
    reporters: ['default', new CountReporter()],
  },
});
