/** `pnpm test`: builds, type-checks and tests every package, then counts all tests in one line. `pnpm test:java` and `pnpm test:browser`: what needs Java, or a browser. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root, workspacePackages } from './repository.ts';

/** `test`, `test:java` or `test:browser`. */
const task = process.argv[2] ?? 'test';
const reportName = task === 'test' ? 'vitest.json' : `vitest-${task.split(':')[1]!}.json`;
// A report of an earlier run must not count for a package that does not get as far as its tests.
for (const { folder } of workspacePackages()) rmSync(join(root, folder, 'reports', reportName), { force: true });
const run = spawnSync('turbo', ['run', ...(task === 'test' ? ['build', 'typecheck', 'test'] : [task]), '--continue', '--output-logs=new-only'], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
});

let passed = 0;
let failed = 0;
for (const { folder } of workspacePackages()) {
  const report = join(root, folder, 'reports', reportName);
  if (!existsSync(report)) continue;
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
  passed += numPassedTests ?? 0;
  if ((numPendingTests ?? 0) > 0) {
    console.error(`${folder}: ${numPendingTests} tests were skipped`);
    failed += numPendingTests!;
  }
  // A file that does not load has no tests to fail.
  failed += numFailedTests === 0 && (numFailedTestSuites ?? 0) > 0 ? numFailedTestSuites! : (numFailedTests ?? 0);
}
// Something else than a test failed: a build, or a type.
if (run.status !== 0 && failed === 0) failed = 1;
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = run.status === 0 && failed === 0 ? 0 : 1;
