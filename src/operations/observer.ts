// Those who want to know of each request: statistics by prefix, and watchers of events. While nobody does, a request costs one look at one
// cell, which all threads share. Not for what is counted always (operation-metrics.ts).

import type { Arena } from '../arena/memory.js';
import { SYNC, syncCells } from '../arena/sync.js';
import type { Metrics } from '../base/metrics.js';
import { PrefixCounts } from './prefix-counts.js';

/** Bits of the cell. */
const PREFIXES = 1;

/** @perThread */
export class Observer {
  readonly prefixes: PrefixCounts;
  private readonly cells: Int32Array;

  constructor(arena: Arena, metrics: Metrics, delimiter: string) {
    this.cells = syncCells(arena);
    this.prefixes = new PrefixCounts(arena, metrics, delimiter);
  }

  /** Whether anybody wants to know. */
  get isActive(): boolean {
    return this.cells[SYNC.observers] !== 0;
  }

  get countsPrefixes(): boolean {
    return (this.cells[SYNC.observers] & PREFIXES) !== 0;
  }

  countPrefixes(isOn: boolean): void {
    if (isOn) Atomics.or(this.cells, SYNC.observers, PREFIXES);
    else Atomics.and(this.cells, SYNC.observers, ~PREFIXES);
  }

  onRead(keyAt: number, keyLength: number, isHit: boolean): void {
    if (this.countsPrefixes) this.prefixes.countRead(keyAt, keyLength, isHit);
  }

  /** A value was received, stored or not. */
  onWrite(keyAt: number, keyLength: number): void {
    if (this.countsPrefixes) this.prefixes.countStored(keyAt, keyLength);
  }

  onDelete(keyAt: number, keyLength: number): void {
    if (this.countsPrefixes) this.prefixes.countDeleted(keyAt, keyLength);
  }
}
