// The layout of tables in the arena, packed and spread: tags, offsets and accessors.
//
// A table's body is the value of an object's item, or fills a block chunk after its chunk word, or is part of another body:
//
//   | length of the fields 16 | count 9, version 3, pinned 2, list 1, spread 1 | fields ...              packed, in any of the three places
//   | 0                    16 | order 9, version 3, pinned 2, list 1,      1 1 | to the next word | spread header ...   in an item or a block
//
// pinned: why the object is not evicted, if it is not; in linked items only (pinned-objects.ts).
//
// order: 0; an ordered index or a byte array has another number there (TableKind), and its own layout (ordered/ordered-layout.ts,
// bytes/byte-layout.ts).
//
// version: of an object's own table, the version of its type that has written it; 0: 1, as of all objects of types without versions.
// list: the table was made as an array, or has been used as a list.
//
// A packed field:  | key tag 4, value tag 4 | key | value |     A text has its length before it, in one byte (tag text) or two
// (tag longText); a table is a body; numbers have as many bytes as their tag says; true and false are the tag alone.
//
// The header of a spread table:   word 0 first field   1 last field   2 count   3 units of all below it   4 next condemned
// table   5 header of the table that it is nested in. The header never moves.
//
// A field of a spread table is a chunk of its own, found through the store's index:
//
//   word 0   | value tag 4 | key tag 4 | key length 7 | kind 3, slack 4, size ... as in every chunk |
//   word 1   next entry in the same bucket of the index
//   word 2   owner: the header's chunk; 0 once deleted, the field that replaced it once replaced, until the call ends
//   word 3   previous field of the table      word 4   next field
//   then     the key (its length in two bytes before it when the 7 bits are all set), the value, the slack
//
// Instead of a text too long for its chunk (tag chain) there are its length and its first piece, 4 bytes each; instead of a table (tag
// table) there is the reference of its block.

import {
  CHUNK_KIND_MASK,
  CHUNK_KIND_SHIFT,
  CHUNK_SLACK_MASK,
  CHUNK_SLACK_SHIFT,
  ChunkKind,
  kindOf,
  MAX_CHUNK_UNITS,
  slackOf,
  unitsOfUsed,
} from '../arena/chunk.js';
import { type Arena, UNIT_BYTES } from '../arena/memory.js';
import { ITEM_HEADER_BYTES, type Items, optionBytes } from '../store/item.js';

export const Tag = {
  no: 0,
  yes: 1,
  text: 2,
  longText: 3,
  double: 4,
  /** A negative whole number: 4 bytes of its magnitude. */
  negative: 5,
  table: 6,
  chain: 7,
  /** `whole + n`: a whole number from 0 on in n bytes, 0 to 7, the low ones first. */
  whole: 8,
} as const;

/** Bytes of a value, if its tag alone determines them. */
export const TAG_BYTES = Uint8Array.from([0, 0, 0, 0, 8, 4, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]);

export const BODY_HEADER_BYTES = 4;
/** Where the count and the marks begin in that header. */
export const MARKS_AT = 2;
export const SPREAD_MARK = 0x8000;
/** In the word after the length of the fields. */
export const LIST_MARK = 0x4000;
/** The object is not evicted: a call has pinned it; its type is pinned. */
export const PINNED_BY_CALL = 0x2000;
export const PINNED_BY_TYPE = 0x1000;
export const PIN_MARKS = PINNED_BY_CALL | PINNED_BY_TYPE;
export const COUNT_MASK = 0x1ff;
export const VERSION_SHIFT = 9;
export const VERSION_MASK = 0x0e00;

/** What has the header of a spread table, by the number in its mark: fields, or something with a layout of its own. */
export const TableKind = { fields: 0, orderedByArrival: 1, orderedByBytes: 2, byteArray: 3 } as const;

export const SPREAD = { first: 0, last: 1, count: 2, units: 3, nextCondemned: 4, parent: 5 } as const;
export const SPREAD_HEADER_WORDS = SPREAD.parent + 1;
/** Body of a spread table: header of the body, up to 3 bytes to the next word, header words. */
export const SPREAD_BODY_BYTES = BODY_HEADER_BYTES + 3 + 24;

