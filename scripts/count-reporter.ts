/** A vitest reporter whose last line is `N passed, N failed`; a file that cannot be loaded counts as failed. */
import type { Reporter, TestModule } from 'vitest/node';

export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[], reason: string): void {
    let passed = 0;
    let failed = unhandled.length;
    for (const module of modules) {
      if (module.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state !== 'skipped') failed++;
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    // No tests, or a run that was broken off, is not a pass.
    if (failed === 0 && (reason !== 'passed' || passed === 0)) failed = 1;
    if (failed > 0) process.exitCode = 1;
    // After the other reporters' summaries.
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}
