// How the tests run: first those that share the processors, two files at a time, the longest ones first, then those that measure time by the
// clock, one by one. Those that need little memory share processes, too.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { boundMethods } from '../.bound-methods.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const resultsFile = process.env.TEST_RESULTS;

/** Another test file on the second processor would affect the measurements of these: latencies and times of starts. */
const TIMED = [
  'app/objects/honest-calls',
  'app/objects/many-types',
  'app/objects/objects-limits',
  'app/objects/objects-million',
].map((name) => `test/${name}.test.ts`);

/** These take a minute or so in one process. Begun late, they would leave the second processor idle. They measure CPU time, not the clock. */
const LONG = ['fuzz/fuzz', 'languages/lua/cost/cost', 'objects/member-costs'].map((name) => `test/${name}.test.ts`);

/** Small caches, or none, and no process of a server: these files leave nothing behind, and in a process of its own each takes a second. */
const PLAIN = ['arena', 'base', 'bench', 'client', 'objects', 'protocols', 'security'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

/** Longer with LONG_TESTS, by which tests do more of the same. */
const timeoutMs = process.env.LONG_TESTS === undefined ? 60_000 : 1_800_000;

const shared = {
  // Tests create whole arenas; a process for each file returns its memory.
  pool: 'forks' as const,
  testTimeout: timeoutMs,
  hookTimeout: 60_000,
};

export default defineConfig({
  root,
  // Tests run the classes in the form of the bundle.
  plugins: [boundMethods],
  resolve: { alias: { cacheismo: `${root}src/objects/types/object-type.ts` } },
  test: {
    // Built programs that tests import run as they are.
    server: { deps: { external: [/\/dist\/bundle\//] } },
    reporters: resultsFile ? ['default', ['json', { outputFile: resultsFile }]] : ['default'],
    // Those of one order run by their names.
    projects: [
      {
        extends: true,
        test: { ...shared, name: 'long', include: LONG, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...TIMED, ...LONG, ...PLAIN],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'plain',
          include: PLAIN,
          exclude: [...TIMED, ...LONG],
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { ...shared, name: 'timed', include: TIMED, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
