// The keys that clients use most at present: one request in 64 is noted, under load one in 512, in counters for 512 keys. They are in the arena and shared by all
// threads; the noting thread holds the lock. What `stats hotkeys` shows of them: statistics/hot-key-rows.ts.
//
// The counters follow Space-Saving (Metwally, Agrawal, El Abbadi 2005): a key without a counter takes over the one with the lowest count,
// and that count is the most by which its own may be too high. A hash assigns each key to one of 64 sets of 8 counters, so that a noted
// request looks at 8 of them. All counts are halved every minute.

import { HOT_KEY_BYTES, HOT_KEY_HEAD_BYTES, HOT_KEY_SLOTS } from '../arena/layout.js';
import type { Arena } from '../arena/memory.js';
import type { Clock } from '../base/clock.js';
import { latin1, writeLatin1 } from '../base/latin1.js';
import { copyBytesIn, sameBytesIn } from '../base/words.js';
import type { Lookup } from '../store/lookup.js';

/** One request in this many is noted, in the mean. */
export const NOTED_ONE_IN = 64;
/** Under load, sampling is sparser by this factor, and each noted request has this weight. Noting a request takes longer than a get: without
    the factor it costs 2 % of gets and sets (measured in process, at pipeline 16), with it 0.3 %. */
const LOAD_WEIGHT = 8;
/** The load begins where this many were noted, the last minute's in full: from 8000 requests a second on. */
const LOAD_NOTED = 15_000;
const FIRST_DISTANCE = 1000;
/** The distance when nothing is noted: a large number that is still a small integer of V8's (Smi). */
const NEVER = 0x3fff_ffff;

export const HALVED_AFTER_SECONDS = 60;
/** After more halvings than this every count is 0. */
const MOST_HALVINGS = 60;

const WAYS = 8;
const SETS = HOT_KEY_SLOTS / WAYS;
/** Bits of the hash that choose the set; the lower ones choose the bucket of the index. */
const SET_SHIFT = 20;
const MOST_KEY_BYTES = 250;
const DOLLAR = 0x24;

/** Cells of the head: noted requests by weight, the second of the last halving, and the seconds that the counts are for, both halved alike. */
const NOTED = 0;
const HALVED_AT = 1;
const SECONDS = 2;
const HEAD_CELLS = HOT_KEY_HEAD_BYTES / 8;

/** Cells of a slot, 8 bytes each: two counts, the count of the key before, then hash and key length of 4 bytes each, then the key. */
const READS = 0;
const WRITES = 1;
const INHERITED = 2;
const HASH_WORD = 6;
const LENGTH_WORD = 7;
const KEY_AT = 32;
const SLOT_CELLS = HOT_KEY_BYTES / 8;
const SLOT_WORDS = HOT_KEY_BYTES / 4;

interface HotKey {
  readonly key: string;
  /** Position of the key in the arena's bytes, for a search. */
  readonly keyAt: number;
  /** Noted requests since the key has its counter. */
  readonly reads: number;
  readonly writes: number;
}

/** @perThread */
export class HotKeys {
  /** Requests until the next one that is noted. The first ones may be the server's own, which it sends to warm up. */
  #left = FIRST_DISTANCE;
  /** What the next noted request counts as. */
  #weight = 1;
  private readonly head: Float64Array;
  private readonly cells: Float64Array;
  private readonly words: Int32Array;
  private readonly view: DataView;
  private readonly at: number;

  constructor(
    private readonly arena: Arena,
    private readonly lookup: Lookup,
    private readonly clock: Clock,
    /** False: nothing is noted. */
    readonly isOn: boolean,
  ) {
    this.view = arena.view;
    this.at = arena.hotKeysAt + HOT_KEY_HEAD_BYTES;
    this.head = new Float64Array(arena.buffer, arena.hotKeysAt, HEAD_CELLS);
    this.cells = new Float64Array(arena.buffer, this.at, HOT_KEY_SLOTS * SLOT_CELLS);
    this.words = new Int32Array(arena.buffer, this.at, HOT_KEY_SLOTS * SLOT_WORDS);
    if (this.head[HALVED_AT] === 0) this.head[HALVED_AT] = clock.now;
  }

  /** Counts a request; whether it is to be noted, by one of the methods below. */
  isDue(): boolean {
    return --this.#left < 0;
  }

  /** A request reads the key (arena bytes). */
  noteRead(keyAt: number, keyLength: number): void {
    this.#note(keyAt, keyLength, READS);
  }

  /** A request stores, changes or removes the item at the key. */
  noteWrite(keyAt: number, keyLength: number): void {
    this.#note(keyAt, keyLength, WRITES);
  }

  /** A request calls a method of the object at `type$key`; `keyAt` is the part after the type. */
  noteCall(type: string, keyAt: number, keyLength: number, isRead: boolean): void {
    // The room after the slots.
    const wholeAt = this.at + HOT_KEY_SLOTS * HOT_KEY_BYTES;
    const length = type.length + 1 + keyLength;
    if (keyLength === 0 || length > MOST_KEY_BYTES) this.#next();
    else {
      const { bytes } = this.arena;
      const at = writeLatin1(type, bytes, wholeAt);
      bytes[at] = DOLLAR;
      copyBytesIn(this.view, keyAt, at + 1, keyLength);
      this.#note(wholeAt, length, isRead ? READS : WRITES);
    }
  }

