// The changes of a call, so that they can be rolled back, and the memory that it has unlinked, which is freed when the call commits. Each
// call reuses the journal's memory. Making the changes: table-writer.ts.
//
// An entry is written before its change, and the rollback checks whether the change was made: a failure may occur in between. A
// field is linked if it has an owner, and the units by which a table grows are entered as they are added.

import { ChunkKind, kindOf } from '../arena/chunk.js';
import { UNIT_BYTES } from '../arena/memory.js';
import type { Store } from '../store/store.js';
import type { Budget } from './budget.js';
import type { Fields } from './fields.js';
import { Kind, type OtherKinds } from './journal-kinds.js';
import type { ObjectMemory } from './object-memory.js';
import type { PendingFree } from './pending-free.js';
import { MAX_DEPTH } from './plain-table.js';
import { SavedBytes } from './saved-bytes.js';
import type { KeyBytes } from './scalars.js';
import { NEXT_WORD, OWNER_WORD, PREVIOUS_WORD, SPREAD, type TableLayout, VALUE_WORD_MASK } from './table-layout.js';

/** Kind, a, b, c, and by how many units the table has grown so far. */
const ENTRY_WORDS = 5;
/** Offsets and lengths in a packed body. */
const LENGTH_BITS = 16;
const LENGTH_MASK = 0xffff;
/** Searching this many entries takes about as long as a step. */
const ENTRIES_A_STEP = 16;
/** A larger journal (256 KB, some 13,000 entries) is dropped after its call. */
const KEPT_WORDS = 64 * 1024;

/** @perThread */
export class Journal {
  #entries = new Uint32Array(64 * ENTRY_WORDS);
  #end = 0;
  private readonly saved: SavedBytes;
  /** Headers of a table and of those around it. */
  readonly #headers = new Uint32Array(MAX_DEPTH + 1);
  private readonly words: Uint32Array;
  private readonly layout: TableLayout;

  constructor(
    private readonly store: Store,
    private readonly fields: Fields,
    private readonly condemned: PendingFree,
    private readonly memory: ObjectMemory,
    private readonly others: OtherKinds,
  ) {
    this.saved = new SavedBytes(store.arena);
    this.words = store.arena.words;
    this.layout = fields.layout;
  }

  /** Keeps a packed body as it is now. */
  saveBody(chunk: number): void {
    this.saveBodyPart(chunk, 0, this.layout.bodyBytes(chunk));
  }

  /** Keeps part of a packed body. */
  saveBodyPart(chunk: number, offset: number, length: number): void {
    const at = this.saved.save(this.layout.bodyPosition(chunk) + offset, length);
    this.#add(Kind.bodySaved, chunk, at, (offset << LENGTH_BITS) | length);
  }

  /** Keeps bytes of a chunk as they are now. */
  saveRange(chunk: number, offset: number, length: number): void {
    const at = this.saved.save(chunk * UNIT_BYTES + offset, length);
    this.#add(Kind.rangeSaved, chunk, at, (offset << LENGTH_BITS) | length);
  }

  /** An entry of another kind. */
  note(kind: number, a: number, b: number, c: number): number {
    return this.#add(kind, a, b, c);
  }

  // Entries for new memory take over the loose chunks. Those with a number return it, for `remade` or `addUnits`.

  /** Keeps a field's value as it is now. */
  saveValue(field: number): number {
    const at = this.saved.save(this.layout.valuePosition(field), this.layout.valueRoom(field));
    return this.#add(Kind.changed, field, at, this.words[field * 2] & VALUE_WORD_MASK);
  }

  /** A field was made and is to be linked. */
  inserting(field: number): number {
    const entry = this.#add(Kind.inserted, field, 0, 0);
    this.memory.looseCount = 0;
    return entry;
  }

  /** A field is to be unlinked. */
  deleting(field: number, owner: number): number {
    return this.#add(Kind.deleted, field, owner, 0);
  }

  /** A field was made and is to take the place of another. */
  replacing(old: number, field: number, owner: number): number {
    const entry = this.#add(Kind.replaced, old, field, owner);
    this.memory.looseCount = 0;
    return entry;
  }

  blockMade(block: number): number {
    const entry = this.#add(Kind.blockMade, block, 0, 0);
    this.memory.looseCount = 0;
    return entry;
  }

  /** A block is freed when the call commits. */
  blockDropped(block: number): void {
    this.#add(Kind.blockDropped, block, 0, 0);
  }

  itemMade(item: number): number {
    const entry = this.#add(Kind.itemMade, item, 0, 0);
    this.memory.looseItem = 0;
    return entry;
  }

  /** An item is freed when the call commits. */
  itemDropped(item: number): void {
    this.#add(Kind.itemDropped, item, 0, 0);
  }

  /** Adds to the units below a table and those that it is nested in, as part of an entry's change; returns the outermost sum. */
  addUnits(entry: number, owner: number, units: number): number {
    const words = this.words;
    const headers = this.#headers;
    let depth = 0;
    for (let table = owner; table !== 0; depth++) {
      headers[depth] = this.layout.spreadWord(table);
      table = words[headers[depth] + SPREAD.parent];
    }
    // Nothing is called from here on: either all are added and the entry says so, or none.
    let sum = 0;
    for (let level = 0; level < depth; level++) {
      const word = headers[level] + SPREAD.units;
      sum = words[word] + units;
      words[word] = sum;
    }
    this.#entries[entry * ENTRY_WORDS + 4] = this.#entries[entry * ENTRY_WORDS + 4] + units;
    return sum;
  }

  /** The item or block that an entry records as made has been moved to another chunk. */
  remade(entry: number, chunk: number): void {
    this.#entries[entry * ENTRY_WORDS + 1] = chunk;
  }

