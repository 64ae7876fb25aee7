// A short run of the wire target over an engine in this process; a failing seed is told with its shortest requests. Not for sockets.

import { expect, test } from 'vitest';
import { makeCase, runCase, shrink, WireMismatch } from './in-process.js';

const CASES = Number(process.env.WIRE_CASES ?? 150);
const FIRST_SEED = Number(process.env.WIRE_SEED ?? 1);

test('random requests, cut anywhere, of several clients are answered as the model says', () => {
  let requests = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
    const wireCase = makeCase(seed);
    try {
      requests += runCase(wireCase);
    } catch (error) {
      const shortest = shrink(wireCase);
      const shown = shortest.clients.map((client) => client.map(({ text }) => text.slice(0, 200)));
      throw new WireMismatch(`seed ${seed}: ${String(error)}\n${JSON.stringify(shown, null, 1)}`, { cause: error });
    }
  }
  expect(requests).toBeGreaterThan(CASES * 20);
});
