// The binary protocol's state of one connection between two runs, in addition to that of every protocol: the request to whose value the
// next bytes belong.

import { Session } from '../session.js';

/** The meaning of the next bytes of the input. */
export const BinaryMode = {
  /** A header. */
  request: 0,
  /** Bytes of a value that goes into a reserved item. */
  value: 1,
  /** Bytes of a body that was refused. */
  discard: 2,
  /** None yet: the rest of an item has to be sent first. */
  item: 3,
  /** None yet: the rest of a text has to be sent first. */
  text: 4,
  /** None yet: the session waits for the verdict on a login. */
  login: 5,
} as const;
export type BinaryMode = (typeof BinaryMode)[keyof typeof BinaryMode];

export class BinarySession extends Session {
  mode: BinaryMode = BinaryMode.request;
  /** The opcode of the request whose value is being received, or of the login whose verdict is pending. */
  opcode = 0;
  opaque = 0;
}
