// Who a client is and what it may do. Every client may do everything for now; authentication gives a session another principal. Not for the
// rights that a command needs, which the command table has.

/** Rights, to be combined with `|`. */
export const Right = { read: 1, write: 2, admin: 4 } as const;

const EVERYTHING = Right.read | Right.write | Right.admin;

export interface Principal {
  /** For log lines; empty for clients that have not said who they are. */
  readonly name: string;
  readonly rights: number;
}

/** A client that has not said who it is, where everybody has to. */
export const NOBODY: Principal = { name: '', rights: 0 };

/** A client that has not said who it is, where nobody has to. */
export const ANYBODY: Principal = { name: '', rights: EVERYTHING };
