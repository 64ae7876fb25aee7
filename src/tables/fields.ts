// Fields of spread tables: finding, creating and freeing them, and their order. These methods do not journal; callers do.

import type { Allocator } from '../arena/allocator.js';
import { CHUNK_KIND_SHIFT, ChunkKind, slackOf, unitsOfUsed } from '../arena/chunk.js';
import { type Arena, UNIT_BYTES } from '../arena/memory.js';
import { assert } from '../base/assert.js';
import { sameBytesIn } from '../base/words.js';
import { INDEX_NEXT_WORD } from '../store/item.js';
import type { Store } from '../store/store.js';
import { Chains } from './chains.js';
import type { FieldCursor } from './field-cursor.js';
import type { ObjectMemory } from './object-memory.js';
import { copyBytes, type KeyBytes, sameBytes, type ValueBytes } from './scalars.js';
import {
  CHAIN_BYTES,
  FIELD_HEADER_BYTES,
  KEY_WORD_MASK,
  keyBytesInField,
  keyWord,
  LONG_KEY,
  MAX_CHUNK_BYTES,
  NEXT_WORD,
  OWNER_WORD,
  PREVIOUS_WORD,
  readU32,
  SPREAD,
  type TableLayout,
  Tag,
  unitsFor,
  VALUE_WORD_MASK,
  valueWord,
  writeU16,
  writeU32,
} from './table-layout.js';

/** Makes the hashes of numbers differ from those of texts with the same bytes. */
const NUMBER_SEED = 0x5bd1e995;

/** @perThread */
export class Fields {
  private readonly arena: Arena;
  private readonly words: Uint32Array;
  private readonly allocator: Allocator;
  private readonly store: Store;
  private readonly chains: Chains;

  constructor(
    store: Store,
    readonly layout: TableLayout,
    private readonly memory: ObjectMemory,
  ) {
    this.store = store;
    this.chains = new Chains(store, memory);
    this.arena = store.arena;
    this.words = store.arena.words;
    this.allocator = store.allocator;
  }

  hash(owner: number, key: KeyBytes): number {
    const { hash } = this.store;
    const seed = seedOf(owner, key.tag);
    return key.bytes === this.arena.bytes
      ? hash.of(this.arena.view, key.at, key.length, seed)
      : hash.ofBytes(key.bytes, key.at, key.length, seed);
  }

  hashOf(field: number): number {
    const position = this.layout.keyPosition(field);
    const seed = seedOf(this.words[field * 2 + OWNER_WORD], this.layout.keyTag(field));
    return this.store.hash.of(this.arena.view, position, this.layout.keyLength(field), seed);
  }

  /** The owner's field with that key and its hash, or 0. */
  find(owner: number, key: KeyBytes, hash: number): number {
    const words = this.words;
    const wanted = keyWord(key.tag, key.length);
    const isShort = key.length < LONG_KEY;
    let field = words[this.store.index.bucketWord(hash)];
    while (field !== 0) {
      const at = field * 2;
      if (
        (words[at] & KEY_WORD_MASK) === wanted &&
        words[at + OWNER_WORD] === owner &&
        (isShort ? this.hasShortKey(field, key) : this.hasKey(field, key))
      ) {
        return field;
      }
      field = words[at + INDEX_NEXT_WORD];
    }
    return 0;
  }

  /** For a key whose tag and length are those of the field's. */
  private hasShortKey(field: number, key: KeyBytes): boolean {
    const position = field * UNIT_BYTES + FIELD_HEADER_BYTES;
    if (key.bytes === this.arena.bytes) return sameBytesIn(this.arena.view, position, key.at, key.length);
    return sameBytes(this.arena.viewOf(position), this.arena.indexOf(position), key.bytes, key.at, key.length);
  }

  hasKey(field: number, key: KeyBytes): boolean {
    if (this.layout.keyTag(field) !== key.tag || this.layout.keyLength(field) !== key.length) return false;
    const position = this.layout.keyPosition(field);
    return sameBytes(this.arena.viewOf(position), this.arena.indexOf(position), key.bytes, key.at, key.length);
  }

  /** A field that is not yet linked: it has no owner. A table as value is a block's reference. */
  make(key: KeyBytes, value: ValueBytes): number {
    const before = FIELD_HEADER_BYTES + keyBytesInField(key.length);
    const isChain = before + value.length > MAX_CHUNK_BYTES;
    const chain = isChain ? this.chains.make(value) : 0;
    const length = isChain ? CHAIN_BYTES : value.length;
    const field = this.memory.obtain(unitsFor(before + length));
    const at = field * 2;
    this.words[at] = this.words[at] | keyWord(key.tag, key.length);
    this.words[at + OWNER_WORD] = 0;
    this.writeKey(field, key);
    this.writeValue(field, value, length, chain);
    return field;
  }

  /** Whether the field can take the value without becoming another chunk. */
  holds(field: number, value: ValueBytes): boolean {
    const slack = this.layout.valueRoom(field) - value.length;
    return slack >= 0 && slack < 16 && this.layout.valueTag(field) !== Tag.chain;
  }

  setValue(field: number, value: ValueBytes): void {
    this.writeValue(field, value, value.length, 0);
  }

  /** Sets the positions of a field's key and value in `found`. */
  read(field: number, found: FieldCursor): void {
    const { layout } = this;
    const keyLength = layout.keyLength(field);
    const keyBytes = keyBytesInField(keyLength);
    const position = field * UNIT_BYTES + FIELD_HEADER_BYTES + keyBytes - keyLength;
    const word = this.words[field * 2];
    found.bytes = this.arena.viewOf(position);
    found.field = field;
    found.keyAt = this.arena.indexOf(position);
    found.keyLength = keyLength;
    found.keyTag = layout.keyTag(field);
    found.valueTag = layout.valueTag(field);
    found.valueAt = found.keyAt + keyLength;
    found.valueLength = unitsOfUsed(word) * UNIT_BYTES - FIELD_HEADER_BYTES - keyBytes - slackOf(word);
  }

