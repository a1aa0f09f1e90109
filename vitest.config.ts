import { defineConfig } from 'vitest/config';

import { CountReporter } from './scripts/count-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Generous: a busy machine is no failure, and a hang still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores: more forks only fight each other for git and disk.
    maxWorkers: 2,
    reporters: ['default', new CountReporter()],
  },
});
