// The parser's result: one request as numbers, in an object that is refilled for each request. Positions refer to the input window and are
// valid until the next request is parsed.

import { Unsigned64 } from '../../base/unsigned64.js';
import { Command } from '../../operations/command-table.js';
import { type ErrorId, NO_ERROR } from '../error-lines.js';

/** memcached's limits of a key and of a value length in a command line. */
export const MAX_KEY_BYTES = 250;
export const MAX_VALUE_BYTES = 2 ** 31 - 3;

export class Request {
  command: Command = Command.get;
  /** The key; when `isList` is set, the keys follow from `end` on and are read one by one. */
  keyAt = 0;
  keyLength = 0;
  isList = false;
  clientFlags = 0;
  /** A signed number of 32 bits: 0 never, negative already past, up to 30 days relative, else unix time. */
  exptime = 0;
  valueLength = 0;
  /** `restore` leaves an item that is there. */
  keepsItem = false;
  /** The argument of verbosity. */
  level = 0;
  /** The delta of incr and decr, the token of cas. */
  readonly operand = new Unsigned64();
  noreply = false;
  /** The rest of the line after the command word, for commands whose arguments are words. */
  argumentsAt = 0;
  argumentsEnd = 0;
  /** Position after the used part of the input. */
  end = 0;
  /** Set with a parse error: its number in the error catalogue, 0 for none. */
  errorId: ErrorId = NO_ERROR;
  /** Set with a parse error after which the stream cannot be trusted. */
  closes = false;
  /** Set with a parse error in a line whose end has not arrived. */
  lineIsOpen = false;
  /** Set with a parse error: bytes of the data block that follows the refused line, its line end included. */
  dataBytes = 0;
  /** Set with a parse error: the client speaks the binary protocol. */
  isBinary = false;

  /** Clears the fields that only some requests set. */
  clear(): void {
    this.isList = false;
    this.noreply = false;
    this.errorId = NO_ERROR;
    this.closes = false;
    this.lineIsOpen = false;
    this.dataBytes = 0;
    this.isBinary = false;
    this.exptime = 0;
  }
}
