// The real server of the model test: an engine on a small arena, the evictions that its store reports, and items pinned by readers.

import { assert } from '../../src/base/assert.js';
import { ItemOption, type ItemRef } from '../../src/store/item.js';
import { STORE_METRICS } from '../../src/store/store-metrics.js';
import { arenaAfterRestart } from '../memory-file/restarted.js';
import { type FakeClient, Harness, type HarnessOptions } from '../protocols/text/harness.js';
import { checkStore } from './checker.js';
import { Event } from './model.js';

/** The unix second at which the harness's clock starts, and the server second that belongs to it. */
export const START_UNIX = 1_800_000_000;
const FIRST_SECOND = 2;
const PIECE_BYTES = 65_536;

export class ModelServer {
  harness: Harness;
  commands = 0;
  private readonly events: Event[] = [];
  private client: FakeClient;
  private slowClient: FakeClient;
  private readonly held = new Set<ItemRef>();

  constructor(readonly evictionsAllowed: boolean) {
    this.harness = this.makeHarness();
    this.client = this.harness.connect();
    this.slowClient = this.harness.connect();
    this.listen();
  }

  private makeHarness(others: Pick<HarnessOptions, 'arena' | 'time'> = {}): Harness {
    return new Harness({
      limitBytes: 1024 * 1024,
      itemLimitBytes: 1024 * 1024,
      evictionsAllowed: this.evictionsAllowed,
      debugCommands: true,
      runBudgetMs: 10_000,
      ...others,
    });
  }

  /** Writes a memory file and continues with what another process would read from it. Nothing may be held or half-sent. */
  restart(): void {
    assert(this.held.size === 0, 'no reader holds an item over a restart');
    this.client.close();
    this.slowClient.close();
    const { arena, time } = this.harness;
    const machine = { steadyMs: () => time.steadyMs(), unixMs: () => time.unixMs(), boot: 'one' };
    this.harness = this.makeHarness({ arena: arenaAfterRestart(arena, machine, machine), time });
    this.client = this.harness.connect();
    this.slowClient = this.harness.connect();
    this.listen();
  }

  get now(): number {
    return this.harness.clock.unixNow - START_UNIX + FIRST_SECOND;
  }

  ask(request: string, pieceBytes = PIECE_BYTES): string {
    this.commands++;
    return this.client.send(request, pieceBytes);
  }

  /** Sends a part of a request on a separate connection. */
  askSlowly(part: string): string {
    return this.slowClient.send(part);
  }

  /** The slow client disconnects. */
  dropSlowClient(): void {
    this.slowClient.close();
    this.slowClient = this.harness.connect();
  }

  takeEvents(): Event[] {
    return this.events.splice(0);
  }

  /** Runs maintenance until none is left, so that none happens during the next request; returns its evictions. */
  settle(): number {
    const { store } = this.harness;
    let evictions = 0;
    for (;;) {
      const free = store.allocator.freeBytes;
      store.tick();
      const events = this.takeEvents();
      const evicted = events.filter((event) => event === Event.evicted).length;
      evictions += evicted;
      if (!events.includes(Event.indexDenied) || free === store.allocator.freeBytes) return evictions;
    }
  }

  fits(key: string, length: number): boolean {
    return this.harness.store.fits(key.length, length);
  }

  find(key: string): ItemRef {
    const { arena, engine, store } = this.harness;
    arena.bytes.set(Buffer.from(key, 'latin1'), engine.output.at);
    return store.find(engine.output.at, key.length);
  }

  hold(key: string): ItemRef {
    const item = this.find(key);
    this.harness.store.pin(item);
    this.held.add(item);
    return item;
  }

  letGo(item: ItemRef): void {
    this.held.delete(item);
    this.harness.store.unpin(item);
  }

  isHeld(item: ItemRef): boolean {
    return this.held.has(item);
  }

  value(item: ItemRef): string {
    const { arena, engine, store } = this.harness;
    const length = store.valueLength(item);
    let text = '';
    for (let done = 0; done < length; done += PIECE_BYTES) {
      const part = Math.min(PIECE_BYTES, length - done);
      store.copyValue(item, done, part, engine.output.at);
      text += Buffer.from(arena.bytes.subarray(engine.output.at, engine.output.at + part)).toString('latin1');
    }
    return text;
  }

  /** Keys that are alive, the most recently used first. */
  keys(): string[] {
    const { arena, clock, store } = this.harness;
    const keys: string[] = [];
    store.forEachItem((item) => {
      const expiresAt = store.expiresAt(item);
      if (expiresAt !== 0 && expiresAt <= clock.now) return;
      const at = store.keyPosition(item);
      keys.push(Buffer.from(arena.bytes.subarray(at, at + store.keyLength(item))).toString('latin1'));
    });
    return keys;
  }

  checkInvariants(): void {
    const { store } = this.harness;
    const reserved = this.slowClient.session.incoming?.reserved ?? 0;
    const deferred = [...this.held].filter((item) => store.items.has(item, ItemOption.deferred));
    checkStore(store, reserved === 0 ? deferred : [...deferred, reserved]);
  }

  private listen(): void {
    const { metrics } = this.harness;
    const count = metrics.add.bind(metrics);
    metrics.add = (id, amount) => {
      count(id, amount);
      if (id === STORE_METRICS.evictions) this.events.push(Event.evicted);
      else if (id === STORE_METRICS.total_items) this.events.push(Event.stored);
      else if (id === STORE_METRICS.index_segments_denied) this.events.push(Event.indexDenied);
    };
  }
}
