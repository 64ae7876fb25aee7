// Spread tables that were deleted, evicted or replaced: their fields are freed a few at a time. A table's header is freed after
// its last field, so that no field can be mistaken for one of another table.

import type { Allocator } from '../arena/allocator.js';
import type { ObjectFreeing } from '../store/item-reclaimer.js';
import type { Store } from '../store/store.js';
import { STORE_ROOTS } from '../store/store-roots.js';
import type { ByteFreeing } from './bytes/byte-freeing.js';
import type { Fields } from './fields.js';
import type { OrderedFreeing } from './ordered/ordered-freeing.js';
import type { PinnedObjects } from './pinned-objects.js';
import { NEXT_WORD, SPREAD, TableKind, type TableLayout, Tag } from './table-layout.js';

/** Root word: the first of the tables to be freed. */
export const CONDEMNED_TABLES = STORE_ROOTS.objects;
/** Fields freed in one step. */
const FREED_AT_ONCE = 16;

/** @perThread */
export class PendingFree implements ObjectFreeing {
  private readonly words: Uint32Array;
  private readonly allocator: Allocator;
  private readonly layout: TableLayout;

  constructor(
    private readonly store: Store,
    private readonly fields: Fields,
    private readonly ordered: OrderedFreeing,
    private readonly bytes: ByteFreeing,
    private readonly pinned: PinnedObjects,
  ) {
    this.words = store.arena.words;
    this.allocator = store.allocator;
    this.layout = fields.layout;
  }

  condemn(item: number): boolean {
    this.pinned.leave(item);
    if (!this.layout.isSpread(item)) return false;
    this.add(item);
    return true;
  }

  /** Frees a nested table's block and all tables below it. */
  dropBlock(block: number): void {
    if (this.layout.isSpread(block)) this.add(block);
    else this.allocator.release(block as never);
  }

  freeSome(): boolean {
    const words = this.words;
    const table = words[CONDEMNED_TABLES];
    if (table === 0) return false;
    const header = this.layout.spreadWord(table);
    const kind = this.layout.tableKind(table);
    if (kind !== TableKind.fields) {
      const isByteArray = kind === TableKind.byteArray;
      const hasFreed = isByteArray ? this.bytes.freeSome(header) : this.ordered.freeSome(header, FREED_AT_ONCE);
      if (!hasFreed) this.#release(table, header);
      return true;
    }
    for (let count = 0; count < FREED_AT_ONCE; count++) {
      const field = words[header + SPREAD.first];
      if (field === 0) {
        this.#release(table, header);
        return true;
      }
      words[header + SPREAD.first] = words[field * 2 + NEXT_WORD];
      // A flush may have dropped it.
      this.store.index.removeIfHeld(this.fields.hashOf(field), field);
      const block = this.layout.valueTag(field) === Tag.table ? this.fields.reference(field, 0) : 0;
      this.fields.release(field);
      this.store.index.shrinkIfSparse();
      this.store.index.shrinkIfSparse();
      if (block === 0) continue;
      this.dropBlock(block);
      // A spread table below it is freed first.
      if (words[CONDEMNED_TABLES] !== table) return true;
    }
    return true;
  }

  #release(table: number, header: number): void {
    this.words[CONDEMNED_TABLES] = this.words[header + SPREAD.nextCondemned];
    this.allocator.release(table as never);
  }

  private add(table: number): void {
    this.words[this.layout.spreadWord(table) + SPREAD.nextCondemned] = this.words[CONDEMNED_TABLES];
    this.words[CONDEMNED_TABLES] = table;
  }
}
