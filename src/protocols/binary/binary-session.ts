// What the binary protocol remembers of one connection between two runs, besides what every protocol does: the request to whose value the
// next bytes belong.

import { Session } from '../session.js';

/** What the next bytes of the input are. */
export const BinaryMode = {
  /** A header. */
  request: 0,
  /** Bytes of a value that goes into a reserved item. */
  value: 1,
  /** Bytes of a body that was refused. */
  discard: 2,
  /** None: the rest of an item has to be sent first. */
  item: 3,
  /** None: the rest of a text. */
  text: 4,
  /** None: the verdict on a login is waited for. */
  login: 5,
} as const;
export type BinaryMode = (typeof BinaryMode)[keyof typeof BinaryMode];

export class BinarySession extends Session {
  mode: BinaryMode = BinaryMode.request;
  /** Of the request whose value is being received, or of the login whose verdict is to come. */
  opcode = 0;
  opaque = 0;
}
