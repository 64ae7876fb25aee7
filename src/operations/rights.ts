// The identity of a client and its permissions: rights, of which every command of the table needs one, and methods that it may call in
// addition. Authentication: src/security.

/** Rights; combine with `|`. `call` alone permits calls of the methods that are listed for the client. */
export const Right = { read: 1, write: 2, admin: 4, call: 8 } as const;

/** For commands that every client may send once it has logged in. */
export const ANY_RIGHT = Right.read | Right.write | Right.admin | Right.call;

export const ALL_RIGHTS = Right.read | Right.write | Right.admin;

/** Methods that a client may call whatever their access. */
export interface CallList {
  allows(type: string, method: string): boolean;
}

export interface Principal {
  /** For log lines; empty for clients that have not logged in. */
  readonly name: string;
  readonly rights: number;
  /** Used with `Right.call`. */
  readonly calls?: CallList | undefined;
}

/** A client that has not logged in, where a login is required. */
export const NOBODY: Principal = { name: '', rights: 0 };

/** A client that has not logged in, where no login is required. */
export const ANYBODY: Principal = { name: '', rights: ALL_RIGHTS };
