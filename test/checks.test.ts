// The linter and the type checker as tests, so that one command runs and counts them all. The project's own rules: tidy.test.ts.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TIMEOUT_MS = 300_000;

/** Runs a command of the package; its output is shown when it fails. */
function complaints(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${ROOT}node_modules/${command}`, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

test('linter and formatter have no complaints', { timeout: TIMEOUT_MS }, () => {
  expect(complaints('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')).toBe('');
});

test('tests and plugins have the right types', { timeout: TIMEOUT_MS }, () => {
  expect(complaints('typescript/bin/tsc', '-p', 'test/tsconfig.json')).toBe('');
});
