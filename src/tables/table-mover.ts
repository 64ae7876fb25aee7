// Moves the chunks of objects to other places between calls, when the memory limit is lowered. The hashes of the fields of a spread table
// depend on the place of its header. If the header moves, all fields must be indexed again, so the header of a very large table stays.
// Members and nodes of ordered indexes: ordered/ordered-mover.ts. Byte arrays move part by part.

import type { Arena, Ref } from '../arena/memory.js';
import type { BelowOutcome, EmptyingRegions, ObjectMover } from '../store/evacuation.js';
import type { Store } from '../store/store.js';
import { PIECE_NEXT_WORD } from '../store/values.js';
import type { ByteTree } from './bytes/byte-tree.js';
import type { Fields } from './fields.js';
import type { OrderedMover } from './ordered/ordered-mover.js';
import type { PartMover } from './part-mover.js';
import { CONDEMNED_TABLES } from './pending-free.js';
import type { PinnedObjects } from './pinned-objects.js';
import {
  NEXT_WORD,
  OWNER_WORD,
  PREVIOUS_WORD,
  SPREAD,
  TableKind,
  type TableLayout,
  Tag,
  writeU32,
} from './table-layout.js';

/** Fields that may get another owner in one step: about a millisecond. */
const MOST_FIELDS = 2048;

/** @perThread */
export class TableMover implements ObjectMover {
  private readonly arena: Arena;
  private readonly words: Uint32Array;
  private readonly layout: TableLayout;

  constructor(
    private readonly store: Store,
    private readonly fields: Fields,
    private readonly parts: PartMover,
    private readonly ordered: OrderedMover,
    private readonly bytes: ByteTree,
    private readonly pinned: PinnedObjects,
  ) {
    this.arena = store.arena;
    this.words = store.arena.words;
    this.layout = fields.layout;
  }

  moveItem(item: Ref): boolean {
    if (!this.mayChangeOwner(item)) return false;
    const isSpread = this.layout.isSpread(item);
    const units = this.layout.units(item);
    const to = this.store.mover.moveItem(item);
    if (to === 0) return false;
    this.pinned.resize(to, this.layout.units(to) - units);
    if (isSpread) this.changeOwner(item, to);
    return true;
  }

  moveField(field: Ref): boolean {
    const { words } = this;
    const { index } = this.store;
    const owner = words[field * 2 + OWNER_WORD];
    const hash = this.fields.hashOf(field);
    if (owner === 0 || this.isFreeing || !index.holds(hash, field)) return false;
    if (this.layout.tableKind(owner) !== TableKind.fields) return this.ordered.moveMember(field, hash);
    const to = this.parts.move(field, owner);
    if (to === 0) return false;
    index.relink(hash, field, to);
    const header = this.layout.spreadWord(owner);
    const previous = words[to * 2 + PREVIOUS_WORD];
    const next = words[to * 2 + NEXT_WORD];
    if (previous === 0) words[header + SPREAD.first] = to;
    else words[previous * 2 + NEXT_WORD] = to;
    if (next === 0) words[header + SPREAD.last] = to;
    else words[next * 2 + PREVIOUS_WORD] = to;
    return true;
  }

  /** Parts of byte arrays know what refers to them, so that each can be moved by itself. */
  moveBytes(part: Ref): boolean {
    if (this.isFreeing) return false;
    const link = this.bytes.linkTo(part);
    const to = this.parts.move(part, this.bytes.owner(part));
    if (to === 0) return false;
    this.words[link] = to;
    this.bytes.adopt(to);
    return true;
  }

  moveBelow(field: Ref, emptying: EmptyingRegions): BelowOutcome {
    const tag = this.layout.valueTag(field);
    if (this.isFreeing) return 'stays';
    if (tag === Tag.table) return this.moveTable(field, emptying);
    return tag !== Tag.chain || this.movePieces(field, emptying) ? 'moved' : 'stays';
  }

  /** Fields of a table that is being freed are linked to fields that are gone. */
  private get isFreeing(): boolean {
    return this.words[CONDEMNED_TABLES] !== 0;
  }

  private moveTable(field: Ref, emptying: EmptyingRegions): BelowOutcome {
    const block = this.fields.reference(field, 0) as Ref;
    const outcome = this.isOrdered(block) ? this.ordered.moveNodes(block, emptying) : 'moved';
    if (outcome !== 'moved' || !emptying.has(block)) return outcome;
    return this.moveBlock(field, block, emptying) ? 'moved' : 'stays';
  }

  private moveBlock(field: Ref, block: Ref, emptying: EmptyingRegions): boolean {
    if (!this.mayChangeOwner(block)) return false;
    const isSpread = this.layout.isSpread(block);
    const to = this.parts.move(block, this.words[field * 2 + OWNER_WORD]);
    if (to === 0) return false;
    this.refer(field, 0, to);
    if (this.layout.tableKind(to) === TableKind.byteArray) this.bytes.adoptTop(to);
    else if (this.isOrdered(to)) this.ordered.changeOwner(to);
    else if (isSpread) this.changeOwner(block, to);
    emptying.retire(block);
    return true;
  }

  private movePieces(field: Ref, emptying: EmptyingRegions): boolean {
    const { words } = this;
    let previous = 0;
    for (let piece = this.fields.reference(field, 4) as Ref; piece !== 0; ) {
      if (emptying.has(piece)) {
        const to = this.parts.move(piece, words[field * 2 + OWNER_WORD]);
        if (to === 0) return false;
        if (previous === 0) this.refer(field, 4, to);
        else words[previous * 2 + PIECE_NEXT_WORD] = to;
        emptying.retire(piece);
        piece = to;
      }
      previous = piece;
      piece = words[piece * 2 + PIECE_NEXT_WORD] as Ref;
    }
    return true;
  }

  /** The reference at that offset of the field's value. */
  private refer(field: Ref, offset: number, to: Ref): void {
    const position = this.layout.valuePosition(field);
    writeU32(this.arena.viewOf(position), this.arena.indexOf(position) + offset, to);
  }

  private isOrdered(block: Ref): boolean {
    const kind = this.layout.tableKind(block);
    return kind === TableKind.orderedByArrival || kind === TableKind.orderedByBytes;
  }

  private mayChangeOwner(chunk: Ref): boolean {
    if (!this.layout.isSpread(chunk)) return true;
    if (this.layout.tableKind(chunk) === TableKind.byteArray) return true;
    return this.words[this.layout.spreadWord(chunk) + SPREAD.count] <= MOST_FIELDS;
  }

  /** The header of a spread table has been moved. */
  private changeOwner(from: Ref, to: Ref): void {
    const { words } = this;
    const { index } = this.store;
    const first = words[this.layout.spreadWord(to) + SPREAD.first];
    for (let field = first; field !== 0; field = words[field * 2 + NEXT_WORD]) {
      index.remove(this.fields.hashOf(field), field);
      words[field * 2 + OWNER_WORD] = to;
      index.insert(this.fields.hashOf(field), field);
      const block = this.layout.valueTag(field) === Tag.table ? this.fields.reference(field, 0) : 0;
      if (block === 0 || !this.layout.isSpread(block)) continue;
      const parent = this.layout.spreadWord(block) + SPREAD.parent;
      if (words[parent] === from) words[parent] = to;
    }
  }
}
