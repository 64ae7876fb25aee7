// The portable form of an object's content: keys and values with their kinds, in any layout of the arena. It is part of the format of
// dumps, so a change needs another version of that. Writing: content-writer.ts. Reading: content-reader.ts.
//
//   table     number of fields (u32), 1 if it is a list (u8), then each field in the order of insertion: key, value
//   key       kind (u8: text or number), then as a value
//   value     kind (u8), then
//     text                 length (u32), bytes
//     number               double
//     no, yes              nothing
//     table                a table
//     byArrival, byBytes   an ordered index: number of members (u32), then each in ascending order: length (u32), bytes, score (double)
//     bytes                a byte array: length (double), then its blocks that are not all 0: number of the block (u32), bytes; NO_BLOCK

export const Kind = {
  no: 0,
  yes: 1,
  text: 2,
  number: 3,
  table: 4,
  byArrival: 5,
  byBytes: 6,
  bytes: 7,
} as const;

/** Of a byte array; the last one may be shorter. */
export const BLOCK_BYTES = 4096;
/** Ends the blocks of a byte array. */
export const NO_BLOCK = 0xffff_ffff;

/** The longest content of one object. It is kept outside of the arena while it is written or read. Measured: making the object takes 95 ms for
    each MiB of small fields, and writing it 70 ms; if the object changes, or the store is flushed, all the time, in one step, while other clients wait. */
export const MAX_CONTENT_BYTES = 64 * 1024 * 1024;
