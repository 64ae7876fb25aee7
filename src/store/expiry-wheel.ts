// Items with an expiry time, in a timing wheel, so that those whose time is over are found without a search and in bounded
// steps (Varghese and Lauck, 1987). It removes items from the wheel only; item-remover.ts does the rest.
//
// Three rings of 512 slots. A slot of the first ring is one second, of the second 256 seconds (a window), of the third 65536
// (an age). Each ring covers the current and the next slot of the ring above, and windows are moved down one window ahead, a
// few items at a time, so that a request never finds a whole window to be moved.
//
// A slot is a list through two words of its items; the first item's link back is the slot's number.

import { ROOTS } from '../arena/layout.js';
import type { Items } from './item.js';

const AT = ROOTS.wheel;
/** Every slot up to this second has been emptied at least once. */
const REACHED = AT;
/** The last window whose items are all in the first ring, the last age whose items are all in the first two. */
const WINDOW = AT + 1;
const AGE = AT + 2;
/** Items in all rings. */
const COUNT = AT + 3;
/** One bit for each slot of the first ring that is not empty. */
const OCCUPIED = AT + 4;
const RING_SLOTS = 512;
const RING_MASK = RING_SLOTS - 1;
const SLOTS = OCCUPIED + RING_SLOTS / 32;

/** A back link below this is a slot's number, and marks the slot's first item: no item is that close to the start of the arena. */
const SLOT_COUNT = 3 * RING_SLOTS;
const PREVIOUS = 1;
const NEXT = 2;

/** @perThread */
export class ExpiryWheel {
  constructor(
    private readonly words: Uint32Array,
    private readonly items: Items,
  ) {}

  /** Once, for a new arena: nothing expires before `now`. */
  format(now: number): void {
    this.words[REACHED] = now;
    this.words[WINDOW] = now >>> 8;
    this.words[AGE] = now >>> 16;
  }

  /** Puts an item with an expiry time into the wheel. */
  add(item: number): void {
    this.place(item, this.words[this.items.expiryWord(item)]);
  }

  remove(item: number): void {
    const words = this.words;
    const at = this.items.expiryWord(item);
    const previous = words[at + PREVIOUS];
    const next = words[at + NEXT];
    if (next !== 0) words[this.items.expiryWord(next) + PREVIOUS] = previous;
    if (previous < SLOT_COUNT) {
      const slot = previous;
      words[SLOTS + slot] = next;
      if (next === 0 && slot < RING_SLOTS) {
        words[OCCUPIED + (slot >>> 5)] = words[OCCUPIED + (slot >>> 5)] & ~(1 << (slot & 31));
      }
    } else {
      words[this.items.expiryWord(previous) + NEXT] = next;
    }
    words[COUNT] = words[COUNT] - 1;
  }

  /** An item has been moved with all of its words. */
  relink(to: number): void {
    const words = this.words;
    const at = this.items.expiryWord(to);
    const previous = words[at + PREVIOUS];
    const next = words[at + NEXT];
    if (next !== 0) words[this.items.expiryWord(next) + PREVIOUS] = to;
    if (previous < SLOT_COUNT) words[SLOTS + previous] = to;
    else words[this.items.expiryWord(previous) + NEXT] = to;
  }

  get count(): number {
    return this.words[COUNT];
  }

  /** Whether there is nothing to do until `now` advances. */
  isUpToDate(now: number): boolean {
    return this.words[REACHED] === now && this.words[SLOTS + (now & RING_MASK)] === 0 && this.words[WINDOW] > now >>> 8;
  }

  /** Takes up to `steps` steps towards `now`; an item whose time is over is returned, still in the wheel; 0 when there is none. */
  nextExpired(now: number, steps: number): number {
    const words = this.words;
    if (this.count === 0) {
      this.jumpTo(now);
      return 0;
    }
    for (let left = steps; left > 0; left--) {
      const reached = words[REACHED];
      const expired = words[SLOTS + (reached & RING_MASK)];
      if (expired !== 0) return expired;
      const lastMoved = words[WINDOW] * 256 + 255;
      if (reached < now && reached < lastMoved) {
        words[REACHED] = this.nextOccupied(reached + 1, Math.min(now, lastMoved));
      } else if (words[WINDOW] <= reached >>> 8) {
        this.moveDown();
      } else {
        return 0;
      }
    }
    return 0;
  }

  /** For checks: visits each slot's ring, number within the ring and first item. */
  forEachSlot(visit: (ring: number, slot: number, first: number) => void): void {
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const first = this.words[SLOTS + slot];
      if (first !== 0) visit(Math.floor(slot / RING_SLOTS), slot % RING_SLOTS, first);
    }
  }

  /** The first second from `second` to `last` whose slot is not empty; or `last`. */
  private nextOccupied(second: number, last: number): number {
    for (let from = second; from <= last; from += 32 - (from & 31)) {
      const bits = this.words[OCCUPIED + ((from & RING_MASK) >>> 5)] >>> (from & 31);
      if (bits !== 0) return Math.min(last, from + 31 - Math.clz32(bits & -bits));
    }
    return last;
  }

  /** Moves one item of the next window, or of the next age, a ring down; an empty slot is marked as moved. */
  private moveDown(): void {
    const words = this.words;
    const window = words[WINDOW] + 1;
    if (window >>> 8 > words[AGE]) {
      const age = words[AGE] + 1;
      const item = words[SLOTS + 2 * RING_SLOTS + (age & RING_MASK)];
      if (item === 0) {
        words[AGE] = age;
        return;
      }
      const second = words[this.items.expiryWord(item)];
      this.remove(item);
      if (second >>> 16 <= age) this.insert(item, 1, (second >>> 8) & RING_MASK);
      else this.place(item, second);
      return;
    }
    const item = words[SLOTS + RING_SLOTS + (window & RING_MASK)];
    if (item === 0) {
      words[WINDOW] = window;
      return;
    }
    this.remove(item);
    this.insert(item, 0, words[this.items.expiryWord(item)] & RING_MASK);
  }

  private place(item: number, second: number): void {
    const words = this.words;
    const reached = words[REACHED];
    if (second <= reached) {
      this.insert(item, 0, reached & RING_MASK);
    } else if (second >>> 8 <= words[WINDOW]) {
      this.insert(item, 0, second & RING_MASK);
    } else if (second >>> 16 <= words[AGE]) {
      this.insert(item, 1, (second >>> 8) & RING_MASK);
    } else {
      const farthest = words[AGE] + RING_SLOTS - 1;
      this.insert(item, 2, Math.min(second >>> 16, farthest) & RING_MASK);
    }
  }

  private insert(item: number, ring: number, slot: number): void {
    const words = this.words;
    const slotNumber = ring * RING_SLOTS + slot;
    const first = words[SLOTS + slotNumber];
    const at = this.items.expiryWord(item);
    words[at + PREVIOUS] = slotNumber;
    words[at + NEXT] = first;
    if (first !== 0) words[this.items.expiryWord(first) + PREVIOUS] = item;
    words[SLOTS + slotNumber] = item;
    if (ring === 0) words[OCCUPIED + (slot >>> 5)] = words[OCCUPIED + (slot >>> 5)] | (1 << (slot & 31));
    words[COUNT] = words[COUNT] + 1;
  }

  private jumpTo(now: number): void {
    const words = this.words;
    words[REACHED] = now;
    words[WINDOW] = (now >>> 8) + 1;
    words[AGE] = ((now >>> 8) + 1) >>> 8;
  }
}
