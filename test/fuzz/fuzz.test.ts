// A few seconds of each fuzz target, with fixed seeds and with a fresh one, after all sequences that have failed before. Longer runs:
// `npm run fuzz`.

import { afterAll, describe, expect, test } from 'vitest';
import { describeFailure, fuzz } from './runner.js';
import { keptSequences } from './seeds.js';
import { failureOf } from './shrink.js';
import { TARGETS } from './targets.js';

/** `npm run fuzz` runs each for half an hour or more. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? (process.env.LONG_TESTS === undefined ? 3 : 300));
const SHRINK_MS = 20_000;
const TIMEOUT_MS = 120_000 + SECONDS * 2000;

describe.each(TARGETS.map((target) => ({ name: target.name, target })))('fuzz target $name', ({ target }) => {
  afterAll(() => target.close?.());

  for (const [file, kept] of keptSequences(target.name)) {
    test(`${file} no longer fails`, { timeout: TIMEOUT_MS }, async () => {
      expect(await failureOf(target, kept)).toBeUndefined();
    });
  }

  test.each([
    ['fixed seeds', 1, 0.6],
    ['a fresh seed', Date.now() % 2 ** 31, 0.4],
  ] as const)('finds no failure with %s', { timeout: TIMEOUT_MS }, async (_name, seed, share) => {
    const milliseconds = SECONDS * 1000 * share;
    const { failure } = await fuzz({ targets: [target], seed, milliseconds, shrinkMilliseconds: SHRINK_MS });
    expect(failure === undefined ? undefined : describeFailure(failure)).toBeUndefined();
  });
});
