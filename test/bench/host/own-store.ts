// Our store without a server around it, to measure what is not visible from outside: each single store, and the time of each step.

import { Arena } from '../../../src/arena/memory.js';
import { Activity } from '../../../src/base/activity.js';
import { Clock } from '../../../src/base/clock.js';
import { Metrics } from '../../../src/base/metrics.js';
import { ReplyText } from '../../../src/base/reply-text.js';
import { ObjectCalls } from '../../../src/objects/calls/object-calls.js';
import { StoreItems } from '../../../src/objects/calls/store-items.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { Registry } from '../../../src/objects/types/registry.js';
import { ObjectOperations } from '../../../src/operations/object-operations.js';
import { DEFAULT_OPERATION_OPTIONS, replyTextAt, workWindow } from '../../../src/operations/operation-options.js';
import { type ItemRef, Store } from '../../../src/store/store.js';
import { STORE_METRICS } from '../../../src/store/store-metrics.js';
import { ArenaTables } from '../../../src/tables/arena-tables.js';
import { DEFAULT_BUDGET } from '../../../src/tables/budget.js';
import { TextEngine } from '../../protocols/text/text-engine.js';

export const ITEM_LIMIT_BYTES = 2 ** 20;

export class OwnStore {
  readonly arena: Arena;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly #keyAt: number;
  readonly #valueAt: number;
  readonly #valueRoomBytes: number;

  constructor(limitBytes: number) {
    this.arena = Arena.create({ limitBytes, threads: 1 });
    this.clock = new Clock(this.arena.clockCells);
    this.metrics = new Metrics(this.arena.metricCells, 0);
    const options = { itemLimitBytes: ITEM_LIMIT_BYTES, evictionsAllowed: true };
    this.store = new Store(this.arena, this.clock, this.metrics, 0, options);
    const { scratch, input } = this.arena.windows(0);
    this.#keyAt = scratch.at;
    this.#valueAt = input.at;
    this.#valueRoomBytes = input.size;
    this.arena.bytes.fill(0x78, input.at, input.at + input.size);
  }

  get evictions(): number {
    return this.metrics.total(STORE_METRICS.evictions);
  }

  /** An engine on this store, for requests as text without sockets; with types, it serves objects too. */
  makeEngine(types: readonly LoadedType[] = []): TextEngine {
    const { arena, store, clock, metrics } = this;
    const options = DEFAULT_OPERATION_OPTIONS;
    const virtualKeys = types.length > 0 ? { virtualKeys: this.#objectKeys(types) } : {};
    return new TextEngine({ bytes: arena.bytes, ...arena.windows(0), store, clock, metrics, options, ...virtualKeys });
  }

  #objectKeys(types: readonly LoadedType[]): ObjectOperations {
    const { arena, store, clock, metrics } = this;
    const registry = new Registry();
    for (const type of types) registry.install(type);
    const { scratch } = arena.windows(0);
    const work = workWindow(scratch);
    const calls = new ObjectCalls({
      arena,
      scratch: work,
      replyText: new ReplyText(arena.bytes, replyTextAt(scratch)),
      clock,
      metrics,
      tables: new ArenaTables(store, { thread: 0, resultLimitBytes: ITEM_LIMIT_BYTES }),
      items: new StoreItems(store),
      registry,
      log: () => {},
      activity: new Activity(),
      budget: DEFAULT_BUDGET,
      resultLimitBytes: ITEM_LIMIT_BYTES,
      virtualKeys: { enabled: true, prefixes: [], prefixRequired: false },
    });
    return new ObjectOperations(calls, store, arena.bytes, work);
  }

  /** Stores 'x' under a key of the letter k and the number in `digits` digits; false when there is no room. */
  set(key: number, keyBytes: number, valueBytes: number): boolean {
    const { store } = this;
    const reserved = store.reserve(this.#writeKey(key, keyBytes), keyBytes, valueBytes, 0, 0);
    if (reserved === 0) return false;
    for (let offset = 0; offset < valueBytes; offset += this.#valueRoomBytes) {
      store.fill(reserved, offset, this.#valueAt, Math.min(this.#valueRoomBytes, valueBytes - offset));
    }
    store.link(reserved);
    return true;
  }

  /** A get: finds the item and makes it the most recently used. */
  get(key: number, keyBytes: number): boolean {
    const item = this.find(key, keyBytes);
    if (item === 0) return false;
    this.store.hit(item);
    return true;
  }

  find(key: number, keyBytes: number): ItemRef {
    return this.store.find(this.#writeKey(key, keyBytes), keyBytes);
  }

  #writeKey(key: number, keyBytes: number): number {
    const { bytes } = this.arena;
    bytes[this.#keyAt] = 0x6b;
    let rest = key;
    for (let at = this.#keyAt + keyBytes - 1; at > this.#keyAt; at--) {
      bytes[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return this.#keyAt;
  }
}
