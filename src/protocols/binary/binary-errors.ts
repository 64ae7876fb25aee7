// The catalogue of errors that the binary protocol sends: a status and a text each, in memcached's words where memcached has them.
// Messages of methods come with the result of a call.

import { ERROR_TEXTS } from '../error-lines.js';

export const Status = {
  ok: 0x0000,
  notFound: 0x0001,
  exists: 0x0002,
  tooLarge: 0x0003,
  invalid: 0x0004,
  notStored: 0x0005,
  nonNumeric: 0x0006,
  notPermitted: 0x0020,
  unknownCommand: 0x0081,
  outOfMemory: 0x0082,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

export interface BinaryError {
  readonly status: Status;
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Counted as an error of the command, as an error line of the text protocol is; a miss is none. */
  readonly isCounted: boolean;
}

/** Replies about what is stored, which are no errors. */
const ANSWERS: ReadonlySet<Status> = new Set([Status.notFound, Status.exists, Status.notStored]);

export const BinaryErrors = {
  notFound: error(Status.notFound, 'Not found'),
  exists: error(Status.exists, 'Data exists for key.'),
  tooLarge: error(Status.tooLarge, 'Too large.'),
  invalid: error(Status.invalid, 'Invalid arguments'),
  notForObjects: error(Status.invalid, ERROR_TEXTS.notForObjects.replace('CLIENT_ERROR ', '')),
  notStored: error(Status.notStored, 'Not stored.'),
  nonNumeric: error(Status.nonNumeric, 'Non-numeric server-side value for incr or decr'),
  notPermitted: error(Status.notPermitted, 'Auth failure.'),
  unknownCommand: error(Status.unknownCommand, 'Unknown command'),
  outOfMemory: error(Status.outOfMemory, 'Out of memory'),
  outOfMemoryStoring: error(Status.outOfMemory, 'Out of memory allocating item'),
  outOfMemoryCounting: error(Status.outOfMemory, 'Out of memory incrementing value'),
} as const;

function error(status: Status, text: string): BinaryError {
  return { status, text, bytes: new TextEncoder().encode(text), isCounted: !ANSWERS.has(status) };
}
