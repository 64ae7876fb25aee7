// Wrong options of createTestCache: most tests are in JavaScript, which no compiler checks.

import { expect, test } from 'vitest';
import { createTestCache } from '../../../src/app/testing/testing.js';

test.each([
  [{ typs: ['scripts/set.lua'] }, 'typs: unknown option; did you mean types?'],
  [{ types: 'scripts/set.lua' }, "types: must be a list, such as ['scripts/visits.lua']"],
  [{ config: { 'call-step': 3 } }, 'call-step: unknown option; did you mean call-steps?'],
])('the options %j are refused', async (options, line) => {
  await expect(createTestCache(options as object)).rejects.toThrow(`createTestCache: ${line}`);
});