  /** The keys with the highest counts. */
  list(most: number): HotKey[] {
    this.#halve();
    const { cells, words } = this;
    const countOf = (slot: number) => cells[slot * SLOT_CELLS + READS] + cells[slot * SLOT_CELLS + WRITES];
    const slots = Array.from({ length: HOT_KEY_SLOTS }, (_, slot) => slot).filter((slot) => countOf(slot) > 0);
    slots.sort((left, right) => countOf(right) - countOf(left));
    return slots.slice(0, most).map((slot) => {
      const keyAt = this.at + slot * HOT_KEY_BYTES + KEY_AT;
      const key = latin1(this.arena.bytes, keyAt, words[slot * SLOT_WORDS + LENGTH_WORD]);
      return { key, keyAt, reads: cells[slot * SLOT_CELLS + READS], writes: cells[slot * SLOT_CELLS + WRITES] };
    });
  }

  /** Noted requests, and the seconds in which they came. As the counts they have been halved, so that the last minutes count most. */
  get noted(): { readonly requests: number; readonly seconds: number } {
    this.#halve();
    return { requests: this.head[NOTED], seconds: this.head[SECONDS] + this.clock.now - this.head[HALVED_AT] };
  }

  clear(): void {
    this.cells.fill(0);
    this.words.fill(0);
    this.head.fill(0);
    this.head[HALVED_AT] = this.clock.now;
  }

  #next(): void {
    this.#weight = this.head[NOTED] < LOAD_NOTED ? 1 : LOAD_WEIGHT;
    // Distances are random, so that requests in a fixed order do not hide keys: from 1 to nearly twice the mean.
    const longest = 2 * NOTED_ONE_IN * this.#weight - 1;
    this.#left = this.isOn ? Math.floor(Math.random() * longest) : NEVER;
  }

  #note(keyAt: number, keyLength: number, counter: number): void {
    const weight = this.#weight;
    this.#next();
    if (!this.isOn || keyLength > MOST_KEY_BYTES) return;
    if (this.clock.now - this.head[HALVED_AT] >= HALVED_AFTER_SECONDS) this.#halve();
    this.head[NOTED] = this.head[NOTED] + weight;
    const cell = this.#slotOf(keyAt, keyLength) * SLOT_CELLS + counter;
    this.cells[cell] = this.cells[cell] + weight;
  }

  #slotOf(keyAt: number, keyLength: number): number {
    const { cells, words } = this;
    const hash = this.lookup.hashKey(keyAt, keyLength);
    const first = ((hash >>> SET_SHIFT) & (SETS - 1)) * WAYS;
    let lowest = first;
    let lowestCount = Number.POSITIVE_INFINITY;
    for (let slot = first; slot < first + WAYS; slot++) {
      const word = slot * SLOT_WORDS;
      if (words[word + HASH_WORD] === hash && this.#holds(slot, keyAt, keyLength)) return slot;
      const cell = slot * SLOT_CELLS;
      const count = cells[cell + READS] + cells[cell + WRITES] + cells[cell + INHERITED];
      if (count >= lowestCount) continue;
      lowest = slot;
      lowestCount = count;
    }
    this.#takeOver(lowest, lowestCount, hash, keyAt, keyLength);
    return lowest;
  }

  #holds(slot: number, keyAt: number, keyLength: number): boolean {
    if (this.words[slot * SLOT_WORDS + LENGTH_WORD] !== keyLength) return false;
    return sameBytesIn(this.view, this.at + slot * HOT_KEY_BYTES + KEY_AT, keyAt, keyLength);
  }

  #takeOver(slot: number, count: number, hash: number, keyAt: number, keyLength: number): void {
    const cell = slot * SLOT_CELLS;
    this.cells[cell + READS] = 0;
    this.cells[cell + WRITES] = 0;
    this.cells[cell + INHERITED] = count;
    this.words[slot * SLOT_WORDS + HASH_WORD] = hash;
    this.words[slot * SLOT_WORDS + LENGTH_WORD] = keyLength;
    copyBytesIn(this.view, keyAt, this.at + slot * HOT_KEY_BYTES + KEY_AT, keyLength);
  }

  /** Halves everything for each minute since the last time. */
  #halve(): void {
    const { cells, head } = this;
    const times = Math.floor((this.clock.now - head[HALVED_AT]) / HALVED_AFTER_SECONDS);
    if (times <= 0) return;
    head[HALVED_AT] = head[HALVED_AT] + times * HALVED_AFTER_SECONDS;
    for (let time = 0; time < Math.min(times, MOST_HALVINGS); time++) {
      head[SECONDS] = (head[SECONDS] + HALVED_AFTER_SECONDS) / 2;
    }
    const factor = times > MOST_HALVINGS ? 0 : 0.5 ** times;
    head[NOTED] = head[NOTED] * factor;
    for (let cell = 0; cell < cells.length; cell += SLOT_CELLS) {
      cells[cell + READS] = cells[cell + READS] * factor;
      cells[cell + WRITES] = cells[cell + WRITES] * factor;
      cells[cell + INHERITED] = cells[cell + INHERITED] * factor;
    }
  }
}
