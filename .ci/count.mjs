// Counts the results of the test runs. `--failed-files FILE` lists the test files that failed, else: STATUS FIRST RERUN... prints the last
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

const failedTests = (results) =>
  results.testResults.flatMap((file) => file.assertionResults).filter(({ status }) => status === 'failed');

const [first, ...others] = process.argv.slice(2);
if (first === '--failed-files') {
  for (const name of failedFiles(read(others[0]))) console.log(name);
} else {
  const [run, ...reruns] = others.map(read);
  count(first, run, reruns);
}

function count(status, run, reruns) {
  let passed = run?.numPassedTests ?? 0;
  const skipped = (run?.numPendingTests ?? 0) + (run?.numTodoTests ?? 0);
  // A step other than a test (install, build, lint, a file that does not load) that failed counts as one failure.
  let failed = (run?.numFailedTests ?? 0) || (status !== '0' || passed === 0 ? 1 : 0);
  if (run === undefined) console.log('no test ran');
  // Each rerun has the files that failed in the run before it, so that the last one decides.
  const last = reruns.findLast((rerun) => rerun !== undefined);
  if (last?.success === true && failed === run.numFailedTests) {
    for (const { fullName } of failedTests(run)) console.log(`failed, passed when its file ran alone: ${fullName}`);
    [passed, failed] = [passed + failed, 0];
  }
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
