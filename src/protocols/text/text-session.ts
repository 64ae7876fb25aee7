// What an engine remembers of one connection between two runs: a half-received value, an item being sent, a list of
// keys being answered. A plain object, a few hundred bytes at most. Not for sockets.

import { Unsigned64 } from '../../base/unsigned64.js';
import type { ItemRef, ReservedRef } from '../../store/store.js';
import type { CommandContext } from './text-context.js';
import { MAX_KEY_BYTES } from './text-request.js';

/** What the next bytes of the input are. */
export const Mode = {
  command: 0,
  /** Bytes of a value that goes into a reserved item. */
  value: 1,
  /** Bytes of a value that was refused. */
  swallow: 2,
  /** Keys of a retrieval. */
  keys: 3,
  /** The rest of a line that was answered with an error. */
  skipLine: 4,
  /** None: the rest of an item or of a listing has to be sent first. */
  item: 5,
  listing: 6,
  /** None: the rest of a call's result. */
  text: 7,
} as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

const NO_RESERVATION = 0 as ReservedRef;
const NO_ITEM = 0 as ItemRef;

/** A value on its way in, with what its command line said. */
export class IncomingValue {
  reserved: ReservedRef = NO_RESERVATION;
  command = 0;
  receivedBytes = 0;
  valueLength = 0;
  readonly casToken = new Unsigned64();
  noreply = false;
  clientFlags = 0;
  exptime = 0;
  readonly key = new Uint8Array(MAX_KEY_BYTES);
  keyLength = 0;
}

/** Makes the next part of a listing; undefined at its end. */
export type NextSlice = (context: CommandContext) => Uint8Array | undefined;

export class Session {
  mode: Mode = Mode.command;
  /** True while a request has begun but not ended, for a transport's timeouts. */
  isMidRequest = false;
  /** Made when the first large value comes. */
  incoming: IncomingValue | undefined;
  swallowBytes = 0;
  swallowedBytes = 0;

  /** The retrieval whose keys are being answered. */
  listCommand = 0;
  listExptime = 0;
  listKeys = 0;
  /** Where its reply starts in the output, -1 once some of it has been sent. */
  listReplyAt = -1;

  /** The pinned item of which a part has been sent. */
  sending: ItemRef = NO_ITEM;
  /** Bytes of that item. */
  heldBytes = 0;
  modeAfterItem: Mode = Mode.command;

  /** The listing of which a part has been sent. */
  listing: Uint8Array | undefined;
  /** Makes the next part of a listing that is not made at once. */
  nextSlice: NextSlice | undefined;

  /** The result of a call of which a part has been sent, and whether its end is that of a value. */
  text: string | Uint8Array | undefined;
  textIsValue = false;

  /** How much of the item, the listing or the text has been sent. */
  sentBytes = 0;

  /** Bytes of the arena that are reserved for the value being received. */
  get reservedBytes(): number {
    return this.mode === Mode.value ? (this.incoming as IncomingValue).valueLength : 0;
  }

  /** How many bytes of the value, or of a refused one, have arrived. */
  get receivedBytes(): number {
    if (this.mode === Mode.swallow) return this.swallowedBytes;
    return this.mode === Mode.value ? (this.incoming as IncomingValue).receivedBytes : 0;
  }
}
