// Moves one chunk below a table to another place, and keeps the sums of units of the tables around it. What refers to the chunk is the
// caller's: table-mover.ts, ordered/ordered-mover.ts.

import { unitsOfUsed } from '../arena/chunk.js';
import type { Ref } from '../arena/memory.js';
import type { Store } from '../store/store.js';
import type { PinnedObjects } from './pinned-objects.js';
import { SPREAD, type TableLayout } from './table-layout.js';

/** @perThread */
export class PartMover {
  private readonly words: Uint32Array;

  constructor(
    private readonly store: Store,
    private readonly layout: TableLayout,
    private readonly pinned: PinnedObjects,
  ) {
    this.words = store.arena.words;
  }

  /** Moves a chunk below the table with that header; where to, or null if it has to stay. */
  move(chunk: Ref, owner: number): Ref {
    const { words } = this;
    const units = unitsOfUsed(words[chunk * 2]);
    const to = this.store.mover.moveChunk(chunk);
    if (to === 0) return to;
    const added = unitsOfUsed(words[to * 2]) - units;
    if (added === 0) return to;
    let outermost = owner;
    for (let table = owner; table !== 0; ) {
      const header = this.layout.spreadWord(table);
      words[header + SPREAD.units] = words[header + SPREAD.units] + added;
      outermost = table;
      table = words[header + SPREAD.parent];
    }
    this.pinned.resize(outermost, added);
    return to;
  }
}