  /** Links a field between two others, or first or last where one is 0, and adds it to the index. Nothing is called after that, so the
      field is either linked and has its owner, or neither. */
  link(field: number, owner: number, previous: number, next: number, hash: number): void {
    const words = this.words;
    const header = this.layout.spreadWord(owner);
    this.store.index.insert(hash, field);
    words[field * 2 + OWNER_WORD] = owner;
    words[field * 2 + PREVIOUS_WORD] = previous;
    words[field * 2 + NEXT_WORD] = next;
    if (previous === 0) words[header + SPREAD.first] = field;
    else words[previous * 2 + NEXT_WORD] = field;
    if (next === 0) words[header + SPREAD.last] = field;
    else words[next * 2 + PREVIOUS_WORD] = field;
    words[header + SPREAD.count] = words[header + SPREAD.count] + 1;
  }

  /** Unlinks a field. Its own links stay, so that it can be linked again and a walk can continue from it. Its owner becomes `successor`:
      the field that replaces it, or 0. */
  unlink(field: number, hash: number, successor: number): void {
    const words = this.words;
    const header = this.layout.spreadWord(words[field * 2 + OWNER_WORD]);
    this.store.index.remove(hash, field);
    words[field * 2 + OWNER_WORD] = successor;
    const previous = words[field * 2 + PREVIOUS_WORD];
    const next = words[field * 2 + NEXT_WORD];
    if (previous === 0) words[header + SPREAD.first] = next;
    else words[previous * 2 + NEXT_WORD] = next;
    if (next === 0) words[header + SPREAD.last] = previous;
    else words[next * 2 + PREVIOUS_WORD] = previous;
    words[header + SPREAD.count] = words[header + SPREAD.count] - 1;
    this.store.index.shrinkIfSparse();
    this.store.index.shrinkIfSparse();
  }

  /** The field after `field` in the order of the table, even if it was deleted or replaced during this call. */
  successor(field: number, owner: number): number {
    const words = this.words;
    let at = field;
    for (;;) {
      const ownerOrNew = words[at * 2 + OWNER_WORD];
      if (ownerOrNew === owner) return words[at * 2 + NEXT_WORD];
      if (ownerOrNew !== 0) {
        at = ownerOrNew;
        continue;
      }
      // Its predecessor at the time of its deletion now leads to its successor.
      at = words[at * 2 + PREVIOUS_WORD];
      if (at === 0) return words[this.layout.spreadWord(owner) + SPREAD.first];
    }
  }

  /** Units of the field, its pieces and the tables below it. */
  weight(field: number): number {
    const tag = this.layout.valueTag(field);
    let units = this.layout.units(field);
    if (tag === Tag.table) units += this.blockWeight(this.reference(field, 0));
    if (tag === Tag.chain) units += this.chains.units(this.reference(field, 4));
    return units;
  }

  blockWeight(block: number): number {
    const below = this.layout.isSpread(block) ? this.words[this.layout.spreadWord(block) + SPREAD.units] : 0;
    return this.layout.units(block) + below;
  }

  /** The reference at that offset of the field's value: a block's at 0, a first piece's at 4. */
  reference(field: number, offset: number): number {
    const position = this.layout.valuePosition(field);
    return readU32(this.arena.viewOf(position), this.arena.indexOf(position) + offset);
  }

  /** Frees an unlinked field and its pieces, but not the table below it. */
  release(field: number): void {
    if (this.layout.valueTag(field) === Tag.chain) this.chains.release(this.reference(field, 4));
    this.allocator.release(field as never);
  }

  /** An empty packed table in its own chunk, with room for a body of the given size. */
  makeBlock(bodyBytes: number): number {
    const block = this.memory.obtain(unitsFor(4 + bodyBytes));
    this.words[block * 2] = this.words[block * 2] | (ChunkKind.block << CHUNK_KIND_SHIFT);
    this.words[block * 2 + 1] = 0;
    return block;
  }

  /** Calls `visit` with each stretch of a chained text's bytes. */
  forEachPart(field: number, visit: (bytes: Uint8Array, at: number, length: number) => void): void {
    this.chains.forEachPart(this.reference(field, 4), this.reference(field, 0), visit);
  }

  private writeKey(field: number, key: KeyBytes): void {
    const position = this.layout.keyPosition(field);
    const view = this.arena.viewOf(position);
    const at = this.arena.indexOf(position);
    if (keyBytesInField(key.length) !== key.length) writeU16(view, at - 2, key.length);
    copyBytes(key.bytes, key.at, view, at, key.length);
  }

  private writeValue(field: number, value: ValueBytes, length: number, chain: number): void {
    const slack = this.layout.valueRoom(field) - length;
    assert(slack >= 0 && slack < 16, 'a field has little slack');
    const tag = chain === 0 ? value.tag : Tag.chain;
    this.words[field * 2] = (this.words[field * 2] & ~VALUE_WORD_MASK) | valueWord(tag, slack);
    const position = this.layout.valuePosition(field);
    const view = this.arena.viewOf(position);
    const at = this.arena.indexOf(position);
    if (chain === 0) {
      copyBytes(value.bytes, value.at, view, at, length);
    } else {
      writeU32(view, at, value.length);
      writeU32(view, at + 4, chain);
    }
  }
}

/** Seed that makes the hashes of different owners, and of texts and numbers with the same bytes, differ. */
export function seedOf(owner: number, keyTag: number): number {
  return keyTag === Tag.text ? owner : owner ^ NUMBER_SEED ^ (keyTag << 24);
}
