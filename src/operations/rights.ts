// Who a client is and what it may do: rights, which every command of the table needs one of, and methods that may be called besides. Not for
// finding out who a client is (src/security).

/** Rights, to be combined with `|`. `call` alone is that of calling the methods which are listed for the client. */
export const Right = { read: 1, write: 2, admin: 4, call: 8 } as const;

/** What a command needs that every client may send who has said who it is. */
export const ANY_RIGHT = Right.read | Right.write | Right.admin | Right.call;

export const ALL_RIGHTS = Right.read | Right.write | Right.admin;

/** Methods that a client may call whatever their access. */
export interface CallList {
  allows(type: string, method: string): boolean;
}

export interface Principal {
  /** For log lines; empty for clients that have not said who they are. */
  readonly name: string;
  readonly rights: number;
  /** With `Right.call`. */
  readonly calls?: CallList | undefined;
}

/** A client that has not said who it is, where everybody has to. */
export const NOBODY: Principal = { name: '', rights: 0 };

/** A client that has not logged in, where no login is required. */
export const ANYBODY: Principal = { name: '', rights: ALL_RIGHTS };
