// The rules of a round, with a clock that the test controls.

import { expect, test } from 'vitest';
import { Driver } from './driver.js';
import type { LoadPlan } from './plan.js';
import { buildRequests } from './requests.js';
import type { Lane } from './source.js';

const PLAN: LoadPlan = {
  port: 1,
  serverPid: 0,
  requests: {
    protocol: 'memcached',
    mode: 'get',
    firstKey: 0,
    keys: 300,
    valueBytes: 1,
    setShare: 0,
    distribution: { kind: 'uniform' },
  },
  connections: 2,
  pipeline: 4,
  seconds: 1,
  warmupSeconds: 0,
  offeredPerSecond: 0,
  client: 'net',
};

function answer(lane: Lane, replies: number): void {
  const bytes = Buffer.from('END\r\n'.repeat(replies));
  lane.replies.count(bytes, 0, bytes.length);
}

test('a closed loop sends until the time is over and notes each batch', () => {
  const driver = new Driver(PLAN, buildRequests(PLAN.requests));
  const [lane] = driver.lanes as [Lane, Lane];
  driver.start(1000, 1);
  expect(driver.begin(lane, 1000)).toBe(true);
  answer(lane, 3);
  expect(driver.finish(lane, 1001)).toBe(false);
  answer(lane, 1);
  expect(driver.finish(lane, 1005)).toBe(true);
  expect(driver.operations).toBe(4);
  expect(driver.latency.microsecondsAt(50)).toBeCloseTo(5000, -2);
  expect(driver.begin(lane, 2000)).toBe(false);
});

test('more replies than requests are an error', () => {
  const driver = new Driver(PLAN, buildRequests(PLAN.requests));
  const [lane] = driver.lanes as [Lane, Lane];
  driver.start(0, 1);
  driver.begin(lane, 0);
  answer(lane, 5);
  expect(() => driver.finish(lane, 1)).toThrow('5 replies to 4 requests');
});

test('a fill sends every request once, the last batch being shorter', () => {
  const requests = { ...PLAN.requests, mode: 'fill', keys: 10 } as const;
  const driver = new Driver({ ...PLAN, requests }, buildRequests(requests));
  const [lane] = driver.lanes as [Lane, Lane];
  driver.start(0, 1);
  const batches: number[] = [];
  while (driver.begin(lane, 5000)) {
    batches.push(lane.awaited);
    answer(lane, lane.awaited);
    driver.finish(lane, 5000);
  }
  expect(batches).toEqual([4, 4, 2]);
});

test('an open loop sends when a batch is due and counts from then', () => {
  const plan = { ...PLAN, offeredPerSecond: 400 };
  const driver = new Driver(plan, buildRequests(plan.requests));
  const [first, second] = driver.lanes as [Lane, Lane];
  driver.start(0, 1);
  expect(driver.begin(first, 0)).toBe(true);
  expect(driver.begin(second, 9)).toBe(false);
  expect(driver.begin(second, 30)).toBe(true);
  answer(second, 4);
  driver.finish(second, 31);
  // Due at 10 ms, sent at 30 ms, answered at 31 ms.
  expect(driver.latency.microsecondsAt(50)).toBeCloseTo(21_000, -2);
});