  /** The field that was deleted last with that key from the owner; or 0. */
  findDeleted(owner: number, key: KeyBytes, budget: Budget): number {
    budget.charge(Math.ceil(this.#end / ENTRIES_A_STEP / ENTRY_WORDS));
    for (let at = this.#end - ENTRY_WORDS; at >= 0; at -= ENTRY_WORDS) {
      const field = this.#entries[at + 1];
      const isOwners = this.#entries[at] === Kind.deleted && this.#entries[at + 2] === owner;
      if (isOwners && this.fields.hasKey(field, key)) return field;
    }
    return 0;
  }

  /** Frees what the call has unlinked. */
  commit(): void {
    if (this.#end > 0) this.#commit();
  }

  #commit(): void {
    for (let at = 0; at < this.#end; at += ENTRY_WORDS) {
      const a = this.#entries[at + 1];
      switch (this.#entries[at]) {
        case Kind.deleted:
        case Kind.replaced:
          this.fields.release(a);
          break;
        case Kind.blockDropped:
          this.condemned.dropBlock(a);
          break;
        case Kind.itemDropped:
          this.store.freeing.free(a);
          break;
        default:
          if (this.#entries[at] > Kind.byteSaved) this.others.end(this.#entries[at], a);
      }
    }
    this.#reset();
  }

  rollback(): void {
    this.memory.abort();
    this.dropLoose();
    for (let at = this.#end - ENTRY_WORDS; at >= 0; at -= ENTRY_WORDS) this.#undo(at);
    this.#reset();
  }

  /** Frees what an interrupted change has allocated. */
  dropLoose(): void {
    const { memory } = this;
    for (let index = 0; index < memory.looseCount; index++) {
      const chunk = memory.loose[index];
      if (kindOf(this.words[chunk * 2]) === ChunkKind.block) this.condemned.dropBlock(chunk);
      else this.store.allocator.release(chunk as never);
    }
    memory.looseCount = 0;
    if (memory.looseItem === 0) return;
    if (memory.isLooseItemSpread) this.store.freeing.free(memory.looseItem);
    else this.store.allocator.release(memory.looseItem as never);
    memory.looseItem = 0;
  }

  #undo(at: number): void {
    const a = this.#entries[at + 1];
    const b = this.#entries[at + 2];
    const c = this.#entries[at + 3];
    const units = this.#entries[at + 4] | 0;
    switch (this.#entries[at]) {
      case Kind.inserted:
        this.#undoUnits(at, this.#owner(a), units);
        if (this.#owner(a) !== 0) this.fields.unlink(a, this.fields.hashOf(a), 0);
        this.fields.release(a);
        break;
      case Kind.deleted:
        this.#undoUnits(at, b, units);
        if (this.#owner(a) !== b) this.#relink(a, b);
        break;
      case Kind.replaced:
        this.#undoUnits(at, c, units);
        if (this.#owner(b) !== 0) {
          this.fields.unlink(b, this.fields.hashOf(b), 0);
          this.words[a * 2 + PREVIOUS_WORD] = this.words[b * 2 + PREVIOUS_WORD];
          this.words[a * 2 + NEXT_WORD] = this.words[b * 2 + NEXT_WORD];
        }
        if (this.#owner(a) !== c) this.#relink(a, c);
        this.fields.release(b);
        break;
      case Kind.changed:
        this.#undoUnits(at, this.#owner(a), units);
        this.words[a * 2] = (this.words[a * 2] & ~VALUE_WORD_MASK) | c;
        this.saved.restore(b, this.layout.valuePosition(a), this.layout.valueRoom(a));
        break;
      case Kind.blockMade:
        this.condemned.dropBlock(a);
        break;
      case Kind.itemMade:
        this.store.freeing.free(a);
        break;
      case Kind.bodySaved:
        this.saved.restore(b, this.layout.bodyPosition(a) + (c >>> LENGTH_BITS), c & LENGTH_MASK);
        break;
      case Kind.rangeSaved:
        this.saved.restore(b, a * UNIT_BYTES + (c >>> LENGTH_BITS), c & LENGTH_MASK);
        break;
      case Kind.byteSaved:
        this.store.arena.view.setUint8(a * UNIT_BYTES + b, c);
        break;
      case Kind.blockDropped:
      case Kind.itemDropped:
        break;
      default:
        this.#undoUnits(at, this.others.ownerOf(this.#entries[at], a, b), units);
        this.others.undo(this.#entries[at], a, b, c);
    }
  }

  #owner(field: number): number {
    return this.words[field * 2 + OWNER_WORD];
  }

  #relink(field: number, owner: number): void {
    this.words[field * 2 + OWNER_WORD] = owner;
    const previous = this.words[field * 2 + PREVIOUS_WORD];
    this.fields.link(field, owner, previous, this.words[field * 2 + NEXT_WORD], this.fields.hashOf(field));
  }

  #undoUnits(at: number, owner: number, units: number): void {
    if (units !== 0) this.addUnits(at / ENTRY_WORDS, owner, -units);
  }

  #add(kind: number, a: number, b: number, c: number): number {
    const at = this.#end;
    if (at + ENTRY_WORDS > this.#entries.length) this.#grow();
    const entries = this.#entries;
    entries[at] = kind;
    entries[at + 1] = a;
    entries[at + 2] = b;
    entries[at + 3] = c;
    entries[at + 4] = 0;
    this.#end = at + ENTRY_WORDS;
    return at / ENTRY_WORDS;
  }

  #grow(): void {
    const more = new Uint32Array(this.#entries.length * 2);
    more.set(this.#entries);
    this.#entries = more;
  }

  #reset(): void {
    this.#end = 0;
    this.saved.reset();
    if (this.#entries.length > KEPT_WORDS) this.#entries = new Uint32Array(64 * ENTRY_WORDS);
  }
}