export const FIELD_HEADER_BYTES = 20;
export const OWNER_WORD = 2;
export const PREVIOUS_WORD = 3;
export const NEXT_WORD = 4;
export const MAX_CHUNK_BYTES = MAX_CHUNK_UNITS * UNIT_BYTES;

/** A packed table of more bytes is spread. A choice: a lookup passes over some 40 fields of 16 bytes, which takes about as long as a cache
 * miss of the index, and a change moves 640 bytes at most. A field takes some 30 bytes less than in a spread table. 640 bytes hold 298
 * fields at most, which COUNT_MASK must be able to count. */
export const PACKED_BYTES = 640;
/** A key must fit into a chunk of at most 1016 bytes, together with the field's header and the reference of a long value. */
export const MAX_KEY_BYTES = 960;
export const CHAIN_BYTES = 8;
export const BLOCK_REFERENCE_BYTES = 4;

const KEY_LENGTH_SHIFT = 17;
const KEY_LENGTH_MASK = 0x7f;
/** The 7 bits of a key that is preceded by its length. */
export const LONG_KEY = 0x7f;
const KEY_TAG_SHIFT = 24;
const VALUE_TAG_SHIFT = 28;

/** The bits of a field's chunk word for kind and key. */
export const KEY_WORD_MASK =
  (CHUNK_KIND_MASK << CHUNK_KIND_SHIFT) | (KEY_LENGTH_MASK << KEY_LENGTH_SHIFT) | (0xf << KEY_TAG_SHIFT);
export const VALUE_WORD_MASK = (0xf << VALUE_TAG_SHIFT) | (CHUNK_SLACK_MASK << CHUNK_SLACK_SHIFT);

/** The mark of an object's version. Version 1 has none. */
export function versionMark(version: number): number {
  return version === 1 ? 0 : version << VERSION_SHIFT;
}

/** Kind, key tag and key length as a field's chunk word has them. */
export function keyWord(tag: number, length: number): number {
  const bits = Math.min(length, LONG_KEY);
  return (ChunkKind.field << CHUNK_KIND_SHIFT) | (bits << KEY_LENGTH_SHIFT) | (tag << KEY_TAG_SHIFT);
}

/** Value tag and slack as a field's chunk word has them. */
export function valueWord(tag: number, slack: number): number {
  return (tag << VALUE_TAG_SHIFT) | (slack << CHUNK_SLACK_SHIFT);
}

/** Bytes that a key of that length takes in a field, its length included. */
export function keyBytesInField(length: number): number {
  return length < LONG_KEY ? length : length + 2;
}

/** Of bytes in units, as a power of 2. */
export const UNITS_SHIFT = 3;

export function unitsFor(bytes: number): number {
  return (bytes + UNIT_BYTES - 1) >>> UNITS_SHIFT;
}

export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (readU16(bytes, at) | (readU16(bytes, at + 2) << 16)) >>> 0;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, value);
  writeU16(bytes, at + 2, value >>> 16);
}

/** Places within chunks that hold tables: positions count bytes of the arena, words its words. @perThread */
export class TableLayout {
  private readonly words: Uint32Array;

  constructor(
    private readonly arena: Arena,
    private readonly items: Items,
  ) {
    this.words = arena.words;
  }

  units(chunk: number): number {
    return unitsOfUsed(this.words[chunk * 2]);
  }

  /** Bytes of an item or block before the body. */
  private bytesBefore(chunk: number): number {
    const word = this.words[chunk * 2];
    return kindOf(word) === ChunkKind.item ? ITEM_HEADER_BYTES + optionBytes(word) + this.items.keyLength(chunk) : 4;
  }

  bodyPosition(chunk: number): number {
    return chunk * UNIT_BYTES + this.bytesBefore(chunk);
  }

  /** Bytes from the body's start to the chunk's end. */
  bodyRoom(chunk: number): number {
    return this.units(chunk) * UNIT_BYTES - this.bytesBefore(chunk);
  }

