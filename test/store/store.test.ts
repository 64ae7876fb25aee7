// The promises of the store: exact LRU, expiry before eviction, flush, tokens, pins. Random commands: model.test.ts.

import { describe, expect, test } from 'vitest';
import { STORE_METRICS } from '../../src/store/store-metrics.js';
import { checkStore } from './checker.js';
import { StoreHarness } from './harness.js';

describe('a store', () => {
  test('keeps values of any size, in one chunk or many', () => {
    const harness = new StoreHarness(8 * 1024 * 1024);
    for (const length of [0, 1, 7, 8, 900, 978, 979, 1008, 1009, 2000, 5000, 100_000, 1_000_000]) {
      expect(harness.set(`key${length}`, length)).toBe(true);
      expect(harness.get(`key${length}`)).toBe('x'.repeat(length));
    }
    checkStore(harness.store);
  });

  test('evicts exactly the least recently used item', () => {
    const harness = new StoreHarness(256 * 1024);
    let stored = 0;
    while (harness.metrics.total(STORE_METRICS.evictions) === 0) harness.set(`key${stored++}`, 100);
    const live = stored - 1;
    expect(harness.get('key0')).toBeUndefined();
    expect(harness.get('key1')).toBe('x'.repeat(100));
    harness.set('next', 100);
    expect(harness.find('key1')).not.toBe(0);
    expect(harness.find('key2')).toBe(0);
    expect(harness.store.itemCount).toBe(live);
    checkStore(harness.store);
  });

  test('does not serve expired items, and reclaims them before it evicts a live item', () => {
    const harness = new StoreHarness(1024 * 1024);
    for (let index = 0; index < 1000; index++)
      harness.set(`short${index}`, 100, 120, 0, harness.clock.now + 10 + (index % 50));
    let stored = 0;
    while (harness.store.usedBytes < harness.store.limitBytes - 2000) harness.set(`long${stored++}`, 100);
    harness.clock.advance(100);
    expect(harness.find('short5')).toBe(0);
    for (let index = 0; index < 900; index++) harness.set(`more${index}`, 100);
    expect(harness.metrics.total(STORE_METRICS.evictions)).toBe(0);
    expect(harness.metrics.total(STORE_METRICS.reclaimed)).toBeGreaterThan(500);
    checkStore(harness.store);
  });

  test.each([10, 255, 256, 300, 65_536, 70_000, 200_000, 40_000_000])(
    'an item expires after %d seconds, not before',
    (seconds) => {
      const harness = new StoreHarness(1024 * 1024);
      harness.set('key', 10, 120, 0, harness.clock.now + seconds);
      harness.advance(seconds - 1);
      expect(harness.find('key')).not.toBe(0);
      checkStore(harness.store);
      harness.clock.advance(1);
      for (let turn = 0; turn < 2000 && harness.store.itemCount > 0; turn++) harness.store.tick();
      expect(harness.store.itemCount).toBe(0);
      checkStore(harness.store);
    },
  );

  test('removes all items immediately by flush_all and frees them later; items stored afterwards stay', () => {
    const harness = new StoreHarness(1024 * 1024);
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 200; index++)
        harness.set(`key${index}`, 50, 120, 0, index % 2 ? harness.clock.now + 500 : 0);
      harness.store.flushAll();
      expect(harness.store.itemCount).toBe(0);
      expect(harness.get('key7')).toBeUndefined();
      harness.set('key7', 3);
      expect(harness.get('key7')).toBe('xxx');
      checkStore(harness.store);
      if (round % 3 === 0) harness.store.tick();
    }
    for (let turn = 0; turn < 1000; turn++) harness.store.tick();
    expect(harness.keys()).toEqual(['key7']);
    checkStore(harness.store);
  });

  test('does not visit items of earlier flushes again in a later flush', () => {
    const harness = new StoreHarness(4 * 1024 * 1024);
    for (let index = 0; index < 20_000; index++) harness.set(`key${index}`, 10);
    harness.store.flushAll();
    const free = harness.store.allocator.freeBytes;
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 10; index++) harness.set(`key${index}`, 10);
      const before = harness.store.allocator.freeBytes;
      harness.store.flushAll();
      expect(harness.store.allocator.freeBytes).toBe(before);
      expect(harness.get('key7')).toBeUndefined();
      expect(harness.keys()).toEqual([]);
    }
    expect(harness.store.allocator.freeBytes).toBeLessThan(free);
    checkStore(harness.store);
    while (harness.store.reclaimSlice());
    expect(harness.store.itemBytes).toBe(0);
    checkStore(harness.store);
  });

  test.each([
    ['expired', (harness: StoreHarness) => harness.clock.advance(20)],
    ['flushed', (harness: StoreHarness) => harness.store.flushAll()],
  ])('%s items are reclaimed in slices when there is nothing else to do', (_what, forget) => {
    const harness = new StoreHarness(8 * 1024 * 1024);
    for (let index = 0; index < 50_000; index++)
      harness.set(`key${index}`, 50, 120, 0, harness.clock.now + 2 + (index % 9));
    forget(harness);
    let slices = 1;
    while (harness.store.reclaimSlice()) slices++;
    expect(slices).toBeLessThan(2000);
    expect(harness.store.itemBytes).toBe(0);
    expect(harness.store.reclaimSlice()).toBe(false);
    checkStore(harness.store);
  });

  describe.each([30, 100, 1000, 5000])('with a full cache of values of %i bytes', (length) => {
    function full(evictionsAllowed: boolean): StoreHarness {
      const harness = new StoreHarness(8 * 1024 * 1024, { evictionsAllowed, reserveBytes: 256 * 1024 });
      for (let number = 0; number < 300_000; number++) {
        if (!harness.set(`key${number}`, length)) break;
        if (harness.metrics.total(STORE_METRICS.evictions) > 500) break;
      }
      return harness;
    }

    test('evicts nothing when readers need 1,500 tokens and 1,500 expiry times', () => {
      const harness = full(true);
      const before = harness.metrics.total(STORE_METRICS.evictions);
      for (const key of harness.keys().slice(0, 1500)) {
        expect(harness.store.ensureCas(harness.find(key))).not.toBe(0);
        expect(harness.store.touch(harness.find(key), harness.clock.now + 500)).not.toBe(0);
      }
      expect(harness.metrics.total(STORE_METRICS.evictions)).toBe(before);
      for (let number = 0; number < 3000; number++) expect(harness.set(`more${number}`, length)).toBe(true);
      expect(harness.store.evictedByOneStoreMax).toBeLessThanOrEqual(32);
      checkStore(harness.store);
    });

    test('gives every item a token and an expiry without evictions', () => {
      const harness = full(false);
      const { clock, store } = harness;
      const refused = harness
        .keys()
        .filter(
          (key) => store.ensureCas(harness.find(key)) === 0 || store.touch(harness.find(key), clock.now + 500) === 0,
        );
      expect(refused).toEqual([]);
      checkStore(store);
    });
  });

  test('makes a CAS token on demand, keeps it on touch, and renews it when the value changes', () => {
    const harness = new StoreHarness(1024 * 1024);
    harness.set('key', 5, 120, 77);
    let item = harness.find('key');
    expect(harness.store.casLow(item)).toBe(0);
    item = harness.store.ensureCas(item);
    const token = harness.store.casLow(item);
    expect(token).not.toBe(0);
    expect(harness.store.clientFlags(item)).toBe(77);
    item = harness.store.touch(item, harness.clock.now + 100);
    expect(harness.store.casLow(item)).toBe(token);
    expect(harness.value(item)).toBe('xxxxx');
    const window = harness.arena.windows(0).output.at;
    for (const length of [3, 40]) {
      item = harness.store.replaceValue(harness.find('key'), window, length);
      expect(harness.store.valueLength(item)).toBe(length);
      expect(harness.store.casLow(item)).toBeGreaterThan(token);
      expect(harness.store.clientFlags(item)).toBe(77);
      expect(harness.store.expiresAt(item)).toBe(harness.clock.now + 100);
    }
    checkStore(harness.store);
  });

  test('keeps a removed item while it is pinned, and frees it at the last unpin', () => {
    const harness = new StoreHarness(1024 * 1024);
    harness.set('big', 200_000);
    const item = harness.find('big');
    harness.store.pin(item);
    harness.store.pin(item);
    harness.store.remove(item);
    expect(harness.find('big')).toBe(0);
    checkStore(harness.store, [item]);
    for (let index = 0; index < 20_000; index++) harness.set(`key${index}`, 100, 121);
    expect(harness.value(item)).toBe('x'.repeat(200_000));
    harness.store.unpin(item);
    checkStore(harness.store, [item]);
    harness.store.unpin(item);
    for (let turn = 0; turn < 100; turn++) harness.store.tick();
    checkStore(harness.store);
  });

  test('without evictions refuses a new item when memory is full', () => {
    const harness = new StoreHarness(128 * 1024, { evictionsAllowed: false });
    let stored = 0;
    while (harness.set(`key${stored}`, 500)) stored++;
    expect(stored).toBeGreaterThan(200);
    expect(harness.store.itemCount).toBe(stored);
    checkStore(harness.store);
  });

  test.each([0, 1, 5, 7, 8, 9])(
    'a value of %i bytes keeps its length where memory is left in chunks of 24 bytes only',
    (length) => {
      const harness = new StoreHarness(256 * 1024, { evictionsAllowed: false });
      const keys: string[] = [];
      for (let number = 0; harness.set(number.toString(36).padStart(4, '0'), 0); number++)
        keys.push(number.toString(36).padStart(4, '0'));
      for (let index = 0; index < keys.length; index += 2) harness.store.remove(harness.find(keys[index]));
      // The first ones fill the room that the shrunken index has left, the later ones are in joined chunks.
      for (let number = 0; number < 500; number++) {
        const key = `longer-${String(number).padStart(4, '0')}`;
        if (!harness.set(key, length)) break;
        expect(harness.get(key)).toBe('x'.repeat(length));
      }
      checkStore(harness.store);
    },
  );

  test('grows and shrinks its index with the number of items', () => {
    const harness = new StoreHarness(16 * 1024 * 1024);
    for (let index = 0; index < 50_000; index++) harness.set(`key${index}`, 10);
    expect(harness.store.index.buckets).toBeGreaterThanOrEqual(49_999);
    checkStore(harness.store);
    for (let index = 0; index < 50_000; index++) harness.store.remove(harness.find(`key${index}`));
    expect(harness.store.index.buckets).toBe(128);
    checkStore(harness.store);
  });
});
