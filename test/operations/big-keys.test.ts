// The largest items and objects: the list follows what is stored, changed and removed.

import { describe, expect, test } from 'vitest';
import { Random } from '../bench/load/random.js';
import { TEST_TYPES } from '../protocols/binary/types.js';
import { Harness, type HarnessOptions, statsOf } from '../protocols/text/harness.js';
import { objectKeys } from './object-harness.js';

const MIB = 1024 * 1024;

function harnessWith(options: HarnessOptions = {}): Harness {
  return new Harness({ virtualKeys: objectKeys(TEST_TYPES), limitBytes: 64 * MIB, ...options });
}

function store(harness: Harness, key: string, bytes: number, command = 'set'): void {
  const last = harness.ask(`${command} ${key} 0 0 ${bytes}\r\n${'v'.repeat(bytes)}\r\n`);
  expect(last).toBe('STORED\r\n');
}

/** Key and bytes of each, from the largest on. */
function listed(harness: Harness): string[] {
  const rows = statsOf(harness, 'bigkeys');
  const ranks = [...rows.keys()].filter((name) => name.endsWith(':key')).map((name) => name.split(':')[0]);
  return ranks.map((rank) => `${rows.get(`${rank}:key`)} ${rows.get(`${rank}:bytes`)}`);
}

describe('stats bigkeys', () => {
  test('lists the twenty largest of thousands of items', () => {
    const harness = harnessWith();
    const random = new Random(7);
    const sizes = Array.from({ length: 3000 }, () => 1 + random.below(20_000));
    sizes.forEach((bytes, key) => {
      store(harness, `key-${key}`, bytes);
    });
    const wholes = sizes.map((bytes, key) => `key-${key}`.length + bytes);
    const largest = [...wholes].sort((left, right) => right - left).slice(0, 20);
    expect(listed(harness).map((row) => Number(row.split(' ')[1]))).toEqual(largest);
  });

  test('follows an item that grows, shrinks, expires or is deleted', () => {
    const harness = harnessWith();
    store(harness, 'a', 5000);
    store(harness, 'b', 4000);
    store(harness, 'b', 3000, 'append');
    store(harness, 'c', 9000);
    expect(listed(harness)).toEqual(['c 9001', 'b 7001', 'a 5001']);
    store(harness, 'c', 10);
    expect(listed(harness)).toEqual(['b 7001', 'a 5001']);
    harness.ask('touch b 10\r\n');
    harness.time.seconds += 20;
    harness.clock.refresh();
    expect(listed(harness)).toEqual(['a 5001']);
    harness.ask('delete a\r\n');
    expect(listed(harness)).toEqual([]);
    store(harness, 'a', 2500);
    expect(listed(harness)).toEqual(['a 2501']);
  });

  test('has room for others once the items that it knew are gone', () => {
    const harness = harnessWith();
    for (let key = 0; key < 500; key++) store(harness, `old-${key}`, 30_000);
    harness.ask('flush_all\r\n');
    harness.time.seconds += 20;
    harness.clock.refresh();
    for (let key = 0; key < 500; key++) store(harness, `new-${key}`, 5000 + key);
    const keys = listed(harness).map((row) => row.split(' ')[0]);
    expect(keys.length).toBe(20);
    expect(keys.slice(0, 5)).toEqual(['new-499', 'new-498', 'new-497', 'new-496', 'new-495']);
  });

  test('shows an object with all memory that it takes, as it grows and shrinks', () => {
    const harness = harnessWith();
    harness.ask('get bag:new:k\r\n');
    const bytesOf = () => Number(listed(harness)[0]?.split(' ')[1] ?? 0);
    for (let field = 0; field < 200; field++) harness.ask(`get bag:put:k:field-${field}:value-${field}\r\n`);
    const some = bytesOf();
    expect(some).toBeGreaterThan(200 * 20);
    for (let field = 200; field < 400; field++) harness.ask(`get bag:put:k:field-${field}:value-${field}\r\n`);
    expect(bytesOf()).toBeGreaterThan(some * 1.5);
    expect(statsOf(harness, 'bigkeys').get('1:holds')).toBe('object');
    expect(listed(harness)[0]).toMatch(/^bag%24k /);
    harness.ask('get bag:new:k\r\n');
    expect(listed(harness)).toEqual([]);
  });

  test('is disabled where keys are not listed', () => {
    const harness = harnessWith({ dumpEnabled: false });
    expect(harness.ask('stats bigkeys\r\n')).toBe('STAT bigkeys_status disabled\r\nEND\r\n');
  });
});
