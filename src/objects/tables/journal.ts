// What a call has changed so far, so that it can be undone; and what it has taken out, which is freed when the call commits. Its
// memory is used again by each call. Not for making the changes.

import type { Arena } from '../../arena/memory.js';
import type { Store } from '../../store/store.js';
import type { Budget } from '../budget.js';
import type { Condemned } from './condemned.js';
import type { Fields } from './fields.js';
import { NEXT_WORD, OWNER_WORD, PREVIOUS_WORD, type TableLayout, VALUE_WORD_MASK } from './layout.js';
import { copyBytes, type KeyBytes } from './scalars.js';

const Kind = {
  /** a: field */
  inserted: 0,
  /** a: field, b: its owner */
  deleted: 1,
  /** a: old field, b: new field */
  replaced: 2,
  /** a: field, b: where its old value is kept, c: value tag and slack */
  changed: 3,
  /** a: block */
  blockMade: 4,
  blockDropped: 5,
  /** a: item */
  itemMade: 6,
  itemDropped: 7,
  /** a: item or block, b: where the old body, or part of it, is kept, c: offset and length of the part */
  bodySaved: 8,
} as const;

/** Kind, a, b, c, and by how many units the table grew. */
const ENTRY_WORDS = 5;
/** Offsets and lengths in a packed body. */
const LENGTH_BITS = 16;
const LENGTH_MASK = 0xffff;
/** Looking through so many entries takes about as long as a step. */
const ENTRIES_A_STEP = 16;
const KEPT_WORDS = 64 * 1024;
const KEPT_BYTES = 256 * 1024;

export class Journal {
  #entries = new Uint32Array(64 * ENTRY_WORDS);
  #end = 0;
  #saved = new Uint8Array(4096);
  #savedEnd = 0;
  private readonly arena: Arena;
  private readonly words: Uint32Array;
  private readonly layout: TableLayout;

  constructor(
    private readonly store: Store,
    private readonly fields: Fields,
    private readonly condemned: Condemned,
  ) {
    this.arena = store.arena;
    this.words = store.arena.words;
    this.layout = fields.layout;
  }

  /** Keeps a packed body as it is now. */
  saveBody(chunk: number): void {
    this.saveBodyPart(chunk, 0, this.layout.bodyBytes(chunk));
  }

  /** Keeps part of a packed body. */
  saveBodyPart(chunk: number, offset: number, length: number): void {
    const at = this.#save(this.layout.bodyPosition(chunk) + offset, length);
    this.#add(Kind.bodySaved, chunk, at, (offset << LENGTH_BITS) | length, 0);
  }

  /** Keeps a field's value as it is now. */
  saveValue(field: number, units: number): void {
    const at = this.#save(this.layout.valuePosition(field), this.layout.valueRoom(field));
    this.#add(Kind.changed, field, at, (this.words[field * 2] as number) & VALUE_WORD_MASK, units);
  }

  inserted(field: number, units: number): void {
    this.#add(Kind.inserted, field, 0, 0, units);
  }

  deleted(field: number, owner: number, units: number): void {
    this.#add(Kind.deleted, field, owner, 0, units);
  }

  replaced(old: number, field: number, units: number): void {
    this.#add(Kind.replaced, old, field, 0, units);
  }

  /** Returns the number of the entry, for `remade`. */
  blockMade(block: number): number {
    return this.#add(Kind.blockMade, block, 0, 0, 0);
  }

  blockDropped(block: number): void {
    this.#add(Kind.blockDropped, block, 0, 0, 0);
  }

  itemMade(item: number): number {
    return this.#add(Kind.itemMade, item, 0, 0, 0);
  }

  itemDropped(item: number): void {
    this.#add(Kind.itemDropped, item, 0, 0, 0);
  }

  /** What an entry says was made has been moved to another chunk. */
  remade(entry: number, chunk: number): void {
    this.#entries[entry * ENTRY_WORDS + 1] = chunk;
  }

