// Counts the results of the test runs. `--failed-files FILE` lists the test files that failed, else: STATUS FIRST SECOND prints the last
// line and ends with 1 if a test failed in each run that it was part of.

import { readFileSync } from 'node:fs';

const read = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};
const failedFiles = (results) =>
  (results?.testResults ?? []).filter((file) => file.status !== 'passed').map((file) => file.name);

const [first, ...others] = process.argv.slice(2);
if (first === '--failed-files') {
  for (const name of failedFiles(read(others[0]))) console.log(name);
} else {
  count(first, read(others[0]), read(others[1]));
}

function count(status, run, secondRun) {
  let passed = run?.numPassedTests ?? 0;
  const skipped = (run?.numPendingTests ?? 0) + (run?.numTodoTests ?? 0);
  // A step other than a test (install, build, lint, a file that does not load) that failed counts as one failure.
  let failed = (run?.numFailedTests ?? 0) || (status !== '0' || passed === 0 ? 1 : 0);
  if (run === undefined) console.log('no test ran');
  if (secondRun?.success === true && failed === run.numFailedTests) {
    for (const file of run.testResults)
      for (const test of file.assertionResults)
        if (test.status === 'failed') console.log(`failed once, passed when its file ran alone: ${test.fullName}`);
    [passed, failed] = [passed + failed, 0];
  }
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed > 0 ? 1 : 0;
}
