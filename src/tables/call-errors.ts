// The errors of a call, and how their messages are escaped to fit in one reply line. Load errors of files: objects/types/load-error.ts.

import { isByteString, utf8Encode } from '../base/latin1.js';

/** A method failed: the message goes to the client as `CLIENT_ERROR type:method: message`. Clients take a SERVER_ERROR as
    a failing server and stop using it, which one faulty method must not cause. */
export class MethodError extends Error {
  override readonly name = 'MethodError';
}

/** A method refuses a call on purpose, by `call.refuse`: the client gets an error line, but it is not logged, and counted separately. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
}

/** The client's arguments are wrong: the message goes to the client as `CLIENT_ERROR type:method: message`. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** The pinned objects would take more than they may: the message goes to the client as `CLIENT_ERROR type:method: message`. */
export class PinnedLimitError extends Error {
  override readonly name = 'PinnedLimitError';
}

/** The key holds a plain value, not an object: the message goes to the client as `CLIENT_ERROR type:method: message`. */
export class NotAnObjectError extends Error {
  override readonly name = 'NotAnObjectError';
}

/** A key that must be a call names no method: `CLIENT_ERROR` and the message. */
export class UnknownMethodError extends Error {
  override readonly name = 'UnknownMethodError';
}

/** A choice: readable in one line of a terminal or log. Replies keep room for some 300 bytes with the name of the method. */
export const MAX_MESSAGE_BYTES = 200;

/** The message of anything thrown, as one line of bytes that cannot forge a reply: no control characters, at most 200 bytes. */
export function oneLine(thrown: unknown): string {
  let text = 'failed without a message';
  try {
    const message: unknown = thrown instanceof Error ? thrown.message : hasMessage(thrown) ? thrown.message : thrown;
    if (typeof message === 'string' && message !== '') text = message;
    else if (typeof message === 'number' || typeof message === 'boolean') text = String(message);
  } catch {
    // A getter of the thrown value threw in its turn; the text stays.
  }
  return sanitise(text);
}

const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]+/g;

/** One line without control characters, of at most 200 bytes. */
export function sanitise(text: string, mostBytes = MAX_MESSAGE_BYTES): string {
  // Cut before it is escaped: a message may be megabytes long.
  const start = text.slice(0, mostBytes * 2);
  const bytes = isByteString(start) ? start : utf8Encode(start);
  return bytes.replace(CONTROL_CHARACTERS, ' ').trim().slice(0, mostBytes);
}

/** Errors of another realm (a vm context) are no instances of this realm's Error. */
function hasMessage(thrown: unknown): thrown is { readonly message: unknown } {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown;
}
