// Walks a whole arena and throws on the first broken invariant of allocator, index, LRU list, expiry wheel and objects.

import { binOf } from '../../src/arena/bins.js';
import {
  CHUNK_PREVIOUS_FREE,
  CHUNK_USED,
  ChunkKind,
  kindOf,
  MIN_CHUNK_UNITS,
  unitsOfFree,
  unitsOfUsed,
} from '../../src/arena/chunk.js';
import { BYTE_VIEW_BYTES } from '../../src/arena/memory.js';
import { assert } from '../../src/base/assert.js';
import { INDEX_NEXT_WORD, ItemOption } from '../../src/store/item.js';
import type { Store } from '../../src/store/store.js';
import { STORE_ROOTS } from '../../src/store/store-roots.js';
import { PIECE_NEXT_WORD } from '../../src/store/values.js';
import { checkObjects, hashOfField } from './object-checker.js';

interface Census {
  readonly used: Map<number, number>;
  readonly free: Map<number, number>;
}

/** Checks everything; `loose` are items that the caller has reserved or deferred. */
export function checkStore(store: Store, loose: readonly number[] = []): void {
  const census = walkHeap(store);
  checkBins(store, census);
  const reachable = new Set<number>();
  const listed = checkLru(store);
  checkRetained(store, listed);
  assert(store.itemCount === listed.size, 'items are counted');
  const flushed = listFrom(store, store.arena.words[STORE_ROOTS.flushedItems]);
  const { items: indexed, fields } = checkIndex(store, reachable);
  assert(indexed.size === listed.size, 'the index holds the items of the LRU list');
  for (const item of listed) assert(indexed.has(item), 'a listed item is indexed');
  for (const item of flushed) assert(!indexed.has(item), 'a flushed item is not indexed');
  store.index.forEachCondemned((segment) => reachable.add(segment));
  for (const item of [...indexed, ...flushed, ...loose]) addItem(store, item, reachable);
  addCondemned(store, reachable);
  const objects = checkObjects(store, indexed, [...flushed, ...loose], reachable);
  for (const field of objects.indexed) assert(fields.has(field), 'a field is indexed');
  for (const field of fields)
    assert(objects.indexed.has(field) || objects.others.has(field), 'the index holds fields of objects only');
  for (const [chunk, kind] of census.used) {
    if (kind === ChunkKind.guard) continue;
    assert(reachable.has(chunk), `a used chunk is reachable (kind ${kind} at ${chunk})`);
  }
  for (const chunk of reachable) assert(census.used.has(chunk), `a reachable chunk is in use (${chunk})`);
  checkWheel(store, new Set([...indexed, ...flushed]));
}

function walkHeap(store: Store): Census {
  const { regions } = store.allocator;
  const census: Census = { used: new Map(), free: new Map() };
  let freeUnits = 0;
  for (let region = 0; region < regions.count; region++) {
    const most = Math.max(0, regions.unitsOf(region) - 1);
    const open = regions.openUnits(region);
    freeUnits += most - (open === 0 ? 0 : walkRegion(store, region, census));
    assert(open <= most + 1 || regions.isEmptying(region), 'a region that is not to be emptied lies within the limit');
  }
  assert(store.allocator.freeBytes === freeUnits * 8, 'free bytes are counted');
  return census;
}

/** Checks the chunks of one region; returns the units of those that hold something. */
function walkRegion(store: Store, region: number, { used, free }: Census): number {
  const { words } = store.arena;
  const { regions } = store.allocator;
  const start = regions.startOf(region);
  const end = start + regions.openUnits(region);
  let previousFree = false;
  let usedUnits = 0;
  let kind = -1;
  let at: number = start;
  while (at < end) {
    const word = words[at * 2];
    if ((word & CHUNK_USED) === 0) {
      const units = unitsOfFree(word);
      assert(units >= MIN_CHUNK_UNITS, 'a free chunk has at least two units');
      assert(!previousFree, 'free neighbours are merged');
      assert(words[(at + units) * 2 - 1] === units, 'a free chunk ends with its size');
      free.set(at, units);
      previousFree = true;
      at += units;
    } else {
      const units = unitsOfUsed(word);
      kind = kindOf(word);
      assert(
        ((word & CHUNK_PREVIOUS_FREE) !== 0) === previousFree,
        `a chunk knows whether the one before is free (${at})`,
      );
      assert(
        Math.floor((at * 8) / BYTE_VIEW_BYTES) === Math.floor(((at + units) * 8 - 1) / BYTE_VIEW_BYTES),
        'no chunk straddles two byte views',
      );
      const isEmpty = kind === ChunkKind.retired;
      assert(
        !isEmpty || regions.isEmptying(region) || regions.isRefilling(region),
        'chunks are retired to empty a region',
      );
      if (!isEmpty) used.set(at, kind);
      if (!isEmpty && kind !== ChunkKind.guard) usedUnits += units;
      previousFree = false;
      at += units;
    }
  }
  assert(at === end && kind === ChunkKind.guard, 'the chunks fill the region, and a guard ends it');
  return usedUnits;
}

function checkBins(store: Store, { free }: Census): void {
  let count = 0;
  store.allocator.bins.forEach((chunk, bin) => {
    count++;
    const units = free.get(chunk);
    assert(units !== undefined, 'a listed free chunk is free');
    assert(binOf(units) === bin, 'a free chunk is in the list of its size');
  });
  assert(count === free.size, 'all free chunks are listed');
}

