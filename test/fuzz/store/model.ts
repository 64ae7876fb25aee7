// The expected content of the store: exact bytes by key, with flags, time and token. An item may be missing only if the store reports an
// eviction.

import { assert } from '../../../src/base/assert.js';

export interface Entry {
  readonly value: Uint8Array;
  readonly flags: number;
  /** Server second, 0 is never. */
  expiresAt: number;
  /** The CAS token that a client knows; undefined if no client knows it. */
  token: string | undefined;
}

export class Model {
  readonly entries = new Map<string, Entry>();
  private losses = 0;

  /** The entry that a client would find if nothing had been evicted. */
  live(key: string, now: number): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.expiresAt === 0 || entry.expiresAt > now) return entry;
    this.entries.delete(key);
    return undefined;
  }

  /** The store no longer has it. */
  lose(key: string, evictions: number): void {
    this.entries.delete(key);
    this.losses++;
    assert(this.losses <= evictions, `${key} is gone, and the store has evicted ${evictions} items in all`);
  }

  flush(): void {
    this.entries.clear();
  }
}
