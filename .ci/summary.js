// Summarizes the test report. Fails if any test was skipped: CI has everything that the tests need.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.testResults.flatMap(({ assertionResults }) =>
  assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed'),
);
for (const { fullName } of skipped) process.stdout.write(`skipped: ${fullName}\n`);
const { numPassedTests, numFailedTests } = report;
process.stdout.write(
  `${numPassedTests} passed, ${numFailedTests} failed, ${skipped.length} skipped\n`,
);
process.exitCode = skipped.length > 0 || numFailedTests > 0 || numPassedTests === 0 ? 1 : 0;
