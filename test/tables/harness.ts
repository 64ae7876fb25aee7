// A store with tables on its own arena, and calls with strings instead of arena positions.

import type { Arena } from '../../src/arena/memory.js';
import type { TimeSource } from '../../src/base/clock.js';
import type { Key, Table } from '../../src/objects/types/object-type.js';
import type { MemoryShare } from '../../src/store/retained-items.js';
import { ArenaTables } from '../../src/tables/arena-tables.js';
import { ArgumentSlices } from '../../src/tables/argument-slices.js';
import { Budget } from '../../src/tables/budget.js';
import type { StoredTable } from '../../src/tables/table-store.js';
import { StoreHarness } from '../store/harness.js';

export class TableHarness extends StoreHarness {
  readonly tables: ArenaTables;
  readonly budget = new Budget({ steps: 1e9, bytes: 1e12, milliseconds: 1e9 });
  readonly spans: ArgumentSlices;
  readonly #scratch: number;
  #used = 0;

  constructor(
    limitBytes: number,
    resultLimitBytes = 64 * 1024 * 1024,
    mostBytes = limitBytes,
    retainedShare: MemoryShare = { percent: 25 },
    others: { readonly time?: TimeSource; readonly arena?: Arena } = {},
  ) {
    super(limitBytes, { mostBytes, retainedShare, ...others });
    this.tables = new ArenaTables(this.store, { thread: 0, resultLimitBytes });
    this.spans = new ArgumentSlices(this.arena);
    this.#scratch = this.arena.windows(0).scratch.at;
  }

  begin(): void {
    this.budget.reset();
    this.#used = 0;
    this.tables.begin(this.budget, this.spans);
  }

  /** The table of an existing object. */
  open(key: string, forWriting = true): StoredTable {
    const opened = this.tryOpen(key, forWriting);
    if (opened === undefined) throw new Error(`no object at ${key}`);
    return opened;
  }

  tryOpen(key: string, forWriting = true, isPinned?: boolean): StoredTable | undefined {
    const opened = this.tables.open(this.place(key), key.length, forWriting, false, isPinned);
    return typeof opened === 'symbol' ? undefined : opened;
  }

  create(key: string, isPinned = false): StoredTable {
    return this.tables.create(this.place(key), key.length, isPinned);
  }

  pin(key: string, isPinned = true): void {
    this.tables.pin(this.place(key), key.length, isPinned);
  }

  createIfWritten(key: string, isPinned = false): StoredTable {
    return this.tables.createIfWritten(this.place(key), key.length, isPinned);
  }

  replace(key: string, isPinned = false): StoredTable {
    return this.tables.replace(this.place(key), key.length, isPinned);
  }

  /** Undoes the `create` or `replace` before it. */
  abandonLast(): void {
    this.tables.abandon(this.tables.openCount - 1);
  }

  /** Whether there was an object. */
  remove(key: string): boolean {
    return this.tables.remove(this.place(key), key.length);
  }

  /** A separate call that ends with a commit. */
  write<T>(key: string, change: (table: StoredTable) => T, isNew = false): T {
    this.begin();
    try {
      const result = change(isNew ? this.create(key) : this.open(key));
      this.tables.commit();
      return result;
    } catch (error) {
      if (this.tables.isCalled) this.tables.rollback();
      throw error;
    }
  }

  read<T>(key: string, look: (table: StoredTable) => T): T {
    return this.write(key, look);
  }

  /** Puts a key into scratch memory, where it stays until the call ends. */
  place(key: string): number {
    const at = this.#scratch + this.#used;
    for (let index = 0; index < key.length; index++) this.arena.bytes[at + index] = key.charCodeAt(index);
    this.#used += key.length;
    return at;
  }
}

/** The fields of a table and of those below it, in their order. */
export function contentOf(table: Table): [Key, unknown][] {
  return [...table.entries()].map(([key, value]) => [key, typeof value === 'object' ? contentOf(value) : value]);
}
