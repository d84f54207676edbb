import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one line that a person and a CI can both read. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const total = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      const failedBefore = total.failed;
      for (const test of module.children.allTests()) total[test.result().state] += 1;
      // A file that does not load, a hook that throws, an empty suite: a failure without a failed test.
      if (module.state() === 'failed' && total.failed === failedBefore) total.failed += 1;
    }
    const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
    console.log(`${total.passed} passed, ${total.failed + total.pending} failed${skipped}`);
  }
}
