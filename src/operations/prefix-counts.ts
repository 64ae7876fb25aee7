// Counts how often keys of each prefix are read, stored and deleted, for `stats detail`. The counts are in the arena and shared by all
// threads; the counting thread holds the lock. Called by the observer (observer.ts).

import { PREFIX_BYTES, PREFIX_SLOTS } from '../arena/layout.js';
import type { Arena } from '../arena/memory.js';
import { latin1 } from '../base/latin1.js';
import type { Metrics } from '../base/metrics.js';
import { encodedKey } from './encoded-key.js';
import { OPERATION_METRICS } from './operation-metrics.js';

/** Numbers of the counters of a prefix. */
const READ = 0;
const HIT = 1;
const STORED = 2;
const DELETED = 3;
const COUNTERS = 4;

const NO_WORD = /[\0-\x20\x7f]/g;

const LENGTH_AT = COUNTERS * 8;
const TEXT_AT = LENGTH_AT + 1;
const FNV_PRIME = 0x0100_0193;
const FNV_START = 0x811c_9dc5;
/** A prefix that finds no free slot among this many is not counted. A choice that bounds the time per request when the table is nearly
 * full. */
const MOST_PROBES = 64;

/** @perThread */
export class PrefixCounts {
  private readonly bytes: Uint8Array;
  private readonly cells: Float64Array;
  private readonly at: number;
  private readonly delimiter: number;

  constructor(
    arena: Arena,
    private readonly metrics: Metrics,
    delimiter: string,
  ) {
    this.bytes = arena.bytes;
    this.at = arena.prefixesAt;
    this.cells = new Float64Array(arena.buffer, this.at, (PREFIX_SLOTS * PREFIX_BYTES) / 8);
    this.delimiter = delimiter.charCodeAt(0);
  }

  countRead(keyAt: number, keyLength: number, isHit: boolean): void {
    const slot = this.#slotOf(keyAt, keyLength);
    if (slot < 0) return;
    this.#add(slot, READ);
    if (isHit) this.#add(slot, HIT);
  }

  countStored(keyAt: number, keyLength: number): void {
    const slot = this.#slotOf(keyAt, keyLength);
    if (slot >= 0) this.#add(slot, STORED);
  }

  countDeleted(keyAt: number, keyLength: number): void {
    const slot = this.#slotOf(keyAt, keyLength);
    if (slot >= 0) this.#add(slot, DELETED);
  }

  clear(): void {
    this.cells.fill(0);
  }

  /** In memcached's form, END included. */
  dump(): string {
    let text = '';
    for (let slot = 0; slot < PREFIX_SLOTS; slot++) {
      const at = this.at + slot * PREFIX_BYTES;
      const length = this.bytes[at + LENGTH_AT];
      if (length === 0) continue;
      const count = (counter: number) => this.cells[slot * (PREFIX_BYTES / 8) + counter];
      // A line end in a prefix, as of a binary key, would begin a line of its own.
      const prefix = latin1(this.bytes, at + TEXT_AT, length).replace(NO_WORD, encodedKey);
      text += `PREFIX ${prefix} get ${count(READ)} hit ${count(HIT)} set ${count(STORED)} del ${count(DELETED)}\r\n`;
    }
    return `${text}END\r\n`;
  }

  #add(slot: number, counter: number): void {
    const cell = slot * (PREFIX_BYTES / 8) + counter;
    this.cells[cell] = this.cells[cell] + 1;
  }

  /** The slot of the key's prefix, which is created if needed; -1 for a key without a prefix, and when there is no room. */
  #slotOf(keyAt: number, keyLength: number): number {
    const { bytes, delimiter } = this;
    let hash = FNV_START;
    let length = 0;
    while (length < keyLength && bytes[keyAt + length] !== delimiter) {
      hash = Math.imul(hash ^ bytes[keyAt + length], FNV_PRIME);
      length++;
    }
    if (length === keyLength || length === 0) return -1;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const slot = ((hash >>> 0) + probe) % PREFIX_SLOTS;
      const at = this.at + slot * PREFIX_BYTES;
      const taken = bytes[at + LENGTH_AT];
      if (taken === 0) {
        bytes.copyWithin(at + TEXT_AT, keyAt, keyAt + length);
        bytes[at + LENGTH_AT] = length;
        return slot;
      }
      if (taken === length && this.#holds(at + TEXT_AT, keyAt, length)) return slot;
    }
    this.metrics.add(OPERATION_METRICS.prefixes_left_out, 1);
    return -1;
  }

  #holds(at: number, keyAt: number, length: number): boolean {
    const { bytes } = this;
    for (let index = 0; index < length; index++) if (bytes[at + index] !== bytes[keyAt + index]) return false;
    return true;
  }
}
