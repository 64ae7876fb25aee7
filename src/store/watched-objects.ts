// The objects that something reads in several steps, and whether they have changed since: a dump makes the record of a large object in slices.
// Whoever commits a change of an object notes it here, with the lock held. In the arena, shared by all threads. It costs a commit the look at
// one word while nothing is watched, and takes no memory of an object.
//
// A slot has the hash of a key, so that an object may move, and a change of another one with the same hash counts as a change. That an
// object was removed is not noted: its reader finds that it is missing, or that another was made, which is a change.

import { HEADER } from '../arena/layout.js';
import type { Lookup } from './lookup.js';

/** More than the threads can make dumps at a time. */
const SLOTS = 16;
const SLOT_WORDS = 2;
/** The first word counts the slots in use. */
const SLOTS_AT = HEADER.watched + SLOT_WORDS;

const State = { free: 0, unchanged: 1, changed: 2 } as const;

export const NO_SLOT = -1;

/** @perThread */
export class WatchedObjects {
  constructor(
    private readonly words: Uint32Array,
    private readonly lookup: Lookup,
  ) {}

  get isAny(): boolean {
    return this.words[HEADER.watched] !== 0;
  }

  /** Watches the object whose key has the hash; returns the slot, or NO_SLOT when all are in use. */
  watch(hash: number): number {
    const { words } = this;
    for (let slot = SLOTS_AT; slot < SLOTS_AT + SLOTS * SLOT_WORDS; slot += SLOT_WORDS) {
      if (words[slot] !== State.free) continue;
      words[slot] = State.unchanged;
      words[slot + 1] = hash;
      words[HEADER.watched]++;
      return slot;
    }
    return NO_SLOT;
  }

  hasChanged(slot: number): boolean {
    return this.words[slot] === State.changed;
  }

  unwatch(slot: number): void {
    this.words[slot] = State.free;
    this.words[HEADER.watched]--;
  }

  /** The content of the object has changed. */
  noteChange(item: number): void {
    const { words } = this;
    const hash = this.lookup.hashOfItem(item) >>> 0;
    for (let slot = SLOTS_AT; slot < SLOTS_AT + SLOTS * SLOT_WORDS; slot += SLOT_WORDS) {
      if (words[slot] !== State.free && words[slot + 1] === hash) words[slot] = State.changed;
    }
  }
}
