// The kinds of the journal's entries, and what a, b and c of each are. Writing and undoing them: journal.ts.

export const Kind = {
  /** a: field */
  inserted: 0,
  /** a: field, b: its owner */
  deleted: 1,
  /** a: old field, b: new field, c: their owner */
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
  /** a: chunk, b: where old bytes of it are kept, c: their offset in the chunk and their number */
  rangeSaved: 9,
  /** a: chunk, b: offset of a byte in it, c: the old byte */
  byteSaved: 10,
} as const;

/** Those of ordered indexes. */
export const OrderedKind = {
  /** a: member */
  memberMade: 16,
  /** a: member, b: its header */
  memberRemoved: 17,
  /** a: leaf, b: index of the entry, c: its member */
  entryPut: 18,
  entryTaken: 19,
  /** a: inner node, b: slot of the child, c: by how many the number of entries below it has changed */
  counted: 20,
} as const;

/** Those of nodes of ordered indexes, and of parts of byte arrays. */
export const NodeKind = {
  /** a: node or part, b: header of the index or array */
  made: 21,
  dropped: 22,
} as const;

/** Ends entries of the kinds from 16 on. */
export interface OtherKinds {
  /** The header of the table whose units an entry has changed. */
  ownerOf(kind: number, a: number, b: number): number;
  /** The call has committed. */
  end(kind: number, a: number): void;
  /** The call is rolled back. */
  undo(kind: number, a: number, b: number, c: number): void;
}
