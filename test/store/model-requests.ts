// Requests of the model test: each is sent to the server, applied to the model, and compared.

import { assert } from '../../src/base/assert.js';
import type { ItemRef } from '../../src/store/item.js';
import type { Entry, Model } from './model.js';
import { type ModelServer, START_UNIX } from './model-server.js';
import { acceptNoRoom, expectReply, follow, judgeStorage, type Storage, storageLine } from './model-storage.js';

const MAX_64 = 2n ** 64n;
const RELATIVE_LIMIT_SECONDS = 2_592_000;
/** Values up to this length wait in the input until they are complete. */
const WAITS_IN_INPUT_BYTES = 2048;
const READ_BYTES = 65_536;
const COMPARED_EVERY = 200;
const SLOTS = 3;

interface Held {
  readonly item: ItemRef;
  readonly key: string;
  readonly value: string;
  readonly entry: Entry;
}

export class Requests {
  private readonly held: (Held | undefined)[] = [];
  private slow: { request: Storage; rest: string } | undefined;
  private comparedAt = 0;

  constructor(
    private readonly model: Model,
    private readonly server: ModelServer,
  ) {}

  store(verb: Storage['verb'], key: string, value: string, flags: number, exptime: number, pieceBytes: number): void {
    const request = this.storage(verb, key, value, flags, exptime);
    this.settle();
    const line = storageLine(request);
    const length = line.length + value.length + 2;
    const reply = this.server.ask(`${line}${value}\r\n`, pieceBytes);
    const isCut = value.length > WAITS_IN_INPUT_BYTES && length > Math.min(pieceBytes, READ_BYTES);
    judgeStorage(this.model, this.server, request, reply, this.server.takeEvents(), isCut);
    this.finish(key);
  }

  /** Sends the first part of a value, whose rest may follow much later. */
  begin(verb: Storage['verb'], key: string, value: string, flags: number, exptime: number): void {
    if (this.slow !== undefined || value.length <= WAITS_IN_INPUT_BYTES) return;
    const request = this.storage(verb, key, value, flags, exptime);
    this.settle();
    const reply = this.server.askSlowly(storageLine(request) + value.slice(0, 1000));
    const events = this.server.takeEvents();
    if (reply === '') {
      follow(this.model, events, undefined, () => assert(false, 'a value in parts is stored when it is complete'));
      this.slow = { request, rest: value.slice(1000) };
    } else {
      judgeStorage(this.model, this.server, request, reply, events, true);
      this.server.dropSlowClient();
    }
    this.finish(key);
  }

  complete(ending: 'whole' | 'bad' | 'gone'): void {
    if (this.slow === undefined) return;
    const { request, rest } = this.slow;
    this.slow = undefined;
    this.settle();
    this.server.commands++;
    if (ending === 'gone') this.server.dropSlowClient();
    else if (ending === 'bad') {
      expectReply('set', this.server.askSlowly(`${rest}xx`), 'CLIENT_ERROR bad data chunk\r\n');
      this.server.dropSlowClient();
    } else {
      const reply = this.server.askSlowly(`${rest}\r\n`);
      judgeStorage(this.model, this.server, request, reply, this.server.takeEvents(), false);
    }
    this.finish(request.key);
  }

  get(keys: readonly string[]): void {
    this.settle();
    const reply = this.server.ask(`get ${keys.join(' ')}\r\n`);
    let expected = '';
    for (const key of keys) {
      const entry = this.model.live(key);
      if (entry === undefined) continue;
      this.model.use(key, entry);
      expected += valueReply(key, entry);
    }
    expectReply(`get ${keys.join(' ')}`, reply, `${expected}END\r\n`);
    assert(this.server.takeEvents().length === 0, 'reading evicts nothing');
    this.finish(...keys);
  }

