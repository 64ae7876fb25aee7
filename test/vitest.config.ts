// How the tests are run. Not for what they test.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const resultsFile = process.env.TEST_RESULTS;

export default defineConfig({
  root,
  resolve: { alias: { cacheismo: `${root}src/objects/types/object-type.ts` } },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: resultsFile ? ['default', ['json', { outputFile: resultsFile }]] : ['default'],
    // Tests hold whole arenas; a process for each file gives its memory back.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