  /** Bytes of a packed body that are in use. */
  bodyBytes(chunk: number): number {
    const position = this.bodyPosition(chunk);
    return BODY_HEADER_BYTES + readU16(this.arena.viewOf(position), this.arena.indexOf(position));
  }

  isSpread(chunk: number): boolean {
    const position = this.bodyPosition(chunk);
    return (readU16(this.arena.viewOf(position), this.arena.indexOf(position) + 2) & SPREAD_MARK) !== 0;
  }

  /** The marks that a table keeps when it is emptied, or becomes a spread one. */
  lastingMarks(chunk: number): number {
    const position = this.bodyPosition(chunk);
    return readU16(this.arena.viewOf(position), this.arena.indexOf(position) + MARKS_AT) & (LIST_MARK | VERSION_MASK);
  }

  /** The PIN_MARKS of an object, 0 if it may be evicted. */
  pinsOf(item: number): number {
    const position = this.bodyPosition(item);
    return readU16(this.arena.viewOf(position), this.arena.indexOf(position) + 2) & PIN_MARKS;
  }

  setPins(item: number, pins: number): void {
    const position = this.bodyPosition(item);
    const view = this.arena.viewOf(position);
    const at = this.arena.indexOf(position) + 2;
    writeU16(view, at, (readU16(view, at) & ~PIN_MARKS) | pins);
  }

  /** The kind of a table that fills its chunk; a packed one has fields. */
  tableKind(chunk: number): number {
    const position = this.bodyPosition(chunk);
    const marks = readU16(this.arena.viewOf(position), this.arena.indexOf(position) + 2);
    return (marks & SPREAD_MARK) !== 0 ? marks & COUNT_MASK : TableKind.fields;
  }

  /** Makes a block the header of something of that kind, which is empty. */
  markKind(block: number, kind: number, parent: number): void {
    const { words } = this;
    const header = this.spreadWord(block);
    words.fill(0, header, (block + this.units(block)) * 2);
    words[header + SPREAD.parent] = parent;
    words[block * 2 + 1] = (SPREAD_MARK | kind) << 16;
  }

  markSpread(chunk: number, lastingMarks: number): void {
    const position = this.bodyPosition(chunk);
    const word = this.spreadWord(chunk);
    // Before the mark, since a table with the mark must have a header.
    this.words.fill(0, word, word + SPREAD_HEADER_WORDS);
    writeU32(this.arena.viewOf(position), this.arena.indexOf(position), (SPREAD_MARK | lastingMarks) << 16);
  }

  /** Word number of a spread table's header. */
  spreadWord(chunk: number): number {
    return chunk * 2 + ((this.bytesBefore(chunk) + BODY_HEADER_BYTES + 3) >>> 2);
  }

  keyTag(field: number): number {
    return (this.words[field * 2] >>> KEY_TAG_SHIFT) & 0xf;
  }

  valueTag(field: number): number {
    return this.words[field * 2] >>> VALUE_TAG_SHIFT;
  }

  hasLongKey(field: number): boolean {
    return this.shortKeyLength(field) === LONG_KEY;
  }

  private shortKeyLength(field: number): number {
    return (this.words[field * 2] >>> KEY_LENGTH_SHIFT) & KEY_LENGTH_MASK;
  }

  keyLength(field: number): number {
    const length = this.shortKeyLength(field);
    if (length < LONG_KEY) return length;
    const position = field * UNIT_BYTES + FIELD_HEADER_BYTES;
    return readU16(this.arena.viewOf(position), this.arena.indexOf(position));
  }

  keyPosition(field: number): number {
    return field * UNIT_BYTES + FIELD_HEADER_BYTES + (this.hasLongKey(field) ? 2 : 0);
  }

  valuePosition(field: number): number {
    return this.keyPosition(field) + this.keyLength(field);
  }

  /** Bytes of the value in the field's own chunk. */
  valueLength(field: number): number {
    return this.valueRoom(field) - slackOf(this.words[field * 2]);
  }

  valueRoom(field: number): number {
    return this.units(field) * UNIT_BYTES - FIELD_HEADER_BYTES - keyBytesInField(this.keyLength(field));
  }
}
