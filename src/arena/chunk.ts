// The word that every chunk of the heap begins with. The words after it belong to the chunk's kind: store/item.ts, tables/table-layout.ts.
//
// A used chunk:                                                     A free chunk:
//
//   31      22 21   17 16  14 13   10 9      2 1         0            word 0      units << 2
//   +---------+-------+------+-------+--------+----------+------+     word 1      next free chunk of the bin
//   | options | pins  | kind | slack | units  | previous | used |     word 2      previous free chunk of the bin
//   |   10    |   5   |  3   |   4   |   8    | is free  |  1   |     ...
//   +---------+-------+------+-------+--------+----------+------+     last word   units
//
// units    size of the whole chunk in units of 8 bytes; a free chunk has at least two
// slack    bytes at the end that are not in use, 0 to 15, so that a value's length needs no word of its own
// kind     what the chunk holds (ChunkKind)
// pins     one bit per thread, set while the thread reads the item without the lock. Five bits, hence at most five threads: the
//          main thread and four data threads. In a piece, whose item has the pins, and in a retired chunk: the higher bits of `units`
// options  belong to the kind

export const CHUNK_USED = 1;
export const CHUNK_PREVIOUS_FREE = 2;
export const CHUNK_UNITS_SHIFT = 2;
export const CHUNK_UNITS_MASK = 0xff;
export const CHUNK_SLACK_SHIFT = 10;
export const CHUNK_SLACK_MASK = 0xf;
export const CHUNK_KIND_SHIFT = 14;
export const CHUNK_KIND_MASK = 0x7;
export const CHUNK_PINS_SHIFT = 17;
export const CHUNK_PINS_BITS = 5;
export const CHUNK_OPTIONS_SHIFT = 22;

/** All pins of a chunk word. */
export const CHUNK_PINS = 0x1f << CHUNK_PINS_SHIFT;

export const ChunkKind = {
  /** End of a region; never freed. */
  guard: 0,
  item: 1,
  /** A further piece of an item's value. */
  piece: 2,
  /** Buckets of the index. */
  segment: 3,
  /** One field of a spread table. */
  field: 4,
  /** A packed table's content, or other memory of the objects. */
  block: 5,
  /** Holds nothing and is not to be used again: its region is being emptied (region-emptier.ts). */
  retired: 6,
  /** A part of a byte array, of an object. */
  bytes: 7,
} as const;
export type ChunkKind = (typeof ChunkKind)[keyof typeof ChunkKind];

export const FREE_NEXT_WORD = 1;
export const FREE_PREVIOUS_WORD = 2;
export const MIN_CHUNK_UNITS = 2;
/** The largest used chunk, except for pieces. */
export const MAX_CHUNK_UNITS = 129;
const LONG_SHIFT = 8;
/** The longest piece, but for one unit more where the rest would be too small for a chunk. */
export const MAX_PIECE_UNITS = (1 << (LONG_SHIFT + CHUNK_PINS_BITS)) - 2;
/** The bits that pieces and retired chunks, the long ones, have in common, and no other kind has. */
const LONG_KIND_MASK = 0x3;
const LONG_KIND = 2;

export function unitsOfUsed(word: number): number {
  const units = (word >>> CHUNK_UNITS_SHIFT) & CHUNK_UNITS_MASK;
  const isLong = ((word >>> CHUNK_KIND_SHIFT) & LONG_KIND_MASK) === LONG_KIND;
  return isLong ? units | ((word & CHUNK_PINS) >>> (CHUNK_PINS_SHIFT - LONG_SHIFT)) : units;
}

/** The word of a used chunk, kind and options 0. One that is too long for other kinds is a piece from the start. */
export function wordOfUsed(units: number): number {
  const word = CHUNK_USED | ((units & CHUNK_UNITS_MASK) << CHUNK_UNITS_SHIFT);
  if (units <= CHUNK_UNITS_MASK) return word;
  return word | (ChunkKind.piece << CHUNK_KIND_SHIFT) | ((units >>> LONG_SHIFT) << CHUNK_PINS_SHIFT);
}

export function wordOfRetired(units: number): number {
  const lengthBits = ((units & CHUNK_UNITS_MASK) << CHUNK_UNITS_SHIFT) | ((units >>> LONG_SHIFT) << CHUNK_PINS_SHIFT);
  return CHUNK_USED | (ChunkKind.retired << CHUNK_KIND_SHIFT) | lengthBits;
}

export function unitsOfFree(word: number): number {
  return word >>> CHUNK_UNITS_SHIFT;
}

export function kindOf(word: number): number {
  return (word >>> CHUNK_KIND_SHIFT) & CHUNK_KIND_MASK;
}

export function slackOf(word: number): number {
  return (word >>> CHUNK_SLACK_SHIFT) & CHUNK_SLACK_MASK;
}