  /** gets, gat and gats: may have to move the item to one with more room in its header. */
  read(verb: 'gets' | 'gat' | 'gats', key: string, exptime: number): void {
    this.settle();
    const entry = this.model.live(key);
    const reply = this.server.ask(verb === 'gets' ? `gets ${key}\r\n` : `${verb} ${exptime} ${key}\r\n`);
    const events = this.server.takeEvents();
    if (entry === undefined) {
      expectReply(verb, reply, 'END\r\n');
      this.finish(key);
      return;
    }
    this.model.use(key, entry);
    if (reply.startsWith('SERVER_ERROR out of memory')) {
      acceptNoRoom(this.model, this.server, key, key);
      this.finish(key);
      return;
    }
    follow(this.model, events, entry, () => this.model.use(key, entry));
    const token = verb === 'gat' ? '' : tokenOf(reply);
    if (verb !== 'gat') {
      if (entry.token === undefined) assert(!this.model.tokens.has(token), 'a new token is new');
      else assert(entry.token === token, 'the token is that of before');
      this.model.tokens.add(token);
      entry.token = token;
    }
    expectReply(verb, reply, `${valueReply(key, entry, token)}END\r\n`);
    if (verb !== 'gets') entry.expiresAt = this.expiry(exptime);
    this.model.use(key, entry);
    this.finish(key);
  }

  touch(key: string, exptime: number): void {
    this.settle();
    const entry = this.model.live(key);
    const reply = this.server.ask(`touch ${key} ${exptime}\r\n`);
    const events = this.server.takeEvents();
    if (entry === undefined) {
      expectReply('touch', reply, 'NOT_FOUND\r\n');
    } else if (reply.startsWith('SERVER_ERROR out of memory')) {
      this.model.use(key, entry);
      acceptNoRoom(this.model, this.server, key, key);
    } else {
      expectReply('touch', reply, 'TOUCHED\r\n');
      this.model.use(key, entry);
      follow(this.model, events, entry, () => this.model.use(key, entry));
      entry.expiresAt = this.expiry(exptime);
      this.model.use(key, entry);
    }
    this.finish(key);
  }

