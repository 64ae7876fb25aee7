// The text protocol's state of one connection between two runs, in addition to that of every protocol: a list of keys that is being replied
// to, a reply of many lines. `Context` is the type of text-context.ts, which a session only passes on.

import type { EventReader } from '../../operations/event-log.js';
import type { IncomingValue } from '../../operations/incoming-value.js';
import type { ObjectRestore } from '../../operations/portable/object-restore.js';
import type { StoreDump } from '../../operations/portable/store-dump.js';
import type { Step } from '../run.js';
import { Session } from '../session.js';
import type { ReceivedRecord } from './received-record.js';

/** The meaning of the next bytes of the input. */
export const Mode = {
  /** None: the connection watches events. Unlike the modes above `login`, it is not in the middle of a request. */
  watch: -1,
  command: 0,
  /** Lines of a client that has to log in. */
  login: 1,
  /** Bytes of a value that goes into a reserved item. */
  value: 2,
  /** Bytes of a value that was refused. */
  discard: 3,
  /** Keys of a retrieval. */
  keys: 4,
  /** The rest of a line that was replied to with an error. */
  drainLine: 5,
  /** None yet: the rest of an item, or of a reply of many lines, has to be sent first. */
  item: 6,
  pendingReply: 7,
  /** None yet: the rest of a call's result has to be sent first. */
  text: 8,
  /** Bytes of a record that is to be restored. */
  record: 9,
  /** None yet: the object of the record has to be made first. */
  restore: 10,
} as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

/** The end of the reply, for a value whose last part is sent in a later run. */
export const Tail = { none: 0, lineEnd: 1, end: 2, lineEndAndEnd: 3 } as const;
export type Tail = (typeof Tail)[keyof typeof Tail];

/** Ends a storage command whose value is complete, or does not end where its length says. */
export type FinishValue<Context> = (context: Context, incoming: IncomingValue, isWellFormed: boolean) => Step;

/** Makes the next part of a reply of many lines; undefined at its end. */
export type NextSlice<Context> = (context: Context) => Uint8Array | undefined;

export class TextSession<Context> extends Session {
  mode: Mode = Mode.command;

  /** The retrieval whose keys are being replied to. */
  listCommand = 0;
  listExptime = 0;
  listKeys = 0;
  /** Where its reply starts in the output, -1 once some of it has been sent. */
  listReplyAt = -1;

  /** The mode after the item or the text that is being sent, and the end of its reply. */
  modeAfterValue: Mode = Mode.command;
  tail: Tail = Tail.none;

  /** Options of the value that is being received. */
  finishValue: FinishValue<Context> | undefined;
  /** The part of a meta command's line that its reply needs. */
  keptLine: Uint8Array | undefined;

  /** The reply of many lines that is being sent, the number of bytes sent, and the function that makes its next part. */
  pendingReply: Uint8Array | undefined;
  pendingSentBytes = 0;
  nextSlice: NextSlice<Context> | undefined;

  /** The record that is being received, the object that is made of it, and the dump that the reply of many lines is. */
  record: ReceivedRecord | undefined;
  restore: ObjectRestore | undefined;
  dump: StoreDump | undefined;

  /** The position of a watcher in the event log. */
  events: EventReader | undefined;

  override get receivedBytes(): number {
    return this.record?.receivedBytes ?? super.receivedBytes;
  }

  /** The next bytes of the input are a block to discard, its line end included: none of it may be read as commands. */
  discardBlock(bytes: number): void {
    if (bytes <= 0) return;
    this.mode = Mode.discard;
    this.discardBytes = bytes;
  }
}
