// What a row of the command table says of a command.

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
  /** Of meta commands. */
  | 'flags';

export interface CommandRow {
  /** The word of the text protocol. */
  readonly word: string;
  readonly arguments: ArgumentRule;
  readonly kind: 'retrieval' | 'storage' | 'arithmetic' | 'item' | 'meta' | 'server';
  /** The rights of which a client needs one; to call a method it needs what the method's access says. */
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
  /** What it counts, in the names of `stats`. */
  readonly counts?: readonly string[];
}
