import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // Two cores: more forks only fight each other for git and disk.
    maxWorkers: 2,
  },
});
