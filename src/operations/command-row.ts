// One row of the command table.

/** How the arguments of a line are read (text-arguments.ts); `words` leaves them to the handler. */
export type ArgumentRule =
  | 'keys'
  | 'exptime, keys'
  | 'storage'
  | 'storage with token'
  | 'delta'
  | 'key, exptime'
  | 'key'
  | 'delay'
  | 'level'
  | 'seconds'
  | 'words'
  | 'record'
  /** For meta commands. */
  | 'flags';

export interface CommandRow {
  /** The word of the text protocol. */
  readonly word: string;
  readonly arguments: ArgumentRule;
  readonly kind: 'retrieval' | 'storage' | 'arithmetic' | 'item' | 'meta' | 'server';
  /** The rights of which a client needs one; a call of a method needs the right of the method's access instead. */
  readonly needs: number;
  readonly summary: string;
  /** A retrieval that sets the expiry. */
  readonly touches?: boolean;
  /** A retrieval whose reply has the CAS token. */
  readonly withCas?: boolean;
  /** WriteKind and WriteOptions of a storage command. */
  readonly write?: number;
  /** ArithmeticOptions of incr and decr. */
  readonly arithmetic?: number;
  /** The counters that it changes, by their names in `stats`. */
  readonly counts?: readonly string[];
}
