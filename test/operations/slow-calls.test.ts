// The calls that take a millisecond or more: which are noted, and what `stats slowcalls` shows of them.

import { expect, test } from 'vitest';
import { method } from '../../src/objects/types/object-type.js';
import { threadCpuMilliseconds } from '../bench/host/thread-clock.js';
import { typeOf } from '../objects/types-for-tests.js';
import { Harness, type HarnessOptions, statsOf } from '../protocols/text/harness.js';
import { objectKeys } from './object-harness.js';

/** Reads a field often enough for the budget to read its clock, until the thread has worked for this long. */
function work(read: () => unknown, milliseconds: number): void {
  // Not that of the process, which has V8's compiler threads.
  const endMs = threadCpuMilliseconds() + milliseconds;
  while (threadCpuMilliseconds() < endMs) for (let step = 0; step < 5000; step++) read();
}

const parameters = { text: { type: 'string' }, ms: { type: 'integer', default: 5 } } as const;

const slow = typeOf('slow', {
  new: method({ access: 'create', run: () => 'made' }),
  work: method({
    access: 'write',
    parameters,
    run(self, { ms }) {
      work(() => self.get('n'), ms);
      return 'done';
    },
  }),
  fail: method({
    access: 'write',
    run(self, _args, call) {
      work(() => self.get('n'), 5);
      return call.refuse('no');
    },
  }),
  quick: method({ access: 'read', run: (self) => self.get('n') }),
});

function harnessWith(options: HarnessOptions = {}): Harness {
  const budget = { milliseconds: 5000, steps: 500_000_000 };
  const harness = new Harness({ virtualKeys: objectKeys([slow], { budget }), ...options });
  expect(harness.ask('get slow:new:k\r\n')).toContain('made');
  harness.ask('stats reset\r\n');
  return harness;
}

test('a slow call is noted with its method, version, key, sizes of arguments, steps, time and outcome', () => {
  const harness = harnessWith();
  expect(harness.ask('get slow:work:k:abc:20\r\nget slow:fail:k\r\n')).toContain('done');
  const rows = statsOf(harness, 'slowcalls');
  expect(rows.get('slow_calls')).toBe('2');
  expect([rows.get('1:method'), rows.get('1:failed'), rows.get('1:argument_bytes')]).toEqual(['slow:fail', 'yes', '-']);
  expect([rows.get('2:method'), rows.get('2:failed'), rows.get('2:argument_bytes')]).toEqual([
    'slow:work',
    'no',
    '3,2',
  ]);
  expect([rows.get('2:key'), rows.get('2:version'), rows.get('2:unix_time')]).toEqual(['k', '1', '1800000000']);
  expect(Number(rows.get('2:steps'))).toBeGreaterThanOrEqual(5000);
  expect(Number(rows.get('2:milliseconds'))).toBeGreaterThan(1);
  harness.ask('stats reset\r\n');
  expect(harness.ask('stats slowcalls\r\n')).toBe('STAT slow_calls 0\r\nEND\r\n');
});

test('quick calls, and calls that are refused for their arguments after a slow one, are not noted', () => {
  // Another program may take the processor within a quick call, which then takes a millisecond.
  const noted = Array.from({ length: 5 }, () => {
    const harness = harnessWith();
    harness.ask('get slow:work:k:abc\r\n');
    harness.ask('get slow:work:k\r\nget slow:work:k:a:b\r\nget slow$k\r\nget slow:work:k\r\n');
    harness.ask('get slow:quick:k\r\n');
    return Number(statsOf(harness, 'slowcalls').get('slow_calls'));
  });
  expect(Math.min(...noted)).toBe(1);
});

test('the last 32 slow calls are kept, the newest first', () => {
  const harness = harnessWith();
  for (let call = 0; call < 40; call++) harness.ask(`get slow:work:k:${'a'.repeat(call)}x:4\r\n`);
  const rows = statsOf(harness, 'slowcalls');
  expect(rows.get('slow_calls')).toBe('40');
  expect(rows.get('1:argument_bytes')).toBe('40,1');
  expect(rows.get('32:argument_bytes')).toBe('9,1');
  expect(rows.has('33:method')).toBe(false);
});

test('the keys of slow calls are left out where keys are not listed', () => {
  const harness = harnessWith({ dumpEnabled: false });
  harness.ask('get slow:work:k:abc\r\n');
  const rows = statsOf(harness, 'slowcalls');
  expect(rows.get('1:method')).toBe('slow:work');
  expect(rows.has('1:key')).toBe(false);
});
