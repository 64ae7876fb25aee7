// How often events are timed, second by second.

import { expect, test } from 'vitest';
import { CLOCK_CELLS, Clock } from '../../src/base/clock.js';
import { TimingRate } from '../../src/base/timing-rate.js';

test('beyond 32 timed events in a second each counts as eight, until the next second', () => {
  const clock = new Clock(new Float64Array(CLOCK_CELLS.count));
  const rate = new TimingRate(clock);
  const next = () => [rate.next(), rate.weight];
  for (let event = 0; event < 32; event++) expect(next()).toEqual([64, 1]);
  expect([next(), next()]).toEqual([
    [512, 8],
    [512, 8],
  ]);
  clock.now++;
  expect(next()).toEqual([64, 1]);
});