function checkLru(store: Store): Set<number> {
  const listed = new Set<number>();
  let newer = 0;
  for (let item = store.lru.newest; item !== 0; item = store.lru.older(item)) {
    assert(!listed.has(item), 'the LRU list has no loop');
    assert(store.lru.newer(item) === newer, 'the LRU list is linked both ways');
    assert(store.items.has(item, ItemOption.linked), 'a listed item is marked as linked');
    listed.add(item);
    newer = item;
  }
  assert(store.lru.oldest === newer, 'the LRU list ends at its oldest item');
  return listed;
}

/** Adds the items that are not evicted to those of the LRU list. */
function checkRetained(store: Store, listed: Set<number>): void {
  const { marks, bytes, count } = store.retained;
  for (const item of listed) {
    assert(!store.items.has(item, ItemOption.object) || marks.unitsOf(item) === 0, 'no pinned object may be evicted');
  }
  let sum = 0;
  let found = 0;
  let newer = STORE_ROOTS.retainedRing / 2;
  store.retained.visit((item) => {
    assert(!listed.has(item), 'an item is in one list');
    assert(store.lru.newer(item) === newer, 'the list of retained items is linked both ways');
    assert(store.items.has(item, ItemOption.linked), 'a retained item is marked as linked');
    assert(marks.unitsOf(item) > 0, 'a retained item is a pinned object');
    sum += marks.unitsOf(item) * 8;
    found++;
    listed.add(item);
    newer = item;
  });
  assert(found === count, 'retained items are counted');
  assert(sum === bytes, 'the memory of retained items is counted');
}

function listFrom(store: Store, first: number): number[] {
  const list: number[] = [];
  for (let item = first; item !== 0; item = store.lru.older(item)) list.push(item);
  return list;
}

function checkIndex(store: Store, reachable: Set<number>): { items: Set<number>; fields: Set<number> } {
  const { words } = store.arena;
  const entries = new Set<number>();
  const fields = new Set<number>();
  let all = 0;
  store.index.forEachBucket((_bucket, word) => {
    reachable.add(segmentOf(store, word));
    for (let entry = words[word]; entry !== 0; entry = words[entry * 2 + INDEX_NEXT_WORD]) {
      all++;
      if (kindOf(words[entry * 2]) === ChunkKind.field) {
        assert(store.index.bucketWord(hashOfField(store, entry)) === word, 'a field is in the bucket of its hash');
        assert(!fields.has(entry), 'a field is indexed once');
        fields.add(entry);
        continue;
      }
      assert(kindOf(words[entry * 2]) === ChunkKind.item, 'the index holds items and fields');
      const hash = store.lookup.hashOfItem(entry);
      assert(store.index.bucketWord(hash) === word, 'an entry is in the bucket of its hash');
      assert(!entries.has(entry), 'an entry is indexed once');
      entries.add(entry);
    }
  });
  assert(all === store.index.entries, 'index entries are counted');
  return { items: entries, fields };
}

function segmentOf(store: Store, bucketWord: number): number {
  const { words, heapStart } = store.arena;
  const segments = Math.ceil(store.index.buckets / 128);
  for (let number = 0; number < segments; number++) {
    const segment = words[heapStart * 2 + number];
    if (bucketWord > segment * 2 && bucketWord <= segment * 2 + 128) return segment;
  }
  throw new Error('bucket outside of all segments');
}

function addItem(store: Store, item: number, reachable: Set<number>): void {
  assert(!reachable.has(item), 'an item has one owner');
  reachable.add(item);
  if (!store.items.has(item, ItemOption.chained)) return;
  let bytes = store.items.headCapacity(item);
  let piece = store.arena.words[store.items.chainWord(item) + 1];
  for (let next = 0; piece !== 0; piece = next) {
    assert(!reachable.has(piece), 'a piece has one owner');
    reachable.add(piece);
    next = store.values.nextPiece(piece);
    assert(next !== 0 || store.arena.words[piece * 2 + PIECE_NEXT_WORD] === item, 'the last piece leads to its item');
    bytes += store.values.capacityOf(piece);
  }
  assert(bytes >= store.items.valueLength(item), 'the pieces hold the value');
}

function addCondemned(store: Store, reachable: Set<number>): void {
  const { words } = store.arena;
  let chain = words[STORE_ROOTS.condemnedPieces];
  while (chain !== 0) {
    const next = words[chain * 2 + 2];
    for (let piece = chain; piece !== 0; piece = store.values.nextPiece(piece)) reachable.add(piece);
    chain = next;
  }
}

function checkWheel(store: Store, indexed: Set<number>): void {
  const { words } = store.arena;
  let count = 0;
  store.wheel.forEachSlot((_ring, _slot, first) => {
    for (let item = first; item !== 0; item = words[store.items.expiryWord(item) + 2]) {
      count++;
      assert(indexed.has(item) && store.items.expiresAt(item) !== 0, 'the wheel holds indexed items that expire');
    }
  });
  assert(count === store.wheel.count, 'items in the wheel are counted');
  let expiring = 0;
  for (const item of indexed) if (store.items.expiresAt(item) !== 0) expiring++;
  assert(expiring === count, 'each item that expires is in the wheel');
}