  count(verb: 'incr' | 'decr', key: string, delta: bigint): void {
    this.settle();
    const entry = this.model.live(key);
    const reply = this.server.ask(`${verb} ${key} ${delta}\r\n`);
    const events = this.server.takeEvents();
    const number = entry === undefined ? undefined : numberIn(entry.value);
    if (entry === undefined) {
      expectReply(verb, reply, 'NOT_FOUND\r\n');
    } else if (number === undefined) {
      expectReply(verb, reply, 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n');
    } else {
      this.model.use(key, entry);
      if (reply.startsWith('SERVER_ERROR out of memory')) {
        acceptNoRoom(this.model, this.server, key, key);
        this.finish(key);
        return;
      }
      follow(this.model, events, entry, () => this.model.use(key, entry));
      const result = verb === 'incr' ? (number + delta) % MAX_64 : number > delta ? number - delta : 0n;
      expectReply(verb, reply, `${result}\r\n`);
      // A value never gets shorter.
      entry.value = String(result).padEnd(entry.value.length);
      entry.token = undefined;
      this.model.use(key, entry);
    }
    this.finish(key);
  }

  remove(key: string): void {
    this.settle();
    const entry = this.model.live(key);
    expectReply('delete', this.server.ask(`delete ${key}\r\n`), entry === undefined ? 'NOT_FOUND\r\n' : 'DELETED\r\n');
    this.model.entries.delete(key);
    this.finish();
  }

  flush(delaySeconds: number): void {
    this.settle();
    expectReply('flush_all', this.server.ask(`flush_all ${delaySeconds}\r\n`), 'OK\r\n');
    if (delaySeconds <= 0) this.model.flush();
    else this.model.flushAt = this.model.now + delaySeconds;
    this.finish();
  }

  advance(seconds: number): void {
    this.settle();
    expectReply('debugtime', this.server.ask(`debugtime ${seconds}\r\n`), 'OK\r\n');
    this.model.advance(seconds);
    assert(this.server.now === this.model.now, 'the clock has moved');
    // Maintenance in the same batch may have evicted items to grow the index.
    follow(this.model, this.server.takeEvents(), undefined, () => assert(false, 'time stores nothing'));
    this.finish();
  }

  /** A reader pins the item, as when it is sent a large value, or unpins it after having read the original value. */
  hold(slot: number, key: string): void {
    const number = slot % SLOTS;
    const held = this.held[number];
    this.settle();
    this.server.commands++;
    if (held !== undefined) {
      this.held[number] = undefined;
      expectReply(`held ${held.key}`, this.server.value(held.item), held.value);
      if (!this.held.some((other) => other?.item === held.item)) this.server.letGo(held.item);
      if (this.model.live(held.key) === held.entry) held.entry.pinned = this.isHeld(held.key);
    } else {
      const entry = this.model.live(key);
      if (entry === undefined) return;
      const item = this.server.find(key);
      if (!this.server.isHeld(item)) this.server.hold(key);
      entry.pinned = true;
      this.held[number] = { item, key, value: entry.value, entry };
    }
    this.finish();
  }

  /** The server is restarted with a memory file. */
  restart(): void {
    for (let slot = 0; slot < SLOTS; slot++) if (this.held[slot] !== undefined) this.hold(slot, '');
    this.complete('gone');
    this.settle();
    this.server.commands++;
    this.server.restart();
    assert(this.server.now === this.model.now, 'the clock goes on');
    this.compare();
  }

  /** Compares everything: the order of use, and the content of the arena. */
  compare(): void {
    this.comparedAt = this.server.commands;
    const real = this.server.keys();
    const expected = this.model.keys();
    const at = real.findIndex((key, index) => key !== expected[index]);
    if (at >= 0 || real.length !== expected.length) {
      const from = at < 0 ? real.length : at;
      throw new Error(
        `order of use differs at ${from} of ${real.length} (${expected.length}): ` +
          `${real.slice(from, from + 5).join(' ')} instead of ${expected.slice(from, from + 5).join(' ')}`,
      );
    }
    this.server.checkInvariants();
  }

  /** Reads everything, then releases all pins and reservations, so that only the entries are left. */
  end(): void {
    this.compare();
    for (const key of this.model.keys()) this.get([key]);
    for (let slot = 0; slot < SLOTS; slot++) if (this.held[slot] !== undefined) this.hold(slot, '');
    this.complete('gone');
    this.compare();
  }

  private settle(): void {
    for (let evictions = this.server.settle(); evictions > 0; evictions--) this.model.evict();
  }

  private finish(...keys: readonly string[]): void {
    for (const key of keys) {
      const entry = this.model.entries.get(key);
      if (entry?.pinned && this.model.live(key) === entry) entry.pinned = this.isHeld(key);
    }
    if (this.server.commands - this.comparedAt >= COMPARED_EVERY) this.compare();
  }

  private isHeld(key: string): boolean {
    return this.server.isHeld(this.server.find(key));
  }

  private storage(verb: Storage['verb'], key: string, value: string, flags: number, exptime: number): Storage {
    const known = this.model.live(key)?.token;
    // Some tokens are stale, some were never given out.
    const token = exptime % 3 === 0 && known !== undefined ? known : String(flags);
    return { verb, key, value, flags, exptime, expiresAt: this.expiry(exptime), token };
  }

  private expiry(exptime: number): number {
    if (exptime === 0) return 0;
    if (exptime < 0) return 1;
    if (exptime <= RELATIVE_LIMIT_SECONDS) return this.model.now + exptime;
    return Math.max(1, exptime - START_UNIX + 2);
  }
}

function valueReply(key: string, { value, flags }: Entry, token = ''): string {
  return `VALUE ${key} ${flags} ${value.length}${token === '' ? '' : ` ${token}`}\r\n${value}\r\n`;
}

function tokenOf(reply: string): string {
  return reply.slice(0, reply.indexOf('\r\n')).split(' ')[4] ?? '';
}

function numberIn(value: string): bigint | undefined {
  const digits = value.replace(/ +$/, '');
  if (value.length > 20 || !/^\d+$/.test(digits)) return undefined;
  const number = BigInt(digits);
  return number < MAX_64 ? number : undefined;
}
