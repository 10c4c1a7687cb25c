// A vitest reporter: counts of a run and each failure with its file, name and reason, as JSON in $GATEHOUSE_RUN_REPORT.
// `failed` counts everything that fails a run, `failedTests` the tests among it. vitest's own JSON leaves out errors
// that happened outside of a test, and such an error fails a run.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

export default class RunReport {
  onTestRunEnd(modules, unhandled) {
    const counts = { passed: 0, failed: 0, failedTests: 0, skipped: 0 };
    const failures = [];
    const fail = (file, test, errors) => {
      counts.failed += 1;
      failures.push({ file: relative(process.cwd(), file), test, reason: errors.map(words).join('\n') });
    };
    for (const module of modules) {
      for (const suite of module.children.allSuites())
        if (suite.errors().length > 0) fail(module.moduleId, suite.fullName, suite.errors());
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'failed') {
          counts.failedTests += 1;
          fail(module.moduleId, test.fullName, errors);
        } else counts[state === 'passed' ? 'passed' : 'skipped'] += 1;
      }
      if (module.errors().length > 0) fail(module.moduleId, 'the file itself', module.errors());
    }
    for (const error of unhandled) fail(error.VITEST_TEST_PATH ?? '', 'outside of a test', [error]);
    writeFileSync(process.env.GATEHOUSE_RUN_REPORT, JSON.stringify({ ...counts, failures }));
  }
}

const words = (error) => error?.stack ?? error?.message ?? String(error);
