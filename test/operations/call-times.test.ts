// How often calls read the clock.

import { expect, test } from 'vitest';
import { loadLuaType } from '../../src/languages/lua/host/lua-type.js';
import { FakeTime, Harness } from '../protocols/text/harness.js';
import { objectKeys } from './object-harness.js';

const SCRIPT = `return { name = "t", methods = {
  time = { access = "upsert", run = function(self, args, call) return call.unixMs end },
  long = { access = "upsert", run = function(self, args, call)
    for n = 1, 3000 do self.n = n end
    return call.unixMs
  end },
} }`;

/** Each reading is a second after the last one. */
class CountingTime extends FakeTime {
  override steadyMs(): number {
    this.seconds++;
    return super.steadyMs();
  }
}

function timesOf(requests: string): readonly number[] {
  const types = [loadLuaType(Buffer.from(SCRIPT), 'scripts/t.lua')];
  const harness = new Harness({ time: new CountingTime(), virtualKeys: objectKeys(types) });
  return [...harness.ask(requests).matchAll(/^(\d{13})\r/gm)].map(([, time]) => Number(time));
}

const TIME = 'get t:time:k\r\n';

test('short calls of one batch read the clock once', () => {
  const times = timesOf(TIME.repeat(5));
  expect(times).toHaveLength(5);
  expect(new Set(times).size).toBe(1);
});

test('a call after a long one reads the clock again', () => {
  const [first, long, next, last] = timesOf(`${TIME}get t:long:k\r\n${TIME}${TIME}`);
  expect(long).toBe(first);
  expect(next).toBeGreaterThan(long);
  expect(last).toBe(next);
});
