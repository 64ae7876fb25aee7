// Requests are built in each protocol's format, and any range of the pool consists of complete requests.

import { expect, test } from 'vitest';
import type { RequestPlan } from './plan.js';
import { buildRequests, type RequestPool } from './requests.js';

const PLAN: RequestPlan = {
  protocol: 'memcached',
  mode: 'get',
  firstKey: 100,
  keys: 50,
  valueBytes: 3,
  setShare: 0.1,
  distribution: { kind: 'uniform' },
};

function requests(pool: RequestPool): string[] {
  return Array.from({ length: pool.count }, (_, index) =>
    pool.bytes.toString('latin1', pool.starts[index], pool.starts[index + 1]),
  );
}

test('gets name keys of 12 bytes within the range', () => {
  for (const request of requests(buildRequests(PLAN))) {
    const number = Number(/^get key:(\d{8})\r\n$/.exec(request)?.[1]);
    expect(number >= 100 && number < 150).toBe(true);
  }
});

test('a fill sets each key once, in order', () => {
  const pool = buildRequests({ ...PLAN, mode: 'fill' });
  expect(pool.once).toBe(true);
  expect(requests(pool)).toEqual(
    Array.from({ length: 50 }, (_, index) => `set key:${String(100 + index).padStart(8, '0')} 0 0 3\r\nxxx\r\n`),
  );
});

test('a mix has about its share of sets', () => {
  const all = requests(buildRequests({ ...PLAN, mode: 'mix', keys: 20_000 }));
  const share = all.filter((request) => request.startsWith('set ')).length / all.length;
  expect(share).toBeGreaterThan(0.08);
  expect(share).toBeLessThan(0.12);
});

test('a multi-get asks for 20 keys', () => {
  const [request] = requests(buildRequests({ ...PLAN, mode: 'mget' }));
  expect(request).toMatch(/^get( key:\d{8}){20}\r\n$/);
});

test('redis gets the same as arrays of bulk strings', () => {
  const redis = { ...PLAN, protocol: 'redis' } as const;
  expect(requests(buildRequests(redis))[0]).toMatch(/^\*2\r\n\$3\r\nGET\r\n\$12\r\nkey:\d{8}\r\n$/);
  expect(requests(buildRequests({ ...redis, mode: 'set' }))[0]).toMatch(
    /^\*3\r\n\$3\r\nSET\r\n\$12\r\nkey:\d{8}\r\n\$3\r\nxxx\r\n$/,
  );
  expect(requests(buildRequests({ ...redis, mode: 'mget' }))[0]).toMatch(
    /^\*21\r\n\$4\r\nMGET\r\n(\$12\r\nkey:\d{8}\r\n){20}$/,
  );
});

test('large values make a smaller pool, not a huge one', () => {
  const pool = buildRequests({ ...PLAN, mode: 'set', keys: 100_000, valueBytes: 100_000 });
  expect(pool.bytes.length).toBeLessThan(128 * 2 ** 20);
  expect(pool.count).toBeGreaterThanOrEqual(512);
});

test('calls take turns, with one number for each turn', () => {
  const calls = [
    ['put', 'of##:member###'],
    ['delete', 'member###'],
  ];
  const texts = requests(buildRequests({ ...PLAN, mode: 'callEach', firstKey: 7, keys: 2, calls }));
  expect(texts).toEqual([
    'put of07:member007\r\n',
    'delete member007\r\n',
    'put of08:member008\r\n',
    'delete member008\r\n',
  ]);
  const redis = { ...PLAN, protocol: 'redis', mode: 'call', calls: [['ADD', 'k#', '~']] } as const;
  expect(requests(buildRequests(redis))[0]).toMatch(/^\*3\r\n\$3\r\nADD\r\n\$2\r\nk\d\r\n\$(\d)\r\n\d{1,3}\r\n$/);
});
