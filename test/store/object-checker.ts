// Walks the tables of objects and throws on the first broken invariant of their fields, blocks and counts.

import { ChunkKind, kindOf, slackOf } from '../../src/arena/chunk.js';

import { assert } from '../../src/base/assert.js';
import { ItemOption } from '../../src/store/item.js';
import type { Store } from '../../src/store/store.js';
import { PIECE_NEXT_WORD } from '../../src/store/values.js';
import { FieldCursor } from '../../src/tables/field-cursor.js';
import { seedOf } from '../../src/tables/fields.js';
import { CONDEMNED_TABLES } from '../../src/tables/pending-free.js';
import {
  BODY_HEADER_BYTES,
  COUNT_MASK,
  NEXT_WORD,
  OWNER_WORD,
  PREVIOUS_WORD,
  readU16,
  readU32,
  SPREAD,
  TableKind,
  TableLayout,
  Tag,
} from '../../src/tables/table-layout.js';
import { BytesChecker } from './bytes-checker.js';
import { OrderedChecker } from './ordered-checker.js';

/** Hash of a field that the index holds. */
export function hashOfField(store: Store, field: number): number {
  const layout = new TableLayout(store.arena, store.items);
  const position = layout.keyPosition(field);
  const seed = seedOf(store.arena.words[field * 2 + OWNER_WORD], layout.keyTag(field));
  return store.hash.of(store.arena.view, position, layout.keyLength(field), seed);
}

/**
 * Adds all chunks below the given items and below tables that are pending to be freed to `reachable`. Returns the fields of indexed items,
 * which must be indexed, and those of the others, which may be: a flush drops fields before they are freed.
 */
export function checkObjects(
  store: Store,
  indexed: Iterable<number>,
  others: Iterable<number>,
  reachable: Set<number>,
): { readonly indexed: Set<number>; readonly others: Set<number> } {
  const walk = new ObjectWalk(store, reachable);
  for (const item of indexed) if (store.items.has(item, ItemOption.object)) walk.table(item, 0);
  const rest = new ObjectWalk(store, reachable);
  for (const item of others) if (store.items.has(item, ItemOption.object)) rest.table(item, 0);
  rest.condemned();
  return { indexed: walk.fields, others: rest.fields };
}

class ObjectWalk {
  readonly fields = new Set<number>();
  private readonly words: Uint32Array;
  private readonly layout: TableLayout;
  private readonly ordered: OrderedChecker;
  private readonly bytes: BytesChecker;

  constructor(
    private readonly store: Store,
    private readonly reachable: Set<number>,
  ) {
    this.words = store.arena.words;
    this.layout = new TableLayout(store.arena, store.items);
    this.ordered = new OrderedChecker(store, (chunk) => this.reach(chunk), this.fields);
    this.bytes = new BytesChecker(store, (chunk) => this.reach(chunk));
  }

  /** Checks the table that fills a chunk; returns the units of all below it. */
  table(chunk: number, parent: number): number {
    assert(!this.store.items.has(chunk, ItemOption.chained) || parent !== 0, 'an object lies in one chunk');
    if (!this.layout.isSpread(chunk)) {
      this.packed(chunk);
      return 0;
    }
    const header = this.layout.spreadWord(chunk);
    assert(this.words[header + SPREAD.parent] === parent, 'a spread table knows the one around it');
    const kind = this.layout.tableKind(chunk);
    if (kind === TableKind.byteArray) return this.bytes.check(chunk);
    if (kind !== TableKind.fields) return this.ordered.check(chunk);
    let count = 0;
    let units = 0;
    let previous = 0;
    for (let field = this.words[header + SPREAD.first]; field !== 0; ) {
      assert(this.words[field * 2 + PREVIOUS_WORD] === previous, 'fields are linked both ways');
      units += this.field(field, chunk);
      count++;
      previous = field;
      field = this.words[field * 2 + NEXT_WORD];
    }
    assert(this.words[header + SPREAD.last] === previous, 'the list of fields ends at the last');
    assert(this.words[header + SPREAD.count] === count, 'fields are counted');
    assert(this.words[header + SPREAD.units] === units, 'units below a table are counted');
    return units;
  }

  condemned(): void {
    for (let table = this.words[CONDEMNED_TABLES]; table !== 0; ) {
      this.reach(table);
      const header = this.layout.spreadWord(table);
      const kind = this.layout.tableKind(table);
      if (kind === TableKind.byteArray) this.bytes.checkCondemned(table);
      else if (kind !== TableKind.fields) this.ordered.checkCondemned(table);
      for (let field = kind === TableKind.fields ? this.words[header + SPREAD.first] : 0; field !== 0; ) {
        this.field(field, table);
        field = this.words[field * 2 + NEXT_WORD];
      }
      table = this.words[header + SPREAD.nextCondemned];
    }
  }

  private field(field: number, owner: number): number {
    const word = this.words[field * 2];
    assert(kindOf(word) === ChunkKind.field, 'a field is marked as one');
    assert(this.words[field * 2 + OWNER_WORD] === owner, 'a field knows its owner');
    this.reach(field);
    this.fields.add(field);
    let units = this.layout.units(field);
    assert(this.layout.valueRoom(field) >= slackOf(word), 'key and value fit into the field');
    if (this.layout.valueTag(field) === Tag.table) units += this.block(this.reference(field, 0), owner);
    if (this.layout.valueTag(field) !== Tag.chain) return units;
    let bytes = 0;
    for (let piece = this.reference(field, 4); piece !== 0; ) {
      this.reach(piece);
      assert(kindOf(this.words[piece * 2]) === ChunkKind.piece, 'a piece is marked as one');
      bytes += this.store.values.capacityOf(piece);
      units += this.layout.units(piece);
      piece = this.words[piece * 2 + PIECE_NEXT_WORD];
    }
    assert(bytes >= this.reference(field, 0), 'the pieces hold the text');
    return units;
  }

  private block(block: number, parent: number): number {
    assert(kindOf(this.words[block * 2]) === ChunkKind.block, 'a block is marked as one');
    this.reach(block);
    return this.layout.units(block) + this.table(block, parent);
  }

  private packed(chunk: number): void {
    const position = this.layout.bodyPosition(chunk);
    const view = this.store.arena.viewOf(position);
    const body = this.store.arena.indexOf(position);
    assert(this.layout.bodyBytes(chunk) <= this.layout.bodyRoom(chunk), 'a packed table fits its chunk');
    checkBody(view, body);
  }

  private reach(chunk: number): void {
    assert(!this.reachable.has(chunk), 'a chunk has one owner');
    this.reachable.add(chunk);
  }

  private reference(field: number, offset: number): number {
    const position = this.layout.valuePosition(field);
    return readU32(this.store.arena.viewOf(position), this.store.arena.indexOf(position) + offset);
  }
}

function checkBody(view: Uint8Array, body: number): void {
  const found = new FieldCursor();
  const end = body + BODY_HEADER_BYTES + readU16(view, body);
  let count = 0;
  let at = body + BODY_HEADER_BYTES;
  for (; at < end; count++) {
    found.read(view, at);
    assert(found.valueTag !== Tag.chain && found.end > at, 'a packed field is well formed');
    if (found.valueTag === Tag.table) checkBody(view, found.valueAt);
    at = found.end;
  }
  assert(at === end, 'packed fields fill the body');
  assert((readU16(view, body + 2) & COUNT_MASK) === count, 'packed fields are counted');
}
