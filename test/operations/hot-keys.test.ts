// The keys that clients use most: which ones are found, how they are forgotten, and what `stats hotkeys` shows.

import { describe, expect, test } from 'vitest';
import { writeLatin1 } from '../../src/base/latin1.js';
import { HALVED_AFTER_SECONDS, HotKeys, NOTED_ONE_IN } from '../../src/operations/hot-keys.js';
import { principalOf } from '../../src/security/role.js';
import { keyPicker, Random } from '../bench/load/random.js';
import { TEST_TYPES } from '../protocols/binary/types.js';
import { Harness, type HarnessOptions, statsOf } from '../protocols/text/harness.js';
import { StoreHarness } from '../store/harness.js';
import { objectKeys } from './object-harness.js';

const MIB = 1024 * 1024;

class Noted {
  readonly harness = new StoreHarness(MIB);
  readonly keys = this.attach();

  /** What another thread has. */
  attach(isOn = true): HotKeys {
    const { arena, clock, store } = this.harness;
    return new HotKeys(arena, store.lookup, clock, isOn);
  }

  read(key: string, keys = this.keys): void {
    if (!keys.isDue()) return;
    const { at } = this.harness.arena.windows(0).input;
    writeLatin1(key, this.harness.arena.bytes, at);
    keys.noteRead(at, key.length);
  }

  readOften(key: string, times: number): void {
    for (let time = 0; time < times; time++) this.read(key);
  }

  names(most = 10): string[] {
    return this.keys.list(most).map(({ key }) => key);
  }
}

describe('the hot keys', () => {
  test('have nine of the ten that are used most, of a hundred thousand keys by Zipf 0.99', () => {
    const noted = new Noted();
    const pick = keyPicker({ kind: 'zipf', exponent: 0.99 }, 100_000, new Random(1));
    const counts = new Uint32Array(100_000);
    for (let request = 0; request < 3_000_000; request++) {
      const key = pick();
      counts[key]++;
      noted.read(`key-${key}`);
    }
    const byUse = [...counts.keys()].sort((left, right) => counts[right] - counts[left]);
    const hottest = byUse.slice(0, 10).map((key) => `key-${key}`);
    const found = noted.names(10).filter((name) => hottest.includes(name));
    expect(found.length).toBeGreaterThanOrEqual(9);
    // The counts are those of a sample: within a fifth for the key that is used most.
    const [first] = noted.keys.list(1);
    expect(first.reads * NOTED_ONE_IN).toBeGreaterThan(counts[byUse[0]] * 0.8);
    expect(first.reads * NOTED_ONE_IN).toBeLessThan(counts[byUse[0]] * 1.2);
  }, 30_000);

  test('that are no longer used make way for others within minutes', () => {
    const noted = new Noted();
    noted.readOften('old', 100_000);
    noted.readOften('new', 20_000);
    expect(noted.names()[0]).toBe('old');
    noted.harness.clock.advance(4 * HALVED_AFTER_SECONDS);
    noted.readOften('new', 20_000);
    expect(noted.names()[0]).toBe('new');
    noted.harness.clock.advance(1000 * HALVED_AFTER_SECONDS);
    expect(noted.keys.list(10).every(({ reads }) => reads === 0)).toBe(true);
  });

  test('are found among requests in a fixed order whose length is the distance of the samples', () => {
    const noted = new Noted();
    for (let round = 0; round < 2000; round++) {
      for (let place = 0; place < NOTED_ONE_IN; place++) noted.read(place < 32 ? 'half' : `key-${round}-${place}`);
    }
    expect(noted.names()[0]).toBe('half');
  });

  test('are those of all threads together', () => {
    const noted = new Noted();
    const other = noted.attach();
    for (let time = 0; time < 20_000; time++) {
      noted.read('here');
      noted.read('there', other);
      noted.read('there', other);
    }
    expect(noted.names(2)).toEqual(['there', 'here']);
  });

  test('are none where samples are off', () => {
    const noted = new Noted();
    const off = noted.attach(false);
    for (let time = 0; time < 20_000; time++) noted.read('a', off);
    expect(off.list(10)).toEqual([]);
  });
});

function harnessWith(options: HarnessOptions = {}): Harness {
  return new Harness({ virtualKeys: objectKeys(TEST_TYPES), ...options });
}

describe('stats hotkeys', () => {
  test('shows items and objects with their share, reads and writes', () => {
    const harness = harnessWith();
    harness.ask('set a%20b 0 0 1\r\nx\r\nget bag:new:k\r\n');
    for (let round = 0; round < 100; round++) {
      harness.ask('get a%20b\r\n'.repeat(200));
      harness.ask('get bag:put:k:n:1\r\n'.repeat(100));
      harness.ask('get nothing\r\n'.repeat(50));
    }
    const rows = statsOf(harness, 'hotkeys');
    expect([1, 2, 3].map((rank) => `${rows.get(`${rank}:key`)} ${rows.get(`${rank}:holds`)}`)).toEqual([
      'a%2520b item',
      'bag%24k object',
      'nothing nothing',
    ]);
    expect(Number(rows.get('1:share_percent'))).toBeGreaterThan(45);
    expect(Number(rows.get('1:share_percent'))).toBeLessThan(70);
    expect(rows.get('1:writes_per_second')).toBe('0.0');
    expect(rows.get('2:reads_per_second')).toBe('0.0');
    expect(Number(rows.get('2:writes_per_second'))).toBeGreaterThan(0);
    harness.ask('stats reset\r\n');
    expect(statsOf(harness, 'hotkeys').has('1:key')).toBe(false);
  });

  test('counts every command that changes an item as a write', () => {
    const harness = harnessWith();
    const change =
      'append n 0 0 0\r\n\r\nincr n 1\r\ntouch n 0\r\nms n 1\r\n1\r\nma n\r\nmd n I\r\nset n 0 0 1\r\n1\r\n';
    for (let round = 0; round < 50; round++) harness.ask(change.repeat(50));
    const rows = statsOf(harness, 'hotkeys');
    expect(rows.get('1:key')).toBe('n');
    expect(rows.get('1:share_percent')).toBe('100.00');
    expect(rows.get('1:reads_per_second')).toBe('0.0');
  });

  test('shows no keys where keys are not listed, and to no client that may not read', () => {
    expect(harnessWith({ dumpEnabled: false }).ask('stats hotkeys\r\n')).toBe(
      'STAT hotkeys_status disabled\r\nEND\r\n',
    );
    expect(harnessWith({ requestsSampled: false }).ask('stats hotkeys\r\n')).toBe(
      'STAT hotkeys_status disabled\r\nEND\r\n',
    );
    const principal = principalOf('ann', { rights: 8, calls: ['bag.*'] });
    for (const topic of ['hotkeys', 'bigkeys', 'slowcalls'])
      expect(harnessWith({ principal }).ask(`stats ${topic}\r\n`)).toBe('CLIENT_ERROR not permitted\r\n');
  });
});