  /** The field that was deleted last with that key from the owner; or 0. */
  findDeleted(owner: number, key: KeyBytes, budget: Budget): number {
    budget.charge(Math.ceil(this.#end / ENTRIES_A_STEP / ENTRY_WORDS));
    for (let at = this.#end - ENTRY_WORDS; at >= 0; at -= ENTRY_WORDS) {
      const field = this.#entries[at + 1] as number;
      const isOwners = this.#entries[at] === Kind.deleted && this.#entries[at + 2] === owner;
      if (isOwners && this.fields.hasKey(field, key)) return field;
    }
    return 0;
  }

  /** Frees what the call has taken out. */
  commit(): void {
    if (this.#end > 0) this.#commit();
  }

  #commit(): void {
    for (let at = 0; at < this.#end; at += ENTRY_WORDS) {
      const a = this.#entries[at + 1] as number;
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
      }
    }
    this.#reset();
  }

  rollback(): void {
    for (let at = this.#end - ENTRY_WORDS; at >= 0; at -= ENTRY_WORDS) this.#undo(at);
    this.#reset();
  }

  #undo(at: number): void {
    const a = this.#entries[at + 1] as number;
    const b = this.#entries[at + 2] as number;
    const c = this.#entries[at + 3] as number;
    const units = (this.#entries[at + 4] as number) | 0;
    switch (this.#entries[at]) {
      case Kind.inserted:
        this.#addUnits(this.#owner(a), -units);
        this.fields.unlink(a, this.fields.hashOf(a));
        this.fields.release(a);
        break;
      case Kind.deleted:
        this.words[a * 2 + OWNER_WORD] = b;
        this.#addUnits(b, -units);
        this.#relink(a);
        break;
      case Kind.replaced: {
        const owner = this.#owner(b);
        this.#addUnits(owner, -units);
        this.fields.unlink(b, this.fields.hashOf(b));
        this.words[a * 2 + OWNER_WORD] = owner;
        this.words[a * 2 + PREVIOUS_WORD] = this.words[b * 2 + PREVIOUS_WORD] as number;
        this.words[a * 2 + NEXT_WORD] = this.words[b * 2 + NEXT_WORD] as number;
        this.#relink(a);
        this.fields.release(b);
        break;
      }
      case Kind.changed:
        this.#addUnits(this.#owner(a), -units);
        this.words[a * 2] = ((this.words[a * 2] as number) & ~VALUE_WORD_MASK) | c;
        this.#restore(b, this.layout.valuePosition(a), this.layout.valueRoom(a));
        break;
      case Kind.blockMade:
        this.condemned.dropBlock(a);
        break;
      case Kind.itemMade:
        this.store.freeing.free(a);
        break;
      case Kind.bodySaved:
        this.#restore(b, this.layout.bodyPosition(a) + (c >>> LENGTH_BITS), c & LENGTH_MASK);
    }
  }

  #owner(field: number): number {
    return this.words[field * 2 + OWNER_WORD] as number;
  }

  #relink(field: number): void {
    const previous = this.words[field * 2 + PREVIOUS_WORD] as number;
    this.fields.link(field, previous, this.words[field * 2 + NEXT_WORD] as number, this.fields.hashOf(field));
  }

  #addUnits(owner: number, units: number): void {
    if (units !== 0) this.fields.addUnits(owner, units);
  }

  #add(kind: number, a: number, b: number, c: number, units: number): number {
    const at = this.#end;
    if (at + ENTRY_WORDS > this.#entries.length) this.#grow();
    const entries = this.#entries;
    entries[at] = kind;
    entries[at + 1] = a;
    entries[at + 2] = b;
    entries[at + 3] = c;
    entries[at + 4] = units;
    this.#end = at + ENTRY_WORDS;
    return at / ENTRY_WORDS;
  }

  #grow(): void {
    const more = new Uint32Array(this.#entries.length * 2);
    more.set(this.#entries);
    this.#entries = more;
  }

  #save(position: number, length: number): number {
    const at = this.#savedEnd;
    if (at + length > this.#saved.length) {
      const more = new Uint8Array((at + length) * 2);
      more.set(this.#saved);
      this.#saved = more;
    }
    copyBytes(this.arena.viewOf(position), this.arena.indexOf(position), this.#saved, at, length);
    this.#savedEnd = at + length;
    return at;
  }

  #restore(at: number, position: number, length: number): void {
    copyBytes(this.#saved, at, this.arena.viewOf(position), this.arena.indexOf(position), length);
  }

  #reset(): void {
    this.#end = 0;
    this.#savedEnd = 0;
    if (this.#entries.length > KEPT_WORDS) this.#entries = new Uint32Array(64 * ENTRY_WORDS);
    if (this.#saved.length > KEPT_BYTES) this.#saved = new Uint8Array(4096);
  }
}
